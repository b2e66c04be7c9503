use allmende_eventlog::Aggregate as _;
use allmende_kernel::{TenantId, Timestamp};
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::run::{Content, Event as RunEvent};
use allmende_reporting_domain::{Day, ImpactLogicId, IndicatorId, ReportId, Rule, Rules, RunId};
use allmende_views::{Keys, Order, Snapshot, Table, Tables as _, ViewError};
use prost::Message;

use super::keys::{self, CONTENTS, IMPACT_LOGICS, INDICATORS, READINGS, REPORTS, RUNS, RUNS_OF};
use crate::describe;
use crate::wire::Run;

/// The type under which what a run holds was stored.
const RUN_COMPLETED: &str = "allmende.reporting.events.v1.RunCompleted";

/// Some of a list, and after what the next page begins, if there is one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page<T, C> {
    /// In order.
    pub(crate) items: Vec<T>,
    /// The last item of this page.
    pub(crate) next: Option<C>,
}

/// A reading and the rule in force on its day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JudgedReading {
    pub(crate) reading: pb::Reading,
    pub(crate) rule: Option<Rule>,
}

/// A page of rows with the ids that they stand under.
type Listed<M> = Page<([u8; 16], M), [u8; 16]>;

/// Where a page of runs begins.
pub(crate) type RunCursor = (Timestamp, RunId);

/// The tables of a tenant at one position. Blocks on the disk.
pub(crate) struct Reader<'a> {
    tables: &'a Snapshot,
    tenant: &'a str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(tables: &'a Snapshot, tenant: &'a TenantId) -> Self {
        Self { tables, tenant: tenant.as_str() }
    }

    /// An indicator with its latest reading.
    pub(crate) fn indicator(&self, id: IndicatorId) -> Result<Option<pb::Indicator>, ViewError> {
        let Some(mut indicator) = self.row::<pb::Indicator>(INDICATORS, id.as_bytes())? else { return Ok(None) };
        let keys = Keys::prefix(&keys::of(self.tenant, id.as_bytes()));
        if let Some(row) = self.tables.scan(READINGS, &keys, Order::Descending).next() {
            indicator.latest_reading = Some(decoded(READINGS, &row?.value)?);
        }
        Ok(Some(indicator))
    }

    /// Indicators after `after`, by id; those that count persons only if they are asked for.
    pub(crate) fn indicators(
        &self,
        after: Option<IndicatorId>,
        with_persons: bool,
        max: usize,
    ) -> Result<Page<pb::Indicator, IndicatorId>, ViewError> {
        let page = self.list(INDICATORS, after.map(|id| *id.as_bytes()), max, |indicator: &pb::Indicator| {
            with_persons || !indicator.counts_persons
        })?;
        let ids = page.items.iter().map(|(id, _)| IndicatorId::from_bytes(*id));
        let items = ids.map(|id| self.indicator(id)?.ok_or(ViewError::Row(INDICATORS))).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next.map(IndicatorId::from_bytes) })
    }

    /// Readings of an indicator in these days, after `after`, each with the rule in force.
    pub(crate) fn readings(
        &self,
        id: IndicatorId,
        (first, last): (Day, Day),
        after: Option<Day>,
        max: usize,
    ) -> Result<Option<Page<JudgedReading, Day>>, ViewError> {
        let Some(indicator) = self.row::<pb::Indicator>(INDICATORS, id.as_bytes())? else { return Ok(None) };
        let rules = indicator.rules.iter().map(describe::rule_of).collect::<Option<Rules>>();
        let rules = rules.ok_or(ViewError::Row(INDICATORS))?;
        let key = |day| keys::of_day(self.tenant, id.as_bytes(), day);
        let next_day = Day::from_number(last.number().saturating_add(1));
        let mut keys = Keys::prefix(&keys::of(self.tenant, id.as_bytes())).from(&key(first)).before(&key(next_day));
        if let Some(after) = after {
            keys = keys.after(&key(after));
        }
        let mut items: Vec<JudgedReading> = Vec::new();
        for row in self.tables.scan(READINGS, &keys, Order::Ascending) {
            let row = row?;
            if items.len() == max {
                let last = items.last().and_then(|judged| judged.reading.measured_on.parse().ok());
                return Ok(Some(Page { items, next: last }));
            }
            let reading: pb::Reading = decoded(READINGS, &row.value)?;
            let on = reading.measured_on.parse().map_err(|_| ViewError::Row(READINGS))?;
            items.push(JudgedReading { rule: rules.in_force_on(on).cloned(), reading });
        }
        Ok(Some(Page { items, next: None }))
    }

    /// An impact logic.
    pub(crate) fn impact_logic(&self, id: ImpactLogicId) -> Result<Option<pb::ImpactLogic>, ViewError> {
        self.row(IMPACT_LOGICS, id.as_bytes())
    }

    /// Impact logics after `after`, by id.
    pub(crate) fn impact_logics(
        &self,
        after: Option<ImpactLogicId>,
        max: usize,
    ) -> Result<Page<pb::ImpactLogic, ImpactLogicId>, ViewError> {
        let page = self.list(IMPACT_LOGICS, after.map(|id| *id.as_bytes()), max, |_: &pb::ImpactLogic| true)?;
        let items = page.items.into_iter().map(|(_, logic)| logic).collect();
        Ok(Page { items, next: page.next.map(ImpactLogicId::from_bytes) })
    }

    /// A report.
    pub(crate) fn report(&self, id: ReportId) -> Result<Option<pb::Report>, ViewError> {
        self.row(REPORTS, id.as_bytes())
    }

    /// Reports after `after`, by id; those without a published run only if they are asked for.
    pub(crate) fn reports(
        &self,
        after: Option<ReportId>,
        unpublished_too: bool,
        max: usize,
    ) -> Result<Page<pb::Report, ReportId>, ViewError> {
        let page = self.list(REPORTS, after.map(|id| *id.as_bytes()), max, |report: &pb::Report| {
            unpublished_too || report.latest_published.is_some()
        })?;
        let items = page.items.into_iter().map(|(_, report)| report).collect();
        Ok(Page { items, next: page.next.map(ReportId::from_bytes) })
    }

    /// A run.
    pub(crate) fn run(&self, id: RunId) -> Result<Option<pb::ReportRun>, ViewError> {
        self.row(RUNS, id.as_bytes())
    }

    /// What a run holds.
    pub(crate) fn content(&self, id: RunId) -> Result<Option<Content>, ViewError> {
        let Some(stored) = self.tables.get(CONTENTS, &keys::of(self.tenant, id.as_bytes()))? else { return Ok(None) };
        match Run::decode(RUN_COMPLETED, &stored) {
            Ok(RunEvent::Completed(content)) => Ok(Some(*content)),
            _ => Err(ViewError::Row(CONTENTS)),
        }
    }

    /// Runs of a report after `after`, the latest first; unpublished ones only if they are asked for.
    pub(crate) fn runs(
        &self,
        report: ReportId,
        after: Option<RunCursor>,
        unpublished_too: bool,
        max: usize,
    ) -> Result<Page<pb::ReportRun, RunCursor>, ViewError> {
        let mut keys = Keys::prefix(&keys::of(self.tenant, report.as_bytes()));
        if let Some((run_at, run)) = after {
            keys = keys.after(&keys::of_run(self.tenant, report.as_bytes(), run_at, run.as_bytes()));
        }
        let mut items: Vec<pb::ReportRun> = Vec::new();
        let mut last = None;
        for row in self.tables.scan(RUNS_OF, &keys, Order::Ascending) {
            let row = row?;
            let id = row.key().last_chunk().copied().map(RunId::from_bytes).ok_or(ViewError::Row(RUNS_OF))?;
            let run = self.run(id)?.ok_or(ViewError::Row(RUNS))?;
            if !unpublished_too && run.published_at_us.is_none() {
                continue;
            }
            if items.len() == max {
                return Ok(Page { items, next: last });
            }
            last = Some((Timestamp::from_micros(run.run_at_us), id));
            items.push(run);
        }
        Ok(Page { items, next: None })
    }

    fn row<M: Message + Default>(&self, table: Table, id: &[u8; 16]) -> Result<Option<M>, ViewError> {
        let row = self.tables.get(table, &keys::of(self.tenant, id))?;
        row.map(|row| decoded(table, &row)).transpose()
    }

    fn list<M: Message + Default>(
        &self,
        table: Table,
        after: Option<[u8; 16]>,
        max: usize,
        shows: impl Fn(&M) -> bool,
    ) -> Result<Listed<M>, ViewError> {
        let mut keys = Keys::prefix(&keys::tenant_prefix(self.tenant));
        if let Some(after) = after {
            keys = keys.after(&keys::of(self.tenant, &after));
        }
        let mut items: Vec<([u8; 16], M)> = Vec::new();
        for row in self.tables.scan(table, &keys, Order::Ascending) {
            let row = row?;
            let message: M = decoded(table, &row.value)?;
            if !shows(&message) {
                continue;
            }
            if items.len() == max {
                return Ok(Page { next: items.last().map(|(id, _)| *id), items });
            }
            items.push((*row.key().last_chunk().ok_or(ViewError::Row(table))?, message));
        }
        Ok(Page { items, next: None })
    }
}

fn decoded<M: Message + Default>(table: Table, row: &[u8]) -> Result<M, ViewError> {
    M::decode(row).map_err(|_| ViewError::Row(table))
}

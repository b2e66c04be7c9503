use allmende_eventlog::{Aggregate, CommitView, EventView};
use allmende_kernel::{Decider, Timestamp};
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::indicator::Event as IndicatorEvent;
use allmende_reporting_domain::run::{Event as RunEvent, Run as RunState};
use allmende_reporting_domain::{
    Day, ImpactLogicId, IndicatorId, InvalidUuid, ReportId, RunId, impact_logic, indicator, report, run,
};
use allmende_views::{Table, Tables as _, View, ViewError, WriteSet};
use prost::Message;

use super::keys::{self, CONTENTS, IMPACT_LOGICS, INDICATORS, READINGS, REPORTS, RUNS, RUNS_OF};
use crate::describe;
use crate::wire::{ImpactLogic, Indicator, Report, Run};

/// Indicators with their readings, impact logics, reports, and runs with what they hold.
pub(crate) struct ReportingView;

impl View for ReportingView {
    const NAME: &'static str = "reporting";
    const VERSION: u32 = 1;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        for write in commit.writes() {
            let (tenant, category, id) = write.stream_parts();
            for event in write.events() {
                match category {
                    indicator::Model::CATEGORY => {
                        fold_indicator(tables, tenant, parsed(event, IndicatorId::parse(id))?, event)?;
                    }
                    impact_logic::Model::CATEGORY => {
                        let id = parsed(event, ImpactLogicId::parse(id))?;
                        let impact_logic::Event::Defined { logic, .. } = decoded::<ImpactLogic>(event)?;
                        let row = describe::impact_logic(id, &logic).encode_to_vec();
                        tables.put(IMPACT_LOGICS, &keys::of(tenant, id.as_bytes()), row);
                    }
                    report::Model::CATEGORY => {
                        let id = parsed(event, ReportId::parse(id))?;
                        let report::Event::Defined { definition, .. } = decoded::<Report>(event)?;
                        let key = keys::of(tenant, id.as_bytes());
                        let mut report: pb::Report = row(tables, REPORTS, &key)?.unwrap_or_default();
                        report.definition = Some(describe::definition(id, &definition));
                        tables.put(REPORTS, &key, report.encode_to_vec());
                    }
                    run::Model::CATEGORY => fold_run(tables, tenant, parsed(event, RunId::parse(id))?, event)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn parsed<T>(event: EventView<'_>, id: Result<T, InvalidUuid>) -> Result<T, ViewError> {
    id.map_err(|_| ViewError::unreadable(event))
}

fn decoded<A: Aggregate>(event: EventView<'_>) -> Result<<A::Model as Decider>::Event, ViewError> {
    A::decode(event.event_type(), event.payload()).map_err(|_| ViewError::unreadable(event))
}

/// The row under a key, if there is one.
fn row<M: Message + Default>(tables: &WriteSet<'_>, table: Table, key: &[u8]) -> Result<Option<M>, ViewError> {
    let row = tables.get(table, key)?;
    row.map(|row| M::decode(&row[..]).map_err(|_| ViewError::Row(table))).transpose()
}

fn fold_indicator(
    tables: &mut WriteSet<'_>,
    tenant: &str,
    id: IndicatorId,
    event: EventView<'_>,
) -> Result<(), ViewError> {
    let key = keys::of(tenant, id.as_bytes());
    let change = |tables: &mut WriteSet<'_>, change: &dyn Fn(&mut pb::Indicator)| {
        let mut indicator: pb::Indicator = row(tables, INDICATORS, &key)?.ok_or(ViewError::Row(INDICATORS))?;
        change(&mut indicator);
        tables.put(INDICATORS, &key, indicator.encode_to_vec());
        Ok::<_, ViewError>(())
    };
    let put = |tables: &mut WriteSet<'_>, on: Day, value: f64, source: &str, at: Timestamp, corrected: bool| {
        let reading = describe::reading(on, value, source, at, corrected);
        tables.put(READINGS, &keys::of_day(tenant, id.as_bytes(), on), reading.encode_to_vec());
    };
    match decoded::<Indicator>(event)? {
        IndicatorEvent::Defined { definition, baseline, rules, .. } => {
            let indicator = describe::indicator(id, &definition, &baseline, &rules);
            tables.put(INDICATORS, &key, indicator.encode_to_vec());
        }
        IndicatorEvent::RuleAdded { rule, .. } => change(tables, &|indicator| {
            indicator.rules.push(describe::rule(&rule));
            // Days as text sort as days do.
            indicator.rules.sort_by(|a, b| a.valid_from.cmp(&b.valid_from));
        })?,
        IndicatorEvent::ReadingRecorded { measured_on, value, source, at } => {
            put(tables, measured_on, value, &source, at, false);
            change(tables, &|indicator| indicator.readings += 1)?;
        }
        IndicatorEvent::ReadingCorrected { measured_on, value, source, at } => {
            put(tables, measured_on, value, &source, at, true);
        }
    }
    Ok(())
}

fn fold_run(tables: &mut WriteSet<'_>, tenant: &str, id: RunId, event: EventView<'_>) -> Result<(), ViewError> {
    let key = keys::of(tenant, id.as_bytes());
    match decoded::<Run>(event)? {
        RunEvent::Completed(content) => {
            let summary = content.summary();
            let report_key = keys::of(tenant, summary.report.as_bytes());
            tables.put(
                RUNS_OF,
                &keys::of_run(tenant, summary.report.as_bytes(), summary.run_at, id.as_bytes()),
                Vec::<u8>::new(),
            );
            tables.put(CONTENTS, &key, event.payload());
            let run = describe::run(id, &RunState { summary, published_at: None });
            tables.put(RUNS, &key, run.encode_to_vec());
            let mut report: pb::Report = row(tables, REPORTS, &report_key)?.unwrap_or_default();
            report.runs += 1;
            tables.put(REPORTS, &report_key, report.encode_to_vec());
        }
        RunEvent::Published { at } => {
            let mut run: pb::ReportRun = row(tables, RUNS, &key)?.ok_or(ViewError::Row(RUNS))?;
            run.published_at_us = Some(at.as_micros());
            tables.put(RUNS, &key, run.encode_to_vec());
            let report = ReportId::parse(&run.report_id).map_err(|_| ViewError::Row(RUNS))?;
            let report_key = keys::of(tenant, report.as_bytes());
            let mut report: pb::Report = row(tables, REPORTS, &report_key)?.unwrap_or_default();
            report.latest_published = Some(run);
            tables.put(REPORTS, &report_key, report.encode_to_vec());
        }
    }
    Ok(())
}

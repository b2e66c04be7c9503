use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::indicator::Rejection as IndicatorRejection;
use allmende_reporting_domain::{Day, ImpactLogicId, IndicatorId, ReportId};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;

use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::views::{JudgedReading, Page, RunCursor};

/// A page of things ordered by id.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ListById<T> {
    pub(crate) after: Option<T>,
    pub(crate) max: usize,
    /// Whether who asks sees what is not for everybody.
    pub(crate) sees_all: bool,
}

/// A page of an indicator's readings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListReadings {
    pub(crate) indicator: IndicatorId,
    pub(crate) days: (Day, Day),
    pub(crate) after: Option<Day>,
    pub(crate) max: usize,
    pub(crate) sees_all: bool,
}

/// A page of a report's runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListRuns {
    pub(crate) report: ReportId,
    pub(crate) after: Option<RunCursor>,
    pub(crate) max: usize,
    pub(crate) sees_all: bool,
}

const INDICATOR_UNKNOWN: Error = Error::Rejected(Rejection::Indicator(IndicatorRejection::IndicatorUnknown));

impl App {
    pub(crate) async fn get_indicator(
        &self,
        tenant: &AuthorizedTenant,
        id: IndicatorId,
        sees_all: bool,
        token: &ConsistencyToken,
    ) -> Result<Answer<pb::Indicator>, Error> {
        self.read(tenant, token, move |reader| {
            let indicator = reader.indicator(id)?;
            indicator.filter(|indicator| sees_all || !indicator.counts_persons).ok_or(INDICATOR_UNKNOWN)
        })
        .await
    }

    pub(crate) async fn list_indicators(
        &self,
        tenant: &AuthorizedTenant,
        ListById { after, max, sees_all }: ListById<IndicatorId>,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<pb::Indicator, IndicatorId>>, Error> {
        self.read(tenant, token, move |reader| Ok(reader.indicators(after, sees_all, max)?)).await
    }

    pub(crate) async fn list_readings(
        &self,
        tenant: &AuthorizedTenant,
        ListReadings { indicator, days, after, max, sees_all }: ListReadings,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<JudgedReading, Day>>, Error> {
        self.read(tenant, token, move |reader| {
            let known = reader.indicator(indicator)?;
            known.filter(|known| sees_all || !known.counts_persons).ok_or(INDICATOR_UNKNOWN)?;
            reader.readings(indicator, days, after, max)?.ok_or(INDICATOR_UNKNOWN)
        })
        .await
    }

    pub(crate) async fn get_impact_logic(
        &self,
        tenant: &AuthorizedTenant,
        id: ImpactLogicId,
        token: &ConsistencyToken,
    ) -> Result<Answer<pb::ImpactLogic>, Error> {
        self.read(tenant, token, move |reader| {
            reader.impact_logic(id)?.ok_or(Error::Rejected(Rejection::ImpactLogicUnknown))
        })
        .await
    }

    pub(crate) async fn list_impact_logics(
        &self,
        tenant: &AuthorizedTenant,
        ListById { after, max, .. }: ListById<ImpactLogicId>,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<pb::ImpactLogic, ImpactLogicId>>, Error> {
        self.read(tenant, token, move |reader| Ok(reader.impact_logics(after, max)?)).await
    }

    pub(crate) async fn get_report(
        &self,
        tenant: &AuthorizedTenant,
        id: ReportId,
        sees_all: bool,
        token: &ConsistencyToken,
    ) -> Result<Answer<pb::Report>, Error> {
        self.read(tenant, token, move |reader| {
            let report = reader.report(id)?.filter(|report| sees_all || report.latest_published.is_some());
            report.ok_or(Error::Rejected(Rejection::ReportUnknown))
        })
        .await
    }

    pub(crate) async fn list_reports(
        &self,
        tenant: &AuthorizedTenant,
        ListById { after, max, sees_all }: ListById<ReportId>,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<pb::Report, ReportId>>, Error> {
        self.read(tenant, token, move |reader| Ok(reader.reports(after, sees_all, max)?)).await
    }

    pub(crate) async fn list_runs(
        &self,
        tenant: &AuthorizedTenant,
        ListRuns { report, after, max, sees_all }: ListRuns,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<pb::ReportRun, RunCursor>>, Error> {
        self.read(tenant, token, move |reader| {
            let known = reader.report(report)?.filter(|report| sees_all || report.latest_published.is_some());
            known.ok_or(Error::Rejected(Rejection::ReportUnknown))?;
            Ok(reader.runs(report, after, sees_all, max)?)
        })
        .await
    }
}

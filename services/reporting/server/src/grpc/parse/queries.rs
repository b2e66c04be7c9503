use allmende_kernel::Timestamp;
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::{Day, ImpactLogicId, IndicatorId, ReportId, RunId};
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::{Problem, Violations};
use allmende_runtime::fields::{self, ConsistencyToken, Paging};
use tonic::Status;

use super::{UNKNOWN_VALUE, day, impact_logic_id, indicator_id, report_id, run_id};
use crate::app::{ListById, ListReadings, ListRuns, RenderReport};
use crate::render::{Format, Language};
use crate::views::RunCursor;

/// A page that was asked for: what it lists, what it has to show, and how to name the page after it.
pub(crate) struct Query<T> {
    pub(crate) asked: T,
    pub(crate) token: ConsistencyToken,
    pub(crate) pages: Paging,
}

const NO_CURSOR: &str = "must be empty or a next_page_token as it was given";

pub(crate) fn of_report(id: &str, token: &str) -> Result<(ReportId, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let id = violations.check("report_id", report_id(id));
    let token = violations.check("consistency_token", fields::consistency_token(token));
    violations.finish(|| Some((id?, token?)))
}

pub(crate) fn of_indicator(id: &str, token: &str) -> Result<(IndicatorId, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let id = violations.check("indicator_id", indicator_id(id));
    let token = violations.check("consistency_token", fields::consistency_token(token));
    violations.finish(|| Some((id?, token?)))
}

pub(crate) fn of_impact_logic(id: &str, token: &str) -> Result<(ImpactLogicId, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let id = violations.check("impact_logic_id", impact_logic_id(id));
    let token = violations.check("consistency_token", fields::consistency_token(token));
    violations.finish(|| Some((id?, token?)))
}

pub(crate) fn list_reports(
    caller: &Caller,
    message: &pb::ListReportsRequest,
    sees_all: bool,
) -> Result<Query<ListById<ReportId>>, Status> {
    let of = (message.tenant.as_str(), message.page_size, message.page_token.as_str());
    by_id(caller, of, &message.consistency_token, sees_all, ReportId::from_bytes)
}

pub(crate) fn list_indicators(
    caller: &Caller,
    message: &pb::ListIndicatorsRequest,
    sees_all: bool,
) -> Result<Query<ListById<IndicatorId>>, Status> {
    let of = (message.tenant.as_str(), message.page_size, message.page_token.as_str());
    by_id(caller, of, &message.consistency_token, sees_all, IndicatorId::from_bytes)
}

pub(crate) fn list_impact_logics(
    caller: &Caller,
    message: &pb::ListImpactLogicsRequest,
) -> Result<Query<ListById<ImpactLogicId>>, Status> {
    let of = (message.tenant.as_str(), message.page_size, message.page_token.as_str());
    by_id(caller, of, &message.consistency_token, true, ImpactLogicId::from_bytes)
}

fn by_id<T>(
    caller: &Caller,
    (tenant, page_size, page_token): (&str, u32, &str),
    token: &str,
    sees_all: bool,
    id: impl Fn([u8; 16]) -> T,
) -> Result<Query<ListById<T>>, Status> {
    let mut violations = Violations::default();
    let pages = Paging::of(caller.path(), &[tenant.as_bytes()]);
    let max = violations.check("page_size", fields::page_size(page_size, 50, 200));
    let after = cursor(&pages, page_token).map(|cursor| cursor.map(id));
    let after = violations.check("page_token", after);
    let token = violations.check("consistency_token", fields::consistency_token(token));
    violations.finish(|| Some(Query { asked: ListById { after: after?, max: max?, sees_all }, token: token?, pages }))
}

pub(crate) fn list_runs(
    caller: &Caller,
    message: &pb::ListRunsRequest,
    sees_all: bool,
) -> Result<Query<ListRuns>, Status> {
    let mut violations = Violations::default();
    let pages = Paging::of(caller.path(), &[message.tenant.as_bytes(), message.report_id.as_bytes()]);
    let report = violations.check("report_id", report_id(&message.report_id));
    let max = violations.check("page_size", fields::page_size(message.page_size, 50, 200));
    let after = cursor(&pages, &message.page_token).map(|cursor| {
        cursor.map(|bytes: [u8; 24]| {
            let (at, run) = bytes.split_at(8);
            let at = i64::from_be_bytes(at.try_into().unwrap_or_default());
            (Timestamp::from_micros(at), RunId::from_bytes(run.try_into().unwrap_or_default()))
        })
    });
    let after = violations.check("page_token", after);
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| {
        let asked = ListRuns { report: report?, after: after?, max: max?, sees_all };
        Some(Query { asked, token: token?, pages })
    })
}

/// The token of the page after a run.
pub(crate) fn run_token(pages: &Paging, (at, run): RunCursor) -> String {
    pages.token(&[at.as_micros().to_be_bytes().as_slice(), run.as_bytes()].concat())
}

pub(crate) fn list_readings(
    caller: &Caller,
    message: &pb::ListReadingsRequest,
    sees_all: bool,
) -> Result<Query<ListReadings>, Status> {
    let mut violations = Violations::default();
    let pages = Paging::of(
        caller.path(),
        &[
            message.tenant.as_bytes(),
            message.indicator_id.as_bytes(),
            message.first_day.as_bytes(),
            message.last_day.as_bytes(),
        ],
    );
    let indicator = violations.check("indicator_id", indicator_id(&message.indicator_id));
    let first = violations.check("first_day", day(&message.first_day));
    let last = violations.check("last_day", day(&message.last_day));
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        violations.add("last_day", "must not be before first_day");
    }
    let max = violations.check("page_size", fields::page_size(message.page_size, 400, 1_000));
    let after = cursor(&pages, &message.page_token)
        .map(|cursor| cursor.map(|bytes: [u8; 4]| Day::from_number(i32::from_be_bytes(bytes))));
    let after = violations.check("page_token", after);
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| {
        let (indicator, days) = (indicator?, (first?, last?));
        let asked = ListReadings { indicator, days, after: after?, max: max?, sees_all };
        Some(Query { asked, token: token?, pages })
    })
}

pub(crate) fn render_report(
    message: &pb::RenderReportRequest,
    sees_all: bool,
) -> Result<(RenderReport, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let run = violations.check("run_id", run_id(&message.run_id));
    let format = match message.format() {
        pb::ReportFormat::Html => Ok(Format::Html),
        pb::ReportFormat::Csv => Ok(Format::Csv),
        pb::ReportFormat::Json => Ok(Format::Json),
        pb::ReportFormat::Unspecified => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let format = violations.check("format", format);
    let language = match message.language() {
        pb::Language::De => Ok(Language::German),
        pb::Language::En => Ok(Language::English),
        pb::Language::Unspecified => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let language = violations.check("language", language);
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| Some((RenderReport { run: run?, format: format?, language: language?, sees_all }, token?)))
}

/// Where a page begins, in so many bytes.
fn cursor<const N: usize>(pages: &Paging, token: &str) -> Result<Option<[u8; N]>, Problem> {
    pages.cursor(token)?.map(|bytes| bytes.try_into().map_err(|_| Problem::from(NO_CURSOR))).transpose()
}

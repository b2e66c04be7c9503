use allmende_kernel::RequestId;
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::report::{
    Air, AirSelection, Definition, MAX_DAYS, MAX_IMPACT_LOGICS, MAX_INDICATORS, MAX_THINGS, Participation,
};
use allmende_reporting_domain::{ProcedureId, ReportId, RunId, StationId};
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields::{self, ConsistencyToken};
use tonic::Status;

use super::{UNKNOWN_VALUE, day, ids, impact_logic_id, indicator_id, report_id, run_id, text};

/// A report to be run, as far as the request says it.
pub(crate) struct RunReport {
    pub(crate) id: RequestId,
    pub(crate) report: ReportId,
    pub(crate) run: RunId,
    pub(crate) seen: ConsistencyToken,
}

pub(crate) fn define_report(message: &pb::DefineReportRequest) -> Result<(RequestId, (ReportId, Definition)), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let Some(message) = &message.definition else {
        violations.add("definition", "must be set");
        return violations.finish(|| None);
    };
    let report = violations.check("definition.report_id", report_id(&message.report_id));
    let title = text(&mut violations, "definition.title", message.title.as_ref());
    let first_day = violations.check("definition.first_day", day(&message.first_day));
    let last_day = violations.check("definition.last_day", day(&message.last_day));
    if let (Some(first), Some(last)) = (first_day, last_day) {
        if last < first {
            violations.add("definition.last_day", "must not be before first_day");
        } else if last.since(first) >= MAX_DAYS {
            violations.add("definition.last_day", Rule::Span.says("must be within ten years of first_day"));
        }
    }
    let air = message.air.as_ref().map(|air| self::air(&mut violations, air));
    let participation = message.participation.as_ref().map(|section| {
        let path = "definition.participation.procedure_ids";
        let procedure = |text: &str| fields::uuid(text).map(ProcedureId::new);
        ids(&mut violations, path, &section.procedure_ids, MAX_THINGS, procedure)
    });
    let path = "definition.indicator_ids";
    let indicators = ids(&mut violations, path, &message.indicator_ids, MAX_INDICATORS, indicator_id);
    let path = "definition.impact_logic_ids";
    let impact_logics = ids(&mut violations, path, &message.impact_logic_ids, MAX_IMPACT_LOGICS, impact_logic_id);
    violations.finish(|| {
        let air = match air {
            Some(air) => Some(air?),
            None => None,
        };
        let participation = match participation {
            Some(procedures) => Some(Participation { procedures: procedures? }),
            None => None,
        };
        let (title, first_day, last_day) = (title?, first_day?, last_day?);
        let (indicators, impact_logics) = (indicators?, impact_logics?);
        let definition = Definition { title, first_day, last_day, air, participation, indicators, impact_logics };
        Some((id?, (report?, definition)))
    })
}

fn air(violations: &mut Violations, message: &pb::AirSection) -> Option<Air> {
    let station = |text: &str| fields::uuid(text).map(StationId::new);
    let stations = ids(violations, "definition.air.station_ids", &message.station_ids, MAX_THINGS, station);
    let selection = match message.selection() {
        pb::AirSelection::All => Ok(AirSelection::All),
        pb::AirSelection::Dry => Ok(AirSelection::Dry),
        pb::AirSelection::Unflagged => Ok(AirSelection::Unflagged),
        pb::AirSelection::Unspecified => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let selection = violations.check("definition.air.selection", selection);
    Some(Air { stations: stations?, selection: selection? })
}

pub(crate) fn run_report(message: &pb::RunReportRequest) -> Result<RunReport, Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let report = violations.check("report_id", report_id(&message.report_id));
    let run = violations.check("run_id", run_id(&message.run_id));
    let seen = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| Some(RunReport { id: id?, report: report?, run: run?, seen: seen? }))
}

pub(crate) fn publish_report(message: &pb::PublishReportRequest) -> Result<(RequestId, RunId), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let run = violations.check("run_id", run_id(&message.run_id));
    violations.finish(|| Some((id?, run?)))
}

//! Requests that are right unless a test changes them.

use std::sync::atomic::{AtomicU64, Ordering};

use allmende_kernel::Timestamp;
use allmende_proto::reporting::v1 as pb;
use uuid::Uuid;

pub(crate) const TENANT: &str = "brandis";
/// When the tests take place, by the service's clock: 2020-06-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_590_969_600);

pub(crate) fn id() -> String {
    Uuid::now_v7().to_string()
}

/// A fresh id, minted when the tests take place.
pub(crate) fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let millis = (NOW.as_micros() / 1_000) as u128;
    let version_and_variant = 0x7000_8000_0000_0000_0000u128;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u128(millis << 80 | version_and_variant | u128::from(number & 0xffff_ffff_ffff)).to_string()
}

pub(crate) fn text(de: &str) -> Option<pb::LocalizedText> {
    Some(pb::LocalizedText { de: de.into(), en: String::new() })
}

pub(crate) fn rule(id: &str, from: &str, until: &str, value: f64) -> pb::Rule {
    pb::Rule {
        rule_id: id.into(),
        source: "Ratsbeschluss".into(),
        valid_from: from.into(),
        valid_until: until.into(),
        comparison: pb::Comparison::AtLeast.into(),
        value,
    }
}

pub(crate) fn indicator() -> pb::DefineIndicatorRequest {
    pb::DefineIndicatorRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        indicator_id: id(),
        title: text("Gepflegte Hecken"),
        unit: "m".into(),
        decimals: 0,
        counts_persons: false,
        activities_begin_on: "2018-01-01".into(),
        baseline: Some(pb::Baseline { measured_on: "2017-12-01".into(), value: 120.0, source: "Kataster".into() }),
        rules: vec![rule("aim-2018", "2018-01-01", "2018-12-31", 200.0), rule("aim-2019", "2019-01-01", "", 400.0)],
    }
}

pub(crate) fn reading(indicator: &str, on: &str, value: f64) -> pb::RecordReadingRequest {
    pb::RecordReadingRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        indicator_id: indicator.into(),
        measured_on: on.into(),
        value,
        source: "Amt".into(),
        correction: false,
    }
}

pub(crate) fn readings(indicator: &str) -> pb::ListReadingsRequest {
    pb::ListReadingsRequest {
        tenant: TENANT.into(),
        indicator_id: indicator.into(),
        first_day: "2017-01-01".into(),
        last_day: "2020-12-31".into(),
        ..Default::default()
    }
}

pub(crate) fn impact_logic(indicators: &[&str]) -> pb::DefineImpactLogicRequest {
    pb::DefineImpactLogicRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        impact_logic: Some(pb::ImpactLogic {
            impact_logic_id: id(),
            title: text("Heckenmanagement"),
            resources: vec![text("Kataster").unwrap()],
            activities: vec![pb::Activity {
                title: text("Pflege"),
                begins_on: "2018-01-08".into(),
                ends_on: String::new(),
            }],
            results: vec![pb::Outcome {
                title: text("Gepflegte Hecken"),
                indicator_ids: indicators.iter().map(ToString::to_string).collect(),
            }],
            effects: vec![],
        }),
    }
}

/// A report on 2018 about nothing yet.
pub(crate) fn definition() -> pb::ReportDefinition {
    pb::ReportDefinition {
        report_id: id(),
        title: text("Projektbericht 2018"),
        first_day: "2018-01-01".into(),
        last_day: "2018-12-31".into(),
        ..Default::default()
    }
}

pub(crate) fn air() -> Option<pb::AirSection> {
    Some(pb::AirSection { station_ids: vec![], selection: pb::AirSelection::All.into() })
}

pub(crate) fn define_report(definition: pb::ReportDefinition) -> pb::DefineReportRequest {
    pb::DefineReportRequest { tenant: TENANT.into(), request_id: request_id(), definition: Some(definition) }
}

pub(crate) fn run_report(report: &str) -> pb::RunReportRequest {
    pb::RunReportRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        report_id: report.into(),
        run_id: id(),
        consistency_token: String::new(),
    }
}

pub(crate) fn publish(run: &str) -> pb::PublishReportRequest {
    pb::PublishReportRequest { tenant: TENANT.into(), request_id: request_id(), run_id: run.into() }
}

pub(crate) fn render(run: &str, format: pb::ReportFormat) -> pb::RenderReportRequest {
    pb::RenderReportRequest {
        tenant: TENANT.into(),
        run_id: run.into(),
        format: format.into(),
        language: pb::Language::De.into(),
        consistency_token: String::new(),
    }
}

pub(crate) fn get_report(report: &str) -> pb::GetReportRequest {
    pb::GetReportRequest { tenant: TENANT.into(), report_id: report.into(), consistency_token: String::new() }
}

pub(crate) fn get_indicator(indicator: &str) -> pb::GetIndicatorRequest {
    pb::GetIndicatorRequest { tenant: TENANT.into(), indicator_id: indicator.into(), consistency_token: String::new() }
}

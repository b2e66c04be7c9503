//! Reporting: a report that ran.

use allmende_proto::reporting::v1 as r;

use super::{DRAFT_RUN, INDICATOR, LATER_RUN, NOON, OWN, REPORT, RUN};
use crate::fake::Fake;

fn report() -> r::Report {
    let title = r::LocalizedText { de: "Projektbericht 2019".to_owned(), en: "Project report 2019".to_owned() };
    r::Report {
        definition: Some(r::ReportDefinition {
            report_id: REPORT.to_owned(),
            title: Some(title),
            first_day: "2019-01-01".to_owned(),
            last_day: "2019-12-31".to_owned(),
            ..r::ReportDefinition::default()
        }),
        runs: 1,
        latest_published: Some(run()),
    }
}

fn run() -> r::ReportRun {
    r::ReportRun {
        run_id: RUN.to_owned(),
        report_id: REPORT.to_owned(),
        run_at_us: NOON,
        published_at_us: Some(NOON),
        figures: 120,
        suppressed: 4,
        ..r::ReportRun::default()
    }
}

pub(super) fn serve(fake: Fake) -> Fake {
    let reports = |name: &str| format!("/allmende.reporting.v1.ReportingService/{name}");
    fake.rpc(&reports("ListReports"), |_, _: r::ListReportsRequest| {
        Ok(r::ListReportsResponse { reports: vec![report()], ..r::ListReportsResponse::default() })
    })
    .rpc(&reports("GetReport"), |_, _: r::GetReportRequest| {
        Ok(r::GetReportResponse { report: Some(report()), ..r::GetReportResponse::default() })
    })
    .rpc(&reports("ListRuns"), |_, asked: r::ListRunsRequest| {
        if asked.page_token == "def" {
            let runs = vec![r::ReportRun { run_id: LATER_RUN.into(), published_at_us: None, ..run() }];
            return Ok(r::ListRunsResponse { runs, ..r::ListRunsResponse::default() });
        }
        Ok(r::ListRunsResponse {
            runs: vec![r::ReportRun { run_id: DRAFT_RUN.into(), published_at_us: None, ..run() }, run()],
            next_page_token: "def".into(),
            ..r::ListRunsResponse::default()
        })
    })
    .rpc(&reports("RenderReport"), |_, _: r::RenderReportRequest| {
        Ok(r::RenderReportResponse {
            content: "<!doctype html><html lang=\"de\"><title>Bericht</title><h1>Bericht</h1></html>".into(),
            content_type: "text/html; charset=utf-8".into(),
            file_name: "bericht.html".into(),
            content_security_policy: "default-src 'none'; style-src 'sha256-abc'".into(),
            ..r::RenderReportResponse::default()
        })
    })
    .rpc(&reports("ListIndicators"), |_, _: r::ListIndicatorsRequest| {
        Ok(r::ListIndicatorsResponse { indicators: vec![indicator()], ..r::ListIndicatorsResponse::default() })
    })
    .rpc(&reports("GetIndicator"), |_, _: r::GetIndicatorRequest| {
        Ok(r::GetIndicatorResponse { indicator: Some(indicator()), ..r::GetIndicatorResponse::default() })
    })
    .rpc(&reports("ListReadings"), |_, _: r::ListReadingsRequest| {
        let aim = indicator().rules.pop();
        let limit = aim.clone().map(|rule| r::Rule { comparison: r::Comparison::AtMost.into(), ..rule });
        let judged = |rule, kept| r::JudgedReading { reading: Some(reading()), rule, kept: Some(kept) };
        let readings = vec![judged(limit, true), judged(aim, false)];
        Ok(r::ListReadingsResponse { readings, ..r::ListReadingsResponse::default() })
    })
    .rpc(&reports("ListImpactLogics"), |_, _: r::ListImpactLogicsRequest| {
        let title = Some(r::LocalizedText { de: "Beteiligung wirkt".to_owned(), en: String::new() });
        let logic = r::ImpactLogic { impact_logic_id: OWN.to_owned(), title, ..r::ImpactLogic::default() };
        Ok(r::ListImpactLogicsResponse { impact_logics: vec![logic], ..r::ListImpactLogicsResponse::default() })
    })
}

fn indicator() -> r::Indicator {
    let rule = r::Rule {
        rule_id: "ziel-2020".to_owned(),
        source: "Ratsbeschluss 12/2018".to_owned(),
        valid_from: "2019-01-01".to_owned(),
        comparison: r::Comparison::AtLeast.into(),
        value: 25.0,
        ..r::Rule::default()
    };
    r::Indicator {
        indicator_id: INDICATOR.to_owned(),
        title: Some(r::LocalizedText { de: "Anteil Radverkehr".to_owned(), en: String::new() }),
        unit: "%".to_owned(),
        decimals: 1,
        activities_begin_on: "2019-01-01".to_owned(),
        baseline: Some(r::Baseline {
            measured_on: "2018-06-01".to_owned(),
            value: 18.0,
            source: "Haushaltsbefragung".to_owned(),
        }),
        rules: vec![rule],
        latest_reading: Some(reading()),
        readings: 1,
        ..r::Indicator::default()
    }
}

fn reading() -> r::Reading {
    r::Reading {
        measured_on: "2020-06-01".to_owned(),
        value: 26.5,
        source: "Haushaltsbefragung".to_owned(),
        recorded_at_us: NOON,
        corrected: false,
    }
}

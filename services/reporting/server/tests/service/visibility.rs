//! Visitors see what is published.

use allmende_proto::reporting::v1 as pb;
use tonic::Code;

use crate::support::{
    TENANT, definition, get_indicator, get_report, indicator, not_found, publish, readings, refusal, render, run,
    run_report, start,
};

#[test]
fn a_report_is_public_once_a_run_of_it_is() {
    run(async {
        let mut service = start().await;
        let mut visitor = service.visitor();
        let report = service.report(definition()).await;
        let first = service.run(&report).await;
        let list = || pb::ListReportsRequest { tenant: TENANT.into(), ..Default::default() };
        let runs = |report: &str| pb::ListRunsRequest {
            tenant: TENANT.into(),
            report_id: report.into(),
            ..Default::default()
        };
        assert_eq!(refusal(visitor.get_report(get_report(&report)).await), not_found("REPORT_UNKNOWN"));
        assert_eq!(refusal(visitor.list_runs(runs(&report)).await), not_found("REPORT_UNKNOWN"));
        assert!(visitor.list_reports(list()).await.unwrap().into_inner().reports.is_empty());
        let html = || render(&first.run_id, pb::ReportFormat::Html);
        assert_eq!(refusal(visitor.render_report(html()).await), not_found("RUN_UNKNOWN"));
        assert!(service.client.render_report(html()).await.is_ok());

        service.publish(&first.run_id).await;
        let second = service.run(&report).await;
        let seen = visitor.get_report(get_report(&report)).await.unwrap().into_inner().report.unwrap();
        assert_eq!((seen.runs, seen.latest_published.unwrap().run_id), (2, first.run_id.clone()));
        assert_eq!(visitor.list_reports(list()).await.unwrap().into_inner().reports.len(), 1);
        assert_eq!(visitor.list_runs(runs(&report)).await.unwrap().into_inner().runs.len(), 1);
        assert_eq!(service.client.list_runs(runs(&report)).await.unwrap().into_inner().runs.len(), 2);
        let page = visitor.render_report(html()).await.unwrap().into_inner();
        assert!(page.content_type.starts_with("text/html") && page.content_security_policy.contains("'none'"));
        let hidden = render(&second.run_id, pb::ReportFormat::Json);
        assert_eq!(refusal(visitor.render_report(hidden).await), not_found("RUN_UNKNOWN"));
        service.stop().await;
    });
}

#[test]
fn indicators_that_count_persons_are_not_for_visitors() {
    run(async {
        let mut service = start().await;
        let mut visitor = service.visitor();
        let public = service.indicator(&[]).await;
        let persons = pb::DefineIndicatorRequest { counts_persons: true, ..indicator() };
        let id = persons.indicator_id.clone();
        let defined = service.client.define_indicator(persons).await.unwrap().into_inner();
        service.settle(&defined.consistency_token).await;
        assert_eq!(refusal(visitor.get_indicator(get_indicator(&id)).await), not_found("INDICATOR_UNKNOWN"));
        assert_eq!(refusal(visitor.list_readings(readings(&id)).await), not_found("INDICATOR_UNKNOWN"));
        assert!(visitor.get_indicator(get_indicator(&public)).await.is_ok());
        let list = || pb::ListIndicatorsRequest { tenant: TENANT.into(), ..Default::default() };
        assert_eq!(visitor.list_indicators(list()).await.unwrap().into_inner().indicators.len(), 1);
        assert_eq!(service.client.list_indicators(list()).await.unwrap().into_inner().indicators.len(), 2);
        service.stop().await;
    });
}

#[test]
fn visitors_change_nothing() {
    run(async {
        let service = start().await;
        let mut visitor = service.visitor();
        let unauthenticated = (Code::Unauthenticated, "UNAUTHENTICATED".to_owned());
        assert_eq!(refusal(visitor.define_indicator(indicator()).await), unauthenticated);
        assert_eq!(refusal(visitor.run_report(run_report(&crate::support::id())).await), unauthenticated);
        assert_eq!(refusal(visitor.publish_report(publish(&crate::support::id())).await), unauthenticated);
        service.stop().await;
    });
}

#[test]
fn tenants_do_not_see_each_other() {
    run(async {
        let mut service = start().await;
        let id = service.indicator(&[]).await;
        let elsewhere = pb::GetIndicatorRequest { tenant: "koeln".into(), ..get_indicator(&id) };
        assert_eq!(refusal(service.client.get_indicator(elsewhere).await), not_found("INDICATOR_UNKNOWN"));
        let report = service.report(definition()).await;
        let ran = service.run(&report).await;
        let elsewhere =
            pb::RenderReportRequest { tenant: "koeln".into(), ..render(&ran.run_id, pb::ReportFormat::Json) };
        assert_eq!(refusal(service.client.render_report(elsewhere).await), not_found("RUN_UNKNOWN"));
        service.stop().await;
    });
}

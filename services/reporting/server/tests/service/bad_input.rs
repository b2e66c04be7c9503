//! A bad request is refused with INVALID_ARGUMENT, the answer names the field at fault, and nothing is stored.

use allmende_proto::reporting::v1 as pb;
use allmende_runtime::errors::{Rule, violations};
use tonic::{Code, Status};

use crate::support::{
    TENANT, air, define_report, definition, fields, get_indicator, get_report, id, impact_logic, indicator, publish,
    reading, readings, render, request_id, rule, run, run_report, start, text,
};

/// Sends a request with one thing wrong and checks the fields that the answer names.
macro_rules! refused {
    ($service:ident . $rpc:ident, $request:expr, $($field:literal),+) => {{
        let head = $service.log_head();
        let answer: Result<_, Status> = $service.client.$rpc($request).await;
        let status = answer.expect_err(concat!(stringify!($rpc), " took ", $($field),+));
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        assert_eq!(fields(&status), [$($field),+], "{status}");
        assert_eq!($service.log_head(), head, "{status}");
    }};
}

#[test]
fn an_indicator_names_the_field_at_fault() {
    run(async {
        let mut service = start().await;
        let with = |change: &dyn Fn(&mut pb::DefineIndicatorRequest)| {
            let mut request = indicator();
            change(&mut request);
            request
        };
        refused!(service.define_indicator, with(&|r| r.tenant = "No Tenant".into()), "tenant");
        refused!(service.define_indicator, with(&|r| r.request_id = "1".into()), "request_id");
        refused!(service.define_indicator, with(&|r| r.indicator_id = "1".into()), "indicator_id");
        refused!(service.define_indicator, with(&|r| r.title = None), "title");
        refused!(service.define_indicator, with(&|r| r.title = text("")), "title.de");
        refused!(service.define_indicator, with(&|r| r.title = text(&"x".repeat(501))), "title.de");
        refused!(service.define_indicator, with(&|r| r.title.as_mut().unwrap().en = "\u{0}".into()), "title.en");
        refused!(service.define_indicator, with(&|r| r.unit = "x".repeat(41)), "unit");
        refused!(service.define_indicator, with(&|r| r.decimals = 7), "decimals");
        refused!(service.define_indicator, with(&|r| r.activities_begin_on = "1.1.2018".into()), "activities_begin_on");
        let baseline = |change: &dyn Fn(&mut pb::Baseline)| with(&|r| change(r.baseline.as_mut().unwrap()));
        refused!(service.define_indicator, baseline(&|b| b.measured_on = "2017-02-29".into()), "baseline.measured_on");
        refused!(service.define_indicator, baseline(&|b| b.value = f64::NAN), "baseline.value");
        refused!(service.define_indicator, baseline(&|b| b.source = " ".into()), "baseline.source");
        let rules = |change: &dyn Fn(&mut pb::Rule)| with(&|r| change(&mut r.rules[1]));
        refused!(service.define_indicator, rules(&|r| r.rule_id = "Ü".into()), "rules[1].rule_id");
        refused!(service.define_indicator, rules(&|r| r.source = String::new()), "rules[1].source");
        refused!(service.define_indicator, rules(&|r| r.valid_from = String::new()), "rules[1].valid_from");
        refused!(service.define_indicator, rules(&|r| r.valid_until = "2018-12-31".into()), "rules[1].valid_until");
        refused!(service.define_indicator, rules(&|r| r.comparison = 9), "rules[1].comparison");
        refused!(service.define_indicator, rules(&|r| r.value = f64::INFINITY), "rules[1].value");
        refused!(service.define_indicator, with(&|r| r.rules = vec![rule("a", "2018-01-01", "", 1.0); 51]), "rules");

        let indicator = service.indicator(&[]).await;
        let add = |rule| pb::AddIndicatorRuleRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            indicator_id: indicator.clone(),
            rule,
        };
        refused!(service.add_indicator_rule, add(None), "rule");
        let long = "a".repeat(61);
        refused!(service.add_indicator_rule, add(Some(rule(&long, "2020-01-01", "", 1.0))), "rule.rule_id");
        refused!(service.record_reading, reading(&indicator, "2018-5-1", 1.0), "measured_on");
        refused!(service.record_reading, reading(&indicator, "2018-05-01", f64::NAN), "value");
        refused!(service.record_reading, reading("x", "2018-05-01", 1.0), "indicator_id");
        let bare = pb::RecordReadingRequest { source: String::new(), ..reading(&indicator, "2018-05-01", 1.0) };
        refused!(service.record_reading, bare, "source");
        service.stop().await;
    });
}

/// A violation says which rule was broken: pages have a sentence for each.
#[test]
fn a_violation_is_of_the_rule_that_was_broken() {
    run(async {
        let mut service = start().await;
        let hidden = "a\u{7}b";
        for (unit, source, title, rules) in [
            (hidden, hidden, hidden, [Rule::Visible; 3]),
            (&"x".repeat(41), " ", " ", [Rule::Length(1, 500), Rule::Length(0, 40), Rule::Length(1, 500)]),
            ("a\nb", "a\nb", "a\nb", [Rule::Visible, Rule::Line, Rule::Line]),
        ] {
            let mut request = pb::DefineIndicatorRequest { title: text(title), unit: unit.into(), ..indicator() };
            request.baseline.as_mut().unwrap().source = source.into();
            let status = service.client.define_indicator(request).await.unwrap_err();
            let found = violations(&status).into_iter().map(|violation| (violation.field, violation.rule));
            let fields = ["title.de", "unit", "baseline.source"].map(str::to_owned);
            assert_eq!(found.collect::<Vec<_>>(), fields.into_iter().zip(rules).collect::<Vec<_>>(), "{status}");
        }
        let mut request = indicator();
        request.rules[0].comparison = 99;
        let status = service.client.define_indicator(request).await.unwrap_err();
        assert_eq!(violations(&status)[0].rule, Rule::Value);
        service.stop().await;
    });
}

#[test]
fn an_impact_logic_names_the_field_at_fault() {
    run(async {
        let mut service = start().await;
        let with = |change: &dyn Fn(&mut pb::ImpactLogic)| {
            let mut request = impact_logic(&[]);
            change(request.impact_logic.as_mut().unwrap());
            request
        };
        let none = pb::DefineImpactLogicRequest { impact_logic: None, ..impact_logic(&[]) };
        refused!(service.define_impact_logic, none, "impact_logic");
        refused!(
            service.define_impact_logic,
            with(&|l| l.impact_logic_id = String::new()),
            "impact_logic.impact_logic_id"
        );
        refused!(service.define_impact_logic, with(&|l| l.title = None), "impact_logic.title");
        let many = vec![text("x").unwrap(); 51];
        refused!(service.define_impact_logic, with(&|l| l.resources = many.clone()), "impact_logic.resources");
        refused!(
            service.define_impact_logic,
            with(&|l| l.resources[0].de = String::new()),
            "impact_logic.resources[0].de"
        );
        refused!(
            service.define_impact_logic,
            with(&|l| l.activities[0].begins_on = "soon".into()),
            "impact_logic.activities[0].begins_on"
        );
        refused!(
            service.define_impact_logic,
            with(&|l| l.activities[0].ends_on = "2017-01-01".into()),
            "impact_logic.activities[0].ends_on"
        );
        let twice = id();
        refused!(
            service.define_impact_logic,
            with(&|l| l.results[0].indicator_ids = vec![twice.clone(), twice.clone()]),
            "impact_logic.results[0].indicator_ids[1]"
        );
        service.stop().await;
    });
}

#[test]
fn a_report_names_the_field_at_fault() {
    run(async {
        let mut service = start().await;
        let with = |change: &dyn Fn(&mut pb::ReportDefinition)| {
            let mut definition = pb::ReportDefinition { air: air(), ..definition() };
            change(&mut definition);
            define_report(definition)
        };
        let none = pb::DefineReportRequest { definition: None, ..define_report(definition()) };
        refused!(service.define_report, none, "definition");
        refused!(service.define_report, with(&|d| d.report_id = "7".into()), "definition.report_id");
        refused!(service.define_report, with(&|d| d.title = None), "definition.title");
        refused!(service.define_report, with(&|d| d.first_day = String::new()), "definition.first_day");
        refused!(service.define_report, with(&|d| d.last_day = "2017-12-31".into()), "definition.last_day");
        refused!(service.define_report, with(&|d| d.last_day = "2028-12-31".into()), "definition.last_day");
        refused!(service.define_report, with(&|d| d.air.as_mut().unwrap().selection = 0), "definition.air.selection");
        refused!(
            service.define_report,
            with(&|d| d.air.as_mut().unwrap().station_ids = vec!["x".into()]),
            "definition.air.station_ids[0]"
        );
        let many: Vec<String> = (0..201).map(|_| id()).collect();
        refused!(
            service.define_report,
            with(&|d| d.participation = Some(pb::ParticipationSection { procedure_ids: many.clone() })),
            "definition.participation.procedure_ids"
        );
        refused!(service.define_report, with(&|d| d.indicator_ids = vec!["x".into()]), "definition.indicator_ids[0]");
        refused!(
            service.define_report,
            with(&|d| d.impact_logic_ids = vec![String::new()]),
            "definition.impact_logic_ids[0]"
        );
        let run = pb::RunReportRequest { run_id: String::new(), ..run_report(&id()) };
        refused!(service.run_report, run, "run_id");
        refused!(service.run_report, run_report("x"), "report_id");
        let token = pb::RunReportRequest { consistency_token: "!".into(), ..run_report(&id()) };
        refused!(service.run_report, token, "consistency_token");
        refused!(service.publish_report, publish("x"), "run_id");
        service.stop().await;
    });
}

#[test]
fn a_question_names_the_field_at_fault() {
    run(async {
        let mut service = start().await;
        refused!(service.get_report, get_report("x"), "report_id");
        refused!(service.get_indicator, get_indicator("x"), "indicator_id");
        let logic = pb::GetImpactLogicRequest { tenant: TENANT.into(), ..Default::default() };
        refused!(service.get_impact_logic, logic, "impact_logic_id");
        let list = pb::ListReportsRequest { tenant: TENANT.into(), page_size: 201, ..Default::default() };
        refused!(service.list_reports, list, "page_size");
        let list = pb::ListIndicatorsRequest { tenant: TENANT.into(), page_token: "x".into(), ..Default::default() };
        refused!(service.list_indicators, list, "page_token");
        let list =
            pb::ListImpactLogicsRequest { tenant: TENANT.into(), consistency_token: "!".into(), ..Default::default() };
        refused!(service.list_impact_logics, list, "consistency_token");
        let list = pb::ListRunsRequest { tenant: TENANT.into(), report_id: "x".into(), ..Default::default() };
        refused!(service.list_runs, list, "report_id");
        let backwards = pb::ListReadingsRequest { last_day: "2016-01-01".into(), ..readings(&id()) };
        refused!(service.list_readings, backwards, "last_day");
        let form = pb::RenderReportRequest { format: 0, language: 9, ..render(&id(), pb::ReportFormat::Html) };
        refused!(service.render_report, form, "format", "language");
        service.stop().await;
    });
}

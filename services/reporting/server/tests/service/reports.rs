//! Reports: numbers are what their queries answer, small ones are not shown, and a run stays what it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allmende_proto::reporting::v1 as pb;
use serde_json::{Value, json};
use tonic::Code;

use crate::support::{
    Running, air, define_report, definition, failed_precondition, id, impact_logic, not_found, refusal, render, run,
    run_report, start,
};

/// A tenant with two procedures and a station.
fn furnish(service: &Running) {
    let elsewhere = &service.elsewhere;
    elsewhere.answers("GetTenant", |_| Some(json!({"tenant": {"tenant": "brandis", "name": "Stadt Brandis"}})));
    elsewhere.answers("ListProcedures", |_| {
        let procedure = |id: &str, from: &str, open: &[&str]| {
            json!({
                "procedure_id": id,
                "title": format!("Verfahren {id}"),
                "phases": [{"from_day": from, "to_day": "2018-09-27"}],
                "open_phases": open,
            })
        };
        let procedures = [
            procedure("a", "2018-03-05", &["PHASE_KIND_CONSULTATION"]),
            procedure("b", "2018-03-05", &[]),
            procedure("next-year", "2019-01-01", &[]),
        ];
        Some(json!({"procedures": procedures, "next_page_token": ""}))
    });
    elsewhere.answers("GetReachByChannel", |request| {
        let reach = |channel: &str, received: u32, published: u32, answered: u32| {
            json!({"channel": channel, "received": received, "published": published, "answered": answered})
        };
        Some(match request["procedure_id"].as_str() {
            Some("a") => json!({"reach": [reach("CHANNEL_WEB", 40, 38, 30), reach("CHANNEL_LETTER", 3, 3, 3)]}),
            _ => json!({"reach": [reach("CHANNEL_WEB", 20, 20, 10), reach("CHANNEL_LETTER", 12, 11, 9)]}),
        })
    });
    elsewhere.answers("ListStations", |_| {
        let datastreams = [
            json!({"datastream_id": "d1", "observed_property": "OBSERVED_PROPERTY_PM10"}),
            json!({"datastream_id": "d2", "observed_property": "OBSERVED_PROPERTY_AIR_TEMPERATURE"}),
        ];
        let station = json!({
            "station_id": "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57",
            "kind": "STATION_KIND_CITIZEN",
            "cell": {"size_m": 250},
            "sensors": [{"datastreams": datastreams}],
        });
        Some(json!({"stations": [station], "next_page_token": ""}))
    });
    elsewhere.answers("CheckLimits", |request| {
        let check = |rule: &str, period: &str, exceedances: u32, mean: Value, verdict: &str| {
            json!({
                "rule_id": rule, "period": period, "limit": 50.0, "allowed_exceedances": 35,
                "exceedances": exceedances, "valid_periods": 351, "required_periods": 329, "mean": mean,
                "verdict": verdict, "indicative": true,
            })
        };
        (request["year"] == 2018).then(|| {
            json!({"checks": [
                check("eu-2008-50/pm10-year", "PERIOD_YEAR", 0, json!(19.5), "VERDICT_KEPT"),
                check("eu-2008-50/pm10-day", "PERIOD_DAY", 36, Value::Null, "VERDICT_EXCEEDED"),
            ]})
        })
    });
}

fn everything(indicators: &[&str], logics: &[&str]) -> pb::ReportDefinition {
    pb::ReportDefinition {
        air: air(),
        participation: Some(pb::ParticipationSection::default()),
        indicator_ids: indicators.iter().map(ToString::to_string).collect(),
        impact_logic_ids: logics.iter().map(ToString::to_string).collect(),
        last_day: "2018-12-31".into(),
        ..definition()
    }
}

fn table<'a>(report: &'a Value, kind: &str) -> &'a Value {
    report["tables"].as_array().unwrap().iter().find(|table| table["kind"] == kind).unwrap()
}

/// The values of a table; a dot for what is suppressed, a dash for nothing.
fn values(table: &Value) -> Vec<Vec<String>> {
    let cell = |cell: &Value| match cell["state"].as_str().unwrap() {
        "suppressed" => "•".to_owned(),
        "none" => "–".to_owned(),
        _ => cell["text"].as_str().unwrap().to_owned(),
    };
    let row = |row: &Value| row["cells"].as_array().unwrap().iter().map(cell).collect();
    table["rows"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_report_tells_what_its_queries_answer() {
    run(async {
        let mut service = start().await;
        furnish(&service);
        let indicator = service.indicator(&[("2018-05-01", 130.0), ("2018-11-30", 250.0), ("2019-05-01", 260.0)]).await;
        let logic = impact_logic(&[&indicator]);
        let logic_id = logic.impact_logic.as_ref().unwrap().impact_logic_id.clone();
        service.client.define_impact_logic(logic).await.unwrap();
        let report = service.report(everything(&[&indicator], &[&logic_id])).await;
        let ran = service.run(&report).await;
        let told = service.json(&ran.run_id).await;

        assert_eq!((&told["tenant"], &told["tenant_name"]), (&json!("brandis"), &json!("Stadt Brandis")));
        let air = table(&told, "air-limits");
        assert_eq!(air["subject"], "2018");
        assert_eq!(
            values(air),
            [
                ["50", "–", "–", "19,5", "351", "329", "eingehalten (orientierend)"],
                ["50", "35", "36", "–", "351", "329", "überschritten (orientierend)"],
            ]
        );
        // Three letters are too few to be shown, and so are two and one that are not public, of whom whoever counts what is
        // could tell.
        assert_eq!(values(table(&told, "reach")), [["•", "•", "•"], ["20", "•", "•"], ["•", "•", "•"]]);
        assert_eq!(
            values(table(&told, "responses")),
            [["33", "8", "•", "•"], ["19", "12", "•", "•"], ["52", "20", "•", "•"]]
        );
        let overview = values(table(&told, "overview")).concat();
        assert_eq!(overview, ["2", "1", "•", "52", "20", "1"]);
        let indicators = values(table(&told, "indicators"));
        assert_eq!(indicators[0][1], "120");
        assert_eq!(indicators[0][3..], ["250", "30.11.2018", "mindestens", "200", "erreicht"]);
        assert_eq!(values(table(&told, "readings")).len(), 3);
        assert_eq!(told["impact_logics"][0]["results"][0]["indicator_ids"][0], indicator.as_str());
        assert_eq!(told["bound_to"].as_array().unwrap().len(), 2, "{}", told["bound_to"]);
        assert_eq!(told["suppression_rules"], "suppression/2");
        service.stop().await;
    });
}

#[test]
fn the_same_run_gives_the_same_bytes_whatever_happens_later() {
    run(async {
        let mut service = start().await;
        furnish(&service);
        let report = service.report(everything(&[], &[])).await;
        let ran = service.run(&report).await;
        let mut forms = Vec::new();
        for format in [pb::ReportFormat::Html, pb::ReportFormat::Csv, pb::ReportFormat::Json] {
            let answer = service.client.render_report(render(&ran.run_id, format)).await.unwrap().into_inner();
            assert_eq!(answer.sha256.len(), 32);
            forms.push((format, answer.content));
        }
        // The world goes on, the report is changed, and the run is asked for again under its id.
        service.elsewhere.answers("ListStations", |_| Some(json!({"stations": []})));
        service.elsewhere.answers("GetTenant", |_| Some(json!({"tenant": {"tenant": "brandis", "name": "Anders"}})));
        let changed = pb::ReportDefinition { air: None, report_id: report.clone(), ..everything(&[], &[]) };
        service.report(changed).await;
        let again = pb::RunReportRequest { run_id: ran.run_id.clone(), ..run_report(&report) };
        let again = service.client.run_report(again).await.unwrap().into_inner().run.unwrap();
        assert_eq!(again, ran);
        for (format, content) in forms {
            let answer = service.client.render_report(render(&ran.run_id, format)).await.unwrap().into_inner();
            assert_eq!(answer.content, content, "{format:?}");
        }
        let other = service.report(everything(&[], &[])).await;
        let taken = pb::RunReportRequest { run_id: ran.run_id.clone(), ..run_report(&other) };
        assert_eq!(refusal(service.client.run_report(taken).await), failed_precondition("RUN_DIFFERS"));
        service.stop().await;
    });
}

#[test]
fn a_run_that_is_asked_for_again_is_the_first_one_though_the_sources_are_away() {
    run(async {
        let mut service = start().await;
        furnish(&service);
        let report = service.report(everything(&[], &[])).await;
        let request = run_report(&report);
        let first = service.client.run_report(request.clone()).await.unwrap().into_inner().run;
        for rpc in ["ListProcedures", "GetReachByChannel", "ListStations", "CheckLimits"] {
            service.elsewhere.answers(rpc, |_| None);
        }
        let asked = service.elsewhere.asked();
        assert_eq!(service.client.run_report(request).await.unwrap().into_inner().run, first);
        assert_eq!(service.elsewhere.asked(), asked);
        service.client.run_report(run_report(&report)).await.unwrap_err();
        service.stop().await;
    });
}

#[test]
fn a_report_is_of_one_moment_or_of_none() {
    run(async {
        let mut service = start().await;
        furnish(&service);
        let report = service.report(everything(&[], &[])).await;
        let before = service.elsewhere.asked();
        service.run(&report).await;
        // What the tenant is called is asked once.
        let two_rounds = service.elsewhere.asked() - before - 1;

        // A number that changes once costs a round; one that never rests costs the report.
        let changes = Arc::new(AtomicU64::new(1));
        let left = Arc::clone(&changes);
        service.elsewhere.answers("GetReachByChannel", move |_| {
            let received = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(1)));
            let received = 100 + received.unwrap();
            Some(json!({"reach": [{"channel": "CHANNEL_WEB", "received": received, "published": 50, "answered": 50}]}))
        });
        let before = service.elsewhere.asked();
        service.run(&report).await;
        assert_eq!(service.elsewhere.asked() - before - 1, two_rounds / 2 * 3);
        changes.store(1_000_000, Ordering::Relaxed);
        let head = service.log_head();
        let refused = refusal(service.client.run_report(run_report(&report)).await);
        assert_eq!(refused, (Code::Aborted, "SOURCES_MOVING".to_owned()));
        assert_eq!(service.log_head(), head);
        service.stop().await;
    });
}

#[test]
fn a_query_that_is_refused_refuses_the_report() {
    run(async {
        let mut service = start().await;
        let report = service.report(pb::ReportDefinition { air: air(), ..definition() }).await;
        // Nothing answers ListStations.
        let refused = refusal(service.client.run_report(run_report(&report)).await);
        assert_eq!(refused, failed_precondition("SOURCE_REFUSED"));
        let unknown = refusal(service.client.run_report(run_report(&id())).await);
        assert_eq!(unknown, not_found("REPORT_UNKNOWN"));
        let unknown = pb::ReportDefinition { indicator_ids: vec![id()], ..definition() };
        let unknown = refusal(service.client.define_report(define_report(unknown)).await);
        assert_eq!(unknown, not_found("INDICATOR_UNKNOWN"));
        let unknown = pb::ReportDefinition { impact_logic_ids: vec![id()], ..definition() };
        let unknown = refusal(service.client.define_report(define_report(unknown)).await);
        assert_eq!(unknown, not_found("IMPACT_LOGIC_UNKNOWN"));
        service.stop().await;
    });
}

#[test]
fn a_report_that_is_too_large_is_refused() {
    run(async {
        let mut service = start().await;
        furnish(&service);
        service.elsewhere.answers("ListStations", |_| {
            let stations: Vec<Value> = (0..201).map(|n| json!({"station_id": n.to_string()})).collect();
            Some(json!({"stations": stations}))
        });
        let report = service.report(everything(&[], &[])).await;
        let refused = refusal(service.client.run_report(run_report(&report)).await);
        assert_eq!(refused, failed_precondition("REPORT_TOO_LARGE"));
        service.stop().await;
    });
}

#[test]
fn a_titles_markup_stays_text() {
    run(async {
        let mut service = start().await;
        furnish(&service);
        service.elsewhere.answers("ListProcedures", |_| {
            let title = "<script>alert('x')</script>\u{7}\" onload=\"x";
            Some(json!({"procedures": [{"procedure_id": "a", "title": title, "phases": [], "open_phases": []}]}))
        });
        let report = service.report(everything(&[], &[])).await;
        let ran = service.run(&report).await;
        let answer = service.client.render_report(render(&ran.run_id, pb::ReportFormat::Html)).await.unwrap();
        let page = String::from_utf8(answer.into_inner().content.to_vec()).unwrap();
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script") && !page.contains("\" onload"));
        service.stop().await;
    });
}

//! Every stored event of every version, as bytes that were written once.

use std::collections::BTreeMap;

use allmende_eventlog::Aggregate as _;
use allmende_kernel::{PartitionName, Position, Timestamp};
use allmende_reporting_domain::impact_logic::{Activity, Outcome};
use allmende_reporting_domain::indicator::{Baseline, Definition};
use allmende_reporting_domain::report::{Air, AirSelection, Participation};
use allmende_reporting_domain::run::Content;
use allmende_reporting_domain::table::{Cell, Kind, Label, Query, Row, Source, Table, Take, Value};
use allmende_reporting_domain::{
    Comparison, Day, ImpactLogicId, IndicatorId, ProcedureId, ReportId, Rule, RuleId, StationId, Text, Word,
    impact_logic, indicator, report, run,
};
use allmende_testkit::Golden;

use super::{ImpactLogic, Indicator, Report, Run};

const AT: Timestamp = Timestamp::from_secs(1_795_500_000);

const GOLDEN: Golden = Golden::of(env!("CARGO_MANIFEST_DIR"));

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn text(de: &str, en: &str) -> Text {
    Text::new(de, en).unwrap()
}

fn rule(id: &str, comparison: Comparison, valid_until: Option<Day>) -> Rule {
    let (id, source) = (RuleId::parse(id).unwrap(), "Ratsbeschluss 17/2020".to_owned());
    Rule { id, source, valid_from: day("2020-01-01"), valid_until, comparison, value: 500.0 }
}

#[test]
fn events_of_indicators_are_written_and_read_as_ever() {
    let definition = Definition {
        title: text("Gepflegte Hecken", "Hedges tended"),
        unit: "m".into(),
        decimals: 1,
        counts_persons: true,
        activities_begin_on: day("2020-01-01"),
    };
    let baseline = Baseline { measured_on: day("1969-12-31"), value: 12.5, source: "Kataster".into() };
    let rules = vec![rule("aim-2020", Comparison::AtLeast, Some(day("2022-12-31")))];
    let (measured_on, value, source, at) = (day("2020-05-01"), 130.25, "Amt".to_owned(), AT);
    for (name, event) in [
        ("indicator_defined_v1", indicator::Event::Defined { definition, baseline, rules, at }),
        ("rule_added_v1", indicator::Event::RuleAdded { rule: rule("limit", Comparison::AtMost, None), at }),
        ("reading_recorded_v1", indicator::Event::ReadingRecorded { measured_on, value, source: source.clone(), at }),
        ("reading_corrected_v1", indicator::Event::ReadingCorrected { measured_on, value, source, at }),
    ] {
        GOLDEN.check::<Indicator>(name, &event);
    }
}

fn logic() -> impact_logic::ImpactLogic {
    let outcome = |title: &str, indicators| Outcome { title: text(title, ""), indicators };
    impact_logic::ImpactLogic {
        title: text("Offene Werkstatt", "Open workshop"),
        resources: vec![text("Raum", "")],
        activities: vec![
            Activity { title: text("Kurse", ""), begins_on: day("2020-01-01"), ends_on: None },
            Activity { title: text("Aufbau", ""), begins_on: day("2020-01-01"), ends_on: Some(day("2020-02-01")) },
        ],
        results: vec![outcome("Sensoren", vec![IndicatorId::from_bytes([1; 16]), IndicatorId::from_bytes([2; 16])])],
        effects: vec![outcome("Wissen", vec![])],
    }
}

#[test]
fn events_of_impact_logics_are_written_and_read_as_ever() {
    GOLDEN.check::<ImpactLogic>("impact_logic_defined_v1", &impact_logic::Event::Defined { logic: logic(), at: AT });
}

#[test]
fn events_of_reports_are_written_and_read_as_ever() {
    let definition = |air, participation| report::Definition {
        title: text("Projektbericht", "Project report"),
        first_day: day("2018-01-01"),
        last_day: day("2018-12-31"),
        air,
        participation,
        indicators: vec![IndicatorId::from_bytes([1; 16])],
        impact_logics: vec![ImpactLogicId::from_bytes([2; 16])],
    };
    let air = Air { stations: vec![StationId::from_bytes([3; 16])], selection: AirSelection::Dry };
    let participation = Participation { procedures: vec![ProcedureId::from_bytes([4; 16])] };
    for (name, definition) in [
        ("report_defined_v1", definition(Some(air), Some(participation))),
        ("report_defined_bare_v1", definition(None, None)),
    ] {
        GOLDEN.check::<Report>(name, &report::Event::Defined { definition, at: AT });
    }
}

#[test]
fn events_of_runs_are_written_and_read_as_ever() {
    let source = |take, subtracted| Source { query: 0, path: "$.a[*].b".into(), take, subtracted };
    let number = Value::Number { value: 19.25, decimals: 1 };
    let cells = vec![
        Cell { value: number, sources: vec![source(Take::Value, false), source(Take::Sum, true)] },
        Cell { value: Value::Suppressed, sources: vec![source(Take::Count, false)] },
        Cell::plain(Value::Nothing),
        Cell::plain(Value::Word(Word::VerdictKept)),
        Cell::plain(Value::Text(text("µg/m³", ""))),
        Cell::plain(Value::Day(day("2018-07-28"))),
    ];
    let labels = vec![text("Station", "").into(), Word::Pm10.into(), Label::Day(day("2018-07-28"))];
    let content = Content {
        report: ReportId::from_bytes([5; 16]),
        tenant_name: String::new(),
        title: text("Projektbericht", "Project report"),
        first_day: day("2018-01-01"),
        last_day: day("2018-12-31"),
        bound_to: BTreeMap::from([(PartitionName::parse("telemetry-0").unwrap(), Position::new(7, 2))]),
        suppression_rules: "suppression/1".into(),
        queries: vec![Query { rpc: "/allmende.a.v1.B/C".into(), request: "{\"tenant\":\"koeln\"}".into() }],
        tables: vec![Table {
            kind: Kind::AirLimits,
            subject: "2018".into(),
            row_headings: [Word::Station, Word::Pollutant, Word::MeasuredOn].map(Label::Word).to_vec(),
            columns: vec![Word::Number.into(); 6],
            rows: vec![Row { labels, cells }],
        }],
        impact_logics: vec![(ImpactLogicId::from_bytes([6; 16]), logic())],
        at: AT,
    };
    let named = Content { tenant_name: "Stadt Köln".into(), ..content.clone() };
    GOLDEN.check::<Run>("run_completed_v1", &run::Event::Completed(Box::new(content)));
    GOLDEN.check::<Run>("run_completed_named_v1", &run::Event::Completed(Box::new(named)));
    GOLDEN.check::<Run>("run_published_v1", &run::Event::Published { at: AT });
}

#[test]
fn an_event_that_is_not_known_is_named() {
    let error = Run::decode("allmende.reporting.events.v9.RunLost", b"").unwrap_err();
    assert_eq!(error.event_type, "allmende.reporting.events.v9.RunLost");
    for payload in [&b"\xff"[..], b""] {
        assert!(Indicator::decode("allmende.reporting.events.v1.IndicatorDefined", payload).is_err());
        assert!(ImpactLogic::decode("allmende.reporting.events.v1.ImpactLogicDefined", payload).is_err());
        assert!(Report::decode("allmende.reporting.events.v1.ReportDefined", payload).is_err());
        assert!(Run::decode("allmende.reporting.events.v1.RunCompleted", payload).is_err());
    }
}

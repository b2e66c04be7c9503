//! A run holds what it held when it was run.

use std::collections::BTreeMap;

use crate::{at, day, text};
use allmende_kernel::{PartitionName, Position};
use allmende_reporting_domain::run::{Command, Content, Event, MAX_CELLS, Model, Rejection};
use allmende_reporting_domain::table::{Cell, Kind, Query, Row, Source, Table, Take, Value};
use allmende_reporting_domain::{ReportId, Word};
use allmende_testkit::{given, laws};
use proptest::prelude::*;

fn content(report: u8, value: f64) -> Content {
    let source = Source { query: 0, path: "$.value".into(), take: Take::Value, subtracted: false };
    let cells = vec![
        Cell::number(value, 0, vec![source.clone()]),
        Cell { value: Value::Suppressed, sources: vec![source] },
        Cell::plain(Value::Nothing),
    ];
    Content {
        report: ReportId::from_bytes([report; 16]),
        tenant_name: String::new(),
        title: text("Bericht"),
        first_day: day("2018-01-01"),
        last_day: day("2018-12-31"),
        bound_to: BTreeMap::from([(PartitionName::parse("telemetry-0").unwrap(), Position::new(7, 0))]),
        suppression_rules: "suppression/1".into(),
        queries: vec![Query { rpc: "/a.B/C".into(), request: "{}".into() }],
        tables: vec![Table {
            kind: Kind::Overview,
            subject: String::new(),
            row_headings: vec![Word::KeyFigure.into()],
            columns: vec![Word::Number.into(); 3],
            rows: vec![Row { labels: vec![Word::Stations.into()], cells }],
        }],
        impact_logics: vec![],
        at: at(5),
    }
}

#[test]
fn it_is_run_once() {
    let ran = || Event::Completed(Box::new(content(1, 3.0)));
    given::<Model>([]).when(Command::Complete(Box::new(content(1, 3.0)))).then([ran()]);
    // Whatever the queries answer by now.
    given::<Model>([ran()]).when(Command::Complete(Box::new(content(1, 4.0)))).then([]);
    given::<Model>([ran()]).when(Command::Complete(Box::new(content(2, 3.0)))).then_rejected(Rejection::RunDiffers);
}

#[test]
fn it_is_published_once() {
    let ran = || Event::Completed(Box::new(content(1, 3.0)));
    let published = || Event::Published { at: at(9) };
    given::<Model>([]).when(Command::Publish { at: at(9) }).then_rejected(Rejection::RunUnknown);
    given::<Model>([ran()]).when(Command::Publish { at: at(9) }).then([published()]);
    given::<Model>([ran(), published()]).when(Command::Publish { at: at(10) }).then([]);
}

#[test]
fn it_tells_how_many_numbers_it_holds_and_how_many_it_does_not_show() {
    let state = given::<Model>([Event::Completed(Box::new(content(1, 3.0)))]).state().unwrap();
    assert_eq!((state.summary.figures, state.summary.suppressed), (2, 1));
}

#[test]
fn it_is_no_larger_than_it_may_be() {
    let mut large = content(1, 3.0);
    let row = large.tables[0].rows[0].clone();
    large.tables[0].rows = vec![row; MAX_CELLS / 3 + 1];
    given::<Model>([]).when(Command::Complete(Box::new(large))).then_rejected(Rejection::TooLarge);
}

proptest! {
    #[test]
    fn its_laws_hold(steps in proptest::collection::vec((0..3_u8, 1..3_u8), 0..8)) {
        let command = |(kind, report): (u8, u8)| match kind {
            0 => Command::Publish { at: at(9) },
            value => Command::Complete(Box::new(content(report, f64::from(value)))),
        };
        let steps: Vec<((), Command)> = steps.into_iter().map(|step| ((), command(step))).collect();
        laws::replay_keeps::<Model>(&steps, |_| Ok(()))?;
        laws::snapshot_and_tail_are_the_whole::<Model>(&steps, |state| state)?;
        laws::decided_again_yields_nothing::<Model>(&steps)?;
    }
}

//! What an indicator lets be done to it.

use crate::{at, day, text};
use allmende_reporting_domain::indicator::{
    Baseline, Command, Definition, Event, MAX_READINGS, Model, Rejection, State,
};
use allmende_reporting_domain::{Comparison, Rule, RuleId};
use allmende_testkit::{given, laws};
use proptest::prelude::*;

fn definition() -> Definition {
    Definition {
        title: text("Hecken, die gepflegt wurden"),
        unit: "m".into(),
        decimals: 0,
        counts_persons: false,
        activities_begin_on: day("2020-01-01"),
    }
}

fn baseline() -> Baseline {
    Baseline { measured_on: day("2019-12-01"), value: 120.0, source: "Kataster".into() }
}

fn rule(id: &str, from: &str, until: Option<&str>, value: f64) -> Rule {
    Rule {
        id: RuleId::parse(id).unwrap(),
        source: "Ratsbeschluss".into(),
        valid_from: day(from),
        valid_until: until.map(day),
        comparison: Comparison::AtLeast,
        value,
    }
}

fn define(baseline: Option<Baseline>, rules: Vec<Rule>) -> Command {
    Command::Define { definition: definition(), baseline, rules, at: at(1) }
}

fn defined(rules: Vec<Rule>) -> Event {
    Event::Defined { definition: definition(), baseline: baseline(), rules, at: at(1) }
}

fn record(on: &str, value: f64, correction: bool) -> Command {
    Command::Record { measured_on: day(on), value, source: "Amt".into(), correction, at: at(2) }
}

fn recorded(on: &str, value: f64) -> Event {
    Event::ReadingRecorded { measured_on: day(on), value, source: "Amt".into(), at: at(2) }
}

fn overlap(id: &str) -> Rejection {
    Rejection::RulesOverlap(RuleId::parse(id).unwrap())
}

#[test]
fn without_a_baseline_before_its_activities_it_is_refused() {
    given::<Model>([]).when(define(None, vec![])).then_rejected(Rejection::BaselineMissing);
    for late in ["2020-01-01", "2020-06-01"] {
        let late = Baseline { measured_on: day(late), ..baseline() };
        given::<Model>([]).when(define(Some(late), vec![])).then_rejected(Rejection::BaselineTooLate);
    }
    let eve = Baseline { measured_on: day("2019-12-31"), ..baseline() };
    let event = Event::Defined { definition: definition(), baseline: eve.clone(), rules: vec![], at: at(1) };
    given::<Model>([]).when(define(Some(eve), vec![])).then([event]);
}

#[test]
fn it_is_defined_once() {
    let first = rule("plan-2020", "2020-01-01", None, 500.0);
    given::<Model>([]).when(define(Some(baseline()), vec![first.clone()])).then([defined(vec![first.clone()])]);
    given::<Model>([defined(vec![first.clone()])]).when(define(Some(baseline()), vec![first.clone()])).then([]);
    // Its rules may be more by now.
    given::<Model>([defined(vec![first])]).when(define(Some(baseline()), vec![])).then([]);
    let other = Baseline { value: 121.0, ..baseline() };
    given::<Model>([defined(vec![])]).when(define(Some(other), vec![])).then_rejected(Rejection::IndicatorDiffers);
}

#[test]
fn the_rule_of_a_day_is_the_one_in_force_on_it() {
    let rules = vec![
        rule("until-2022", "2020-01-01", Some("2022-12-31"), 500.0),
        rule("open", "2024-01-01", None, 600.0),
        rule("from-2030", "2030-01-01", None, 900.0),
    ];
    let state: State = given::<Model>([defined(rules)]).state();
    let rules = state.unwrap().rules;
    let on = |text: &str| rules.in_force_on(day(text)).map(|rule| rule.id.as_str());
    assert_eq!(on("2019-12-31"), None);
    assert_eq!(on("2020-01-01"), Some("until-2022"));
    assert_eq!(on("2022-12-31"), Some("until-2022"));
    assert_eq!(on("2023-01-01"), None);
    assert_eq!(on("2029-12-31"), Some("open"));
    assert_eq!(on("2030-01-01"), Some("from-2030"));
    assert_eq!(on("2099-01-01"), Some("from-2030"));
}

#[test]
fn no_two_rules_are_in_force_on_one_day() {
    let closed = rule("closed", "2020-01-01", Some("2022-12-31"), 500.0);
    let open = rule("open", "2024-01-01", None, 600.0);
    let history = || given::<Model>([defined(vec![closed.clone(), open.clone()])]);
    let add = |rule: Rule| Command::AddRule { rule, at: at(3) };
    for (wrong, id) in [
        (rule("a", "2022-12-31", Some("2023-06-01"), 1.0), "a"),
        (rule("b", "2020-01-01", Some("2020-01-01"), 1.0), "b"),
        (rule("c", "2023-01-01", Some("2024-01-01"), 1.0), "c"),
        (rule("d", "2019-01-01", Some("2020-01-01"), 1.0), "d"),
        (rule("e", "2024-01-01", None, 1.0), "e"),
    ] {
        history().when(add(wrong)).then_rejected(overlap(id));
    }
    for fits in [
        rule("a", "2023-01-01", Some("2023-12-31"), 1.0),
        rule("b", "2019-01-01", Some("2019-12-31"), 1.0),
        // An open one ends where the next begins.
        rule("c", "2026-01-01", None, 1.0),
        rule("d", "2023-01-01", None, 1.0),
    ] {
        history().when(add(fits.clone())).then([Event::RuleAdded { rule: fits, at: at(3) }]);
    }
    history().when(add(open.clone())).then([]);
    let changed = Rule { value: 601.0, ..open.clone() };
    history().when(add(changed)).then_rejected(Rejection::RuleDiffers(RuleId::parse("open").unwrap()));
}

#[test]
fn a_day_has_one_value_unless_it_is_corrected() {
    let history = || given::<Model>([defined(vec![]), recorded("2020-05-01", 130.0)]);
    given::<Model>([defined(vec![])]).when(record("2020-05-01", 130.0, false)).then([recorded("2020-05-01", 130.0)]);
    history().when(record("2020-05-01", 130.0, false)).then([]);
    history().when(record("2020-05-01", 130.0, true)).then([]);
    history().when(record("2020-05-01", 140.0, false)).then_rejected(Rejection::ReadingDiffers);
    let corrected =
        Event::ReadingCorrected { measured_on: day("2020-05-01"), value: 140.0, source: "Amt".into(), at: at(2) };
    let state = history().when(record("2020-05-01", 140.0, true)).then([corrected]);
    assert!(state.unwrap().readings[&day("2020-05-01")].corrected);
    history().when(record("2020-06-01", 140.0, true)).then_rejected(Rejection::ReadingUnknown);
    history().when(record("2019-12-01", 140.0, false)).then_rejected(Rejection::ReadingBeforeBaseline);
    given::<Model>([]).when(record("2020-05-01", 1.0, false)).then_rejected(Rejection::IndicatorUnknown);
}

#[test]
fn it_has_room_for_ten_years_of_days() {
    let first = day("2020-01-01").number();
    let on = |number| allmende_reporting_domain::Day::from_number(first + number);
    let reading =
        |number| Event::ReadingRecorded { measured_on: on(number), value: 1.0, source: "Amt".into(), at: at(2) };
    let history = std::iter::once(defined(vec![])).chain((0..MAX_READINGS as i32).map(reading));
    let one_more = on(MAX_READINGS as i32).to_string();
    given::<Model>(history).when(record(&one_more, 1.0, false)).then_rejected(Rejection::IndicatorFull);
}

fn commands() -> impl Strategy<Value = Vec<((), Command)>> {
    let date = || (2019..2023_i32, 1..=12_u32).prop_map(|(year, month)| format!("{year}-{month:02}-01"));
    let rules = (0..6_u8, date(), proptest::option::of(date()), 0..3_u8)
        .prop_map(|(id, from, until, value)| rule(&format!("r{id}"), &from, until.as_deref(), f64::from(value)));
    let rule = rules.clone();
    let command = prop_oneof![
        (proptest::option::weighted(0.8, date()), proptest::collection::vec(rules, 0..3))
            .prop_map(|(on, rules)| { define(on.map(|on| Baseline { measured_on: day(&on), ..baseline() }), rules) }),
        rule.prop_map(|rule| Command::AddRule { rule, at: at(3) }),
        (date(), 0..3_u8, any::<bool>()).prop_map(|(on, value, correction)| record(&on, f64::from(value), correction)),
    ];
    proptest::collection::vec(command.prop_map(|command| ((), command)), 0..20)
}

/// Checked day by day, not by how the rules are ordered.
fn at_most_one_rule_a_day(state: &State) -> Result<(), String> {
    let Some(indicator) = state else { return Ok(()) };
    let rules: Vec<&Rule> = indicator.rules.iter().collect();
    for month in 0..60 {
        let day = allmende_reporting_domain::Day::from_date(2019 + month / 12, month as u32 % 12 + 1, 1).unwrap();
        let closed =
            rules.iter().filter(|rule| rule.valid_until.is_some_and(|last| rule.valid_from <= day && day <= last));
        if closed.count() > 1 {
            return Err(format!("two rules on {day}"));
        }
    }
    match indicator.baseline.measured_on < indicator.definition.activities_begin_on {
        true => Ok(()),
        false => Err("the baseline is too late".into()),
    }
}

proptest! {
    #[test]
    fn its_laws_hold(steps in commands()) {
        laws::replay_keeps::<Model>(&steps, at_most_one_rule_a_day)?;
        laws::snapshot_and_tail_are_the_whole::<Model>(&steps, |state| state)?;
        laws::decided_again_yields_nothing::<Model>(&steps)?;
    }
}

//! What an impact logic may say.

use crate::{at, day, indicator_id, text};
use allmende_reporting_domain::impact_logic::{
    Activity, Command, Context, Event, ImpactLogic, Model, Outcome, Rejection,
};
use allmende_testkit::{given, laws};
use proptest::prelude::*;

fn logic(begins_on: &str, indicators: &[u8]) -> ImpactLogic {
    let indicators = indicators.iter().map(|number| indicator_id(*number)).collect();
    ImpactLogic {
        title: text("Offene Werkstatt"),
        resources: vec![text("Raum"), text("50.000 EUR im Jahr")],
        activities: vec![Activity { title: text("Kurse"), begins_on: day(begins_on), ends_on: None }],
        results: vec![Outcome { title: text("Sensoren gebaut"), indicators }],
        effects: vec![Outcome { title: text("Wissen über Luft"), indicators: vec![] }],
    }
}

fn define(logic: ImpactLogic) -> Command {
    Command::Define { logic, at: at(1) }
}

fn defined(logic: ImpactLogic) -> Event {
    Event::Defined { logic, at: at(1) }
}

fn known() -> Context {
    Context::from([(indicator_id(1), day("2019-12-01")), (indicator_id(2), day("2020-06-01"))])
}

#[test]
fn its_activities_begin_after_the_baselines_of_its_indicators() {
    given::<Model>([]).with(known()).when(define(logic("2020-01-01", &[1]))).then([defined(logic("2020-01-01", &[1]))]);
    let late = Rejection::ActivityBeforeBaseline(indicator_id(2));
    given::<Model>([]).with(known()).when(define(logic("2020-01-01", &[1, 2]))).then_rejected(late.clone());
    given::<Model>([]).with(known()).when(define(logic("2020-06-01", &[2]))).then_rejected(late);
    given::<Model>([]).with(known()).when(define(logic("2020-06-02", &[2]))).then([defined(logic("2020-06-02", &[2]))]);
}

#[test]
fn it_names_indicators_that_there_are() {
    let unknown = Rejection::IndicatorUnknown(indicator_id(9));
    given::<Model>([]).with(known()).when(define(logic("2020-01-01", &[9]))).then_rejected(unknown);
}

#[test]
fn it_changes_when_it_is_defined_anew() {
    let history = || given::<Model>([defined(logic("2020-01-01", &[1]))]).with(known());
    history().when(define(logic("2020-01-01", &[1]))).then([]);
    history().when(define(logic("2021-01-01", &[1]))).then([defined(logic("2021-01-01", &[1]))]);
}

proptest! {
    #[test]
    fn its_laws_hold(steps in proptest::collection::vec((2019..2022_i32, proptest::collection::vec(1..4_u8, 0..3)), 0..12)) {
        let steps: Vec<(Context, Command)> = steps
            .into_iter()
            .map(|(year, indicators)| (known(), define(logic(&format!("{year}-03-01"), &indicators))))
            .collect();
        laws::replay_keeps::<Model>(&steps, |_| Ok(()))?;
        laws::snapshot_and_tail_are_the_whole::<Model>(&steps, |state| state)?;
        laws::decided_again_yields_nothing::<Model>(&steps)?;
    }
}

//! What a report may be about.

use std::collections::BTreeSet;

use crate::{at, day, indicator_id, text};
use allmende_reporting_domain::ImpactLogicId;
use allmende_reporting_domain::report::{Air, AirSelection, Command, Context, Definition, Event, Model, Rejection};
use allmende_testkit::{given, laws};
use proptest::prelude::*;

fn definition(indicators: &[u8], logics: &[u8]) -> Definition {
    Definition {
        title: text("Projektbericht"),
        first_day: day("2018-01-01"),
        last_day: day("2019-06-30"),
        air: Some(Air { stations: vec![], selection: AirSelection::All }),
        participation: None,
        indicators: indicators.iter().map(|number| indicator_id(*number)).collect(),
        impact_logics: logics.iter().map(|number| ImpactLogicId::from_bytes([*number; 16])).collect(),
    }
}

fn known() -> Context {
    Context {
        indicators: BTreeSet::from([indicator_id(1), indicator_id(2)]),
        impact_logics: BTreeSet::from([ImpactLogicId::from_bytes([1; 16])]),
    }
}

fn define(definition: Definition) -> Command {
    Command::Define { definition, at: at(1) }
}

#[test]
fn it_names_what_there_is() {
    let good = definition(&[2, 1], &[1]);
    let event = Event::Defined { definition: good.clone(), at: at(1) };
    given::<Model>([]).with(known()).when(define(good.clone())).then([event.clone()]);
    given::<Model>([event]).with(known()).when(define(good)).then([]);
    let unknown = Rejection::IndicatorUnknown(indicator_id(3));
    given::<Model>([]).with(known()).when(define(definition(&[1, 3], &[]))).then_rejected(unknown);
    let unknown = Rejection::ImpactLogicUnknown(ImpactLogicId::from_bytes([2; 16]));
    given::<Model>([]).with(known()).when(define(definition(&[], &[2]))).then_rejected(unknown);
}

#[test]
fn it_touches_the_years_of_its_days() {
    assert_eq!(definition(&[], &[]).years().collect::<Vec<_>>(), [2018, 2019]);
}

proptest! {
    #[test]
    fn its_laws_hold(steps in proptest::collection::vec(proptest::collection::vec(1..4_u8, 0..3), 0..12)) {
        let steps: Vec<_> = steps.iter().map(|named| (known(), define(definition(named, &[])))).collect();
        laws::replay_keeps::<Model>(&steps, |_| Ok(()))?;
        laws::snapshot_and_tail_are_the_whole::<Model>(&steps, |state| state)?;
        laws::decided_again_yields_nothing::<Model>(&steps)?;
    }
}

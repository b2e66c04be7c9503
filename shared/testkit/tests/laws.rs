//! The laws hold for a decider that keeps them, and each is broken by one that breaks it alone.

use allmende_kernel::Decider;
use allmende_testkit::{given, laws};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("full")]
struct Full;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Raised(u32);

/// Raises a level to what is asked for, at most to the context; `FLAW` breaks a law.
struct Level<const FLAW: u8>;

const REPEATS: u8 = 1;

impl<const FLAW: u8> Decider for Level<FLAW> {
    const CATEGORY: &'static str = "level";
    type Command = u32;
    type Event = Raised;
    type State = u32;
    type Context = u32;
    type Rejection = Full;

    fn initial() -> u32 {
        0
    }

    fn decide(level: &u32, most: &u32, wanted: &u32) -> Result<Vec<Raised>, Full> {
        match wanted {
            wanted if wanted > most => Err(Full),
            wanted if wanted <= level && FLAW != REPEATS => Ok(vec![]),
            wanted => Ok(vec![Raised(*wanted)]),
        }
    }

    fn evolve(_level: u32, event: &Raised) -> u32 {
        event.0
    }
}

proptest! {
    #[test]
    fn a_lawful_decider_keeps_all(steps in vec((0..20u32, 0..20u32), 0..30)) {
        laws::replay_keeps::<Level<0>>(&steps, |level| if *level < 20 { Ok(()) } else { Err("too high".into()) })?;
        laws::snapshot_and_tail_are_the_whole::<Level<0>>(&steps, |state| state)?;
        laws::decided_again_yields_nothing::<Level<0>>(&steps)?;
    }
}

#[test]
fn a_flaw_is_found() {
    let steps = [(9, 3), (9, 5)];
    assert!(laws::decided_again_yields_nothing::<Level<REPEATS>>(&steps).is_err());
    assert!(laws::replay_keeps::<Level<0>>(&steps, |level| if *level < 5 { Ok(()) } else { Err("5".into()) }).is_err());
    // A stored form that loses something.
    assert!(laws::snapshot_and_tail_are_the_whole::<Level<0>>(&steps, |_| 1).is_err());
}

#[test]
fn given_when_then() {
    assert_eq!(given::<Level<0>>([Raised(2)]).with(9).when(4).then([Raised(4)]), 4);
    given::<Level<0>>([Raised(4)]).with(9).when(4).then([]);
    given::<Level<0>>([]).with(3).when(4).then_rejected(Full);
    assert_eq!(given::<Level<0>>([Raised(1), Raised(2)]).state(), 2);
}

#[test]
#[should_panic(expected = "rejected with \"full\", expected [Raised(4)]")]
fn a_rejection_is_told() {
    given::<Level<0>>([]).with(3).when(4).then([Raised(4)]);
}

#[test]
#[should_panic(expected = "accepted with [Raised(4)], expected rejection Full")]
fn an_acceptance_is_told() {
    given::<Level<0>>([]).with(4).when(4).then_rejected(Full);
}

//! What holds for every decider, for use inside `proptest!`. Each takes steps: contexts and commands in the order in
//! which they are decided; a rejected one changes nothing.

use std::fmt::Debug;

use allmende_eventlog::Aggregate;
use allmende_kernel::Decider;
use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};

/// Folding what was decided never panics and keeps what always holds of a state; `invariant` says what does not hold.
pub fn replay_keeps<D: Decider>(
    steps: &[(D::Context, D::Command)],
    invariant: impl Fn(&D::State) -> Result<(), String>,
) -> Result<(), TestCaseError> {
    let mut state = D::initial();
    for event in history::<D>(steps) {
        state = D::evolve(state, &event);
        invariant(&state).map_err(TestCaseError::fail)?;
    }
    Ok(())
}

/// A snapshot taken after any event and the tail fold to the same state as the whole history. `restore` is the way of a
/// state through its stored form, or the identity where states are not stored.
pub fn snapshot_and_tail_are_the_whole<D>(
    steps: &[(D::Context, D::Command)],
    restore: impl Fn(D::State) -> D::State,
) -> Result<(), TestCaseError>
where
    D: Decider<State: Debug + PartialEq>,
{
    let history = history::<D>(steps);
    let fold = |state: D::State, events: &[D::Event]| events.iter().fold(state, D::evolve);
    let whole = fold(D::initial(), &history);
    for taken_after in 0..=history.len() {
        let (head, tail) = history.split_at(taken_after);
        let restored = fold(restore(fold(D::initial(), head)), tail);
        prop_assert_eq!(&restored, &whole, "snapshot after {} of {} events", taken_after, history.len());
    }
    Ok(())
}

/// A command that was accepted and comes again is "already so": nothing happens a second time.
pub fn decided_again_yields_nothing<D>(steps: &[(D::Context, D::Command)]) -> Result<(), TestCaseError>
where
    D: Decider<Event: Debug, Command: Debug>,
{
    let mut state = D::initial();
    for (context, command) in steps {
        let Ok(events) = D::decide(&state, context, command) else { continue };
        state = events.iter().fold(state, D::evolve);
        match D::decide(&state, context, command) {
            Ok(again) => prop_assert!(again.is_empty(), "{command:?} again led to {again:?}"),
            Err(rejection) => prop_assert!(false, "{command:?} again was rejected: {rejection}"),
        }
    }
    Ok(())
}

/// Every event that is decided reads back from its stored form.
pub fn events_read_back<A, D>(steps: &[(D::Context, D::Command)]) -> Result<(), TestCaseError>
where
    A: Aggregate<Model = D>,
    D: Decider<Event: Debug + PartialEq + Send, State: Send>,
{
    for event in history::<D>(steps) {
        let stored = A::encode(&event);
        match A::decode(stored.event_type, &stored.payload) {
            Ok(read) => prop_assert_eq!(read, event),
            Err(unknown) => prop_assert!(false, "{event:?}: {unknown}"),
        }
    }
    Ok(())
}

/// The events that the steps lead to.
pub fn history<D: Decider>(steps: &[(D::Context, D::Command)]) -> Vec<D::Event> {
    let mut state = D::initial();
    let mut history = Vec::new();
    for (context, command) in steps {
        let Ok(events) = D::decide(&state, context, command) else { continue };
        state = events.iter().fold(state, D::evolve);
        history.extend(events);
    }
    history
}

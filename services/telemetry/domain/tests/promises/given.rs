//! Given events, when a command comes, then events or a rejection.

use std::fmt::Debug;

use allmende_kernel::{Decider, Timestamp};
use allmende_telemetry_domain::{AirQualityDay, Hour};

pub(crate) struct Given<D: Decider> {
    state: D::State,
    context: D::Context,
}

pub(crate) struct Decided<D: Decider>(Result<Vec<D::Event>, D::Rejection>);

pub(crate) fn fold<D: Decider>(events: &[D::Event]) -> D::State {
    events.iter().fold(D::initial(), D::evolve)
}

pub(crate) fn given<D: Decider>(context: D::Context, events: impl IntoIterator<Item = D::Event>) -> Given<D> {
    let events: Vec<D::Event> = events.into_iter().collect();
    Given { state: fold::<D>(&events), context }
}

impl<D: Decider> Given<D> {
    pub(crate) fn when(self, command: D::Command) -> Decided<D> {
        Decided(D::decide(&self.state, &self.context, &command))
    }
}

impl<D: Decider> Decided<D>
where
    D::Event: PartialEq + Debug,
    D::Rejection: PartialEq,
{
    #[track_caller]
    pub(crate) fn then(self, events: impl IntoIterator<Item = D::Event>) {
        assert_eq!(self.0, Ok(events.into_iter().collect()));
    }

    #[track_caller]
    pub(crate) fn then_nothing(self) {
        self.then([]);
    }

    #[track_caller]
    pub(crate) fn then_rejected(self, rejection: D::Rejection) {
        assert_eq!(self.0, Err(rejection));
    }
}

/// The laws of a decider, for any commands: what is emitted folds without a panic and keeps `invariant`, a snapshot
/// taken anywhere and the tail give the state of the whole, and an accepted command decided again yields nothing.
pub(crate) fn assert_laws<D: Decider>(context: &D::Context, commands: &[D::Command], invariant: impl Fn(&D::State))
where
    D::State: Clone + PartialEq + Debug,
    D::Event: PartialEq + Debug,
{
    let mut history: Vec<D::Event> = Vec::new();
    let mut snapshots = vec![D::initial()];
    for command in commands {
        let Ok(events) = D::decide(&snapshots[history.len()], context, command) else { continue };
        for event in events {
            let before = snapshots[history.len()].clone();
            snapshots.push(D::evolve(before, &event));
            history.push(event);
        }
        let now = &snapshots[history.len()];
        invariant(now);
        let again = D::decide(now, context, command);
        assert!(again.as_ref().is_ok_and(Vec::is_empty), "again yields {:?}", again.ok());
    }
    let whole = fold::<D>(&history);
    for (taken_at, snapshot) in snapshots.into_iter().enumerate() {
        assert_eq!(history[taken_at..].iter().fold(snapshot, D::evolve), whole);
    }
}

pub(crate) fn day(label: &str) -> AirQualityDay {
    label.parse().unwrap()
}

/// `2018-07-28T14:03:06` in UTC+1.
pub(crate) fn at(label: &str) -> Timestamp {
    let (hour, rest) = label.split_at(13);
    let hour: Hour = hour.parse().unwrap();
    let secs = rest[1..].split(':').fold(0, |secs, part| secs * 60 + part.parse::<i64>().unwrap());
    hour.start() + allmende_kernel::Duration::from_secs(secs)
}

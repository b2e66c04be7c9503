//! Two small aggregates: a counter that takes additions only while its phase is open.

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::{Decider, StreamName};
use bytes::Bytes;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("the phase is closed")]
    Closed,
    #[error("the counter would pass its limit")]
    Full,
}

pub(crate) struct Counter;

/// Raise the total to at least this, by one step of `by`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Count {
    Add {
        by: u64,
        limit: u64,
    },
    /// Already so, once the total has reached it.
    Reach(u64),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Total(pub(crate) u64);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Added(pub(crate) u64);

impl Decider for Counter {
    const CATEGORY: &'static str = "counter";
    type Command = Count;
    type Event = Added;
    type State = Total;
    type Context = bool;
    type Rejection = Rejection;

    fn initial() -> Total {
        Total(0)
    }

    fn decide(state: &Total, open: &bool, command: &Count) -> Result<Vec<Added>, Rejection> {
        match command {
            _ if !open => Err(Rejection::Closed),
            Count::Add { by, limit } if state.0 + by > *limit => Err(Rejection::Full),
            Count::Add { by, .. } => Ok(vec![Added(*by)]),
            Count::Reach(total) if state.0 >= *total => Ok(vec![]),
            Count::Reach(total) => Ok(vec![Added(total - state.0)]),
        }
    }

    fn evolve(state: Total, event: &Added) -> Total {
        Total(state.0 + event.0)
    }
}

impl Aggregate for Counter {
    type Model = Self;

    fn encode(event: &Added) -> NewEvent {
        NewEvent { event_type: "shell.v1.Added", payload: Bytes::copy_from_slice(&event.0.to_be_bytes()) }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Added, UnknownEvent> {
        match (event_type, payload.try_into()) {
            ("shell.v1.Added", Ok(bytes)) => Ok(Added(u64::from_be_bytes(bytes))),
            _ => Err(UnknownEvent { event_type: event_type.to_owned() }),
        }
    }

    /// Two of them pass the 64 MiB that the shell keeps, so that a test evicts without a hundred thousand streams.
    fn weight(_state: &Total) -> usize {
        40 << 20
    }
}

pub(crate) struct Phase;

#[derive(Debug, Clone, Copy)]
pub(crate) struct SetOpen(pub(crate) bool);

impl Decider for Phase {
    const CATEGORY: &'static str = "phase";
    type Command = SetOpen;
    type Event = SetOpen;
    type State = bool;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> bool {
        true
    }

    fn decide(state: &bool, (): &(), command: &SetOpen) -> Result<Vec<SetOpen>, Rejection> {
        Ok(if *state == command.0 { vec![] } else { vec![*command] })
    }

    fn evolve(_state: bool, event: &SetOpen) -> bool {
        event.0
    }
}

impl Aggregate for Phase {
    type Model = Self;

    fn encode(event: &SetOpen) -> NewEvent {
        NewEvent { event_type: "shell.v1.PhaseSet", payload: Bytes::copy_from_slice(&[event.0.into()]) }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<SetOpen, UnknownEvent> {
        match (event_type, payload) {
            ("shell.v1.PhaseSet", [open]) => Ok(SetOpen(*open == 1)),
            _ => Err(UnknownEvent { event_type: event_type.to_owned() }),
        }
    }

    fn weight(_state: &bool) -> usize {
        16
    }
}

pub(crate) fn counter(id: &str) -> StreamName {
    StreamName::parse(&format!("koeln/counter/{id}")).unwrap()
}

pub(crate) fn phase() -> StreamName {
    StreamName::parse("koeln/phase/one").unwrap()
}

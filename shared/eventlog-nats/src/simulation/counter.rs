//! The aggregate of the simulation: a list of entries, each made by one request, so that every answer tells exactly which
//! history it rests on.

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::Decider;
use bytes::Bytes;

pub(super) struct Entries;

#[derive(Debug, Clone, Copy)]
pub(super) enum Command {
    /// Adds the entry, whatever is there.
    Add(u64),
    /// Adds the entry unless the number of entries is odd.
    AddIfEven(u64),
    /// Tells what is there.
    Look,
}

/// What an answer rests on: so many entries, and a digest of which ones in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Seen {
    pub(super) entries: u64,
    pub(super) digest: u64,
}

impl Seen {
    pub(super) fn with(self, entry: u64) -> Self {
        let digest = (self.digest ^ entry).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(17);
        Self { entries: self.entries + 1, digest }
    }

    pub(super) fn to_bytes(self) -> Bytes {
        [self.entries.to_be_bytes(), self.digest.to_be_bytes()].concat().into()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (entries, digest) = bytes.split_at_checked(8)?;
        let number = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_be_bytes);
        Some(Self { entries: number(entries)?, digest: number(digest)? })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("an odd number of entries")]
pub(super) struct Odd;

impl Decider for Entries {
    const CATEGORY: &'static str = "entries";
    type Command = Command;
    type Event = u64;
    type State = Seen;
    type Context = ();
    type Rejection = Odd;

    fn initial() -> Seen {
        Seen::default()
    }

    fn decide(state: &Seen, (): &(), command: &Command) -> Result<Vec<u64>, Odd> {
        match command {
            Command::Add(entry) => Ok(vec![*entry]),
            Command::AddIfEven(entry) if state.entries.is_multiple_of(2) => Ok(vec![*entry]),
            Command::AddIfEven(_) => Err(Odd),
            Command::Look => Ok(Vec::new()),
        }
    }

    fn evolve(state: Seen, event: &u64) -> Seen {
        state.with(*event)
    }
}

pub(super) const ADDED: &str = "allmende.simulation.v1.Added";

impl Aggregate for Entries {
    type Model = Self;

    fn encode(event: &u64) -> NewEvent {
        NewEvent { event_type: ADDED, payload: Bytes::copy_from_slice(&event.to_be_bytes()) }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<u64, UnknownEvent> {
        let entry = payload.try_into().map(u64::from_be_bytes);
        entry.map_err(|_| UnknownEvent { event_type: event_type.to_owned() })
    }

    fn weight(_state: &Seen) -> usize {
        64
    }
}

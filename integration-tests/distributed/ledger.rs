//! What the members have stored, as the checker looks at it.

use std::collections::BTreeMap;

use allmende_eventlog::Hash;
use allmende_kernel::Position;
use uuid::Uuid;

/// A partition's log on one member.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) member: String,
    pub(crate) partition: String,
    /// From the first one.
    pub(crate) groups: Vec<Group>,
}

/// A commit group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) number: u64,
    pub(crate) previous: Hash,
    pub(crate) hash: Hash,
    /// Whether its content has its hash.
    pub(crate) whole: bool,
    pub(crate) commits: Vec<Commit>,
}

/// A commit.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) position: Position,
    /// Of the command that it is of; absent for what a service did by itself.
    pub(crate) request: Option<Uuid>,
    pub(crate) events: Vec<Event>,
}

/// An event, as far as the workload knows it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) stream: String,
    pub(crate) revision: u64,
    pub(crate) fact: Fact,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    Notice {
        text: String,
    },
    Readings {
        values: BTreeMap<u32, u32>,
    },
    Conflict {
        slot: u32,
        refused: u32,
    },
    Station {
        station: Uuid,
        reference: bool,
    },
    /// Nothing that the checker asks about.
    Other,
}

impl Ledger {
    /// The last group's number.
    pub(crate) fn head(&self) -> u64 {
        self.groups.last().map_or(0, |group| group.number)
    }

    /// All commits in order.
    pub(crate) fn commits(&self) -> impl Iterator<Item = &Commit> {
        self.groups.iter().flat_map(|group| &group.commits)
    }

    /// All that happened, in order, and where it stands.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (Position, &Fact)> {
        self.commits().flat_map(|commit| commit.events.iter().map(|event| (commit.position, &event.fact)))
    }
}

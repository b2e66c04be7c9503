//! What clients asked for and what they were told. It is only added to; what is to be thought of it is the checker's.

use std::collections::BTreeMap;
use std::time::Duration;

use allmende_kernel::Position;
use uuid::Uuid;

/// Since the run began, by one clock that never goes back.
pub(crate) type Moment = Duration;

/// A partition that the workload writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Partition {
    Participation,
    Telemetry,
}

impl Partition {
    pub(crate) const ALL: [Self; 2] = [Self::Participation, Self::Telemetry];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Participation => "participation-0",
            Self::Telemetry => "telemetry-0",
        }
    }
}

/// What a command asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    /// A word on how the procedure stands; no two commands have the same text.
    Notice { text: String },
    /// A value for one of a datastream's times: the first one stays, another one is kept as a conflict.
    Reading { slot: u32, value: u32 },
    /// A station of one kind or the other under an id that several want: the first one stays, the other is refused.
    Claim { station: Uuid, reference: bool },
}

impl Content {
    pub(crate) fn partition(&self) -> Partition {
        match self {
            Self::Notice { .. } => Partition::Participation,
            Self::Reading { .. } | Self::Claim { .. } => Partition::Telemetry,
        }
    }
}

/// What an answer says of its command, beside the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// A notice is published.
    Published,
    /// What became of a reading.
    Reading(Fate),
    /// What the station is now.
    Station { reference: bool },
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Recorded,
    Repeated,
    Conflicting,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is done, and a read that is given this position shows it.
    Acknowledged { position: Position, told: Told },
    /// It is not done, for a stable reason.
    Refused { reason: String },
    /// Nobody can say: it may be done, or not, or be done later.
    Unknown,
}

/// One sending of a command.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) asked: Moment,
    pub(crate) answered: Moment,
    pub(crate) outcome: Outcome,
}

/// A command with all its attempts, which carry the same request id.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) request: Uuid,
    pub(crate) content: Content,
    pub(crate) attempts: Vec<Attempt>,
}

impl Command {
    /// When it was sent for the first time; it cannot have been done before.
    pub(crate) fn asked(&self) -> Moment {
        self.attempts.iter().map(|attempt| attempt.asked).min().expect("a command is recorded with its attempts")
    }

    /// When it was first known to be done.
    pub(crate) fn acknowledged(&self) -> Option<Moment> {
        self.acknowledgements().map(|(answered, ..)| answered).min()
    }

    /// Its answers, each with its moment.
    pub(crate) fn acknowledgements(&self) -> impl Iterator<Item = (Moment, Position, Told)> {
        self.attempts.iter().filter_map(|attempt| match attempt.outcome {
            Outcome::Acknowledged { position, told } => Some((attempt.answered, position, told)),
            _ => None,
        })
    }

    /// Its refusals, each with its moment.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = (Moment, &str)> {
        self.attempts.iter().filter_map(|attempt| match &attempt.outcome {
            Outcome::Refused { reason } => Some((attempt.answered, reason.as_str())),
            _ => None,
        })
    }
}

/// What a read showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The latest notices, newest first.
    Notices(Vec<String>),
    /// The values of the times from `from` to before `to`.
    Readings { from: u32, to: u32, values: BTreeMap<u32, u32> },
}

impl Shown {
    pub(crate) fn partition(&self) -> Partition {
        match self {
            Self::Notices(_) => Partition::Participation,
            Self::Readings { .. } => Partition::Telemetry,
        }
    }
}

/// A read that was answered.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    /// The token that it was given.
    pub(crate) given: Position,
    /// The position that it says it reflects.
    pub(crate) seen: Position,
    pub(crate) shown: Shown,
}

/// All of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) commands: Vec<Command>,
    pub(crate) reads: Vec<Read>,
    /// Why reads were refused for good.
    pub(crate) refused_reads: Vec<String>,
}

impl History {
    /// Adds what another client did.
    pub(crate) fn add(&mut self, other: Self) {
        self.commands.extend(other.commands);
        self.reads.extend(other.reads);
        self.refused_reads.extend(other.refused_reads);
    }

    /// How many commands were acknowledged at least once.
    pub(crate) fn acknowledged(&self) -> usize {
        self.commands.iter().filter(|command| command.acknowledged().is_some()).count()
    }
}

//! What clients asked and were told.

use allmende_kernel::Position;

use super::counter::Seen;
use crate::machine::Moment;

/// One request, with all the times that it was sent.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) stream: usize,
    /// The entry that it adds, if it adds one; also the number of the request.
    pub(super) entry: u64,
    pub(super) adds: bool,
    pub(super) began: Moment,
    pub(super) answers: Vec<Answer>,
}

/// What a client was told.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// When the attempt that got it was sent.
    pub(super) sent: Moment,
    pub(super) told: Moment,
    pub(super) by: usize,
    pub(super) said: Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// The entry is stored there, and this was seen with it.
    Added(Position, Seen),
    /// This is there.
    Looked(Position, Seen),
    /// The rules refuse it, as this is there.
    Rejected(Seen),
}

/// What a reader with a token found in a replica.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) stream: usize,
    pub(super) token: Position,
    pub(super) by: usize,
    pub(super) seen: Seen,
}

#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) asked: Vec<Asked>,
    pub(super) reads: Vec<Read>,
}

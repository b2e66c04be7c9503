use std::fmt;

/// The number of events in a stream; also the number of its last event, as the first event is number 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);

impl Revision {
    /// A stream without events.
    pub const NONE: Revision = Revision(0);

    /// The revision of the event after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an append requires of a stream before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedRevision {
    /// Whatever it is.
    Any,
    /// No event yet.
    NoStream,
    /// Exactly this many events.
    Exact(Revision),
}

impl ExpectedRevision {
    /// Whether a stream at `actual` satisfies the requirement.
    pub fn admits(self, actual: Revision) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual == Revision::NONE,
            Self::Exact(expected) => actual == expected,
        }
    }
}

impl fmt::Display for ExpectedRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::NoStream => f.write_str("no stream"),
            Self::Exact(revision) => revision.fmt(f),
        }
    }
}

/// Where a commit stands in its partition: the number of its group and its index in it. The same on every replica.
///
/// Groups are numbered from 1; [`Position::START`] lies before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Number of the commit group.
    pub group: u64,
    /// Index of the commit in the group.
    pub index: u32,
}

impl Position {
    /// Before everything.
    pub const START: Position = Position { group: 0, index: 0 };

    /// The commit `index` of group `group`.
    pub fn new(group: u64, index: u32) -> Self {
        Self { group, index }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.group, self.index)
    }
}

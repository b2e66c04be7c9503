use allmende_kernel::Timestamp;

use crate::{Day, DayRange};

/// The most phases a procedure has.
pub const MAX_PHASES: usize = 20;

/// What a phase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PhaseKind {
    /// People are told; nothing is taken yet.
    Information,
    /// Ideas and proposals are taken, and comments on proposals.
    Submission,
    /// Comments on a text are taken, as the text's own consultation says.
    Consultation,
    /// Proposals are supported and commented on.
    Support,
    /// The administration works on answers.
    Evaluation,
    /// What was decided is carried out.
    Implementation,
}

/// What a citizen wants to do in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Hand in an idea or a proposal.
    Submit,
    /// Comment on a proposal, or support such a comment.
    Discuss,
    /// Support a proposal.
    Support,
}

impl PhaseKind {
    /// Whether such a phase takes it.
    pub const fn takes(self, act: Act) -> bool {
        match act {
            Act::Submit => matches!(self, Self::Submission),
            Act::Discuss => matches!(self, Self::Submission | Self::Support),
            Act::Support => matches!(self, Self::Support),
        }
    }
}

/// A part of a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// What it is for.
    pub kind: PhaseKind,
    /// When.
    pub days: DayRange,
}

/// Until when letters that came in time may be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transcription {
    /// The last day, to its end.
    pub until: Day,
    /// The first moment after it.
    pub closes: Timestamp,
}

/// When what is taken. Phases may overlap and leave gaps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    phases: Vec<Phase>,
    transcription: Option<Transcription>,
}

impl Schedule {
    /// Puts the phases in order of time.
    pub fn new(mut phases: Vec<Phase>, transcription: Option<Transcription>) -> Self {
        phases.sort_by_key(|phase| (phase.days.opens, phase.days.closes, phase.kind));
        Self { phases, transcription }
    }

    /// The phases in order of time.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Until when what came in time may be entered; `None` if only while it could still come in.
    pub const fn transcription(&self) -> Option<Transcription> {
        self.transcription
    }

    /// The phases that are open at a moment.
    pub fn open_at(&self, at: Timestamp) -> impl Iterator<Item = &Phase> {
        self.phases.iter().filter(move |phase| phase.days.contains(at))
    }

    /// Whether a phase takes `act` at that moment.
    pub fn takes(&self, act: Act, at: Timestamp) -> bool {
        self.open_at(at).any(|phase| phase.kind.takes(act))
    }

    /// The phases that took `act` on that day.
    pub fn took(&self, act: Act, day: Day) -> impl Iterator<Item = &Phase> {
        self.phases.iter().filter(move |phase| phase.kind.takes(act) && phase.days.contains_day(day))
    }

    /// Whether what was received within `days` may be entered at a moment.
    pub fn transcribes(&self, days: &DayRange, at: Timestamp) -> bool {
        at < days.closes || self.transcription.is_some_and(|transcription| at < transcription.closes)
    }

    /// The first moment after the last phase of that kind.
    pub fn end_of(&self, kind: PhaseKind) -> Option<Timestamp> {
        self.phases.iter().filter(|phase| phase.kind == kind).map(|phase| phase.days.closes).max()
    }
}

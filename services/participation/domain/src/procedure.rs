//! The procedure: what it is about, when what is taken, and on which terms. Stream `{tenant}/procedure/{procedure_id}`.

use std::sync::Arc;

use allmende_kernel::{Decider, Level, Timestamp};

use crate::{Act, Day, DayRange, PhaseKind, Schedule};

/// What does not change once a procedure is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What it is called.
    pub title: String,
    /// What it is about, in plain text.
    pub summary: String,
    /// How people take part.
    pub method: String,
    /// How surely a person must be known.
    pub required_level: Level,
    /// Numbers of supports are not told before the last support phase has ended.
    pub counts_hidden: bool,
    /// What contributors grant.
    pub licence: String,
    /// How many proposals one person may support; `None` for any number.
    pub supports_per_person: Option<u32>,
    /// Supports at which a proposal is owed an answer.
    pub support_threshold: Option<u32>,
}

/// What somebody wants of a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Begin it.
    Open {
        /// On which terms.
        terms: Terms,
        /// When what is taken.
        schedule: Schedule,
        /// When it was opened.
        at: Timestamp,
    },
    /// Take other phases.
    AmendPhases {
        /// The new ones.
        schedule: Schedule,
        /// Told to the public.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// Tell the public how it stands.
    PublishStatus {
        /// What is told.
        text: String,
        /// When.
        at: Timestamp,
    },
    /// End it.
    Close {
        /// Told to the public.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It began.
    Opened {
        /// On which terms.
        terms: Terms,
        /// When what is taken.
        schedule: Schedule,
        /// When.
        at: Timestamp,
    },
    /// Its phases are others.
    PhasesAmended {
        /// The new ones.
        schedule: Schedule,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// The public was told how it stands.
    StatusPublished {
        /// What was told.
        text: String,
        /// When.
        at: Timestamp,
    },
    /// It ended.
    Closed {
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

/// Why something is not taken, or a change refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It was never opened.
    #[error("the procedure does not exist")]
    Unknown,
    /// It was opened with other properties.
    #[error("the procedure was opened before with other properties")]
    Differs,
    /// It is over.
    #[error("the procedure is closed")]
    Closed,
    /// Not in a phase that takes it.
    #[error("no phase takes this now, or did so on the day of receipt")]
    PhaseClosed,
    /// Too late to enter what came in time.
    #[error("what came in time is no longer entered")]
    TranscriptionClosed,
    /// The person is not known surely enough.
    #[error("the procedure asks for a surer sign-in")]
    SignInLevel,
}

/// A procedure that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// On which terms.
    pub terms: Terms,
    /// When what is taken.
    pub schedule: Schedule,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The last thing the public was told.
    pub last_status: Option<String>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
}

/// When something reached the administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// The request arrived then.
    Online(Timestamp),
    /// It was received on a day, and is entered later.
    Offline {
        /// The day of receipt.
        on: Day,
        /// Its first moment.
        begins: Timestamp,
        /// When it is entered.
        entered: Timestamp,
    },
}

impl Procedure {
    /// Whether numbers of supports may not be told at a moment.
    pub fn hides_counts(&self, at: Timestamp) -> bool {
        let end = self.closed_at.or_else(|| self.schedule.end_of(PhaseKind::Support));
        self.terms.counts_hidden && end.is_none_or(|end| at < end)
    }

    /// Whether a phase takes, or took, `act`.
    pub fn admits(&self, act: Act, receipt: Receipt) -> Result<(), Rejection> {
        self.goes_on(receipt)?;
        match receipt {
            Receipt::Online(at) => self.schedule.takes(act, at).then_some(()).ok_or(Rejection::PhaseClosed),
            Receipt::Offline { on, entered, .. } => {
                // Of phases that overlap one may be open still when another is over.
                let entries = self.schedule.took(act, on).map(|phase| self.transcribes(&phase.days, entered));
                entries.reduce(Result::or).unwrap_or(Err(Rejection::PhaseClosed))
            }
        }
    }

    /// The same for what a range of days of its own decides: a text's consultation.
    pub fn admits_within(&self, days: Option<&DayRange>, receipt: Receipt) -> Result<(), Rejection> {
        self.goes_on(receipt)?;
        let days = days.ok_or(Rejection::PhaseClosed)?;
        match receipt {
            Receipt::Online(at) => days.contains(at).then_some(()).ok_or(Rejection::PhaseClosed),
            Receipt::Offline { on, .. } if !days.contains_day(on) => Err(Rejection::PhaseClosed),
            Receipt::Offline { entered, .. } => self.transcribes(days, entered),
        }
    }

    /// A letter that came before the end may be entered after it.
    fn goes_on(&self, receipt: Receipt) -> Result<(), Rejection> {
        let received = match receipt {
            Receipt::Online(at) => at,
            Receipt::Offline { begins, .. } => begins,
        };
        match (self.closed_at, receipt) {
            (Some(_), Receipt::Online(_)) => Err(Rejection::Closed),
            (Some(closed), Receipt::Offline { .. }) if received >= closed => Err(Rejection::Closed),
            _ => Ok(()),
        }
    }

    fn transcribes(&self, days: &DayRange, entered: Timestamp) -> Result<(), Rejection> {
        self.schedule.transcribes(days, entered).then_some(()).ok_or(Rejection::TranscriptionClosed)
    }
}

/// What became of a procedure so far; shared, as every command in it looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State(Option<Arc<Procedure>>);

impl State {
    /// The procedure; `None` if it was never opened.
    pub fn procedure(&self) -> Option<&Procedure> {
        self.0.as_deref()
    }

    /// The procedure, or why there is nothing to be done in it.
    pub fn known(&self) -> Result<&Procedure, Rejection> {
        self.procedure().ok_or(Rejection::Unknown)
    }

    fn with(self, change: impl FnOnce(&mut Procedure)) -> Self {
        Self(self.0.map(|mut procedure| {
            change(Arc::make_mut(&mut procedure));
            procedure
        }))
    }
}

/// The procedure's decisions. A closed procedure is not changed, but to say how things stand.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "procedure";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        State::default()
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        if let (None, Command::Open { terms, schedule, at }) = (state.procedure(), command) {
            return Ok(vec![Event::Opened { terms: terms.clone(), schedule: schedule.clone(), at: *at }]);
        }
        let procedure = state.known()?;
        let wanted = match command {
            Command::Open { terms, schedule, .. } => {
                let same = *terms == procedure.terms && *schedule == procedure.schedule;
                return if same { Ok(Vec::new()) } else { Err(Rejection::Differs) };
            }
            Command::AmendPhases { schedule, reason, at } => (*schedule != procedure.schedule)
                .then(|| Event::PhasesAmended { schedule: schedule.clone(), reason: reason.clone(), at: *at }),
            Command::PublishStatus { text, at } => {
                let told = procedure.last_status.as_ref() == Some(text);
                let status = (!told).then(|| Event::StatusPublished { text: text.clone(), at: *at });
                return Ok(status.into_iter().collect());
            }
            Command::Close { reason, at } => {
                procedure.closed_at.is_none().then(|| Event::Closed { reason: reason.clone(), at: *at })
            }
        };
        match wanted {
            Some(_) if procedure.closed_at.is_some() => Err(Rejection::Closed),
            wanted => Ok(wanted.into_iter().collect()),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match event {
            Event::Opened { terms, schedule, at } => State(Some(Arc::new(Procedure {
                terms: terms.clone(),
                schedule: schedule.clone(),
                opened_at: *at,
                last_status: None,
                closed_at: None,
            }))),
            Event::PhasesAmended { schedule, .. } => state.with(|procedure| procedure.schedule = schedule.clone()),
            Event::StatusPublished { text, .. } => state.with(|procedure| procedure.last_status = Some(text.clone())),
            Event::Closed { at, .. } => state.with(|procedure| procedure.closed_at = Some(*at)),
        }
    }
}

//! What somebody told a tenant: of a barrier, of their data, of anything. Stream `{tenant}/feedback/{feedback_id}`.

use allmende_kernel::{Decider, Sealed, SubjectId, Timestamp};

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A barrier.
    Accessibility,
    /// Personal data.
    Privacy,
    /// Something else.
    Other,
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// What it is about.
    pub topic: Topic,
    /// The words, under a key of their own.
    pub text: Sealed,
    /// Where to answer.
    pub reply_to: Option<Sealed>,
    /// The page it was sent from.
    pub page: String,
    /// Who told it; absent for who was not signed in.
    pub by: Option<SubjectId>,
    /// When.
    pub at: Timestamp,
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Tell it.
    Send(Feedback),
    /// Have it forgotten.
    Erase {
        /// Who wants it; absent where whoever told it asked to be forgotten.
        by: Option<SubjectId>,
        /// When.
        at: Timestamp,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was told.
    Sent(Feedback),
    /// Its words are gone.
    Erased {
        /// Who wanted it; absent where whoever told it asked to be forgotten.
        by: Option<SubjectId>,
        /// When.
        at: Timestamp,
    },
}

/// Why something is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Something else was told under this id.
    #[error("there is other feedback of this id")]
    Differs,
    /// Nothing was told under this id.
    #[error("there is no such feedback")]
    Unknown,
}

/// What was told, and when it was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What was told.
    pub feedback: Feedback,
    /// When its words went.
    pub erased_at: Option<Timestamp>,
}

/// What was told, if it was.
pub type State = Option<Told>;

/// The decision.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "feedback";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        None
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (None, Command::Send(feedback)) => Ok(vec![Event::Sent(feedback.clone())]),
            (Some(told), Command::Send(feedback)) if told.feedback == *feedback => Ok(Vec::new()),
            (Some(_), Command::Send(_)) => Err(Rejection::Differs),
            (None, Command::Erase { .. }) => Err(Rejection::Unknown),
            (Some(told), Command::Erase { by, at }) => match told.erased_at {
                Some(_) => Ok(Vec::new()),
                None => Ok(vec![Event::Erased { by: *by, at: *at }]),
            },
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (None, Event::Sent(feedback)) => Some(Told { feedback: feedback.clone(), erased_at: None }),
            (Some(told), Event::Erased { at, .. }) => Some(Told { erased_at: told.erased_at.or(Some(*at)), ..told }),
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}

//! What somebody told a tenant: of a barrier, of their data, of anything. Stream `{tenant}/feedback/{feedback_id}`.

use allmende_kernel::{Decider, Sealed, Timestamp};

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
    /// When.
    pub at: Timestamp,
}

/// What somebody wants: to tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send(pub Feedback);

/// What happened: it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent(pub Feedback);

/// Why it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Something else was told under this id.
    #[error("there is other feedback of this id")]
    Differs,
}

/// What was told, if it was.
pub type State = Option<Feedback>;

/// The decision.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "feedback";
    type Command = Send;
    type Event = Sent;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        None
    }

    fn decide(state: &State, (): &(), Send(feedback): &Send) -> Result<Vec<Sent>, Rejection> {
        match state {
            None => Ok(vec![Sent(feedback.clone())]),
            Some(told) if told == feedback => Ok(Vec::new()),
            Some(_) => Err(Rejection::Differs),
        }
    }

    fn evolve(state: State, Sent(feedback): &Sent) -> State {
        state.or_else(|| Some(feedback.clone()))
    }
}

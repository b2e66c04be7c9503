//! What is tried with an address and sent to it, whether or not it leads to an account: so that neither a wait nor a mail
//! that stays away tells. Stream `allmende/attempts/{key}`.
//!
//! What is tried on a device that somebody has signed in on counts apart, under a key of address and device: strangers'
//! failures keep nobody out there. So do the mails that registering an address leads to: strangers who register it again and
//! again keep nobody from a new password.

use allmende_kernel::{Decider, Timestamp};

use crate::{Failures, Issuance};

/// What somebody wants with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Note that address and password do not belong together.
    NoteFailure {
        /// When.
        at: Timestamp,
    },
    /// Note that they do.
    NoteSuccess {
        /// When.
        at: Timestamp,
    },
    /// Have a mail sent that anybody can ask for.
    SendCode {
        /// When.
        at: Timestamp,
    },
    /// Note that somebody reads mail at the address.
    NoteCodeUsed {
        /// When.
        at: Timestamp,
    },
}

/// What happened with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody tried a wrong password.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// After failures the password was right.
    Succeeded {
        /// When.
        at: Timestamp,
    },
    /// A mail was sent, or would have been.
    CodeSent {
        /// When.
        at: Timestamp,
    },
    /// Somebody reads mail there.
    CodeUsed {
        /// When.
        at: Timestamp,
    },
}

/// Why nothing is tried or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Too many failures.
    #[error("too many attempts failed")]
    Locked {
        /// From when on an attempt is looked at.
        until: Timestamp,
    },
    /// A code was sent a short while ago.
    #[error("a code was sent a short while ago")]
    CodeJustSent,
}

/// What counts of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    failures: Failures,
    codes: Issuance,
}

/// The decisions about an address.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "attempts";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        State::default()
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        let open = |at| state.failures.admit(at).map_err(|until| Rejection::Locked { until });
        match *command {
            Command::NoteFailure { at } if state.failures.last() == Some(at) => Ok(Vec::new()),
            Command::NoteFailure { at } => open(at).map(|()| vec![Event::Failed { at }]),
            Command::NoteSuccess { at } => {
                open(at)?;
                let event = Event::Succeeded { at };
                Ok((state.failures.failed() > 0).then_some(event).into_iter().collect())
            }
            Command::SendCode { at } if state.codes.last() == Some(at) => Ok(Vec::new()),
            Command::SendCode { at } if state.codes.admits(at) => Ok(vec![Event::CodeSent { at }]),
            Command::SendCode { .. } => Err(Rejection::CodeJustSent),
            Command::NoteCodeUsed { at } => {
                let event = Event::CodeUsed { at };
                Ok((*state != State::default()).then_some(event).into_iter().collect())
            }
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match *event {
            Event::Failed { at } => State { failures: state.failures.and_failed(at), ..state },
            Event::Succeeded { .. } => State { failures: Failures::default(), ..state },
            Event::CodeSent { at } => State { codes: state.codes.and_sent(at), ..state },
            Event::CodeUsed { .. } => State::default(),
        }
    }
}

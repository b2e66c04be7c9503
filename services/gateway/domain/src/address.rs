//! An address, so that it leads to one account in the whole installation. Stream `allmende/address/{key}`.
//!
//! Also what an outside identity provider calls a person is an address in this sense.

use allmende_kernel::{Decider, SubjectId, TenantId};

/// What somebody wants of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Have it lead to an account.
    Take(Holder),
    /// Have it lead nowhere: the account is erased.
    Release {
        /// Whose it is.
        subject: SubjectId,
    },
}

/// What happened to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It leads to an account.
    Taken(Holder),
    /// It leads nowhere.
    Released {
        /// Whose it was.
        subject: SubjectId,
    },
}

/// The account that an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Whose account.
    pub subject: SubjectId,
    /// Where it is.
    pub home: TenantId,
}

/// Why an address is not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It leads to another account.
    #[error("the address leads to another account")]
    Taken(Holder),
}

/// Where an address leads.
pub type State = Option<Holder>;

/// The address's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "address";
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
            (None, Command::Take(holder)) => Ok(vec![Event::Taken(holder.clone())]),
            (Some(held), Command::Take(holder)) if held == holder => Ok(Vec::new()),
            (Some(held), Command::Take(_)) => Err(Rejection::Taken(held.clone())),
            (Some(held), Command::Release { subject }) if held.subject == *subject => {
                Ok(vec![Event::Released { subject: *subject }])
            }
            // Somebody else's it stays.
            (_, Command::Release { .. }) => Ok(Vec::new()),
        }
    }

    fn evolve(_: State, event: &Event) -> State {
        match event {
            Event::Taken(holder) => Some(holder.clone()),
            Event::Released { .. } => None,
        }
    }
}

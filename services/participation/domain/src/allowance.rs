//! How many of the supports that a procedure gives a person are given. Stream
//! `{tenant}/allowance/{procedure_id}.{subject}`; written in the commit of the support, so that the limit is exact
//! whoever races whom.

use std::collections::BTreeSet;

use allmende_kernel::{Decider, SubjectId};

use crate::{ContributionId, ProcedureId};

/// The stream's id.
pub fn stream_id(procedure: ProcedureId, person: SubjectId) -> String {
    format!("{procedure}.{person}")
}

/// What somebody wants of an allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Give a support.
    Spend {
        /// For what.
        on: ContributionId,
        /// How many the procedure gives.
        of: u32,
    },
    /// Have a support back.
    Return {
        /// What for.
        of: ContributionId,
    },
}

/// What happened to an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A support was given.
    Spent(ContributionId),
    /// A support came back.
    Returned(ContributionId),
}

/// Nothing is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all supports that the procedure gives a person are given")]
pub struct Exhausted;

/// What the supports were given for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State(BTreeSet<ContributionId>);

impl State {
    /// How many are left of so many.
    pub fn left(&self, of: u32) -> u32 {
        of.saturating_sub(u32::try_from(self.0.len()).unwrap_or(u32::MAX))
    }

    /// How many are given.
    pub fn given(&self) -> usize {
        self.0.len()
    }
}

/// The allowance's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "allowance";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Exhausted;

    fn initial() -> State {
        State::default()
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Exhausted> {
        match command {
            Command::Spend { on, .. } if state.0.contains(on) => Ok(Vec::new()),
            Command::Spend { of, .. } if state.left(*of) == 0 => Err(Exhausted),
            Command::Spend { on, .. } => Ok(vec![Event::Spent(*on)]),
            Command::Return { of } if state.0.contains(of) => Ok(vec![Event::Returned(*of)]),
            Command::Return { .. } => Ok(Vec::new()),
        }
    }

    fn evolve(mut state: State, event: &Event) -> State {
        match event {
            Event::Spent(on) => state.0.insert(*on),
            Event::Returned(of) => state.0.remove(of),
        };
        state
    }
}

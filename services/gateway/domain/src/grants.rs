//! What a person may do in a tenant. Stream `{tenant}/grants/{subject_id}`; for platform operators the tenant is
//! [`PLATFORM_TENANT`](crate::PLATFORM_TENANT).

use std::collections::BTreeMap;

use allmende_kernel::{Decider, Role, SubjectId, Timestamp};

use crate::ProcedureId;

/// The most grants a person has in a tenant.
pub const MAX_GRANTS: usize = 100;

/// A role, and for what of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// What the person may be.
    pub role: Role,
    /// One procedure, or the whole tenant.
    pub procedure: Option<ProcedureId>,
}

/// Who gave a grant, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Who.
    pub by: SubjectId,
    /// When.
    pub at: Timestamp,
}

/// Where the grant is to be given, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Giver {
    /// Whether who gives or takes it runs the platform.
    pub operator: bool,
    /// Whether the stream is that of the platform's own tenant.
    pub platform: bool,
}

/// What somebody wants of a person's grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Give one.
    Grant(Grant, Given),
    /// Take one back.
    Revoke(Grant, Given),
}

/// What happened to a person's grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// One was given.
    Granted(Grant, Given),
    /// One was taken back.
    Revoked(Grant, Given),
}

/// Why a grant is not given or taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Operators are made by operators, for the whole platform, and nothing else is for the whole platform.
    #[error("a platform operator is made by a platform operator, for all tenants")]
    NotYoursToGive,
    /// More than anybody needs.
    #[error("a person has at most {MAX_GRANTS} grants in a tenant")]
    TooMany,
}

/// The grants that count.
pub type State = BTreeMap<Grant, Given>;

/// The decisions about grants.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "grants";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = Giver;
    type Rejection = Rejection;

    fn initial() -> State {
        State::new()
    }

    fn decide(state: &State, giver: &Giver, command: &Command) -> Result<Vec<Event>, Rejection> {
        let (Command::Grant(grant, given) | Command::Revoke(grant, given)) = command;
        let of_operators = grant.role == Role::PlatformOperator;
        let misplaced = of_operators != giver.platform || (of_operators && grant.procedure.is_some());
        if misplaced || (of_operators && !giver.operator) {
            return Err(Rejection::NotYoursToGive);
        }
        match command {
            Command::Grant(..) if state.contains_key(grant) => Ok(Vec::new()),
            Command::Grant(..) if state.len() >= MAX_GRANTS => Err(Rejection::TooMany),
            Command::Grant(..) => Ok(vec![Event::Granted(*grant, *given)]),
            Command::Revoke(..) if state.contains_key(grant) => Ok(vec![Event::Revoked(*grant, *given)]),
            Command::Revoke(..) => Ok(Vec::new()),
        }
    }

    fn evolve(mut state: State, event: &Event) -> State {
        match event {
            Event::Granted(grant, given) => state.insert(*grant, *given),
            Event::Revoked(grant, _) => state.remove(grant),
        };
        state
    }
}

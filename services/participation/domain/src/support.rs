//! One person's support of one thing. Stream `{tenant}/support/{contribution_id}.{subject}`; how many support a thing
//! is counted by a view.

use allmende_kernel::{Decider, Level, SubjectId, Timestamp};

use crate::contribution::{self, About, Contribution};
use crate::procedure::{self, Receipt};
use crate::{Act, ContributionId, DayRange};

/// The stream's id.
pub fn stream_id(thing: ContributionId, person: SubjectId) -> String {
    format!("{thing}.{person}")
}

/// What a stream's id says.
pub fn parse_stream_id(id: &str) -> Option<ContributionId> {
    id.split_once('.').and_then(|(thing, _)| ContributionId::parse(thing).ok())
}

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Support it.
    Support {
        /// When.
        at: Timestamp,
    },
    /// Support it no more.
    TakeBack {
        /// When.
        at: Timestamp,
    },
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The person supports it.
    Given {
        /// When.
        at: Timestamp,
    },
    /// The person supports it no more.
    TakenBack {
        /// When.
        at: Timestamp,
    },
}

/// Why nobody can support it now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The procedure does not take it.
    #[error(transparent)]
    Procedure(#[from] procedure::Rejection),
    /// No public text.
    #[error("the contribution does not exist")]
    Unknown,
    /// Ideas are not supported.
    #[error("this is not possible with a contribution of that kind")]
    WrongKind,
}

/// What the rule knows of other streams.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The thing.
    pub thing: &'a contribution::State,
    /// Its procedure.
    pub procedure: &'a procedure::State,
    /// When the text that it is about is open for comments; `None` for what is about none.
    pub consultation: Option<&'a DayRange>,
    /// How surely the person is known.
    pub level: Level,
}

impl Context<'_> {
    /// Whether the thing can be supported at a moment.
    pub fn to_support(&self, at: Timestamp) -> Admission {
        let shown = self.thing.shown().map_err(|_| Rejection::Unknown);
        Admission(shown.and_then(|thing| self.admits(thing, at)).err())
    }

    /// Whether a support can be taken back. That the thing is shown no more does not keep a person's supports from
    /// them.
    pub fn to_take_back(&self, at: Timestamp) -> Admission {
        let there = self.thing.contribution().ok_or(Rejection::Unknown);
        Admission(there.and_then(|thing| self.admits(thing, at)).err())
    }

    fn admits(&self, thing: &Contribution, at: Timestamp) -> Result<(), Rejection> {
        let procedure = self.procedure.known()?;
        let receipt = Receipt::Online(at);
        match &thing.about {
            About::Idea => return Err(Rejection::WrongKind),
            About::Proposal => procedure.admits(Act::Support, receipt)?,
            About::ProposalComment(_) => procedure.admits(Act::Discuss, receipt)?,
            About::SectionComment(_) | About::Amendment(_) => procedure.admits_within(self.consultation, receipt)?,
        }
        match self.level < procedure.terms.required_level {
            true => Err(procedure::Rejection::SignInLevel.into()),
            false => Ok(()),
        }
    }
}

/// Whether a thing can be supported now, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Admission(Option<Rejection>);

/// Whether the person supports the thing.
pub type Supports = bool;

/// The decisions about one support.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "support";
    type Command = Command;
    type Event = Event;
    type State = Supports;
    type Context = Admission;
    type Rejection = Rejection;

    fn initial() -> Supports {
        false
    }

    fn decide(supports: &Supports, Admission(refused): &Admission, command: &Command) -> Result<Vec<Event>, Rejection> {
        if let Some(rejection) = refused {
            return Err(rejection.clone());
        }
        Ok(match (command, supports) {
            (Command::Support { at }, false) => vec![Event::Given { at: *at }],
            (Command::TakeBack { at }, true) => vec![Event::TakenBack { at: *at }],
            _ => Vec::new(),
        })
    }

    fn evolve(_: Supports, event: &Event) -> Supports {
        matches!(event, Event::Given { .. })
    }
}

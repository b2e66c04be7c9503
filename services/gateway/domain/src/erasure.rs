//! A request to be forgotten: Regulation (EU) 2016/679, article 17. Stream `{tenant}/erasure/{erasure_id}`.
//!
//! It is decided by a person, within a month; what was accepted is then erased by every service that holds something.

use allmende_kernel::{Decider, SubjectId, Timestamp};

use crate::ContributionId;

/// The most contributions that a request or its exceptions name.
pub const MAX_NAMED: usize = 1_000;

/// What is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The account, and everything the person wrote to any tenant of the installation.
    Account,
    /// Everything the person wrote to the tenant.
    Contributions,
    /// These alone.
    Named(Vec<ContributionId>),
}

impl Scope {
    fn holds(&self, contribution: ContributionId) -> bool {
        match self {
            Self::Account | Self::Contributions => true,
            Self::Named(named) => named.contains(&contribution),
        }
    }
}

/// Why something is kept: article 17(3), by its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// (a) Freedom of expression and information.
    FreedomOfExpression,
    /// (b) A legal obligation, or a task in the public interest.
    LegalObligation,
    /// (d) Archiving in the public interest, research, statistics.
    Archiving,
    /// (e) Legal claims.
    LegalClaims,
    /// Who asked is not who it is about.
    NotThePerson,
}

/// What is kept although its erasure was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Which contribution.
    pub contribution: ContributionId,
    /// Why.
    pub ground: Ground,
    /// The rule by name.
    pub legal_basis: String,
}

/// The last day for the decision, and the first moment after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// In Europe/Berlin, as ISO text.
    pub day: String,
    /// The first moment after it.
    pub until: Timestamp,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is erased but these; without any, everything.
    Accepted {
        /// What is kept.
        exceptions: Vec<Exception>,
    },
    /// Nothing is erased.
    Refused {
        /// Why.
        ground: Ground,
        /// The rule by name.
        legal_basis: String,
    },
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who is to be forgotten.
    pub subject: SubjectId,
    /// What of them.
    pub scope: Scope,
    /// Until when it is to be decided.
    pub due: Due,
    /// When it was asked for.
    pub at: Timestamp,
}

/// A decision with its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub verdict: Verdict,
    /// By whom.
    pub by: SubjectId,
    /// When.
    pub at: Timestamp,
}

/// What somebody wants of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make it.
    Request(Request),
    /// Decide it.
    Decide(Decision),
    /// Note that the account was erased.
    NoteExecution {
        /// When.
        at: Timestamp,
    },
}

/// What happened to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was made.
    Requested(Request),
    /// It was decided. Carries what it is about, for those who follow decisions alone.
    Decided {
        /// Who is to be forgotten.
        subject: SubjectId,
        /// What of them was asked for.
        scope: Scope,
        /// What was decided.
        decision: Decision,
    },
    /// The account was erased.
    Executed {
        /// When.
        at: Timestamp,
    },
}

/// Why a change of a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Something else was asked for under this id.
    #[error("there is another request of this id")]
    Differs,
    /// Nothing was asked for under this id.
    #[error("there is no such request")]
    Unknown,
    /// It was decided otherwise.
    #[error("the request was decided before, otherwise")]
    Decided,
    /// An account is erased where it is.
    #[error("an account is erased at its own tenant only")]
    Elsewhere,
    /// An exception names what was not asked for.
    #[error("an exception names a contribution that is not part of the request")]
    ExceptionOutOfScope,
    /// Nothing was accepted that could have been executed.
    #[error("nothing was accepted that is to be executed")]
    NothingToExecute,
}

/// What became of a request so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// What was asked for.
    pub request: Request,
    /// What was decided.
    pub decision: Option<Decision>,
    /// When the account was erased.
    pub executed_at: Option<Timestamp>,
}

impl Erasure {
    /// Whether the account is to be erased, or was.
    pub fn takes_the_account(&self) -> bool {
        self.request.scope == Scope::Account && self.is_accepted()
    }

    /// Whether feedback that the person sent while signed in is to be erased with what they wrote. Exceptions name
    /// contributions alone.
    pub fn takes_what_was_told(&self) -> bool {
        matches!(self.request.scope, Scope::Account | Scope::Contributions) && self.is_accepted()
    }

    fn is_accepted(&self) -> bool {
        let accepted = |decision: &Decision| matches!(decision.verdict, Verdict::Accepted { .. });
        self.decision.as_ref().is_some_and(accepted)
    }
}

/// The request, if it was made.
pub type State = Option<Erasure>;

/// Whether the person's account is in the tenant that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtHome(pub bool);

/// The decisions about a request.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "erasure";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = AtHome;
    type Rejection = Rejection;

    fn initial() -> State {
        None
    }

    fn decide(state: &State, AtHome(at_home): &AtHome, command: &Command) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (None, Command::Request(request)) => match request.scope {
                Scope::Account if !at_home => Err(Rejection::Elsewhere),
                _ => Ok(vec![Event::Requested(request.clone())]),
            },
            (Some(erasure), Command::Request(request)) => {
                let same = (erasure.request.subject, &erasure.request.scope) == (request.subject, &request.scope);
                if same { Ok(Vec::new()) } else { Err(Rejection::Differs) }
            }
            (None, _) => Err(Rejection::Unknown),
            (Some(erasure), Command::Decide(decision)) => decide(erasure, decision),
            (Some(erasure), Command::NoteExecution { at }) => match erasure.executed_at {
                Some(_) => Ok(Vec::new()),
                None if erasure.takes_the_account() => Ok(vec![Event::Executed { at: *at }]),
                None => Err(Rejection::NothingToExecute),
            },
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (None, Event::Requested(request)) => {
                Some(Erasure { request: request.clone(), decision: None, executed_at: None })
            }
            (Some(erasure), Event::Decided { decision, .. }) => {
                Some(Erasure { decision: Some(decision.clone()), ..erasure })
            }
            (Some(erasure), Event::Executed { at }) => Some(Erasure { executed_at: Some(*at), ..erasure }),
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}

fn decide(erasure: &Erasure, decision: &Decision) -> Result<Vec<Event>, Rejection> {
    if let Some(before) = &erasure.decision {
        return if before.verdict == decision.verdict { Ok(Vec::new()) } else { Err(Rejection::Decided) };
    }
    let Request { subject, scope, .. } = &erasure.request;
    if let Verdict::Accepted { exceptions } = &decision.verdict
        && exceptions.iter().any(|exception| !scope.holds(exception.contribution))
    {
        return Err(Rejection::ExceptionOutOfScope);
    }
    Ok(vec![Event::Decided { subject: *subject, scope: scope.clone(), decision: decision.clone() }])
}

//! What a citizen wrote: an idea, a proposal, a comment, an amendment. Stream
//! `{tenant}/contribution/{contribution_id}`.
//!
//! One aggregate for all of them, so that moderation, objection, answer and erasure are the same for each.

mod answer;
mod decide;
mod moderation;
mod state;
mod submission;

use std::sync::Arc;

use allmende_kernel::{Decider, Sealed, SubjectId, Timestamp};

use crate::{ProcedureId, ProjectId, ThemeId, procedure};

pub use answer::{Answer, Said};
pub use moderation::{Decision, Grounds, MAX_REPORTS, Moderation, Objection, Reason, Visibility};
pub use state::{Contribution, Evaluation, State};
pub use submission::{About, Attachment, MAX_ATTACHMENTS, Place, SectionRef, Source, Submission, Target};

/// Why a text is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErasureReason {
    /// Its author asked for it.
    Request,
    /// The time for which it may be kept is over.
    Retention,
    /// An authority or a court ordered it.
    Order,
}

/// What somebody wants of a contribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Hand it in.
    Submit(Submission),
    /// What a signed-in person does.
    Citizen(SubjectId, ByCitizen),
    /// What somebody does who may act in this procedure; a text of another one does not exist for them.
    Staff(ProcedureId, ByStaff),
    /// Forget the text. Its key is gone already.
    Erase {
        /// Why.
        reason: ErasureReason,
        /// When.
        at: Timestamp,
    },
}

/// What a signed-in person does with a contribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByCitizen {
    /// The author takes it back.
    Withdraw {
        /// When.
        at: Timestamp,
    },
    /// The author disagrees with the last decision.
    Object {
        /// Why.
        note: Sealed,
        /// When.
        at: Timestamp,
    },
    /// Anybody tells that it should not be shown.
    Report {
        /// Why.
        grounds: Grounds,
        /// When.
        at: Timestamp,
    },
}

/// What the administration does with a contribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByStaff {
    /// Decide whether it is shown.
    Moderate {
        /// Who decides; not the author.
        moderator: SubjectId,
        /// What.
        decision: Decision,
        /// When.
        at: Timestamp,
    },
    /// Decide on the author's objection.
    DecideObjection {
        /// Who decides; not who decided before, and not the author.
        by: SubjectId,
        /// Publish it after all.
        grant: bool,
        /// When.
        at: Timestamp,
    },
    /// Put it under a subject, or under none.
    AssignTheme {
        /// Which.
        theme: Option<ThemeId>,
        /// When.
        at: Timestamp,
    },
    /// Answer it.
    Answer {
        /// The answer.
        text: Said,
        /// When.
        at: Timestamp,
    },
    /// Take a wording over.
    AcceptAmendment {
        /// When.
        at: Timestamp,
    },
    /// Begin to look at a proposal.
    StartEvaluation {
        /// When.
        at: Timestamp,
    },
    /// Answer a proposal.
    AnswerProposal {
        /// The answer.
        answer: Answer,
        /// When.
        at: Timestamp,
    },
    /// Make a project of it.
    Promote {
        /// Which one.
        project: ProjectId,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a contribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was handed in.
    Submitted {
        /// What.
        submission: Submission,
        /// The version of the text that a comment is on; 0 for what is on none.
        version: u32,
    },
    /// It is shown as it was written.
    Published {
        /// Who decided.
        moderator: SubjectId,
        /// When.
        at: Timestamp,
    },
    /// It is not shown.
    Rejected {
        /// Why.
        grounds: Grounds,
        /// Who decided.
        moderator: SubjectId,
        /// When.
        at: Timestamp,
    },
    /// It is shown no more.
    Hidden {
        /// Why.
        grounds: Grounds,
        /// Who decided.
        moderator: SubjectId,
        /// When.
        at: Timestamp,
    },
    /// It is shown in another wording.
    Redacted {
        /// The wording.
        text: Sealed,
        /// Why.
        grounds: Grounds,
        /// Who decided.
        moderator: SubjectId,
        /// When.
        at: Timestamp,
    },
    /// Somebody thinks it should not be shown.
    Reported {
        /// Who.
        by: SubjectId,
        /// Why.
        grounds: Grounds,
        /// When.
        at: Timestamp,
    },
    /// Its author disagrees with the last decision.
    ObjectionRaised {
        /// Why.
        note: Sealed,
        /// When.
        at: Timestamp,
    },
    /// A second person decided.
    ObjectionDecided {
        /// Whether the author was right.
        granted: bool,
        /// Who decided.
        by: SubjectId,
        /// When.
        at: Timestamp,
    },
    /// It was put under a subject, or under none.
    ThemeAssigned {
        /// Which.
        theme: Option<ThemeId>,
        /// When.
        at: Timestamp,
    },
    /// It was answered.
    Answered {
        /// The answer.
        text: Said,
        /// When.
        at: Timestamp,
    },
    /// The wording was taken over.
    AmendmentAccepted {
        /// When.
        at: Timestamp,
    },
    /// The proposal is being looked at.
    EvaluationStarted {
        /// When.
        at: Timestamp,
    },
    /// The proposal was answered.
    ProposalAnswered {
        /// The answer.
        answer: Answer,
        /// When.
        at: Timestamp,
    },
    /// A project came of it.
    PromotedToProject {
        /// Which.
        project: ProjectId,
        /// When.
        at: Timestamp,
    },
    /// Its author took it back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// The text is gone for good.
    Erased {
        /// Why.
        reason: ErasureReason,
        /// When.
        at: Timestamp,
    },
}

/// Why something is not done with a contribution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The procedure does not take it.
    #[error(transparent)]
    Procedure(#[from] procedure::Rejection),
    /// The procedure's licence was not granted.
    #[error("the licence of the procedure was not granted")]
    LicenceNotGranted,
    /// Never handed in, or none of the caller's business.
    #[error("the contribution does not exist")]
    Unknown,
    /// The id belongs to another text.
    #[error("the id belongs to another contribution")]
    Differs,
    /// The text is gone for good.
    #[error("the contribution was erased")]
    Erased,
    /// Its author took it back.
    #[error("the contribution was withdrawn by its author")]
    Withdrawn,
    /// The public does not see it.
    #[error("the contribution is not public")]
    NotPublished,
    /// Nothing for a text of that kind.
    #[error("this is not possible with a contribution of that kind")]
    WrongKind,
    /// Somebody else wrote it.
    #[error("only its author may do this")]
    NotTheAuthor,
    /// Rejecting what is public, hiding what never was; either of them once more on other grounds.
    #[error("the decision does not fit the contribution's state")]
    DecisionUnfit,
    /// Nothing to object to, or objected to before.
    #[error("there is nothing to object to, or it was objected to before")]
    ObjectionUnfit,
    /// To be decided first.
    #[error("an objection is open and to be decided first")]
    ObjectionOpen,
    /// Who decided first does not decide again, and nobody decides on a text of their own.
    #[error("somebody else than who wrote the text or made the decision has to decide")]
    SecondPersonNeeded,
    /// No such theme in the procedure.
    #[error("the theme does not exist in that procedure")]
    ThemeUnknown,
    /// No such text in the procedure.
    #[error("what the contribution is about does not exist in that procedure")]
    TargetUnknown,
    /// The text has no such section.
    #[error("the document's latest version has no such section")]
    SectionUnknown,
    /// The answer is final.
    #[error("the proposal was answered, and the answer is final")]
    ProposalAnswered,
}

/// What the rules for a contribution know of other streams. A part that is left out refuses what needs it.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The procedure: for handing in.
    pub procedure: procedure::State,
    /// What a comment is about.
    pub target: Target,
    /// The procedure of the theme: for assigning one.
    pub theme: Option<ProcedureId>,
}

/// The contribution's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "contribution";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = Context;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, context: &Context, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Submit(submission) => decide::submit(state, context, submission),
            Command::Citizen(person, wish) => decide::by_citizen(state.known()?, *person, wish),
            Command::Staff(procedure, wish) => {
                let contribution = state.known()?;
                match contribution.procedure == *procedure {
                    true => decide::by_staff(contribution, context, wish),
                    false => Err(Rejection::Unknown),
                }
            }
            Command::Erase { reason, at } => match state {
                State::Absent => Err(Rejection::Unknown),
                State::Present(_) => Ok(vec![Event::Erased { reason: *reason, at: *at }]),
                State::Erased(_) => Ok(Vec::new()),
            },
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (State::Absent, Event::Submitted { submission, .. }) => {
                State::Present(Arc::new(Contribution::new(submission)))
            }
            (State::Present(contribution), Event::Erased { .. }) => State::Erased(contribution),
            (State::Present(mut contribution), event) => {
                Arc::make_mut(&mut contribution).evolve(event);
                State::Present(contribution)
            }
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}

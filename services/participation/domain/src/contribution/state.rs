use std::sync::Arc;

use allmende_kernel::SubjectId;

use super::moderation::Moderation;
use super::submission::{About, Submission, Target};
use super::{Answer, Event, Rejection};
use crate::{Fingerprint, ProcedureId, ProjectId, ThemeId};

/// How a proposal stands with the administration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Evaluation {
    /// Handed in.
    #[default]
    Submitted,
    /// Being looked at.
    Evaluating,
    /// Answered, for good.
    Answered(Answer),
}

/// A contribution that is there. It keeps nothing of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// In which procedure.
    pub procedure: ProcedureId,
    /// What it is.
    pub about: About,
    /// Who wrote it, if they are known here.
    pub author: Option<SubjectId>,
    /// Whether it is shown.
    pub moderation: Moderation,
    /// Its author took it back.
    pub withdrawn: bool,
    /// The subject under which it is answered.
    pub theme: Option<ThemeId>,
    /// How it stands with the administration; for proposals.
    pub evaluation: Evaluation,
    /// Taken over; for amendments.
    pub accepted: bool,
    /// What became of it.
    pub project: Option<ProjectId>,
    pub(super) content: Fingerprint,
    pub(super) answer: Option<Fingerprint>,
}

impl Contribution {
    pub(super) fn new(submission: &Submission) -> Self {
        Self {
            procedure: submission.procedure,
            about: submission.about.clone(),
            author: submission.source.author(),
            moderation: Moderation::default(),
            withdrawn: false,
            theme: None,
            evaluation: Evaluation::Submitted,
            accepted: false,
            project: None,
            content: content(submission),
            answer: None,
        }
    }

    /// Whether the public sees it.
    pub fn is_public(&self) -> bool {
        self.moderation.visibility.is_public() && !self.withdrawn
    }

    pub(super) fn public(&self) -> Result<&Self, Rejection> {
        self.is_public().then_some(self).ok_or(Rejection::NotPublished)
    }

    pub(super) fn by(&self, person: SubjectId) -> Result<&Self, Rejection> {
        (self.author == Some(person)).then_some(self).ok_or(Rejection::NotTheAuthor)
    }
}

/// Tells one submission from another: the sealed text differs even where the words are the same.
pub(super) fn content(submission: &Submission) -> Fingerprint {
    Fingerprint::of(&(submission.procedure, &submission.about, submission.source.author(), &submission.text))
}

/// What became of a contribution so far; shared, as everybody who supports it looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// Never handed in.
    #[default]
    Absent,
    /// There.
    Present(Arc<Contribution>),
    /// There, and its text gone for good.
    Erased(Arc<Contribution>),
}

impl State {
    /// The contribution, also one whose text is gone; `None` if it was never handed in.
    pub fn contribution(&self) -> Option<&Contribution> {
        match self {
            Self::Absent => None,
            Self::Present(contribution) | Self::Erased(contribution) => Some(contribution),
        }
    }

    /// The contribution, or why there is nothing to be done with it.
    pub fn known(&self) -> Result<&Contribution, Rejection> {
        match self {
            Self::Absent => Err(Rejection::Unknown),
            Self::Present(contribution) => Ok(contribution),
            Self::Erased(_) => Err(Rejection::Erased),
        }
    }

    /// The same, for what the public is to know of: what it does not see does not exist.
    pub fn shown(&self) -> Result<&Contribution, Rejection> {
        self.known().ok().filter(|contribution| contribution.is_public()).ok_or(Rejection::Unknown)
    }

    /// What the rule for a comment on it knows.
    pub fn target(&self) -> Target {
        match self.shown() {
            Ok(proposal) if proposal.about == About::Proposal => Target::Proposal { procedure: proposal.procedure },
            _ => Target::Unknown,
        }
    }
}

impl Contribution {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::ThemeAssigned { theme, .. } => self.theme = *theme,
            Event::Answered { text, .. } => self.answer = Some(Fingerprint::of(text)),
            Event::AmendmentAccepted { .. } => self.accepted = true,
            Event::EvaluationStarted { .. } => self.evaluation = Evaluation::Evaluating,
            Event::ProposalAnswered { answer, .. } => self.evaluation = Evaluation::Answered(answer.clone()),
            Event::PromotedToProject { project, .. } => self.project = Some(*project),
            Event::Withdrawn { .. } => self.withdrawn = true,
            other => self.moderation.evolve(other),
        }
    }
}

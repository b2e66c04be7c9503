//! The rules of [`super::Model`], by who acts.

use allmende_kernel::SubjectId;

use super::state::content;
use super::{
    About, ByCitizen, ByStaff, Context, Contribution, Evaluation, Event, Rejection, Source, State, Submission, Target,
};
use crate::{Act, Fingerprint, procedure};

pub(super) fn submit(state: &State, context: &Context, submission: &Submission) -> Result<Vec<Event>, Rejection> {
    match state {
        State::Absent => {}
        State::Present(known) if known.content == content(submission) => return Ok(Vec::new()),
        State::Present(_) | State::Erased(_) => return Err(Rejection::Differs),
    }
    let version = admit(context, submission)?;
    Ok(vec![Event::Submitted { submission: submission.clone(), version }])
}

/// Whether it is taken; which version of a text it is about.
fn admit(context: &Context, submission: &Submission) -> Result<u32, Rejection> {
    let procedure = context.procedure.known()?;
    let receipt = submission.source.receipt(submission.at);
    let version = match (&submission.about, context.target) {
        (About::Idea | About::Proposal, _) => {
            procedure.admits(Act::Submit, receipt)?;
            0
        }
        (About::ProposalComment(_), Target::Proposal { procedure: own }) if own == submission.procedure => {
            procedure.admits(Act::Discuss, receipt)?;
            0
        }
        (About::SectionComment(_) | About::Amendment(_), Target::Section { procedure: own, consultation, version })
            if own == submission.procedure =>
        {
            procedure.admits_within(consultation.as_ref(), receipt)?;
            version
        }
        (About::SectionComment(_) | About::Amendment(_), Target::SectionUnknown) => {
            return Err(Rejection::SectionUnknown);
        }
        _ => return Err(Rejection::TargetUnknown),
    };
    let granted = submission.licence.as_deref();
    match submission.source {
        Source::Online { level, .. } if level < procedure.terms.required_level => {
            Err(procedure::Rejection::SignInLevel.into())
        }
        Source::Online { .. } if granted != Some(&procedure.terms.licence) => Err(Rejection::LicenceNotGranted),
        // A letter that grants another licence has granted none of ours.
        Source::Offline { .. } if granted.is_some_and(|granted| granted != procedure.terms.licence) => {
            Err(Rejection::LicenceNotGranted)
        }
        _ => Ok(version),
    }
}

pub(super) fn by_citizen(
    contribution: &Contribution,
    person: SubjectId,
    wish: &ByCitizen,
) -> Result<Vec<Event>, Rejection> {
    let event = match wish {
        ByCitizen::Withdraw { at } => {
            let own = contribution.by(person)?;
            match (&own.evaluation, own.withdrawn) {
                (_, true) => None,
                (Evaluation::Answered(_), false) => return Err(Rejection::ProposalAnswered),
                (_, false) => Some(Event::Withdrawn { at: *at }),
            }
        }
        _ if contribution.withdrawn => return Err(Rejection::Withdrawn),
        ByCitizen::Object { note, at } => contribution.by(person)?.moderation.object(note, *at)?,
        ByCitizen::Report { grounds, at } => contribution.moderation.report(person, grounds, *at)?,
    };
    Ok(event.into_iter().collect())
}

pub(super) fn by_staff(
    contribution: &Contribution,
    context: &Context,
    wish: &ByStaff,
) -> Result<Vec<Event>, Rejection> {
    if contribution.withdrawn {
        return Err(Rejection::Withdrawn);
    }
    let is = |kind: bool| kind.then_some(()).ok_or(Rejection::WrongKind);
    let event = match wish {
        ByStaff::Moderate { moderator: by, .. } | ByStaff::DecideObjection { by, .. }
            if contribution.author == Some(*by) =>
        {
            return Err(Rejection::SecondPersonNeeded);
        }
        ByStaff::Moderate { moderator, decision, at } => contribution.moderation.moderate(*moderator, decision, *at)?,
        ByStaff::DecideObjection { by, grant, at } => {
            return contribution.moderation.decide_objection(*by, *grant, *at);
        }
        ByStaff::AssignTheme { theme, .. } if *theme == contribution.theme => None,
        ByStaff::AssignTheme { theme: Some(_), .. } if context.theme != Some(contribution.procedure) => {
            return Err(Rejection::ThemeUnknown);
        }
        ByStaff::AssignTheme { theme, at } => Some(Event::ThemeAssigned { theme: *theme, at: *at }),
        ByStaff::Answer { text, at } => {
            is(contribution.about != About::Proposal)?;
            let same = contribution.public()?.answer == Some(Fingerprint::of(text));
            (!same).then(|| Event::Answered { text: text.clone(), at: *at })
        }
        ByStaff::AcceptAmendment { at } => {
            is(matches!(contribution.about, About::Amendment(_)))?;
            (!contribution.public()?.accepted).then_some(Event::AmendmentAccepted { at: *at })
        }
        ByStaff::StartEvaluation { at } => {
            is(contribution.about == About::Proposal)?;
            match contribution.public()?.evaluation {
                Evaluation::Submitted => Some(Event::EvaluationStarted { at: *at }),
                Evaluation::Evaluating => None,
                Evaluation::Answered(_) => return Err(Rejection::ProposalAnswered),
            }
        }
        ByStaff::AnswerProposal { answer, at } => {
            is(contribution.about == About::Proposal)?;
            match &contribution.public()?.evaluation {
                Evaluation::Answered(given) if given == answer => None,
                Evaluation::Answered(_) => return Err(Rejection::ProposalAnswered),
                _ => Some(Event::ProposalAnswered { answer: answer.clone(), at: *at }),
            }
        }
        ByStaff::Promote { project, at } => {
            is(matches!(contribution.about, About::Idea | About::Proposal))?;
            let same = contribution.public()?.project == Some(*project);
            (!same).then_some(Event::PromotedToProject { project: *project, at: *at })
        }
    };
    Ok(event.into_iter().collect())
}

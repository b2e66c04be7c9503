//! What happens to a text after it was handed in.

use allmende_eventlog::{NewEvent, UnknownEvent};
use allmende_kernel::{Sealed, SubjectId, Timestamp};
use allmende_participation_domain::contribution::{Answer, Event, Grounds, Said};
use allmende_participation_domain::{ProjectId, ThemeId};
use allmende_proto::participation::events::v1 as stored;
use bytes::Bytes;

use super::contribution::CONTRIBUTION_SUBMITTED;
use super::{
    Malformed, Word, bytes, event, event_type, id_bytes, moment, read, sealed, sealed_bytes, subject, unknown,
};

const CONTRIBUTION_PUBLISHED: &str = event_type!("ContributionPublished");
const CONTRIBUTION_REJECTED: &str = event_type!("ContributionRejected");
const CONTRIBUTION_HIDDEN: &str = event_type!("ContributionHidden");
const CONTRIBUTION_REDACTED: &str = event_type!("ContributionRedacted");
const CONTRIBUTION_REPORTED: &str = event_type!("ContributionReported");
const OBJECTION_RAISED: &str = event_type!("ObjectionRaised");
const OBJECTION_DECIDED: &str = event_type!("ObjectionDecided");
const THEME_ASSIGNED: &str = event_type!("ThemeAssigned");
const CONTRIBUTION_ANSWERED: &str = event_type!("ContributionAnswered");
const AMENDMENT_ACCEPTED: &str = event_type!("AmendmentAccepted");
const PROPOSAL_EVALUATION_STARTED: &str = event_type!("ProposalEvaluationStarted");
const PROPOSAL_ANSWERED: &str = event_type!("ProposalAnswered");
const PROMOTED_TO_PROJECT: &str = event_type!("PromotedToProject");
const CONTRIBUTION_WITHDRAWN: &str = event_type!("ContributionWithdrawn");
const CONTRIBUTION_ERASED: &str = event_type!("ContributionErased");

pub(super) fn encode(happened: &Event) -> NewEvent {
    let us = |at: &Timestamp| at.as_micros();
    let id = |subject: &SubjectId| bytes(subject.as_bytes());
    match happened {
        // Has a form of its own, which the caller knows.
        Event::Submitted { .. } => NewEvent { event_type: CONTRIBUTION_SUBMITTED, payload: Bytes::new() },
        Event::Published { moderator, at } => {
            event(CONTRIBUTION_PUBLISHED, &stored::ContributionPublished { moderator: id(moderator), at_us: us(at) })
        }
        Event::Rejected { grounds, moderator, at } => event(
            CONTRIBUTION_REJECTED,
            &stored::ContributionRejected {
                reason: reason(grounds),
                note_sealed: note(grounds),
                moderator: id(moderator),
                at_us: us(at),
            },
        ),
        Event::Hidden { grounds, moderator, at } => event(
            CONTRIBUTION_HIDDEN,
            &stored::ContributionHidden {
                reason: reason(grounds),
                note_sealed: note(grounds),
                moderator: id(moderator),
                at_us: us(at),
            },
        ),
        Event::Redacted { text, grounds, moderator, at } => event(
            CONTRIBUTION_REDACTED,
            &stored::ContributionRedacted {
                text_sealed: sealed_bytes(text),
                reason: reason(grounds),
                note_sealed: note(grounds),
                moderator: id(moderator),
                at_us: us(at),
            },
        ),
        Event::Reported { by, grounds, at } => event(
            CONTRIBUTION_REPORTED,
            &stored::ContributionReported {
                reporter: id(by),
                reason: reason(grounds),
                note_sealed: note(grounds),
                at_us: us(at),
            },
        ),
        Event::ObjectionRaised { note, at } => {
            event(OBJECTION_RAISED, &stored::ObjectionRaised { note_sealed: sealed_bytes(note), at_us: us(at) })
        }
        Event::ObjectionDecided { granted, by, at } => {
            event(OBJECTION_DECIDED, &stored::ObjectionDecided { granted: *granted, decided_by: id(by), at_us: us(at) })
        }
        Event::ThemeAssigned { theme, at } => event(
            THEME_ASSIGNED,
            &stored::ThemeAssigned {
                theme_id: theme.map(|theme| bytes(theme.as_bytes())).unwrap_or_default(),
                at_us: us(at),
            },
        ),
        Event::Answered { text, at } => {
            let (text, text_sealed) = said_parts(text);
            event(CONTRIBUTION_ANSWERED, &stored::ContributionAnswered { text, at_us: us(at), text_sealed })
        }
        Event::AmendmentAccepted { at } => event(AMENDMENT_ACCEPTED, &stored::AmendmentAccepted { at_us: us(at) }),
        Event::EvaluationStarted { at } => {
            event(PROPOSAL_EVALUATION_STARTED, &stored::ProposalEvaluationStarted { at_us: us(at) })
        }
        Event::ProposalAnswered { answer, at } => {
            let Answer { accepted, reasons, cost_cents } = answer;
            let (accepted, cost_cents, at_us) = (*accepted, *cost_cents, us(at));
            let (reasons, reasons_sealed) = said_parts(reasons);
            let message = stored::ProposalAnswered { accepted, reasons, cost_cents, at_us, reasons_sealed };
            event(PROPOSAL_ANSWERED, &message)
        }
        Event::PromotedToProject { project, at } => event(
            PROMOTED_TO_PROJECT,
            &stored::PromotedToProject { project_id: bytes(project.as_bytes()), at_us: us(at) },
        ),
        Event::Withdrawn { at } => event(CONTRIBUTION_WITHDRAWN, &stored::ContributionWithdrawn { at_us: us(at) }),
        Event::Erased { reason, at } => event(
            CONTRIBUTION_ERASED,
            &stored::ContributionErased { reason: Word::message(*reason).into(), at_us: us(at) },
        ),
    }
}

pub(super) fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
    match event_type {
        CONTRIBUTION_PUBLISHED => read(event_type, payload, |message: stored::ContributionPublished| {
            Ok(Event::Published { moderator: subject(&message.moderator)?, at: moment(message.at_us) })
        }),
        CONTRIBUTION_REJECTED => read(event_type, payload, |message: stored::ContributionRejected| {
            let grounds = grounds(message.reason, &message.note_sealed)?;
            Ok(Event::Rejected { grounds, moderator: subject(&message.moderator)?, at: moment(message.at_us) })
        }),
        CONTRIBUTION_HIDDEN => read(event_type, payload, |message: stored::ContributionHidden| {
            let grounds = grounds(message.reason, &message.note_sealed)?;
            Ok(Event::Hidden { grounds, moderator: subject(&message.moderator)?, at: moment(message.at_us) })
        }),
        CONTRIBUTION_REDACTED => read(event_type, payload, |message: stored::ContributionRedacted| {
            Ok(Event::Redacted {
                text: sealed(&message.text_sealed)?,
                grounds: grounds(message.reason, &message.note_sealed)?,
                moderator: subject(&message.moderator)?,
                at: moment(message.at_us),
            })
        }),
        CONTRIBUTION_REPORTED => read(event_type, payload, |message: stored::ContributionReported| {
            let grounds = grounds(message.reason, &message.note_sealed)?;
            Ok(Event::Reported { by: subject(&message.reporter)?, grounds, at: moment(message.at_us) })
        }),
        OBJECTION_RAISED => read(event_type, payload, |message: stored::ObjectionRaised| {
            Ok(Event::ObjectionRaised { note: sealed(&message.note_sealed)?, at: moment(message.at_us) })
        }),
        OBJECTION_DECIDED => read(event_type, payload, |message: stored::ObjectionDecided| {
            let by = subject(&message.decided_by)?;
            Ok(Event::ObjectionDecided { granted: message.granted, by, at: moment(message.at_us) })
        }),
        THEME_ASSIGNED => read(event_type, payload, |message: stored::ThemeAssigned| {
            let theme = match message.theme_id.is_empty() {
                true => None,
                false => Some(ThemeId::from_bytes(id_bytes(&message.theme_id)?)),
            };
            Ok(Event::ThemeAssigned { theme, at: moment(message.at_us) })
        }),
        CONTRIBUTION_ANSWERED => read(event_type, payload, |message: stored::ContributionAnswered| {
            Ok(Event::Answered { text: said(message.text, &message.text_sealed), at: moment(message.at_us) })
        }),
        AMENDMENT_ACCEPTED => read(event_type, payload, |message: stored::AmendmentAccepted| {
            Ok(Event::AmendmentAccepted { at: moment(message.at_us) })
        }),
        PROPOSAL_EVALUATION_STARTED => read(event_type, payload, |message: stored::ProposalEvaluationStarted| {
            Ok(Event::EvaluationStarted { at: moment(message.at_us) })
        }),
        PROPOSAL_ANSWERED => read(event_type, payload, |message: stored::ProposalAnswered| {
            let stored::ProposalAnswered { accepted, reasons, cost_cents, at_us, reasons_sealed } = message;
            let reasons = said(reasons, &reasons_sealed);
            Ok(Event::ProposalAnswered { answer: Answer { accepted, reasons, cost_cents }, at: moment(at_us) })
        }),
        PROMOTED_TO_PROJECT => read(event_type, payload, |message: stored::PromotedToProject| {
            let project = ProjectId::from_bytes(id_bytes(&message.project_id)?);
            Ok(Event::PromotedToProject { project, at: moment(message.at_us) })
        }),
        CONTRIBUTION_WITHDRAWN => read(event_type, payload, |message: stored::ContributionWithdrawn| {
            Ok(Event::Withdrawn { at: moment(message.at_us) })
        }),
        CONTRIBUTION_ERASED => read(event_type, payload, |message: stored::ContributionErased| {
            let reason = Word::<stored::ErasureReason>::of(message.reason).ok_or(Malformed)?;
            Ok(Event::Erased { reason, at: moment(message.at_us) })
        }),
        _ => Err(unknown(event_type)),
    }
}

/// In plain or sealed; the other one is empty.
fn said_parts(said: &Said) -> (String, Bytes) {
    match said {
        Said::Plain(text) => (text.clone(), Bytes::new()),
        Said::Sealed(text) => (String::new(), sealed_bytes(text)),
    }
}

fn said(plain: String, sealed: &[u8]) -> Said {
    if sealed.is_empty() { Said::Plain(plain) } else { Said::Sealed(Sealed::from_bytes(sealed)) }
}

fn reason(grounds: &Grounds) -> i32 {
    Word::<stored::ModerationReason>::message(grounds.reason).into()
}

fn note(grounds: &Grounds) -> Bytes {
    grounds.note.as_ref().map(|note: &Sealed| sealed_bytes(note)).unwrap_or_default()
}

fn grounds(reason: i32, note: &[u8]) -> Result<Grounds, Malformed> {
    let reason = Word::<stored::ModerationReason>::of(reason).ok_or(Malformed)?;
    Ok(Grounds { reason, note: if note.is_empty() { None } else { Some(sealed(note)?) } })
}

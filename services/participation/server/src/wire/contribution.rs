use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_participation_domain::contribution::{
    About, Attachment, Event, Model, Place, SectionRef, Source, State, Submission,
};
use allmende_participation_domain::document::SectionId;
use allmende_participation_domain::{AttachmentId, CoarsePoint, ContributionId, DocumentId, ProcedureId};
use allmende_proto::participation::events::v1 as stored;
use bytes::Bytes;

use super::contribution_events as others;
use super::{Malformed, Word, bytes, day, event, event_type, id_bytes, moment, read, sealed, sealed_bytes, subject};

pub(super) const CONTRIBUTION_SUBMITTED: &str = event_type!("ContributionSubmitted");

/// What a state takes beside the people who reported it.
const STATE_BYTES: usize = 512;

/// A text of a citizen as the log keeps it.
#[derive(Debug)]
pub(crate) enum Contribution {}

impl Aggregate for Contribution {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Submitted { submission, version } => {
                event(CONTRIBUTION_SUBMITTED, &submitted_message(submission, *version))
            }
            other => others::encode(other),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            CONTRIBUTION_SUBMITTED => read(event_type, payload, submitted),
            other => others::decode(other, payload),
        }
    }

    fn weight(_: &State) -> usize {
        STATE_BYTES
    }
}

fn submitted_message(submission: &Submission, version: u32) -> stored::ContributionSubmitted {
    let Submission { procedure, about, source, text, licence, place, attachments, at } = submission;
    let kind = match about {
        About::Idea => stored::ContributionKind::Idea,
        About::Proposal => stored::ContributionKind::Proposal,
        About::SectionComment(_) | About::ProposalComment(_) => stored::ContributionKind::Comment,
        About::Amendment(_) => stored::ContributionKind::Amendment,
    };
    let section = about.section();
    let proposal = match about {
        About::ProposalComment(proposal) => bytes(proposal.as_bytes()),
        _ => Bytes::new(),
    };
    let (transcriber, received_on) = match source {
        Source::Online { .. } => (Bytes::new(), String::new()),
        Source::Offline { transcriber, received_on, .. } => (bytes(transcriber.as_bytes()), received_on.to_string()),
    };
    stored::ContributionSubmitted {
        procedure_id: bytes(procedure.as_bytes()),
        kind: kind.into(),
        document_id: section.map(|section| bytes(section.document.as_bytes())).unwrap_or_default(),
        section_id: section.map(|section| section.section.to_string()).unwrap_or_default(),
        version,
        proposal_id: proposal,
        channel: Word::<stored::Channel>::message(source.channel()).into(),
        author: source.author().map(|author| bytes(author.as_bytes())).unwrap_or_default(),
        level: match source {
            Source::Online { level, .. } => Word::<stored::SignInLevel>::message(*level),
            Source::Offline { .. } => stored::SignInLevel::Unspecified,
        }
        .into(),
        transcriber,
        received_on,
        received_from_us: match source {
            Source::Online { .. } => 0,
            Source::Offline { day_begins, .. } => day_begins.as_micros(),
        },
        at_us: at.as_micros(),
        text_sealed: sealed_bytes(text),
        licence: licence.clone().unwrap_or_default(),
        place: match place {
            Some(Place::Plain(point)) => Some(point_message(*point)),
            Some(Place::Sealed(_)) | None => None,
        },
        attachments: attachments.iter().map(attachment_message).collect(),
        place_sealed: match place {
            Some(Place::Sealed(place)) => sealed_bytes(place),
            Some(Place::Plain(_)) | None => Bytes::new(),
        },
    }
}

/// A place as it is stored, and as it is sealed.
pub(crate) fn point_message(point: CoarsePoint) -> stored::CoarsePoint {
    let (latitude_milli, longitude_milli) = point.milli();
    stored::CoarsePoint { latitude_milli, longitude_milli }
}

fn attachment_message(attachment: &Attachment) -> stored::Attachment {
    stored::Attachment {
        attachment_id: bytes(attachment.id.as_bytes()),
        media_type: attachment.media_type.clone(),
        size_bytes: attachment.size_bytes,
        sealed_sha256: Bytes::copy_from_slice(&attachment.sealed_sha256),
    }
}

fn submitted(message: stored::ContributionSubmitted) -> Result<Event, Malformed> {
    let about = about(&message)?;
    let channel = Word::<stored::Channel>::of(message.channel).ok_or(Malformed)?;
    let source = match message.author.is_empty() {
        false => Source::Online {
            author: subject(&message.author)?,
            level: Word::<stored::SignInLevel>::of(message.level).ok_or(Malformed)?,
            channel,
        },
        true => Source::Offline {
            transcriber: subject(&message.transcriber)?,
            channel,
            received_on: day(&message.received_on)?,
            day_begins: moment(message.received_from_us),
        },
    };
    let place = match message.place {
        _ if !message.place_sealed.is_empty() => Some(Place::Sealed(sealed(&message.place_sealed)?)),
        Some(stored::CoarsePoint { latitude_milli, longitude_milli }) => {
            let point = CoarsePoint::from_milli(latitude_milli, longitude_milli).map_err(|_| Malformed)?;
            Some(Place::Plain(point))
        }
        None => None,
    };
    let submission = Submission {
        procedure: ProcedureId::from_bytes(id_bytes(&message.procedure_id)?),
        about,
        source,
        text: sealed(&message.text_sealed)?,
        licence: Some(message.licence).filter(|licence| !licence.is_empty()),
        place,
        attachments: message.attachments.into_iter().map(attachment).collect::<Result<_, Malformed>>()?,
        at: moment(message.at_us),
    };
    Ok(Event::Submitted { submission, version: message.version })
}

fn about(message: &stored::ContributionSubmitted) -> Result<About, Malformed> {
    let section = || {
        Ok(SectionRef {
            document: DocumentId::from_bytes(id_bytes(&message.document_id)?),
            section: SectionId::parse(&message.section_id).map_err(|_| Malformed)?,
        })
    };
    Ok(match message.kind() {
        stored::ContributionKind::Idea => About::Idea,
        stored::ContributionKind::Proposal => About::Proposal,
        stored::ContributionKind::Comment if message.proposal_id.is_empty() => About::SectionComment(section()?),
        stored::ContributionKind::Comment => {
            About::ProposalComment(ContributionId::from_bytes(id_bytes(&message.proposal_id)?))
        }
        stored::ContributionKind::Amendment => About::Amendment(section()?),
        stored::ContributionKind::Unspecified => return Err(Malformed),
    })
}

fn attachment(message: stored::Attachment) -> Result<Attachment, Malformed> {
    Ok(Attachment {
        id: AttachmentId::from_bytes(id_bytes(&message.attachment_id)?),
        media_type: message.media_type,
        size_bytes: message.size_bytes,
        sealed_sha256: message.sealed_sha256.as_ref().try_into().map_err(|_| Malformed)?,
    })
}

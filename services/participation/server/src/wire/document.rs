use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_participation_domain::ProcedureId;
use allmende_participation_domain::document::{Event, Model, Section, SectionId, State};
use allmende_proto::participation::events::v1 as stored;

use super::{Malformed, bytes, event, event_type, id_bytes, moment, range, range_message, read, unknown};

const DRAFT_PUBLISHED: &str = event_type!("DraftPublished");
const CONSULTATION_OPENED: &str = event_type!("ConsultationOpened");
const REVISION_PUBLISHED: &str = event_type!("RevisionPublished");

/// What a state takes beside its sections, and what a section takes beside its text.
const STATE_BYTES: usize = 512;
const SECTION_BYTES: usize = 256;

/// A text that people are asked about as the log keeps it.
#[derive(Debug)]
pub(crate) enum Document {}

impl Aggregate for Document {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::DraftPublished { procedure, title, sections, at } => event(
                DRAFT_PUBLISHED,
                &stored::DraftPublished {
                    procedure_id: bytes(procedure.as_bytes()),
                    title: title.clone(),
                    sections: sections.iter().map(section_message).collect(),
                    at_us: at.as_micros(),
                },
            ),
            Event::ConsultationOpened { days, at } => event(
                CONSULTATION_OPENED,
                &stored::ConsultationOpened { days: Some(range_message(days)), at_us: at.as_micros() },
            ),
            Event::RevisionPublished { version, sections, unanswered, at } => event(
                REVISION_PUBLISHED,
                &stored::RevisionPublished {
                    version: *version,
                    sections: sections.iter().map(section_message).collect(),
                    unanswered: *unanswered,
                    at_us: at.as_micros(),
                },
            ),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            DRAFT_PUBLISHED => read(event_type, payload, |message: stored::DraftPublished| {
                let stored::DraftPublished { procedure_id, title, sections, at_us } = message;
                let procedure = ProcedureId::from_bytes(id_bytes(&procedure_id)?);
                Ok(Event::DraftPublished { procedure, title, sections: sections_of(sections)?, at: moment(at_us) })
            }),
            CONSULTATION_OPENED => read(event_type, payload, |message: stored::ConsultationOpened| {
                Ok(Event::ConsultationOpened { days: range(message.days)?, at: moment(message.at_us) })
            }),
            REVISION_PUBLISHED => read(event_type, payload, |message: stored::RevisionPublished| {
                let stored::RevisionPublished { version, sections, unanswered, at_us } = message;
                let sections = sections_of(sections)?;
                Ok(Event::RevisionPublished { version, sections, unanswered, at: moment(at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        let sections = state.document().map_or(&[][..], |document| &document.sections);
        let section = |section: &Section| SECTION_BYTES + section.heading.len() + section.text.len();
        STATE_BYTES + sections.iter().map(section).sum::<usize>()
    }
}

fn section_message(section: &Section) -> stored::Section {
    stored::Section {
        section_id: section.id.to_string(),
        heading: section.heading.clone(),
        level: section.level.into(),
        text: section.text.clone(),
    }
}

fn sections_of(messages: Vec<stored::Section>) -> Result<Vec<Section>, Malformed> {
    let section = |message: stored::Section| {
        let stored::Section { section_id, heading, level, text } = message;
        let id = SectionId::parse(&section_id).map_err(|_| Malformed)?;
        Ok(Section { id, heading, level: level.try_into().map_err(|_| Malformed)?, text })
    };
    messages.into_iter().map(section).collect()
}

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_participation_domain::ProcedureId;
use allmende_participation_domain::project::{Event, Model, Project as State};
use allmende_proto::participation::events::v1 as stored;

use super::{Malformed, Word, bytes, event, event_type, id_bytes, moment, read, unknown};

const PROJECT_STARTED: &str = event_type!("ProjectStarted");
const PROJECT_UPDATED: &str = event_type!("ProjectUpdated");

/// A project as the log keeps it.
#[derive(Debug)]
pub(crate) enum Project {}

impl Aggregate for Project {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Started { procedure, title, summary, at } => event(
                PROJECT_STARTED,
                &stored::ProjectStarted {
                    procedure_id: bytes(procedure.as_bytes()),
                    title: title.clone(),
                    summary: summary.clone(),
                    at_us: at.as_micros(),
                },
            ),
            Event::Updated { standing, text, at } => event(
                PROJECT_UPDATED,
                &stored::ProjectUpdated {
                    state: Word::<stored::ProjectState>::message(*standing).into(),
                    text: text.clone(),
                    at_us: at.as_micros(),
                },
            ),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            PROJECT_STARTED => read(event_type, payload, |message: stored::ProjectStarted| {
                let stored::ProjectStarted { procedure_id, title, summary, at_us } = message;
                let procedure = ProcedureId::from_bytes(id_bytes(&procedure_id)?);
                Ok(Event::Started { procedure, title, summary, at: moment(at_us) })
            }),
            PROJECT_UPDATED => read(event_type, payload, |message: stored::ProjectUpdated| {
                let standing = Word::<stored::ProjectState>::of(message.state).ok_or(Malformed)?;
                Ok(Event::Updated { standing, text: message.text, at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &Option<State>) -> usize {
        size_of::<Option<State>>()
    }
}

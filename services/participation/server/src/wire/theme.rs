use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_participation_domain::ProcedureId;
use allmende_participation_domain::theme::{Event, Model, Theme as State};
use allmende_proto::participation::events::v1 as stored;

use super::{bytes, event, event_type, id_bytes, moment, read, unknown};

const THEME_DEFINED: &str = event_type!("ThemeDefined");
const THEME_ANSWERED: &str = event_type!("ThemeAnswered");

/// A theme as the log keeps it.
#[derive(Debug)]
pub(crate) enum Theme {}

impl Aggregate for Theme {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Defined { procedure, title, description, at } => event(
                THEME_DEFINED,
                &stored::ThemeDefined {
                    procedure_id: bytes(procedure.as_bytes()),
                    title: title.clone(),
                    description: description.clone(),
                    at_us: at.as_micros(),
                },
            ),
            Event::Answered { text, at } => {
                event(THEME_ANSWERED, &stored::ThemeAnswered { text: text.clone(), at_us: at.as_micros() })
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            THEME_DEFINED => read(event_type, payload, |message: stored::ThemeDefined| {
                let stored::ThemeDefined { procedure_id, title, description, at_us } = message;
                let procedure = ProcedureId::from_bytes(id_bytes(&procedure_id)?);
                Ok(Event::Defined { procedure, title, description, at: moment(at_us) })
            }),
            THEME_ANSWERED => read(event_type, payload, |message: stored::ThemeAnswered| {
                Ok(Event::Answered { text: message.text, at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &Option<State>) -> usize {
        size_of::<Option<State>>()
    }
}

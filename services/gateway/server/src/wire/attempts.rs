use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::attempts::{Event, Model, State};
use allmende_proto::gateway::events::v1 as stored;

use super::{event, moment, read, unknown};

const FAILED: &str = "allmende.gateway.events.v1.AttemptFailed";
const SUCCEEDED: &str = "allmende.gateway.events.v1.AttemptSucceeded";
const CODE_SENT: &str = "allmende.gateway.events.v1.CodeSent";
const CODE_USED: &str = "allmende.gateway.events.v1.CodeUsed";

/// What is tried with an address, as the log keeps it.
#[derive(Debug)]
pub(crate) enum Attempts {}

impl Aggregate for Attempts {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Failed { at } => event(FAILED, &stored::AttemptFailed { at_us: at.as_micros() }),
            Event::Succeeded { at } => event(SUCCEEDED, &stored::AttemptSucceeded { at_us: at.as_micros() }),
            Event::CodeSent { at } => event(CODE_SENT, &stored::CodeSent { at_us: at.as_micros() }),
            Event::CodeUsed { at } => event(CODE_USED, &stored::CodeUsed { at_us: at.as_micros() }),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            FAILED => read(event_type, payload, |message: stored::AttemptFailed| {
                Ok(Event::Failed { at: moment(message.at_us) })
            }),
            SUCCEEDED => read(event_type, payload, |message: stored::AttemptSucceeded| {
                Ok(Event::Succeeded { at: moment(message.at_us) })
            }),
            CODE_SENT => {
                read(event_type, payload, |message: stored::CodeSent| Ok(Event::CodeSent { at: moment(message.at_us) }))
            }
            CODE_USED => {
                read(event_type, payload, |message: stored::CodeUsed| Ok(Event::CodeUsed { at: moment(message.at_us) }))
            }
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &State) -> usize {
        128
    }
}

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::address::{Event, Holder, Model, State};
use allmende_proto::gateway::events::v1 as stored;

use super::{event, id_bytes, read, subject, tenant_id, unknown};

pub(super) const TAKEN: &str = "allmende.gateway.events.v1.AddressTaken";
pub(super) const RELEASED: &str = "allmende.gateway.events.v1.AddressReleased";

/// An address as the log keeps it.
#[derive(Debug)]
pub(crate) enum Address {}

impl Aggregate for Address {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Taken(Holder { subject, home }) => event(
                TAKEN,
                &stored::AddressTaken { subject_id: id_bytes(subject.as_bytes()), home_tenant: home.to_string() },
            ),
            Event::Released { subject } => {
                event(RELEASED, &stored::AddressReleased { subject_id: id_bytes(subject.as_bytes()) })
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            TAKEN => read(event_type, payload, |message: stored::AddressTaken| {
                Ok(Event::Taken(Holder {
                    subject: subject(&message.subject_id)?,
                    home: tenant_id(&message.home_tenant)?,
                }))
            }),
            RELEASED => read(event_type, payload, |message: stored::AddressReleased| {
                Ok(Event::Released { subject: subject(&message.subject_id)? })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &State) -> usize {
        128
    }
}

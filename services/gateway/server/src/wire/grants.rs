use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::ProcedureId;
use allmende_gateway_domain::grants::{Event, Given, Grant, Model, State};
use allmende_proto::gateway::events::v1 as stored;
use bytes::Bytes;

use super::{Malformed, event, id_bytes, moment, read, role_message, role_of, subject, unknown, uuid};

pub(super) const GRANTED: &str = "allmende.gateway.events.v1.RoleGranted";
pub(super) const REVOKED: &str = "allmende.gateway.events.v1.RoleRevoked";

/// A person's grants in a tenant, as the log keeps them.
#[derive(Debug)]
pub(crate) enum Grants {}

impl Aggregate for Grants {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        let procedure = |grant: &Grant| grant.procedure.map(|id| id_bytes(id.as_bytes())).unwrap_or_default();
        match happened {
            Event::Granted(grant, Given { by, at }) => event(
                GRANTED,
                &stored::RoleGranted {
                    role: role_message(grant.role).into(),
                    procedure_id: procedure(grant),
                    by: id_bytes(by.as_bytes()),
                    at_us: at.as_micros(),
                },
            ),
            Event::Revoked(grant, Given { by, at }) => event(
                REVOKED,
                &stored::RoleRevoked {
                    role: role_message(grant.role).into(),
                    procedure_id: procedure(grant),
                    by: id_bytes(by.as_bytes()),
                    at_us: at.as_micros(),
                },
            ),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            GRANTED => read(event_type, payload, |message: stored::RoleGranted| {
                let grant = grant_of(message.role(), &message.procedure_id)?;
                Ok(Event::Granted(grant, Given { by: subject(&message.by)?, at: moment(message.at_us) }))
            }),
            REVOKED => read(event_type, payload, |message: stored::RoleRevoked| {
                let grant = grant_of(message.role(), &message.procedure_id)?;
                Ok(Event::Revoked(grant, Given { by: subject(&message.by)?, at: moment(message.at_us) }))
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        128 + state.len() * size_of::<(Grant, Given)>() * 2
    }
}

fn grant_of(role: stored::Role, procedure: &Bytes) -> Result<Grant, Malformed> {
    let procedure = (!procedure.is_empty()).then(|| uuid(procedure).map(ProcedureId::new)).transpose()?;
    Ok(Grant { role: role_of(role)?, procedure })
}

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::TokenHash;
use allmende_gateway_domain::session::{End, Event, Model, State};
use allmende_proto::gateway::events::v1 as stored;

use super::{event, hash, hash_bytes, id_bytes, level_message, level_of, moment, read, same_values, subject, unknown};

pub(super) const BEGUN: &str = "allmende.gateway.events.v1.SessionBegun";
pub(super) const REFRESHED: &str = "allmende.gateway.events.v1.SessionRefreshed";
pub(super) const ENDED: &str = "allmende.gateway.events.v1.SessionEnded";

same_values!(end_message, end_of: End = stored::SessionEnd { SignedOut = SignedOut, TokenReused = TokenReused });

/// A session as the log keeps it.
#[derive(Debug)]
pub(crate) enum Session {}

impl Aggregate for Session {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Begun { subject, level, token, at, ends_at } => event(
                BEGUN,
                &stored::SessionBegun {
                    subject_id: id_bytes(subject.as_bytes()),
                    level: level_message(*level).into(),
                    token_hash: hash_bytes(token.as_bytes()),
                    at_us: at.as_micros(),
                    ends_at_us: ends_at.as_micros(),
                },
            ),
            Event::Refreshed { token, at } => event(
                REFRESHED,
                &stored::SessionRefreshed { token_hash: hash_bytes(token.as_bytes()), at_us: at.as_micros() },
            ),
            Event::Ended { reason, at } => {
                event(ENDED, &stored::SessionEnded { reason: end_message(*reason).into(), at_us: at.as_micros() })
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            BEGUN => read(event_type, payload, |message: stored::SessionBegun| {
                Ok(Event::Begun {
                    subject: subject(&message.subject_id)?,
                    level: level_of(message.level())?,
                    token: TokenHash::from_bytes(hash(&message.token_hash)?),
                    at: moment(message.at_us),
                    ends_at: moment(message.ends_at_us),
                })
            }),
            REFRESHED => read(event_type, payload, |message: stored::SessionRefreshed| {
                let token = TokenHash::from_bytes(hash(&message.token_hash)?);
                Ok(Event::Refreshed { token, at: moment(message.at_us) })
            }),
            ENDED => read(event_type, payload, |message: stored::SessionEnded| {
                Ok(Event::Ended { reason: end_of(message.reason())?, at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        256 + match state {
            State::Open(_) => 1_024,
            State::Absent | State::Ended { .. } => 0,
        }
    }
}

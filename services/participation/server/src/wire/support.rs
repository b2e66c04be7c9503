use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_participation_domain::{ContributionId, allowance, support};
use allmende_proto::participation::events::v1 as stored;

use super::{bytes, event, event_type, id_bytes, moment, read, unknown};

const SUPPORT_GIVEN: &str = event_type!("SupportGiven");
const SUPPORT_TAKEN_BACK: &str = event_type!("SupportTakenBack");
const SUPPORT_SPENT: &str = event_type!("SupportSpent");
const SUPPORT_RETURNED: &str = event_type!("SupportReturned");

/// What a support's name takes in memory beside the state.
const STATE_BYTES: usize = 160;
/// What an entry of a set takes.
const ENTRY_BYTES: usize = 40;

/// One person's support of one thing as the log keeps it.
#[derive(Debug)]
pub(crate) enum Support {}

impl Aggregate for Support {
    type Model = support::Model;

    fn encode(happened: &support::Event) -> NewEvent {
        match happened {
            support::Event::Given { at } => event(SUPPORT_GIVEN, &stored::SupportGiven { at_us: at.as_micros() }),
            support::Event::TakenBack { at } => {
                event(SUPPORT_TAKEN_BACK, &stored::SupportTakenBack { at_us: at.as_micros() })
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<support::Event, UnknownEvent> {
        match event_type {
            SUPPORT_GIVEN => read(event_type, payload, |message: stored::SupportGiven| {
                Ok(support::Event::Given { at: moment(message.at_us) })
            }),
            SUPPORT_TAKEN_BACK => read(event_type, payload, |message: stored::SupportTakenBack| {
                Ok(support::Event::TakenBack { at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &bool) -> usize {
        STATE_BYTES
    }
}

/// The supports that a person has given in a procedure as the log keeps them.
#[derive(Debug)]
pub(crate) enum Allowance {}

impl Aggregate for Allowance {
    type Model = allowance::Model;

    fn encode(happened: &allowance::Event) -> NewEvent {
        match happened {
            allowance::Event::Spent(on) => {
                event(SUPPORT_SPENT, &stored::SupportSpent { contribution_id: bytes(on.as_bytes()) })
            }
            allowance::Event::Returned(of) => {
                event(SUPPORT_RETURNED, &stored::SupportReturned { contribution_id: bytes(of.as_bytes()) })
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<allowance::Event, UnknownEvent> {
        let id = |bytes: &[u8]| id_bytes(bytes).map(ContributionId::from_bytes);
        match event_type {
            SUPPORT_SPENT => read(event_type, payload, |message: stored::SupportSpent| {
                id(&message.contribution_id).map(allowance::Event::Spent)
            }),
            SUPPORT_RETURNED => read(event_type, payload, |message: stored::SupportReturned| {
                id(&message.contribution_id).map(allowance::Event::Returned)
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &allowance::State) -> usize {
        STATE_BYTES + ENTRY_BYTES * state.given()
    }
}

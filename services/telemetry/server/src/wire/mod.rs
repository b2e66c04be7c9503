//! Events between the domain and their stored form, `allmende.telemetry.events.v1`.
//!
//! What was ever stored is read for ever: a message that gets a successor keeps its branch in `decode`, and each has a
//! golden file under `tests/golden`.

mod columns;
mod observations;
mod station;
mod station_record;

use allmende_eventlog::{NewEvent, UnknownEvent};
use prost::Message;

pub(crate) use observations::{OBSERVATIONS_RECORDED, Observations};
pub(crate) use station::Station;
pub(crate) use station_record::{station_from_bytes, station_to_bytes};

/// Golden files are tests of the crate's own, so what they need is here for them.
#[cfg(test)]
mod golden;

/// A message whose bytes or values are not what this version writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

fn event(event_type: &'static str, message: &impl Message) -> NewEvent {
    NewEvent { event_type, payload: message.encode_to_vec().into() }
}

fn unknown(event_type: &str) -> UnknownEvent {
    UnknownEvent { event_type: event_type.to_owned() }
}

/// Reads a message and turns it into an event; whatever is wrong with it, the event cannot be read.
fn read<M: Message + Default, E>(
    event_type: &str,
    payload: &[u8],
    into: impl FnOnce(M) -> Result<E, Malformed>,
) -> Result<E, UnknownEvent> {
    let message = M::decode(payload).map_err(|_| unknown(event_type))?;
    into(message).map_err(|Malformed| unknown(event_type))
}

fn id_bytes(bytes: &[u8]) -> Result<[u8; 16], Malformed> {
    bytes.try_into().map_err(|_| Malformed)
}

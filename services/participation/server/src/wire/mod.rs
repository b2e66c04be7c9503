//! Events between the domain and their stored form, `allmende.participation.events.v1`.
//!
//! What was ever stored is read for ever: a message that gets a successor keeps its branch in `decode`, and each has a
//! golden file under `tests/golden`.

mod contribution;
mod contribution_events;
mod document;
mod procedure;
mod project;
mod support;
mod theme;
mod words;

use allmende_eventlog::{NewEvent, UnknownEvent};
use allmende_kernel::{Sealed, SubjectId, Timestamp};
use allmende_participation_domain::{Day, DayRange};
use allmende_proto::participation::events::v1 as stored;
use bytes::Bytes;
use prost::Message;
use uuid::Uuid;

pub(crate) use contribution::{Contribution, point_message};
pub(crate) use document::Document;
pub(crate) use procedure::Procedure;
pub(crate) use project::Project;
pub(crate) use support::{Allowance, Support};
pub(crate) use theme::Theme;
pub(crate) use words::Word;

/// Golden files are tests of the crate's own, so what they need is here for them.
#[cfg(test)]
mod golden;

/// The package that every stored event's name begins with.
macro_rules! event_type {
    ($name:literal) => {
        concat!("allmende.participation.events.v1.", $name)
    };
}
pub(crate) use event_type;

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

fn bytes(id: &[u8; 16]) -> Bytes {
    Bytes::copy_from_slice(id)
}

fn id_bytes(bytes: &[u8]) -> Result<[u8; 16], Malformed> {
    bytes.try_into().map_err(|_| Malformed)
}

fn subject(bytes: &[u8]) -> Result<SubjectId, Malformed> {
    id_bytes(bytes).map(|bytes| SubjectId::new(Uuid::from_bytes(bytes)))
}

fn sealed_bytes(sealed: &Sealed) -> Bytes {
    Bytes::copy_from_slice(sealed.as_bytes())
}

/// Never empty: a box is longer than its content.
fn sealed(bytes: &[u8]) -> Result<Sealed, Malformed> {
    if bytes.is_empty() { Err(Malformed) } else { Ok(Sealed::from_bytes(bytes)) }
}

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn range_message(range: &DayRange) -> stored::DayRange {
    stored::DayRange {
        from_day: range.from.to_string(),
        to_day: range.to.to_string(),
        from_us: range.opens.as_micros(),
        to_us: range.closes.as_micros(),
    }
}

fn range(message: Option<stored::DayRange>) -> Result<DayRange, Malformed> {
    let stored::DayRange { from_day, to_day, from_us, to_us } = message.ok_or(Malformed)?;
    Ok(DayRange { from: day(&from_day)?, to: day(&to_day)?, opens: moment(from_us), closes: moment(to_us) })
}

fn day(text: &str) -> Result<Day, Malformed> {
    text.parse().map_err(|_| Malformed)
}

//! Events between the domain and their stored form, `allmende.reporting.events.v1`.
//!
//! What was ever stored is read for ever: a message that gets a successor keeps its branch in `decode`, and each has a
//! golden file under `tests/golden`.

mod impact_logic;
mod indicator;
mod report;
mod run;
mod tables;

use allmende_eventlog::{NewEvent, UnknownEvent};
use allmende_proto::reporting::events::v1 as stored;
use allmende_reporting_domain::Text;
use bytes::Bytes;
use prost::Message;

pub(crate) use impact_logic::ImpactLogic;
pub(crate) use indicator::Indicator;
pub(crate) use report::Report;
pub(crate) use run::Run;

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

fn ids<T>(bytes: &[Bytes], id: impl Fn([u8; 16]) -> T) -> Result<Vec<T>, Malformed> {
    bytes.iter().map(|bytes| id_bytes(bytes).map(&id)).collect()
}

fn text_message(text: &Text) -> stored::Text {
    stored::Text { de: text.de().to_owned(), en: text.en().unwrap_or_default().to_owned() }
}

/// Titles of other services may be shorter than what is taken here as a text: nothing, for instance.
fn text_of(text: Option<stored::Text>) -> Result<Text, Malformed> {
    let stored::Text { de, en } = text.ok_or(Malformed)?;
    match Text::new(de.clone(), en) {
        Ok(text) => Ok(text),
        Err(_) => Ok(Text::plain(&de)),
    }
}

fn texts_of(texts: Vec<stored::Text>) -> Result<Vec<Text>, Malformed> {
    texts.into_iter().map(|text| text_of(Some(text))).collect()
}

//! Events between the domain and their stored form, `allmende.opendata.events.v1`.
//!
//! What was ever stored is read for ever: a message that gets a successor keeps its branch in `decode`, and each has a
//! golden file under `tests/golden`.

mod dataset;
mod description;
mod distribution;
mod publisher;
mod source_licence;

use allmende_eventlog::{NewEvent, UnknownEvent};
use prost::Message;

pub(crate) use dataset::{Dataset, position_of, reason_of, release_of, source_of};
pub(crate) use description::{description_of, text_of};
pub(crate) use distribution::{distribution_of, findings_of};
pub(crate) use publisher::{Publisher, publisher_of};
pub(crate) use source_licence::{SourceLicence, terms_of};

/// Names of the stored events of a dataset, for the view.
pub(crate) mod names {
    pub(crate) use super::dataset::{
        DATASET_DEPRECATED, DATASET_DESCRIBED, DATASET_REGISTERED, DISTRIBUTION_ADDED, FILES_REMOVED, HVD_MARKED,
        RELEASE_CHECKED, VERSION_BEGUN, VERSION_RELEASED, VERSION_WITHDRAWN,
    };
    pub(crate) use super::publisher::PUBLISHER_DESCRIBED;
    pub(crate) use super::source_licence::SOURCE_LICENCE_DECLARED;
}

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

fn uuid_of(bytes: &[u8]) -> Result<uuid::Uuid, Malformed> {
    uuid::Uuid::from_slice(bytes).map_err(|_| Malformed)
}

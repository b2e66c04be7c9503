use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::Timestamp;
use allmende_opendata_domain::publisher::{self, Described, Kind, Model};
use allmende_proto::opendata::events::v1 as stored;

use super::description::text_message;
use super::{Malformed, event, read, text_of, unknown};

pub(crate) const PUBLISHER_DESCRIBED: &str = "allmende.opendata.events.v1.PublisherDescribed";

/// A tenant's publisher as the log keeps it.
#[derive(Debug)]
pub(crate) enum Publisher {}

impl Aggregate for Publisher {
    type Model = Model;

    fn encode(happened: &Described) -> NewEvent {
        let Described { publisher, at } = happened;
        event(
            PUBLISHER_DESCRIBED,
            &stored::PublisherDescribed {
                name: Some(text_message(&publisher.name)),
                r#type: publisher.kind.code().to_owned(),
                homepage: publisher.homepage.clone(),
                contact_name: publisher.contact_name.clone(),
                contact_email: publisher.contact_email.clone(),
                contributor_id: publisher.contributor_id.clone(),
                place: publisher.place.clone(),
                at_us: at.as_micros(),
            },
        )
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Described, UnknownEvent> {
        match event_type {
            PUBLISHER_DESCRIBED => read(event_type, payload, |message: stored::PublisherDescribed| {
                let at = Timestamp::from_micros(message.at_us);
                Ok(Described { publisher: publisher_of(message)?, at })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &Option<publisher::Publisher>) -> usize {
        1_024
    }
}

/// The publisher of a stored description.
pub(crate) fn publisher_of(message: stored::PublisherDescribed) -> Result<publisher::Publisher, Malformed> {
    Ok(publisher::Publisher {
        name: text_of(message.name),
        kind: Kind::from_code(&message.r#type).ok_or(Malformed)?,
        homepage: message.homepage,
        contact_name: message.contact_name,
        contact_email: message.contact_email,
        contributor_id: message.contributor_id,
        place: message.place,
    })
}

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::feedback::{self, Model, Sent, State, Topic};
use allmende_proto::gateway::events::v1 as stored;

use super::{event, maybe_sealed, maybe_sealed_bytes, moment, read, same_values, sealed, sealed_bytes, unknown};

pub(super) const SENT: &str = "allmende.gateway.events.v1.FeedbackSent";

same_values!(topic_message, topic_of: Topic = stored::FeedbackTopic {
    Accessibility = Accessibility, Privacy = Privacy, Other = Other,
});

/// Feedback as the log keeps it.
#[derive(Debug)]
pub(crate) enum Feedback {}

impl Aggregate for Feedback {
    type Model = Model;

    fn encode(Sent(told): &Sent) -> NewEvent {
        event(
            SENT,
            &stored::FeedbackSent {
                topic: topic_message(told.topic).into(),
                text_sealed: sealed_bytes(&told.text),
                reply_to_sealed: maybe_sealed_bytes(told.reply_to.as_ref()),
                page: told.page.clone(),
                at_us: told.at.as_micros(),
            },
        )
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Sent, UnknownEvent> {
        if event_type != SENT {
            return Err(unknown(event_type));
        }
        read(event_type, payload, |message: stored::FeedbackSent| {
            Ok(Sent(feedback::Feedback {
                topic: topic_of(message.topic())?,
                text: sealed(&message.text_sealed),
                reply_to: maybe_sealed(&message.reply_to_sealed),
                page: message.page,
                at: moment(message.at_us),
            }))
        })
    }

    fn weight(state: &State) -> usize {
        256 + state.as_ref().map_or(0, |told| told.text.as_bytes().len())
    }
}

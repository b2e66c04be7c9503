use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::feedback::{self, Event, Model, State, Topic};
use allmende_kernel::SubjectId;
use allmende_proto::gateway::events::v1 as stored;
use bytes::Bytes;

use super::{
    Malformed, event, id_bytes, maybe_sealed, maybe_sealed_bytes, moment, read, same_values, sealed, sealed_bytes,
    subject, unknown,
};

pub(super) const SENT: &str = "allmende.gateway.events.v1.FeedbackSent";
pub(super) const ERASED: &str = "allmende.gateway.events.v1.FeedbackErased";

same_values!(topic_message, topic_of: Topic = stored::FeedbackTopic {
    Accessibility = Accessibility, Privacy = Privacy, Other = Other,
});

/// Feedback as the log keeps it.
#[derive(Debug)]
pub(crate) enum Feedback {}

impl Aggregate for Feedback {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Sent(told) => event(
                SENT,
                &stored::FeedbackSent {
                    topic: topic_message(told.topic).into(),
                    text_sealed: sealed_bytes(&told.text),
                    reply_to_sealed: maybe_sealed_bytes(told.reply_to.as_ref()),
                    page: told.page.clone(),
                    at_us: told.at.as_micros(),
                    subject_id: maybe_subject_bytes(told.by),
                },
            ),
            Event::Erased { by, at } => {
                event(ERASED, &stored::FeedbackErased { by: maybe_subject_bytes(*by), at_us: at.as_micros() })
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            SENT => read(event_type, payload, |message: stored::FeedbackSent| {
                Ok(Event::Sent(feedback::Feedback {
                    topic: topic_of(message.topic())?,
                    text: sealed(&message.text_sealed),
                    reply_to: maybe_sealed(&message.reply_to_sealed),
                    page: message.page,
                    by: maybe_subject(&message.subject_id)?,
                    at: moment(message.at_us),
                }))
            }),
            ERASED => read(event_type, payload, |message: stored::FeedbackErased| {
                Ok(Event::Erased { by: maybe_subject(&message.by)?, at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        256 + state.as_ref().map_or(0, |told| told.feedback.text.as_bytes().len())
    }
}

fn maybe_subject(bytes: &Bytes) -> Result<Option<SubjectId>, Malformed> {
    if bytes.is_empty() { Ok(None) } else { subject(bytes).map(Some) }
}

fn maybe_subject_bytes(subject: Option<SubjectId>) -> Bytes {
    subject.map(|subject| id_bytes(subject.as_bytes())).unwrap_or_default()
}

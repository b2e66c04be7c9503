//! Headers of messages.

use allmende_instrumentation::context;
use async_nats::HeaderMap;
use async_nats::header::NATS_MARKER_REASON;

const TRACEPARENT: &str = "traceparent";
/// Says what a bucket's message does to its key.
const OPERATION: &str = "KV-Operation";
const REMOVE: &str = "DEL";
const PUT: &str = "PUT";
/// By which whoever stored a value knows it again.
const MARK: &str = "Allmende-Mark";

/// Makes the current span, if there is one, the parent of what is done about the message.
pub(crate) fn add_trace(headers: &mut HeaderMap) {
    if let Some(context) = context::current() {
        headers.insert(TRACEPARENT, context.traceparent());
    }
}

/// Makes the message remove its key's value.
pub(crate) fn add_removal(headers: &mut HeaderMap) {
    headers.insert(OPERATION, REMOVE);
}

/// Whether a bucket's message is no value but says that there is none any more.
pub(crate) fn remove_a_value(headers: &HeaderMap) -> bool {
    let does_else = headers.get(OPERATION).is_some_and(|operation| operation.as_str() != PUT);
    does_else || headers.get(NATS_MARKER_REASON).is_some()
}

pub(crate) fn add_mark(headers: &mut HeaderMap, mark: &str) {
    headers.insert(MARK, mark);
}

pub(crate) fn mark(headers: &HeaderMap) -> Option<String> {
    headers.get(MARK).map(|mark| mark.as_str().to_owned())
}

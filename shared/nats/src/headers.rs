//! Headers of messages.

use allmende_instrumentation::context;
use async_nats::HeaderMap;

const TRACEPARENT: &str = "traceparent";

/// Makes the current span, if there is one, the parent of what is done about the message.
pub(crate) fn add_trace(headers: &mut HeaderMap) {
    if let Some(context) = context::current() {
        headers.insert(TRACEPARENT, context.traceparent());
    }
}

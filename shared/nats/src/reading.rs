//! Reading one message back from a stream that is not a log.

use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use tokio::time::timeout;

/// The subject's last message, as the server that answers for the stream knows it; `None` if it knows none. One that was
/// replaced as the stream's leader, and does not know it yet, answers from an older state.
pub(crate) async fn last_message(
    stream: &Stream,
    subject: &str,
    within: Duration,
) -> Result<Option<StreamMessage>, String> {
    match timeout(within, stream.get_last_raw_message_by_subject(subject)).await {
        Ok(Ok(message)) => Ok(Some(message)),
        Ok(Err(error)) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {within:?}")),
    }
}

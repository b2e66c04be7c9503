//! Storing one message, where it is expected, in a stream that is not a log: buckets and bodies.

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{HeaderMap, Request, header};
use bytes::Bytes;
use tokio::time::sleep;

use crate::connection::Connection;
use crate::{backoff, headers};

/// A replicated stream's answer while another message for the same place is on its way to the replicas: nothing of this
/// attempt is stored, and whether the place is taken is not decided yet.
const UNDECIDED: ErrorCode = ErrorCode(10164);
/// How often that is asked again.
const ATTEMPTS: usize = 8;

/// Stores `value`; with `expected`, only if that is the sequence of the subject's last message (0: it has none), in one step
/// with finding that out. Its sequence; `None` if another message is the last one.
///
/// After an error it may be stored all the same.
pub(crate) async fn store(
    connection: &Connection,
    stream: &str,
    subject: String,
    value: Bytes,
    expected: Option<u64>,
) -> Result<Option<u64>, String> {
    let mut headers = HeaderMap::new();
    headers.insert(header::NATS_EXPECTED_STREAM, stream);
    if let Some(expected) = expected {
        headers.insert(header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, expected.to_string());
    }
    headers::add_trace(&mut headers);
    let mut attempt = 0;
    loop {
        attempt += 1;
        let request = Request::new().headers(headers.clone()).payload(value.clone());
        let answer = connection.client().send_request(subject.clone(), request).await;
        let answer = answer.map_err(|error| error.to_string())?;
        match serde_json::from_slice(&answer.payload).map_err(|error| error.to_string())? {
            Response::Ok(PublishAck { sequence, .. }) => return Ok(Some(sequence)),
            Response::Err { error } => match error.error_code() {
                ErrorCode::STREAM_WRONG_LAST_SEQUENCE if expected.is_some() => return Ok(None),
                UNDECIDED if attempt < ATTEMPTS => sleep(backoff::before(attempt)).await,
                _ => return Err(error.to_string()),
            },
        }
    }
}

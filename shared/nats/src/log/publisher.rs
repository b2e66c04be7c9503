//! Publishing one message at a time, on a connection that is never made again.

use std::time::Duration;

use allmende_eventlog_nats::stream::{Published, Publisher};
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{Client, HeaderMap, Request, header};
use async_trait::async_trait;
use bytes::Bytes;

use super::Names;
use crate::headers;

pub(super) struct OwnPublisher {
    client: Client,
    names: Names,
}

impl OwnPublisher {
    /// Takes a connection that nothing was published over and that does not come back.
    pub(super) fn new(client: Client, names: &Names) -> Self {
        Self { client, names: names.clone() }
    }

    fn headers(&self, expected_last: u64) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::NATS_EXPECTED_LAST_SEQUENCE, expected_last.to_string());
        // Another stream that listens on this subject must not acknowledge in place of this one.
        headers.insert(header::NATS_EXPECTED_STREAM, self.names.stream.as_str());
        headers::add_trace(&mut headers);
        headers
    }

    fn outcome(&self, expected_last: u64, answer: &[u8]) -> Published {
        match serde_json::from_slice::<Response<PublishAck>>(answer) {
            Ok(Response::Ok(ack)) if ack.stream == self.names.stream && !ack.duplicate => {
                if ack.sequence == expected_last + 1 {
                    return Published::Committed(ack.sequence);
                }
                tracing::error!(expected_last, sequence = ack.sequence, "a stream ignored the expected sequence");
                Published::Unknown
            }
            Ok(Response::Ok(_)) => Published::Unknown,
            // The only error that says that nothing was and nothing will be stored. Others are answered before, while
            // or after a message is proposed to the replicas, and a client cannot tell which.
            Ok(Response::Err { error }) if error.error_code() == ErrorCode::STREAM_WRONG_LAST_SEQUENCE => {
                Published::Refused
            }
            Ok(Response::Err { error }) => {
                tracing::warn!(stream = self.names.stream, %error, "publishing to a log");
                Published::Unknown
            }
            Err(error) => {
                tracing::warn!(stream = self.names.stream, %error, "an answer of the stream cannot be read");
                Published::Unknown
            }
        }
    }
}

#[async_trait]
impl Publisher for OwnPublisher {
    async fn publish(&mut self, expected_last: u64, message: Bytes, within: Duration) -> Published {
        let request = Request::new().headers(self.headers(expected_last)).payload(message).timeout(Some(within));
        let sent = self.client.send_request(self.names.subject.clone(), request);
        // Handing it to the connection may wait as well.
        match tokio::time::timeout(within, sent).await {
            Ok(Ok(answer)) => self.outcome(expected_last, &answer.payload),
            Ok(Err(error)) => {
                tracing::debug!(stream = self.names.stream, %error, "publishing to a log");
                Published::Unknown
            }
            Err(_) => Published::Unknown,
        }
    }
}

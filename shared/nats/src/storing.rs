//! Storing one message, where it is expected, in a stream that is not a log: buckets and bodies.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{HeaderMap, Request, header};
use bytes::Bytes;
use tokio::time::{sleep, timeout};

use crate::connection::Connection;
use crate::{backoff, headers};

/// A replicated stream's answer while another message for the same place is on its way to the replicas: nothing of this
/// attempt is stored, and whether the place is taken is not decided yet.
const UNDECIDED: ErrorCode = ErrorCode(10164);
/// How often that is asked again.
const ATTEMPTS: usize = 8;

/// A message to be stored.
#[derive(Debug, Default)]
pub(crate) struct Storing {
    pub(crate) value: Bytes,
    /// The sequence of the subject's last message (0: it has none): it is stored only if that is so, in one step with
    /// finding it out. `None`: whatever is there.
    pub(crate) expected: Option<u64>,
    /// By which it is known again.
    pub(crate) mark: Option<String>,
    /// It has no value, and takes the key's away.
    pub(crate) removes: bool,
    /// The subject has no other message from then on.
    pub(crate) replaces: bool,
}

impl Storing {
    /// Its sequence; `None` if another message than expected is the last one.
    ///
    /// Ends within `within`, also where the request does not even get on its way. After an error it may be stored all the
    /// same, and later, too.
    pub(crate) async fn store(
        self,
        connection: &Connection,
        stream: &str,
        subject: &str,
        within: Duration,
    ) -> Result<Option<u64>, String> {
        match timeout(within, self.try_to_store(connection, stream, subject)).await {
            Ok(stored) => stored,
            Err(_) => Err(format!("no answer within {within:?}")),
        }
    }

    async fn try_to_store(self, connection: &Connection, stream: &str, subject: &str) -> Result<Option<u64>, String> {
        let headers = self.headers(stream);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let request = Request::new().headers(headers.clone()).payload(self.value.clone());
            let answer = connection.client().send_request(subject.to_owned(), request).await;
            let answer = answer.map_err(|error| error.to_string())?;
            match serde_json::from_slice(&answer.payload).map_err(|error| error.to_string())? {
                Response::Ok(PublishAck { sequence, .. }) => return Ok(Some(sequence)),
                Response::Err { error } => match error.error_code() {
                    ErrorCode::STREAM_WRONG_LAST_SEQUENCE if self.expected.is_some() => return Ok(None),
                    UNDECIDED if attempt < ATTEMPTS => sleep(backoff::before(attempt)).await,
                    _ => return Err(error.to_string()),
                },
            }
        }
    }

    fn headers(&self, stream: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::NATS_EXPECTED_STREAM, stream);
        if let Some(expected) = self.expected {
            headers.insert(header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, expected.to_string());
        }
        if let Some(mark) = &self.mark {
            headers::add_mark(&mut headers, mark);
        }
        if self.removes {
            headers::add_removal(&mut headers);
        }
        if self.replaces {
            headers.insert(header::NATS_ROLLUP, "sub");
        }
        headers::add_trace(&mut headers);
        headers
    }
}

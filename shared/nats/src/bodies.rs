//! Bodies that do not fit into a message, in pieces in a stream that keeps everything, under the hash of the whole.
//!
//! Pieces have one size, whatever the servers allow, so that storing a body again makes the same messages; each is stored
//! under its own subject and only if it is not there. The length is stored last: who finds it finds all of the body.

use std::time::Duration;

use allmende_eventlog::Hash;
pub use allmende_eventlog_nats::cluster::BodyError;
use allmende_eventlog_nats::cluster::{Bodies, Unavailable};
use allmende_eventlog_nats::stream::StreamError;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::Stream;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::time::{sleep, timeout};

use crate::connection::Connection;
use crate::reading::last_message;
use crate::storing::Storing;
use crate::{backoff, stream_config, streams};

/// All pieces but the last have this many bytes. For ever: a body that was stored once is not stored again in others.
const PIECE: usize = 512 << 10;
/// No body is larger.
const LARGEST: usize = 256 << 20;
/// How often a body is read before it counts as what was read: a server that was replaced as the stream's leader, and does
/// not know it yet, answers from an older state.
const READINGS: usize = 5;

/// Bodies of one service's groups, in the stream `ALLMENDE_BODIES_<SERVICE>`.
pub struct StreamBodies {
    connection: Connection,
    stream: Stream,
    /// What subjects begin with.
    prefix: String,
    within: Duration,
}

/// What one reading found.
enum Found {
    Body(Bytes),
    Nothing,
    Wrong(String),
    /// Not enough to tell.
    Old,
}

impl StreamBodies {
    /// The stream with this many replicas, created if there is none; one that is there is compared with what the platform
    /// needs, and never changed.
    pub async fn open(connection: &Connection, service: &str, replicas: usize) -> Result<Self, StreamError> {
        let needs = PIECE + stream_config::HEADERS;
        if connection.max_payload() < needs {
            let actual = connection.max_payload();
            return Err(StreamError::Unfit(format!("max_payload is {actual}, needed {needs} or more")));
        }
        let name = format!("ALLMENDE_BODIES_{}", service.to_ascii_uppercase());
        let prefix = format!("allmende.body.{service}");
        let needed = stream_config::needed(&name, &format!("{prefix}.>"), replicas);
        let stream = streams::open(connection, &needed).await?;
        let within = connection.settings().timeout;
        Ok(Self { connection: connection.clone(), stream, prefix, within })
    }

    async fn look(&self, hash: Hash) -> Result<Found, Unavailable> {
        let subject = self.subject(hash, "length");
        let Some(length) = self.read(&subject).await? else {
            return Ok(if self.is_surely_absent(&subject).await? { Found::Nothing } else { Found::Old });
        };
        let length = std::str::from_utf8(&length.payload).ok().and_then(|text| text.parse().ok());
        let Some(length) = length.filter(|length| *length <= LARGEST) else {
            return Ok(Found::Wrong("its length is none".to_owned()));
        };
        let mut body = BytesMut::with_capacity(length);
        for number in 0..length.div_ceil(PIECE) {
            let subject = self.subject(hash, number);
            match self.read(&subject).await? {
                Some(piece) if piece.payload.len() <= length - body.len() => body.extend_from_slice(&piece.payload),
                Some(_) => return Ok(Found::Wrong(format!("piece {number} is too long"))),
                None if self.is_surely_absent(&subject).await? => {
                    return Ok(Found::Wrong(format!("piece {number} is missing")));
                }
                None => return Ok(Found::Old),
            }
        }
        if body.len() != length || sha256(&body) != hash {
            return Ok(Found::Wrong("its content has another hash".to_owned()));
        }
        Ok(Found::Body(body.freeze()))
    }

    /// Subject of a part of the body.
    fn subject(&self, hash: Hash, part: impl std::fmt::Display) -> String {
        format!("{}.{hash}.{part}", self.prefix)
    }

    /// Stores what is to be the subject's last message, unless it is. Behind something else it is stored again: nothing is
    /// ever taken away from the stream.
    async fn make_sure(&self, subject: &str, value: Bytes) -> Result<(), Unavailable> {
        let mut expected = 0;
        for attempt in 1..=READINGS {
            if self.store(subject, value.clone(), Some(expected)).await?.is_some() {
                return Ok(());
            }
            match self.read(subject).await? {
                Some(there) if there.payload == value => return Ok(()),
                Some(there) if there.sequence > expected => expected = there.sequence,
                // Older than what refused it.
                _ => sleep(backoff::before(attempt)).await,
            }
        }
        Err(unavailable(format!("{subject} is changed again and again")))
    }

    /// Stores a message. Its sequence; `None` if `expected` is not the sequence of its subject's last one.
    async fn store(&self, subject: &str, value: Bytes, expected: Option<u64>) -> Result<Option<u64>, Unavailable> {
        let stream = &self.stream.cached_info().config.name;
        let message = Storing { value, expected, ..Storing::default() };
        message.store(&self.connection, stream, subject, self.within).await.map_err(unavailable)
    }

    async fn read(&self, subject: &str) -> Result<Option<StreamMessage>, Unavailable> {
        last_message(&self.stream, subject, self.within).await.map_err(unavailable)
    }

    /// Whether nothing is there, for sure. So a message is stored first, which only the stream's leader can do, and an
    /// answer counts only from whoever has that message.
    async fn is_surely_absent(&self, subject: &str) -> Result<bool, Unavailable> {
        let stored = self.store(&format!("{}.asked", self.prefix), Bytes::new(), None).await?;
        let asking = async {
            let mut found = self.stream.info_with_subjects(subject).await.map_err(unavailable)?;
            if found.info.state.last_sequence < stored.unwrap_or(u64::MAX) {
                return Ok(false);
            }
            Ok(found.try_next().await.map_err(unavailable)?.is_none())
        };
        timeout(self.within, asking).await.unwrap_or_else(|elapsed| Err(unavailable(elapsed)))
    }
}

#[async_trait]
impl Bodies for StreamBodies {
    async fn put(&self, hash: Hash, body: Bytes) -> Result<(), Unavailable> {
        if body.len() > LARGEST {
            return Err(unavailable(format!("a body of {} bytes is larger than {LARGEST}", body.len())));
        }
        if sha256(&body) != hash {
            return Err(unavailable("the body has another hash"));
        }
        for (number, start) in (0..body.len()).step_by(PIECE).enumerate() {
            let piece = body.slice(start..body.len().min(start + PIECE));
            self.make_sure(&self.subject(hash, number), piece).await?;
        }
        self.make_sure(&self.subject(hash, "length"), Bytes::from(body.len().to_string())).await
    }

    async fn get(&self, hash: Hash) -> Result<Option<Bytes>, BodyError> {
        let mut reading = 0;
        loop {
            reading += 1;
            match self.look(hash).await? {
                Found::Body(body) => return Ok(Some(body)),
                Found::Nothing => return Ok(None),
                Found::Wrong(_) | Found::Old if reading < READINGS => sleep(backoff::before(reading)).await,
                Found::Wrong(what) => return Err(BodyError::Damaged { hash, what }),
                Found::Old => return Err(unavailable("the answers are too old").into()),
            }
        }
    }
}

fn sha256(body: &[u8]) -> Hash {
    Hash(Sha256::digest(body).into())
}

fn unavailable(cause: impl ToString) -> Unavailable {
    Unavailable { bucket: "bodies", cause: cause.to_string() }
}

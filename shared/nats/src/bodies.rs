//! Bodies that do not fit into a message, in pieces in a stream that keeps everything, under the hash of the whole.
//!
//! Pieces have one size, whatever the servers allow, so that storing a body again makes the same messages; each is stored
//! under its own subject and only if nothing is there. The length is stored last: who finds it finds all of the body.

use allmende_eventlog::Hash;
use allmende_eventlog_nats::cluster::{Bodies, Unavailable};
use allmende_eventlog_nats::stream::StreamError;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use crate::connection::Connection;
use crate::{storing, stream_config, streams};

/// All pieces but the last have this many bytes. For ever: a body that was stored once is not stored again in others.
const PIECE: usize = 512 << 10;
/// No body is larger.
const LARGEST: usize = 256 << 20;

/// Bodies of one service's groups, in the stream `ALLMENDE_BODIES_<SERVICE>`.
pub struct StreamBodies {
    connection: Connection,
    stream: Stream,
    /// What subjects begin with.
    prefix: String,
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
        Ok(Self { connection: connection.clone(), stream, prefix })
    }

    /// Subject of a part of the body.
    fn subject(&self, hash: Hash, part: impl std::fmt::Display) -> String {
        format!("{}.{hash}.{part}", self.prefix)
    }

    /// Stores a message. Its sequence; `None` if `expected` is not the sequence of its subject's last one.
    async fn store(&self, subject: String, value: Bytes, expected: Option<u64>) -> Result<Option<u64>, Unavailable> {
        let stream = &self.stream.cached_info().config.name;
        storing::store(&self.connection, stream, subject, value, expected).await.map_err(unavailable)
    }

    /// The message on the subject, as the server that answers for the stream knows it.
    async fn read(&self, subject: &str) -> Result<Option<Bytes>, Unavailable> {
        match self.stream.get_last_raw_message_by_subject(subject).await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Whether the body is surely not there. A server that was replaced as the stream's leader and does not know it yet
    /// answers from an older state; so a message is stored first, which only the leader can do, and an answer counts only
    /// from whoever has that message.
    async fn is_surely_absent(&self, length: &str) -> Result<bool, Unavailable> {
        let stored = self.store(format!("{}.asked", self.prefix), Bytes::new(), None).await?;
        let mut found = self.stream.info_with_subjects(length).await.map_err(unavailable)?;
        if found.info.state.last_sequence < stored.unwrap_or(u64::MAX) {
            return Err(unavailable("the answer is too old"));
        }
        Ok(found.try_next().await.map_err(unavailable)?.is_none())
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
            self.store(self.subject(hash, number), piece, Some(0)).await?;
        }
        let length = Bytes::from(body.len().to_string());
        self.store(self.subject(hash, "length"), length, Some(0)).await.map(drop)
    }

    async fn get(&self, hash: Hash) -> Result<Option<Bytes>, Unavailable> {
        let subject = self.subject(hash, "length");
        let length = match self.read(&subject).await? {
            Some(length) => length,
            None if self.is_surely_absent(&subject).await? => return Ok(None),
            None => return Err(unavailable("the answer is too old")),
        };
        let length = std::str::from_utf8(&length).ok().and_then(|text| text.parse().ok());
        let length: usize =
            length.filter(|length| *length <= LARGEST).ok_or_else(|| unavailable("a length is none"))?;
        let mut body = BytesMut::with_capacity(length);
        for number in 0..length.div_ceil(PIECE) {
            let piece = self.read(&self.subject(hash, number)).await?;
            body.extend_from_slice(&piece.ok_or_else(|| unavailable(format!("piece {number} of {hash} is missing")))?);
        }
        if body.len() != length || sha256(&body) != hash {
            return Err(unavailable(format!("the body {hash} is damaged")));
        }
        Ok(Some(body.freeze()))
    }
}

fn sha256(body: &[u8]) -> Hash {
    Hash(Sha256::digest(body).into())
}

fn unavailable(cause: impl ToString) -> Unavailable {
    Unavailable { bucket: "bodies", cause: cause.to_string() }
}

//! Buckets whose values can be erased: what is overwritten is gone from the server's disk, and not only from its answers.
//!
//! A bucket that replaces a value leaves the old one in its file until the file is compacted. So nothing is replaced here:
//! a message says that the key's value is gone, and then the value's own message is deleted, which servers do by writing
//! random bytes in its place.

use std::fmt::Display;
use std::time::Duration;

use allmende_eventlog_nats::stream::StreamError;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RawMessageErrorKind, StorageType, Stream};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::consumer::Consumer;
use crate::reading::last_message;
use crate::storing::Storing;
use crate::stream_config::Found;
use crate::streams;

/// The largest value.
const VALUE_BYTES: i32 = 64 << 10;
/// A key has a value and, for a moment, what says that it is gone. More are never there; where they are, something is wrong,
/// and the oldest go.
const MESSAGES: i64 = 8;
/// Told now and then, to know that an answer is no older.
const ASKED: &str = "asked";

/// The buckets that are set up so.
pub(crate) const BUCKETS: [&str; 3] = ["allmende_keys", "allmende_erased", "allmende_secrets"];

/// A bucket of values that can be erased.
#[derive(Clone)]
pub(crate) struct Values {
    connection: Connection,
    stream: Stream,
    /// What subjects begin with.
    prefix: String,
    within: Duration,
}

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) bytes: Bytes,
    pub(crate) sequence: u64,
}

impl Values {
    /// The bucket, created if there is none; one that is there is compared with what is needed, and never changed.
    pub(crate) async fn open(connection: &Connection, bucket: &str, replicas: usize) -> Result<Self, StreamError> {
        let needed = needed(bucket, replicas);
        let stream = streams::get_or_create(connection, &needed).await?;
        let differences = differences(&stream.cached_info().config, &needed);
        if !differences.is_empty() {
            return Err(StreamError::Unfit(format!("{}: {}", needed.name, differences.join("; "))));
        }
        let within = connection.settings().timeout;
        Ok(Self { connection: connection.clone(), stream, prefix: format!("$KV.{bucket}."), within })
    }

    /// How long a request may take.
    pub(crate) fn within(&self) -> Duration {
        self.within
    }

    fn subject(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Stores a value if the key's last message has this sequence (0: it has none), in one step; its sequence, or `None` if
    /// it has not. After an error it may be stored all the same.
    pub(crate) async fn store(&self, key: &str, value: Bytes, expected: Option<u64>) -> Result<Option<u64>, String> {
        let message = Storing { value, expected, ..Storing::default() };
        let name = &self.stream.cached_info().config.name;
        message.store(&self.connection, name, &self.subject(key), self.within).await
    }

    /// The key's last value, as the server that answers for the bucket knows it.
    pub(crate) async fn last(&self, key: &str) -> Result<Option<Value>, String> {
        let last = last_message(&self.stream, &self.subject(key), self.within).await?;
        Ok(last.map(|message| Value { bytes: message.payload, sequence: message.sequence }))
    }

    /// Whether nothing is stored under the key, for sure: a message is stored first, and only what knows that one counts.
    pub(crate) async fn is_surely_absent(&self, key: &str) -> Result<bool, String> {
        let asked = self.store(ASKED, Bytes::new(), None).await?.unwrap_or(u64::MAX);
        // Or it goes with those that are too many.
        let _ = self.overwrite(asked).await;
        let mut found = self.answer(self.stream.info_with_subjects(self.subject(key))).await?;
        if found.info.state.last_sequence < asked {
            return Err("the answer is too old".to_owned());
        }
        let first = timeout(self.within, found.try_next()).await.map_err(|elapsed| elapsed.to_string())?;
        Ok(first.map_err(|error| error.to_string())?.is_none())
    }

    /// The first message from `sequence` on under a key, or under any (`*`, `>`).
    pub(crate) async fn first(&self, key: &str, sequence: u64) -> Result<Option<(String, Value)>, String> {
        let asking = self.stream.get_first_raw_message_by_subject(self.subject(key), sequence);
        match timeout(self.within, asking).await {
            Ok(Ok(message)) => {
                let key = message.subject.strip_prefix(&self.prefix).unwrap_or_default().to_owned();
                Ok(Some((key, Value { bytes: message.payload, sequence: message.sequence })))
            }
            Ok(Err(error)) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => Ok(None),
            Ok(Err(error)) => Err(error.to_string()),
            Err(elapsed) => Err(elapsed.to_string()),
        }
    }

    /// Overwrites a message's bytes. An error also if it is gone already.
    pub(crate) async fn overwrite(&self, sequence: u64) -> Result<(), String> {
        match self.answer(self.stream.delete_message(sequence)).await? {
            true => Ok(()),
            false => Err(format!("message {sequence} was not erased")),
        }
    }

    /// Overwrites what is stored under the key before `sequence`.
    pub(crate) async fn overwrite_earlier(&self, key: &str, sequence: u64) -> Result<(), String> {
        let mut overwritten = Ok(());
        for _ in 0..2 * MESSAGES {
            match self.first(key, 1).await? {
                Some((_, value)) if value.sequence < sequence => overwritten = self.overwrite(value.sequence).await,
                _ => return Ok(()),
            }
        }
        overwritten.and(Err(format!("there is no end to what is stored under {key}")))
    }

    /// Every key that has messages, with how many.
    pub(crate) async fn keys(&self) -> Result<Vec<(String, usize)>, String> {
        let mut listed = self.answer(self.stream.info_with_subjects(self.subject(">"))).await?;
        let mut keys = Vec::new();
        loop {
            let next = timeout(self.within, listed.try_next()).await.map_err(|elapsed| elapsed.to_string())?;
            match next.map_err(|error| error.to_string())? {
                Some((subject, count)) => {
                    keys.extend(subject.strip_prefix(&self.prefix).map(|key| (key.to_owned(), count)));
                }
                None => return Ok(keys),
            }
        }
    }

    /// Whether some key has more than one message, so that there may be something to be overwritten.
    pub(crate) async fn has_earlier(&self) -> Result<bool, String> {
        let state = self.answer(self.stream.get_info()).await?.state;
        Ok(state.messages > state.subjects_count)
    }

    /// Whether a server is at the other end, as far as is known.
    pub(crate) fn is_connected(&self) -> bool {
        self.connection.is_connected()
    }

    /// Sequence of the last message that was ever stored.
    pub(crate) async fn last_sequence(&self) -> Result<u64, String> {
        Ok(self.answer(self.stream.get_info()).await?.state.last_sequence)
    }

    /// What is stored from now on.
    pub(crate) async fn listen(&self) -> Result<Listening, String> {
        let consumer = Consumer::start(&self.connection, &self.stream, DeliverPolicy::New, &self.subject(">")).await?;
        Ok(Listening { consumer, prefix: self.prefix.clone(), delivered: 0 })
    }

    async fn answer<T, E: Display>(&self, asking: impl Future<Output = Result<T, E>>) -> Result<T, String> {
        match timeout(self.within, asking).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(format!("no answer within {:?}", self.within)),
        }
    }
}

/// What is stored, as it comes, until it cannot be heard any more.
pub(crate) struct Listening {
    consumer: Consumer,
    prefix: String,
    delivered: u64,
}

impl Listening {
    /// The next key and what was stored under it.
    pub(crate) async fn next(&mut self) -> Result<(String, Bytes), String> {
        let message = self.consumer.next().await?;
        let number = message.info().map_err(|error| error.to_string())?.consumer_sequence;
        self.delivered += 1;
        if number != self.delivered {
            return Err(format!("delivery {} was lost", self.delivered));
        }
        let key = message.subject.strip_prefix(&self.prefix).unwrap_or_default().to_owned();
        Ok((key, message.payload.clone()))
    }
}

/// A bucket whose messages may be deleted, and are by nothing else.
pub(crate) fn needed(bucket: &str, replicas: usize) -> Config {
    Config {
        name: format!("KV_{bucket}"),
        subjects: vec![format!("$KV.{bucket}.>")],
        storage: StorageType::File,
        num_replicas: replicas,
        discard: DiscardPolicy::New,
        max_messages_per_subject: MESSAGES,
        max_message_size: VALUE_BYTES,
        max_bytes: -1,
        max_messages: -1,
        deny_purge: true,
        ..Config::default()
    }
}

/// Each setting of such a bucket's stream that the platform cannot live with, in words.
pub(crate) fn differences(actual: &Config, needed: &Config) -> Vec<String> {
    let mut found = Found::between(actual, needed);
    if actual.max_messages_per_subject < 2 {
        found.0.push(format!("max_msgs_per_subject is {}, needed 2 or more", actual.max_messages_per_subject));
    }
    // What is replaced or purged is not overwritten.
    found.unless_equal("deny_delete", &actual.deny_delete, &false);
    found.unless_equal("deny_purge", &actual.deny_purge, &true);
    found.unless_equal("allow_rollup_hdrs", &actual.allow_rollup, &false);
    found.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_removes_without_overwriting_is_told() {
        let needed = needed("allmende_keys", 3);
        assert!(differences(&needed, &needed).is_empty());
        let changes: [fn(&mut Config); 6] = [
            |config| config.deny_delete = true,
            |config| config.deny_purge = false,
            |config| config.allow_rollup = true,
            |config| config.max_messages_per_subject = 1,
            |config| config.max_age = Duration::from_secs(1),
            |config| config.storage = StorageType::Memory,
        ];
        for change in changes {
            let mut config = needed.clone();
            change(&mut config);
            assert_eq!(differences(&config, &needed).len(), 1);
        }
    }
}

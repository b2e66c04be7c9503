//! What the tests have in common.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use allmende_eventlog_nats::stream::{Follower, GroupStream, Message, Published, Publisher, StreamError};
use allmende_kernel::PartitionName;
use allmende_nats::{Connection, LogStream, Settings};
use allmende_testkit::nats::{DEADLINE, NatsServers};
use bytes::Bytes;

/// Longer than any answer takes on a machine that is busy.
pub(crate) const LONG: Duration = DEADLINE;
/// Long enough to be sure of nothing; for waits that are expected to end without an answer.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// Servers, and how many replicas streams on them have.
pub(crate) struct Cluster {
    pub(crate) servers: NatsServers,
    pub(crate) replicas: usize,
}

impl Cluster {
    pub(crate) fn one() -> Option<Self> {
        NatsServers::one().map(|servers| Self { servers, replicas: 1 })
    }

    pub(crate) fn three() -> Option<Self> {
        NatsServers::three().map(|servers| Self { servers, replicas: 3 })
    }

    pub(crate) async fn connection(&self) -> Connection {
        connect(self.servers.urls()).await
    }

    /// A partition's stream, when it can be read: its replicas have chosen a leader, and that has found itself.
    pub(crate) async fn stream(&self, partition: &PartitionName) -> LogStream {
        let connection = self.connection().await;
        loop {
            if let Ok(stream) = LogStream::open(&connection, partition, self.replicas).await
                && let Ok(mut follower) = stream.follow(1).await
                && !matches!(tokio::time::timeout(SHORT, follower.next()).await, Ok(Err(_)))
            {
                return stream;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A stream that no other test uses.
    pub(crate) async fn new_stream(&self) -> LogStream {
        self.stream(&new_partition()).await
    }
}

pub(crate) async fn connect(urls: Vec<String>) -> Connection {
    let settings = Settings { timeout: Duration::from_secs(10), ..Settings::new(urls, "test") };
    Connection::open(settings).await.unwrap()
}

/// A partition that no other test of this process uses.
pub(crate) fn new_partition() -> PartitionName {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    PartitionName::parse(&format!("test-{number}")).unwrap()
}

pub(crate) fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// Publishes what must be there in the end. A cluster may answer at any time that it does not know; nobody else publishes
/// here, so that a refusal afterwards says that it is there.
pub(crate) async fn commit(publisher: &mut dyn Publisher, expected: u64, text: &str) {
    let until = tokio::time::Instant::now() + LONG;
    let mut published = publisher.publish(expected, bytes(text), LONG).await;
    let is_unknown = published == Published::Unknown;
    while published == Published::Unknown && tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
        published = publisher.publish(expected, bytes(text), LONG).await;
    }
    let is_there = published == Published::Committed(expected + 1) || is_unknown && published == Published::Refused;
    assert!(is_there, "{published:?} behind {expected}");
}

pub(crate) async fn next(follower: &mut dyn Follower) -> Message {
    tokio::time::timeout(LONG, follower.next()).await.expect("a message").unwrap()
}

/// All that the stream holds, up to message `last`, as text. Read again from its beginning where the follower is cut off.
pub(crate) async fn texts(stream: &dyn GroupStream, last: u64) -> Vec<String> {
    loop {
        match read_texts(stream, last).await {
            Ok(texts) => return texts,
            Err(error) => assert!(matches!(error, StreamError::Unreachable(_)), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn read_texts(stream: &dyn GroupStream, last: u64) -> Result<Vec<String>, StreamError> {
    let mut follower = stream.follow(1).await?;
    let mut texts = Vec::new();
    for sequence in 1..=last {
        let message = tokio::time::timeout(LONG, follower.next()).await.expect("a message")?;
        assert_eq!(message.sequence, sequence);
        texts.push(String::from_utf8(message.bytes.to_vec()).unwrap());
    }
    Ok(texts)
}

//! A consumer that is made for one reader, and ends with it, with its stream and with the connection.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::Statistics;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{sleep, timeout};

use crate::connection::Connection;

/// What is asked for at once, in messages. At most one and a half times as many are on their way or waiting here.
const MESSAGES: usize = 512;
/// The same in bytes: at least twice the largest message.
const BYTES: usize = 8 << 20;
/// Twice as long without a word from the consumer, and it is given up.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How long one request for messages stands.
const EXPIRES: Duration = Duration::from_secs(20);
/// A consumer that nobody asks is removed by the server.
const IDLE: Duration = Duration::from_secs(60);

/// Messages of a stream in order. After an error it gives nothing more that counts.
pub(crate) struct Consumer {
    link: Link,
    messages: pull::Stream,
    /// Messages that the stream held for it when it was made.
    waiting: u64,
    _ended: Ended,
}

impl Consumer {
    /// Makes one that begins where `deliver` says, and is given what `filter` covers; everything, if it is empty.
    pub(crate) async fn start(
        connection: &Connection,
        stream: &Stream,
        deliver: DeliverPolicy,
        filter: &str,
    ) -> Result<Self, String> {
        // The client's own limit begins once the request was taken for sending.
        match timeout(connection.settings().timeout * 2, make(connection, stream, deliver, filter)).await {
            Ok(made) => made,
            Err(elapsed) => Err(elapsed.to_string()),
        }
    }

    /// Messages that the stream held for it when it was made.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// The next message. May be dropped and called again without losing one.
    pub(crate) async fn next(&mut self) -> Result<Message, String> {
        let received = tokio::select! {
            biased;
            received = self.messages.next() => received,
            () = self.link.lost() => None,
        };
        self.take(received)
    }

    /// A further message that is there already.
    pub(crate) fn try_next(&mut self) -> Option<Result<Message, String>> {
        let received = self.messages.next().now_or_never()?;
        Some(self.take(received))
    }

    fn take(&self, received: Option<Result<Message, pull::MessagesError>>) -> Result<Message, String> {
        if !self.link.holds() {
            return Err("the connection was lost meanwhile".to_owned());
        }
        received.ok_or("the consumer has ended")?.map_err(|error| error.to_string())
    }
}

async fn make(
    connection: &Connection,
    stream: &Stream,
    deliver_policy: DeliverPolicy,
    filter: &str,
) -> Result<Consumer, String> {
    // In memory and on one server: it is as short-lived as its reader.
    let config = pull::Config {
        deliver_policy,
        filter_subject: filter.to_owned(),
        ack_policy: AckPolicy::None,
        inactive_threshold: IDLE,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    // Before the consumer is made: what is made on another connection is another one.
    let link = Link::of(connection);
    let consumer: PullConsumer = stream.create_consumer(config).await.map_err(|error| error.to_string())?;
    let about = consumer.cached_info();
    let (waiting, name) = (about.num_pending, about.name.clone());
    let ended = Ended { stream: stream.clone(), name };
    let messages = consumer
        .stream()
        .max_messages_per_batch(MESSAGES)
        .max_bytes_per_batch(BYTES.max(2 * connection.max_payload()))
        .heartbeat(HEARTBEAT)
        .expires(EXPIRES)
        .messages()
        .await
        .map_err(|error| error.to_string())?;
    Ok(Consumer { link, messages, waiting, _ended: ended })
}

/// The connection that a consumer was made on. The client makes another one by itself and goes on asking the consumer,
/// which may be gone by then, or be of a stream that was set back.
struct Link {
    statistics: Arc<Statistics>,
    number: u64,
}

/// How soon a reader that nothing comes for sees that the connection is another one.
const LOOKS_EVERY: Duration = Duration::from_millis(500);

impl Link {
    fn of(connection: &Connection) -> Self {
        let statistics = connection.client().statistics();
        let number = statistics.connects.load(Ordering::Relaxed);
        Self { statistics, number }
    }

    fn holds(&self) -> bool {
        self.statistics.connects.load(Ordering::Relaxed) == self.number
    }

    /// Ready when the connection is another one.
    async fn lost(&self) {
        while self.holds() {
            sleep(LOOKS_EVERY).await;
        }
    }
}

/// Removes the consumer from the server when it is dropped; the server does so by itself if it does not hear of it.
struct Ended {
    stream: Stream,
    name: String,
}

impl Drop for Ended {
    fn drop(&mut self) {
        let (stream, name) = (self.stream.clone(), std::mem::take(&mut self.name));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = stream.delete_consumer(&name).await;
            });
        }
    }
}

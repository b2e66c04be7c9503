//! Reading a stream in order, by a consumer that is made for it and ends with it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use allmende_eventlog_nats::stream::{Follower, Message, StreamError};
use async_nats::Statistics;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use async_trait::async_trait;
use futures_util::{FutureExt as _, StreamExt as _};

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

type Received = Result<async_nats::jetstream::Message, pull::MessagesError>;

pub(super) struct PullFollower {
    link: Link,
    messages: pull::Stream,
    expected: Expected,
    /// Came where it could not be told.
    failed: Option<StreamError>,
    _consumer: Ended,
}

impl PullFollower {
    pub(super) async fn start(stream: &Stream, connection: &Connection, from: u64) -> Result<Self, StreamError> {
        // In memory and on one server: it is as short-lived as the follower.
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: from },
            ack_policy: AckPolicy::None,
            inactive_threshold: IDLE,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        // Before the consumer is made: what is made on another connection is another one.
        let link = Link::of(connection);
        let consumer: PullConsumer = stream.create_consumer(config).await.map_err(unreachable)?;
        let name = consumer.cached_info().name.clone();
        let ended = Ended { stream: stream.clone(), name };
        let messages = consumer
            .stream()
            .max_messages_per_batch(MESSAGES)
            .max_bytes_per_batch(BYTES.max(2 * connection.max_payload()))
            .heartbeat(HEARTBEAT)
            .expires(EXPIRES)
            .messages()
            .await
            .map_err(unreachable)?;
        let expected = Expected { stream: from, delivery: 1 };
        Ok(Self { link, messages, expected, failed: None, _consumer: ended })
    }

    /// `None` for one that was given before.
    fn take(&mut self, received: Option<Received>) -> Result<Option<Message>, StreamError> {
        self.link.check()?;
        let ended = || StreamError::Unreachable("the consumer has ended".to_owned());
        let message = received.ok_or_else(ended)?.map_err(unreachable)?;
        let info = message.info().map_err(unreachable)?;
        let (sequence, delivery) = (info.stream_sequence, info.consumer_sequence);
        let is_new = self.expected.check(sequence, delivery)?;
        Ok(is_new.then(|| Message { sequence, bytes: message.payload.clone() }))
    }
}

#[async_trait]
impl Follower for PullFollower {
    async fn next(&mut self) -> Result<Message, StreamError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        loop {
            let received = tokio::select! {
                biased;
                received = self.messages.next() => received,
                error = self.link.lost() => return Err(error),
            };
            if let Some(message) = self.take(received)? {
                return Ok(message);
            }
        }
    }

    fn try_next(&mut self) -> Option<Message> {
        while self.failed.is_none() {
            let received = self.messages.next().now_or_never()?;
            match self.take(received) {
                Ok(None) => {}
                Ok(message) => return message,
                Err(error) => self.failed = Some(error),
            }
        }
        None
    }
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

    fn check(&self) -> Result<(), StreamError> {
        if self.statistics.connects.load(Ordering::Relaxed) == self.number {
            return Ok(());
        }
        Err(StreamError::Unreachable("the connection was lost meanwhile".to_owned()))
    }

    /// Ready when the connection is another one.
    async fn lost(&self) -> StreamError {
        loop {
            if let Err(error) = self.check() {
                return error;
            }
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }
}

/// What comes next if nothing was lost.
struct Expected {
    /// In the stream.
    stream: u64,
    /// Among the consumer's deliveries, which it numbers from 1.
    delivery: u64,
}

impl Expected {
    /// False for a message that came before. An error if one is missing: the stream's, or one on its way here.
    fn check(&mut self, sequence: u64, delivery: u64) -> Result<bool, StreamError> {
        if sequence < self.stream {
            self.delivery = self.delivery.max(delivery + 1);
            return Ok(false);
        }
        if delivery != self.delivery {
            return Err(StreamError::Unreachable(format!("delivery {} was lost", self.delivery)));
        }
        if sequence != self.stream {
            return Err(StreamError::Gone(self.stream));
        }
        (self.stream, self.delivery) = (sequence + 1, delivery + 1);
        Ok(true)
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

fn unreachable(error: impl std::fmt::Display) -> StreamError {
    StreamError::Unreachable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Expected {
        Expected { stream: 7, delivery: 1 }
    }

    #[test]
    fn messages_in_order_are_new() {
        let mut expected = expected();
        assert_eq!(expected.check(7, 1), Ok(true));
        assert_eq!(expected.check(8, 2), Ok(true));
    }

    #[test]
    fn what_came_before_is_left_out_and_nothing_after_it_is() {
        let mut expected = expected();
        assert_eq!(expected.check(7, 1), Ok(true));
        assert_eq!(expected.check(7, 2), Ok(false));
        assert_eq!(expected.check(8, 3), Ok(true));
    }

    #[test]
    fn a_lost_delivery_can_be_asked_for_again() {
        let mut expected = expected();
        assert!(matches!(expected.check(8, 2), Err(StreamError::Unreachable(_))));
    }

    #[test]
    fn a_message_that_the_stream_does_not_hold_is_gone() {
        let mut expected = expected();
        assert_eq!(expected.check(8, 1), Err(StreamError::Gone(7)));
    }
}

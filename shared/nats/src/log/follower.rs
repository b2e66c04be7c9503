//! Reading a stream in order, by a consumer that is made for it and ends with it.

use allmende_eventlog_nats::stream::{Follower, Message, StreamError};
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::stream::Stream;
use async_trait::async_trait;

use crate::connection::Connection;
use crate::consumer::Consumer;

type Received = Result<async_nats::jetstream::Message, String>;

pub(super) struct PullFollower {
    consumer: Consumer,
    expected: Expected,
    /// Came where it could not be told.
    failed: Option<StreamError>,
}

impl PullFollower {
    pub(super) async fn start(stream: &Stream, connection: &Connection, from: u64) -> Result<Self, StreamError> {
        let deliver = DeliverPolicy::ByStartSequence { start_sequence: from };
        let consumer = Consumer::start(connection, stream, deliver, "").await.map_err(StreamError::Unreachable)?;
        Ok(Self { consumer, expected: Expected { stream: from, delivery: 1 }, failed: None })
    }

    /// `None` for one that was given before.
    fn take(&mut self, received: Received) -> Result<Option<Message>, StreamError> {
        let message = received.map_err(StreamError::Unreachable)?;
        let info = message.info().map_err(|error| StreamError::Unreachable(error.to_string()))?;
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
            let received = self.consumer.next().await;
            if let Some(message) = self.take(received)? {
                return Ok(message);
            }
        }
    }

    fn try_next(&mut self) -> Option<Message> {
        while self.failed.is_none() {
            let received = self.consumer.try_next()?;
            match self.take(received) {
                Ok(None) => {}
                Ok(message) => return message,
                Err(error) => self.failed = Some(error),
            }
        }
        None
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

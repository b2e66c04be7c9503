use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use super::Sequence;
use crate::stream::{Follower, GroupStream, Message, Published, Publisher, StreamError};

/// A stream that keeps every promise at once. Clones are the same stream.
#[derive(Debug, Clone)]
pub struct ModelStream {
    stored: watch::Sender<Sequence>,
    message_bytes: usize,
}

impl ModelStream {
    /// An empty stream that takes messages of this length.
    pub fn new(message_bytes: usize) -> Self {
        Self { stored: watch::Sender::new(Sequence::default()), message_bytes }
    }

    /// Changes what is stored behind everybody's back.
    pub fn change(&self, change: impl FnOnce(&mut Sequence)) {
        self.stored.send_modify(change);
    }
}

#[async_trait]
impl GroupStream for ModelStream {
    async fn connect(&self) -> Result<Box<dyn Publisher>, StreamError> {
        Ok(Box::new(self.clone()))
    }

    async fn follow(&self, from: u64) -> Result<Box<dyn Follower>, StreamError> {
        Ok(Box::new(Reader { stored: self.stored.subscribe(), next: from.max(1) }))
    }

    async fn last_hint(&self) -> Result<u64, StreamError> {
        Ok(self.stored.borrow().last())
    }

    fn message_bytes(&self) -> usize {
        self.message_bytes
    }
}

#[async_trait]
impl Publisher for ModelStream {
    async fn publish(&mut self, expected_last: u64, message: Bytes, _within: Duration) -> Published {
        let mut published = Published::Refused;
        self.stored.send_if_modified(|stored| match stored.publish(expected_last, message) {
            Some(sequence) => {
                published = Published::Committed(sequence);
                true
            }
            None => false,
        });
        published
    }
}

struct Reader {
    stored: watch::Receiver<Sequence>,
    next: u64,
}

#[async_trait]
impl Follower for Reader {
    async fn next(&mut self) -> Result<Message, StreamError> {
        let next = self.next;
        let stored = self.stored.wait_for(|stored| stored.last() >= next).await;
        let gone = || StreamError::Unreachable("the model is gone".into());
        let message = stored.map_err(|_| gone())?.get(next).ok_or_else(gone)?;
        self.next += 1;
        Ok(message)
    }

    fn try_next(&mut self) -> Option<Message> {
        let message = self.stored.borrow().get(self.next)?;
        self.next += 1;
        Some(message)
    }
}

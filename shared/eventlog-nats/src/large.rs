//! Groups larger than a message: the body goes to the content-addressed store first, its hash travels.

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{Hash, missing_body, with_body, without_body};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

use crate::cluster::{Bodies, BodyError};
use crate::stream::{Follower, GroupStream, Message, Published, Publisher, StreamError};

/// A stream that takes groups of any size that a log admits, over one that does not.
///
/// A body is durable before the message that names it is sent, so that every message which counts can be completed. One
/// that cannot, as its body is missing or damaged, is never taken for void: another reader may complete it. Reading ends
/// there, and an operator looks.
#[derive(Clone)]
pub struct LargeGroups {
    stream: Arc<dyn GroupStream>,
    bodies: Arc<dyn Bodies>,
    own: Own,
}

/// More than any group has: a commit of 4 MiB, and what is around it.
const GROUP_BYTES: usize = 8 << 20;
/// A body may take as long as a message, and longer where it is stored no faster than this.
const BYTES_PER_SECOND: usize = 256 << 10;

/// The body that this member has stored last, which its own reader needs next.
type Own = Arc<Mutex<Option<(Hash, Bytes)>>>;

impl LargeGroups {
    /// Groups that do not fit into a message of `stream` leave their body in `bodies`.
    pub fn new(stream: Arc<dyn GroupStream>, bodies: Arc<dyn Bodies>) -> Self {
        Self { stream, bodies, own: Own::default() }
    }
}

#[async_trait]
impl GroupStream for LargeGroups {
    async fn connect(&self) -> Result<Box<dyn Publisher>, StreamError> {
        let publisher = self.stream.connect().await?;
        let most = self.stream.message_bytes();
        Ok(Box::new(Packing { publisher, bodies: Arc::clone(&self.bodies), most, own: Arc::clone(&self.own) }))
    }

    async fn follow(&self, from: u64) -> Result<Box<dyn Follower>, StreamError> {
        let follower = self.stream.follow(from).await?;
        let (bodies, own) = (Arc::clone(&self.bodies), Arc::clone(&self.own));
        Ok(Box::new(Completing { follower, bodies, own, incomplete: None }))
    }

    async fn last_hint(&self) -> Result<u64, StreamError> {
        self.stream.last_hint().await
    }

    fn message_bytes(&self) -> usize {
        self.stream.message_bytes().max(GROUP_BYTES)
    }
}

struct Packing {
    publisher: Box<dyn Publisher>,
    bodies: Arc<dyn Bodies>,
    most: usize,
    own: Own,
}

#[async_trait]
impl Publisher for Packing {
    async fn publish(&mut self, expected_last: u64, message: Bytes, within: Duration) -> Published {
        if message.len() <= self.most {
            return self.publisher.publish(expected_last, message, within).await;
        }
        let Some((message, hash, body)) = without_body(&message) else { return Published::Unknown };
        *self.own.lock() = Some((hash, body.clone()));
        let storing = within + Duration::from_secs_f64(body.len() as f64 / BYTES_PER_SECOND as f64);
        match tokio::time::timeout(storing, self.bodies.put(hash, body)).await {
            Ok(Ok(())) => self.publisher.publish(expected_last, message, within).await,
            // Nothing was sent, which the caller finds out as it does with everything unknown.
            Ok(Err(_)) | Err(_) => Published::Unknown,
        }
    }
}

struct Completing {
    follower: Box<dyn Follower>,
    bodies: Arc<dyn Bodies>,
    own: Own,
    /// Taken from the follower, and to be given next.
    incomplete: Option<Message>,
}

/// The body of the group at `sequence`.
async fn body(own: &Own, bodies: &dyn Bodies, sequence: u64, hash: Hash) -> Result<Bytes, StreamError> {
    if let Some((_, body)) = own.lock().take_if(|(own, _)| *own == hash) {
        return Ok(body);
    }
    match bodies.get(hash).await {
        Ok(body) => body.ok_or(StreamError::Gone(sequence)),
        Err(BodyError::Unavailable(error)) => Err(StreamError::Unreachable(error.to_string())),
        Err(BodyError::Damaged { hash, what }) => Err(StreamError::Damaged { sequence, hash, what }),
    }
}

#[async_trait]
impl Follower for Completing {
    async fn next(&mut self) -> Result<Message, StreamError> {
        if self.incomplete.is_none() {
            let message = self.follower.next().await?;
            // Kept here, so that a call that is dropped loses nothing.
            self.incomplete = Some(message);
        }
        let Some(Message { sequence, bytes }) = self.incomplete.clone() else {
            return Err(StreamError::Unreachable("nothing was read".into()));
        };
        let bytes = match missing_body(&bytes) {
            None => bytes,
            Some(hash) => with_body(&bytes, &body(&self.own, self.bodies.as_ref(), sequence, hash).await?),
        };
        self.incomplete = None;
        Ok(Message { sequence, bytes })
    }

    fn try_next(&mut self) -> Option<Message> {
        if self.incomplete.is_some() {
            return None;
        }
        let message = self.follower.try_next()?;
        if missing_body(&message.bytes).is_some() {
            self.incomplete = Some(message);
            return None;
        }
        Some(message)
    }
}

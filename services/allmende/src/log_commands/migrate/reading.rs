//! Reading a stream that may be out of reach for a moment.

use std::time::Duration;

use allmende_eventlog_nats::stream::{Follower, GroupStream, Message, StreamError};
use allmende_nats::backoff;
use tokio::time::{sleep, timeout};

/// How often the same is tried, with longer and longer pauses in between: about half a minute.
pub(super) const ATTEMPTS: usize = 20;
/// A message that is there comes sooner.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `ask` is answered, after a few attempts if need be.
pub(super) async fn persistently<T>(mut ask: impl AsyncFnMut() -> Result<T, StreamError>) -> Result<T, StreamError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match ask().await {
            Err(StreamError::Unreachable(_)) if attempt < ATTEMPTS => sleep(backoff::before(attempt)).await,
            answer => return answer,
        }
    }
}

/// The message, or an error if it does not come for a while.
pub(super) async fn next(follower: &mut dyn Follower) -> Result<Message, StreamError> {
    match timeout(PATIENCE, follower.next()).await {
        Ok(message) => message,
        Err(elapsed) => Err(StreamError::Unreachable(elapsed.to_string())),
    }
}

/// Message `number`, which the stream is said to hold.
pub(super) async fn message(stream: &dyn GroupStream, number: u64) -> Result<Message, StreamError> {
    persistently(async || {
        let message = next(stream.follow(number).await?.as_mut()).await?;
        if message.sequence == number { Ok(message) } else { Err(StreamError::Gone(number)) }
    })
    .await
}

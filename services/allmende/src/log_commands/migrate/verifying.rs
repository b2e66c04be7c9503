//! Reading back all that a stream has of a log.

use allmende_eventlog::{Hash, RecordedGroup, genesis_hash};
use allmende_eventlog_nats::is_same;
use allmende_eventlog_nats::stream::{Follower, GroupStream, Message, StreamError};
use allmende_eventlog_sled::OfflineLog;
use allmende_nats::backoff;
use anyhow::{Context as _, ensure};
use tokio::time::sleep;

use super::reading::{ATTEMPTS, next, persistently};

/// Whether the stream holds the log: every group at its number, what is in it hashed again, and each bound to the one
/// before. `told` is told the number of each.
pub(super) async fn verify(log: &OfflineLog, stream: &dyn GroupStream, told: impl Fn(u64)) -> anyhow::Result<()> {
    let mut reader = Reader { stream, follower: None };
    let mut chain = genesis_hash(log.partition());
    for group in log.stored(0) {
        let (number, stored) = group?;
        let message = reader.read(number).await.with_context(|| format!("reading group {number} back"))?;
        ensure!(is_same(&stored, &message.bytes), "group {number} is not the log's");
        chain = continued(chain, number, &message).with_context(|| format!("group {number} breaks the chain"))?;
        told(number);
    }
    let head = log.head();
    ensure!(chain == head.hash, "the chain ends with {chain}, the log with {}", head.hash);
    Ok(())
}

/// The chain's hash behind a message.
fn continued(chain: Hash, number: u64, message: &Message) -> anyhow::Result<Hash> {
    // What is no group has its number and is not part of the chain, in a log that was a replica's.
    let Ok(group) = RecordedGroup::decode(&message.bytes) else { return Ok(chain) };
    let header = group.header();
    if header.number != number || header.previous_hash != chain {
        return Ok(chain);
    }
    group.verify()?;
    Ok(header.hash)
}

struct Reader<'a> {
    stream: &'a dyn GroupStream,
    follower: Option<Box<dyn Follower>>,
}

impl Reader<'_> {
    async fn read(&mut self, number: u64) -> Result<Message, StreamError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_to_read(number).await {
                Err(StreamError::Unreachable(_)) if attempt < ATTEMPTS => {
                    self.follower = None;
                    sleep(backoff::before(attempt)).await;
                }
                read => return read,
            }
        }
    }

    async fn try_to_read(&mut self, number: u64) -> Result<Message, StreamError> {
        let follower = match &mut self.follower {
            Some(follower) => follower,
            None => self.follower.insert(persistently(async || self.stream.follow(number).await).await?),
        };
        loop {
            let message = next(follower.as_mut()).await?;
            // One may come again.
            if message.sequence >= number {
                return if message.sequence == number { Ok(message) } else { Err(StreamError::Gone(number)) };
            }
        }
    }
}

//! Publishing a log's groups to a stream that is theirs.

use std::time::Duration;

use allmende_eventlog_nats::stream::{GroupStream, Message, Published, StreamError};
use allmende_eventlog_nats::{is_same, message_of};
use allmende_eventlog_sled::OfflineLog;
use allmende_nats::backoff;
use anyhow::{bail, ensure};
use bytes::Bytes;
use tokio::time::sleep;

use super::reading::{ATTEMPTS, message, next, persistently};

/// For the answer to a publish.
const WITHIN: Duration = Duration::from_secs(10);

/// How many of the log's groups the stream has. An error if it holds something else: nothing is published behind that.
pub(super) async fn there(log: &OfflineLog, stream: &dyn GroupStream) -> anyhow::Result<u64> {
    let last = persistently(async || stream.last_hint().await).await?;
    // It may have gone on behind the log's end: a member has led since.
    let there = last.min(log.head().group);
    // The first tells another log's stream at once, the last one a stream that went another way; between them is read
    // when all of it is read back.
    for number in [1, there].into_iter().filter(|number| (1..=there).contains(number)) {
        let stored = stored(log, number)?;
        let message = message(stream, number).await?;
        ensure!(
            is_same(&stored, &message.bytes),
            "it holds something else than this log, from group {number} or before: nothing was published. A log goes into \
             an empty stream, or into one that was begun with it"
        );
    }
    Ok(there)
}

/// Publishes the groups behind `after`, byte for byte and one after the other, each where it belongs. `told` is told the
/// number of each that is surely there.
pub(super) async fn publish(
    log: &OfflineLog,
    stream: &dyn GroupStream,
    after: u64,
    told: impl Fn(u64),
) -> anyhow::Result<()> {
    let mut publisher = persistently(async || stream.connect().await).await?;
    for group in log.stored(after) {
        let (number, stored) = group?;
        let message = message_of(&stored);
        let mut attempt = 0;
        while publisher.publish(number - 1, message.clone(), WITHIN).await != Published::Committed(number) {
            attempt += 1;
            // Refused: something is there, or on its way. Unknown: ours may be, also of a run that was ended.
            match look(stream, number).await {
                Ok(found) if is_same(&stored, &found.bytes) => break,
                Ok(_) => bail!("it went on with something else than group {number}: does a member lead already?"),
                Err(StreamError::Unreachable(_)) if attempt < ATTEMPTS => sleep(backoff::before(attempt)).await,
                Err(error) => return Err(error.into()),
            }
            publisher = persistently(async || stream.connect().await).await?;
        }
        told(number);
    }
    Ok(())
}

async fn look(stream: &dyn GroupStream, number: u64) -> Result<Message, StreamError> {
    let last = stream.last_hint().await?;
    if last < number {
        return Err(StreamError::Unreachable(format!("group {number} is not there yet")));
    }
    next(stream.follow(number).await?.as_mut()).await
}

fn stored(log: &OfflineLog, number: u64) -> anyhow::Result<Bytes> {
    match log.stored(number - 1).next() {
        Some(group) => Ok(group?.1),
        None => bail!("the log has no group {number}"),
    }
}

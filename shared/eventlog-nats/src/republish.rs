//! What a stream has lost is published again from a replica that has it: an operator's decision, never a member's.

use std::time::Duration;

use allmende_eventlog::{ReadError, Replica};

use crate::chain;
use crate::stream::{GroupStream, Published, StreamError};

/// Why a lost tail was not published again, or not all of it. Doing it again is safe: every message expects the one before.
#[derive(Debug, thiserror::Error)]
pub enum RepublishError {
    /// The stream could not be read or written.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The replica could not be read.
    #[error("the replica cannot be read")]
    Read(#[from] ReadError),
    /// The stream's last message is not the replica's at this place: it went on after it was set back, or is another's.
    #[error("the stream and this replica differ at group {0}")]
    Differs(u64),
    /// The stream has gone on, or had not ended where it seemed to.
    #[error("the stream does not end before group {0}")]
    Refused(u64),
    /// No answer came.
    #[error("it is not known whether group {0} was stored")]
    Unknown(u64),
}

/// Publishes what the replica has behind the stream's end, byte for byte and at the same places, what is void included.
/// Tells how many messages that were.
///
/// No member may lead meanwhile: whoever does makes this be refused, and history is what it published.
pub async fn republish(
    replica: &dyn Replica,
    stream: &dyn GroupStream,
    within: Duration,
) -> Result<u64, RepublishError> {
    let head = replica.head().borrow().group;
    let last = stream.last_hint().await?;
    if last >= head {
        return Ok(0);
    }
    if last > 0 {
        let message = stream.follow(last).await?.next().await?;
        if message.sequence != last || !chain::is_same(&replica.stored(last)?, &message.bytes) {
            return Err(RepublishError::Differs(last));
        }
    }
    let mut publisher = stream.connect().await?;
    for number in last + 1..=head {
        let message = chain::message_of(&replica.stored(number)?);
        match publisher.publish(number - 1, message, within).await {
            Published::Committed(sequence) if sequence == number => {}
            Published::Committed(_) | Published::Unknown => return Err(RepublishError::Unknown(number)),
            Published::Refused => return Err(RepublishError::Refused(number)),
        }
    }
    Ok(head - last)
}

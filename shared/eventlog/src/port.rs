use std::sync::Arc;

use allmende_kernel::{PartitionName, Position, Revision, StreamName, Timestamp};
use tokio::sync::watch;

use crate::append::{AppendError, NewCommit, Origin, Submitted};
use crate::group::{Hash, RecordedEvent, RecordedGroup};

/// The last durable group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 for an empty log.
    pub group: u64,
    /// Its term.
    pub epoch: u64,
    /// Its hash, or the genesis hash.
    pub hash: Hash,
    /// Its leader's clock.
    pub leader_time: Timestamp,
    /// Request ids minted before are refused.
    pub window_floor: Timestamp,
}

/// Which way a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From old to new.
    Forward,
    /// From new to old.
    Backward,
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Groups of this range are damaged; what they held is not served.
    #[error("groups {first} to {last} of partition {partition} are damaged")]
    Damaged {
        /// Which partition.
        partition: PartitionName,
        /// First damaged group.
        first: u64,
        /// Last damaged group.
        last: u64,
    },
    /// The log does not reach that far yet.
    #[error("the log has no group {0}")]
    Beyond(u64),
    /// A file could not be read.
    #[error("reading {what}: {kind}")]
    Io {
        /// What was read.
        what: &'static str,
        /// The system's word.
        kind: std::io::ErrorKind,
    },
    /// The index contradicts the segments; it is rebuilt at the next start.
    #[error("the index of partition {0} contradicts its segments")]
    Index(PartitionName),
}

/// One partition's log. Appends are admitted at once and durable later; reads block and see durable groups only.
pub trait EventLog: Send + Sync + 'static {
    /// Which partition it is.
    fn partition(&self) -> &PartitionName;

    /// The leader's clock: never behind a commit that was admitted.
    fn now(&self) -> Timestamp;

    /// Admits a commit: checks ids and revisions against everything admitted before, durable or not, and queues it.
    ///
    /// Does not wait for the disk. A refused commit leaves no trace.
    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError>;

    /// The commit that `origin` caused before, if it did.
    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError>;

    /// Durable as soon as everything admitted so far is: what an answer that stores nothing has to wait for.
    fn settle(&self) -> Submitted;

    /// This log as the leader of the present term writes it, where the partition can have another leader: once the term
    /// is over it refuses everything that the term admitted or would admit, so that nothing is decided, stored or
    /// answered on a state that did not come to count. `None` where nobody else ever writes: the log itself is that.
    fn in_term(&self) -> Option<Arc<dyn EventLog>> {
        None
    }

    /// Tells terms apart, in this process. What was folded in another term, and is ahead of what is durable, may hold what
    /// never came to count.
    fn term(&self) -> u64 {
        0
    }

    /// The durable head, as it moves.
    fn head(&self) -> watch::Receiver<Head>;

    /// The stream's length, counting what is admitted and not durable yet.
    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError>;

    /// At most `max` durable events of a stream, from revision `from` on (`Backward`: downwards), which may lie outside.
    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError>;

    /// Durable groups after number `after`, at least one if there is one, until their bodies exceed `max_bytes`.
    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError>;

    /// Numbers of at most `max` durable groups after `after` that hold a commit for `tenant/category`, ascending.
    fn groups_of_category(&self, tenant_category: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError>;

    /// Numbers of at most `max` durable groups after `after` that hold an event of this type, ascending.
    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError>;

    /// Whole group `number`.
    fn read_group(&self, number: u64) -> Result<Arc<RecordedGroup>, ReadError> {
        match self.read_groups(number.saturating_sub(1), 0)?.into_iter().next() {
            Some(group) if group.header().number == number => Ok(group),
            _ => Err(ReadError::Beyond(number)),
        }
    }

    /// The outcome that the commit at `position` kept for its caller.
    fn read_outcome(&self, position: Position) -> Result<bytes::Bytes, ReadError> {
        let group = self.read_group(position.group)?;
        group.commit(position.index).map(|commit| commit.outcome()).ok_or(ReadError::Beyond(position.group))
    }
}

//! The half of a log that is read: the same of a log that is appended to, and of a replica that groups come to from
//! elsewhere.

use std::sync::Arc;

use allmende_kernel::{PartitionName, Position, Revision, StreamName, Timestamp};
use tokio::sync::watch;

use crate::group::{Hash, RecordedEvent, RecordedGroup, genesis_hash};

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

impl Head {
    /// Before the first group of a partition.
    pub fn genesis(partition: &PartitionName) -> Self {
        let hash = genesis_hash(partition);
        Self { group: 0, epoch: 1, hash, leader_time: Timestamp::default(), window_floor: Timestamp::default() }
    }
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

/// What is durable of one partition: whole groups, in order, never one beyond the head. Reads block.
pub trait Reading: Send + Sync + 'static {
    /// Which partition it is.
    fn partition(&self) -> &PartitionName;

    /// The durable head, as it moves.
    fn head(&self) -> watch::Receiver<Head>;

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

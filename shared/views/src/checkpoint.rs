use allmende_eventlog::{GroupHeader, Hash, genesis_hash};
use allmende_kernel::{PartitionName, Position, Timestamp};

use crate::tables::Table;

/// How far a view has come, and on which history: the last group whose commits are all folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its last commit.
    pub position: Position,
    /// Its epoch.
    pub epoch: u64,
    /// Its chain hash.
    pub hash: Hash,
    /// Its leader's clock.
    pub leader_time: Timestamp,
}

/// First byte of the stored form.
const FORM: u8 = 1;
const LENGTH: usize = 1 + 8 + 4 + 8 + 32 + 8;

impl Checkpoint {
    /// Before the first group of a partition.
    pub(crate) fn start(partition: &PartitionName) -> Self {
        Self { position: Position::START, epoch: 0, hash: genesis_hash(partition), leader_time: Timestamp::default() }
    }

    pub(crate) fn after(group: &GroupHeader) -> Self {
        Self {
            position: Position::new(group.number, group.commit_count.saturating_sub(1)),
            epoch: group.epoch,
            hash: group.hash,
            leader_time: group.leader_time,
        }
    }

    pub(crate) fn key() -> Vec<u8> {
        Table::CHECKPOINT.key(b"")
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(FORM);
        bytes.extend_from_slice(&self.position.group.to_be_bytes());
        bytes.extend_from_slice(&self.position.index.to_be_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.hash.0);
        bytes.extend_from_slice(&self.leader_time.as_micros().to_be_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (form, rest) = bytes.split_first()?;
        let (group, rest) = rest.split_first_chunk()?;
        let (index, rest) = rest.split_first_chunk()?;
        let (epoch, rest) = rest.split_first_chunk()?;
        let (hash, rest) = rest.split_first_chunk()?;
        let (micros, rest) = rest.split_first_chunk()?;
        (*form == FORM && rest.is_empty()).then(|| Self {
            position: Position::new(u64::from_be_bytes(*group), u32::from_be_bytes(*index)),
            epoch: u64::from_be_bytes(*epoch),
            hash: Hash(*hash),
            leader_time: Timestamp::from_micros(i64::from_be_bytes(*micros)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_was_written() {
        let checkpoint = Checkpoint {
            position: Position::new(1 << 40, 77),
            epoch: 3,
            hash: Hash([9; 32]),
            leader_time: Timestamp::from_micros(-5),
        };
        let bytes = checkpoint.encode();
        assert_eq!(Checkpoint::decode(&bytes), Some(checkpoint));
        assert_eq!(Checkpoint::decode(&bytes[..LENGTH - 1]), None);
        assert_eq!(Checkpoint::decode(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(Checkpoint::decode(&[&[2], &bytes[1..]].concat()), None);
    }
}

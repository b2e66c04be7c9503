use fjall::Slice;

use crate::checkpoint::Checkpoint;
use crate::database::Keyspace;
use crate::error::StorageError;
use crate::tables::{Keys, Order, Scan, Table, Tables};

/// A view's tables at one position, whatever is folded meanwhile. Reads block on the disk; holding it holds up the
/// removal of old rows, so it is not to be kept.
pub struct Snapshot {
    keyspace: Keyspace,
    at: fjall::Snapshot,
    checkpoint: Checkpoint,
}

impl Snapshot {
    /// `start` is the checkpoint of a view that has folded nothing.
    pub(crate) fn take(keyspace: Keyspace, start: Checkpoint) -> Result<Self, StorageError> {
        let at = keyspace.snapshot();
        let checkpoint = keyspace.checkpoint_at(&at)?.unwrap_or(start);
        Ok(Self { keyspace, at, checkpoint })
    }

    /// What the tables reflect.
    pub fn checkpoint(&self) -> Checkpoint {
        self.checkpoint
    }
}

impl Tables for Snapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Slice>, StorageError> {
        self.keyspace.get_at(&self.at, &table.key(key))
    }

    fn scan(&self, table: Table, keys: &Keys, order: Order) -> Scan<'_> {
        match keys.stored(table) {
            Some(range) => Box::new(self.keyspace.scan_at(&self.at, range, order)),
            None => Box::new(std::iter::empty()),
        }
    }
}

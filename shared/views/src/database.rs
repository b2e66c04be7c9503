use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fjall::{Database, KeyspaceCreateOptions, Readable, Slice};

use crate::checkpoint::Checkpoint;
use crate::error::StorageError;
use crate::store::Options;
use crate::tables::{Order, Range, Row};

/// A file beside the database that says "do not open it again".
const DAMAGED: &str = "damaged";
/// Rotating and flushing; a second one compacts meanwhile.
const WORKERS: usize = 2;
/// The least that fjall allows. What is not flushed yet is replayed into memory at the start.
const JOURNAL_BYTES: u64 = 64 << 20;

pub(crate) fn open(dir: &Path, options: &Options) -> fjall::Result<Database> {
    Database::builder(dir)
        .cache_size(options.cache_bytes)
        .worker_threads(WORKERS)
        .max_journaling_size(JOURNAL_BYTES)
        .open()
}

pub(crate) fn is_marked(dir: &Path) -> std::io::Result<bool> {
    dir.join(DAMAGED).try_exists()
}

/// One view's tables and checkpoint.
#[derive(Clone)]
pub(crate) struct Keyspace {
    dir: PathBuf,
    database: Database,
    keyspace: fjall::Keyspace,
}

impl Keyspace {
    pub(crate) fn open(dir: &Path, database: &Database, name: &str, options: &Options) -> Result<Self, StorageError> {
        let create = || KeyspaceCreateOptions::default().max_memtable_size(options.memtable_bytes);
        let keyspace = database.keyspace(name, create)?;
        Ok(Self { dir: dir.to_owned(), database: database.clone(), keyspace })
    }

    /// Removes tables and checkpoint; the files go with the last reference.
    pub(crate) fn delete(self) -> Result<(), StorageError> {
        self.database.delete_keyspace(self.keyspace.clone()).map_err(|error| self.seen(error))
    }

    /// The newest value: of use to the one who writes.
    pub(crate) fn get(&self, stored_key: &[u8]) -> Result<Option<Slice>, StorageError> {
        self.keyspace.get(stored_key).map_err(|error| self.seen(error))
    }

    /// The newest rows: of use to the one who writes.
    pub(crate) fn scan(&self, range: Range, order: Order) -> impl Iterator<Item = Result<Row, StorageError>> {
        self.rows(self.keyspace.range::<Vec<u8>, _>(range), order)
    }

    pub(crate) fn snapshot(&self) -> fjall::Snapshot {
        self.database.snapshot()
    }

    pub(crate) fn get_at(&self, at: &fjall::Snapshot, stored_key: &[u8]) -> Result<Option<Slice>, StorageError> {
        at.get(&self.keyspace, stored_key).map_err(|error| self.seen(error))
    }

    pub(crate) fn scan_at(
        &self,
        at: &fjall::Snapshot,
        range: Range,
        order: Order,
    ) -> impl Iterator<Item = Result<Row, StorageError>> {
        self.rows(at.range::<Vec<u8>, _>(&self.keyspace, range), order)
    }

    fn rows(&self, rows: fjall::Iter, order: Order) -> impl Iterator<Item = Result<Row, StorageError>> {
        let ordered: Box<dyn Iterator<Item = fjall::Guard>> = match order {
            Order::Ascending => Box::new(rows),
            Order::Descending => Box::new(rows.rev()),
        };
        let view = self.clone();
        ordered.map(move |row| match row.into_inner() {
            Ok((stored_key, value)) => Ok(Row { stored_key, value }),
            Err(error) => Err(view.seen(error)),
        })
    }

    /// The checkpoint, if there is one; an unreadable one is damage.
    pub(crate) fn checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
        self.get(&Checkpoint::key())?.map(|bytes| self.decode(&bytes)).transpose()
    }

    pub(crate) fn checkpoint_at(&self, at: &fjall::Snapshot) -> Result<Option<Checkpoint>, StorageError> {
        self.get_at(at, &Checkpoint::key())?.map(|bytes| self.decode(&bytes)).transpose()
    }

    fn decode(&self, checkpoint: &[u8]) -> Result<Checkpoint, StorageError> {
        Checkpoint::decode(checkpoint).ok_or_else(|| self.seen(fjall::Error::InvalidTrailer))
    }

    /// Writes changes and checkpoint at once. Handed to the system, not synced.
    pub(crate) fn write(
        &self,
        changes: BTreeMap<Slice, Option<Slice>>,
        checkpoint: &Checkpoint,
    ) -> Result<(), StorageError> {
        let mut batch = self.database.batch();
        for (key, change) in changes {
            match change {
                Some(value) => batch.insert(&self.keyspace, key, value),
                None => batch.remove(&self.keyspace, key),
            }
        }
        batch.insert(&self.keyspace, Checkpoint::key(), checkpoint.encode());
        batch.commit().map_err(|error| self.seen(error))
    }

    /// Damage that shows only now must not be met again after the next start.
    fn seen(&self, error: fjall::Error) -> StorageError {
        let error = StorageError::from(error);
        if matches!(error, StorageError::Damaged(_))
            && let Err(error) = std::fs::File::create(self.dir.join(DAMAGED))
        {
            tracing::error!(%error, dir = %self.dir.display(), "a damaged view database could not be marked");
        }
        error
    }
}

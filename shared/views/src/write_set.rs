use std::any::Any;
use std::collections::BTreeMap;

use fjall::Slice;

use crate::database::Keyspace;
use crate::error::StorageError;
use crate::merge::Merge;
use crate::tables::{Keys, Order, Scan, Table, Tables};

/// What a view writes until the next checkpoint: changes in memory over what is stored, so that a fold of many commits
/// in one batch sees its own earlier writes.
pub struct WriteSet<'a> {
    keyspace: &'a Keyspace,
    changes: BTreeMap<Slice, Option<Slice>>,
    bytes: usize,
    pending: Option<Box<dyn Any>>,
}

impl<'a> WriteSet<'a> {
    pub(crate) fn new(keyspace: &'a Keyspace) -> Self {
        Self { keyspace, changes: BTreeMap::new(), bytes: 0, pending: None }
    }

    /// What is left to do at the end of the batch; a view keeps it in one type. It is not stored.
    pub fn pending<T: Default + 'static>(&mut self) -> &mut T {
        let pending = self.pending.take().and_then(|pending| pending.downcast::<T>().ok()).unwrap_or_default();
        let kept = self.pending.insert(pending);
        kept.downcast_mut().expect("it was put there as a T in the line before")
    }

    /// Stores `value` under `key`. Keys have at most 65,535 bytes.
    pub fn put(&mut self, table: Table, key: &[u8], value: impl Into<Slice>) {
        self.change(table, key, Some(value.into()));
    }

    /// Removes the row with `key`, if there is one.
    pub fn delete(&mut self, table: Table, key: &[u8]) {
        self.change(table, key, None);
    }

    fn change(&mut self, table: Table, key: &[u8], value: Option<Slice>) {
        self.bytes += key.len() + value.as_ref().map_or(0, |value| value.len()) + ROW_BYTES;
        self.changes.insert(table.key(key).into(), value);
    }

    /// About how much memory the changes take.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn into_changes(self) -> BTreeMap<Slice, Option<Slice>> {
        self.changes
    }
}

/// What a change takes beside its bytes.
const ROW_BYTES: usize = 64;

impl Tables for WriteSet<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Slice>, StorageError> {
        let stored_key = table.key(key);
        match self.changes.get(stored_key.as_slice()) {
            Some(change) => Ok(change.clone()),
            None => self.keyspace.get(&stored_key),
        }
    }

    fn scan(&self, table: Table, keys: &Keys, order: Order) -> Scan<'_> {
        let Some(range) = keys.stored(table) else { return Box::new(std::iter::empty()) };
        let stored = self.keyspace.scan(range.clone(), order).peekable();
        let changes =
            self.changes.range::<[u8], _>((range.0.as_ref().map(Vec::as_slice), range.1.as_ref().map(Vec::as_slice)));
        match order {
            Order::Ascending => Box::new(Merge { stored, changes: changes.peekable(), order }),
            Order::Descending => Box::new(Merge { stored, changes: changes.rev().peekable(), order }),
        }
    }
}

use std::fmt;
use std::ops::Bound;

use fjall::Slice;

use crate::error::StorageError;

/// One of a view's tables, by its number: part of the stored form, so never given to another table of the same version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Table(u8);

impl Table {
    /// The store's own.
    pub(crate) const CHECKPOINT: Table = Table(0);

    /// Table `number`, from 1.
    ///
    /// # Panics
    /// When `number` is 0; at compile time in a constant.
    pub const fn new(number: u8) -> Self {
        assert!(number != 0, "table 0 holds the checkpoint");
        Self(number)
    }

    /// A key of this table as the database has it.
    pub(crate) fn key(self, key: &[u8]) -> Vec<u8> {
        let mut stored = Vec::with_capacity(1 + key.len());
        stored.push(self.0);
        stored.extend_from_slice(key);
        stored
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Keys as the database has them.
pub(crate) type Range = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// Which way a table is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// From small keys to large ones.
    Ascending,
    /// From large keys to small ones.
    Descending,
}

/// Which keys of a table are read: all of them, or those that all given limits admit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    from: Bound<Vec<u8>>,
    until: Bound<Vec<u8>>,
}

impl Keys {
    /// All keys.
    pub fn all() -> Self {
        Self { from: Bound::Unbounded, until: Bound::Unbounded }
    }

    /// The keys that begin with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        Self { from: Bound::Included(prefix.to_vec()), until: past_prefix(prefix) }
    }

    /// Only `key` and those above it.
    pub fn from(self, key: &[u8]) -> Self {
        self.at_least(Bound::Included(key.to_vec()))
    }

    /// Only those above `key`: how an ascending list goes on after its last row.
    pub fn after(self, key: &[u8]) -> Self {
        self.at_least(Bound::Excluded(key.to_vec()))
    }

    /// Only those below `key`: how a descending list goes on after its last row.
    pub fn before(mut self, key: &[u8]) -> Self {
        let lower = match &self.until {
            Bound::Unbounded => true,
            Bound::Included(limit) | Bound::Excluded(limit) => key <= limit.as_slice(),
        };
        if lower {
            self.until = Bound::Excluded(key.to_vec());
        }
        self
    }

    fn at_least(mut self, from: Bound<Vec<u8>>) -> Self {
        let key = |bound: &Bound<Vec<u8>>| match bound {
            Bound::Unbounded => None,
            Bound::Included(key) => Some((key.clone(), 0)),
            Bound::Excluded(key) => Some((key.clone(), 1)),
        };
        if key(&from) > key(&self.from) {
            self.from = from;
        }
        self
    }

    /// The same as the database has it, or nothing if no key can lie between.
    pub(crate) fn stored(&self, table: Table) -> Option<Range> {
        let from = match &self.from {
            Bound::Unbounded => Bound::Included(table.key(&[])),
            Bound::Included(key) => Bound::Included(table.key(key)),
            Bound::Excluded(key) => Bound::Excluded(table.key(key)),
        };
        let until = match &self.until {
            Bound::Unbounded => past_prefix(&[table.0]),
            Bound::Included(key) => Bound::Included(table.key(key)),
            Bound::Excluded(key) => Bound::Excluded(table.key(key)),
        };
        let (Bound::Included(low) | Bound::Excluded(low)) = &from else { return Some((from, until)) };
        let empty = match &until {
            Bound::Excluded(high) => low >= high,
            Bound::Included(high) => low > high || (low == high && matches!(from, Bound::Excluded(_))),
            Bound::Unbounded => false,
        };
        (!empty).then_some((from, until))
    }
}

/// Below every key that is above all keys with this prefix.
fn past_prefix(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if last < u8::MAX {
            next.push(last + 1);
            return Bound::Excluded(next);
        }
    }
    Bound::Unbounded
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub(crate) stored_key: Slice,
    /// Its value.
    pub value: Slice,
}

impl Row {
    /// Its key.
    pub fn key(&self) -> &[u8] {
        &self.stored_key[1..]
    }
}

/// Rows in order; an error ends them.
pub type Scan<'a> = Box<dyn Iterator<Item = Result<Row, StorageError>> + 'a>;

/// Reading a view's tables, alike while folding and while answering.
pub trait Tables {
    /// The value under `key`.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Slice>, StorageError>;

    /// The rows with these keys. Reads as far as it is asked to.
    fn scan(&self, table: Table, keys: &Keys, order: Order) -> Scan<'_>;
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table = Table::new(7);

    fn admits(keys: &Keys, key: &[u8]) -> bool {
        use std::ops::RangeBounds;
        keys.stored(TABLE).is_some_and(|range| range.contains(&TABLE.key(key)))
    }

    #[test]
    fn a_prefix_ends_where_the_next_begins() {
        for (prefix, inside, outside) in [
            (&b"ab"[..], &[&b"ab"[..], b"ab\0", b"ab\xff\xff"][..], &[&b"aa"[..], b"ac", b"a", b""][..]),
            (b"a\xff", &[b"a\xff", b"a\xff\xff"], &[b"b", b"a\xfe"]),
            (b"\xff\xff", &[b"\xff\xff", b"\xff\xff\x01"], &[b"\xff", b"\xff\xfe"]),
            (b"", &[b"", b"\0", b"\xff\xff"], &[]),
        ] {
            let keys = Keys::prefix(prefix);
            assert!(inside.iter().all(|key| admits(&keys, key)), "{prefix:?}");
            assert!(!outside.iter().any(|key| admits(&keys, key)), "{prefix:?}");
        }
    }

    #[test]
    fn limits_only_ever_narrow() {
        let keys = Keys::prefix(b"b").after(b"b3").before(b"b7");
        assert!(admits(&keys, b"b4") && admits(&keys, b"b3\0"));
        assert!(!admits(&keys, b"b3") && !admits(&keys, b"b7") && !admits(&keys, b"c"));
        let wider = keys.from(b"a").after(b"b2").before(b"z");
        assert!(!admits(&wider, b"b3") && !admits(&wider, b"b7"));
        // A page token from another list must not lead out of this one.
        assert_eq!(Keys::prefix(b"b").after(b"c").stored(TABLE), None);
        assert_eq!(Keys::prefix(b"b").before(b"a").stored(TABLE), None);
    }

    #[test]
    fn the_last_table_has_an_end() {
        let keys = Keys::all().stored(Table::new(255));
        assert_eq!(keys, Some((Bound::Included(vec![255]), Bound::Unbounded)));
    }
}

use allmende_views::{Keys, Order, Snapshot, Table, Tables as _, ViewError};

use super::keys::Key;

/// Rows that a page looks at, at most, to find what a filter asks for; it is short then, and the next one goes on.
const LOOKED_AT: usize = 5_000;

/// Bytes of what people wrote that a page is full with: with its last text, and with what stands around them, an answer
/// is well within a message.
pub(super) const FULL: usize = 1 << 20;

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paged {
    /// The last row of the page before.
    pub(crate) after: Option<Vec<u8>>,
    pub(crate) max: usize,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// The row after which the next page begins; `None` on the last one.
    pub(crate) next: Option<Vec<u8>>,
}

/// Something that holds what people wrote.
pub(super) trait Wordy {
    /// How much of it.
    fn bytes(&self) -> usize;
}

/// What `item` makes of the rows under `prefix`; it leaves out those of which it makes nothing.
pub(super) fn page<T, E: From<ViewError>>(
    tables: &Snapshot,
    list: (Table, &Key),
    order: Order,
    asked: &Paged,
    item: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, E>,
) -> Result<Page<T>, E> {
    page_within(tables, list, order, asked, item, |_| 0)
}

/// The same of whole texts: the page is short where they are long.
pub(super) fn page_of_texts<T: Wordy, E: From<ViewError>>(
    tables: &Snapshot,
    list: (Table, &Key),
    order: Order,
    asked: &Paged,
    item: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, E>,
) -> Result<Page<T>, E> {
    page_within(tables, list, order, asked, item, T::bytes)
}

fn page_within<T, E: From<ViewError>>(
    tables: &Snapshot,
    (table, prefix): (Table, &Key),
    order: Order,
    asked: &Paged,
    mut item: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, E>,
    bytes_of: impl Fn(&T) -> usize,
) -> Result<Page<T>, E> {
    let keys = Keys::prefix(prefix.as_bytes());
    let keys = match (&asked.after, order) {
        (None, _) => keys,
        (Some(after), Order::Ascending) => keys.after(after),
        (Some(after), Order::Descending) => keys.before(after),
    };
    let (mut items, mut bytes) = (Vec::new(), 0);
    let mut last: Option<Vec<u8>> = None;
    for (looked_at, row) in tables.scan(table, &keys, order).enumerate() {
        let row = row.map_err(ViewError::from)?;
        if items.len() >= asked.max || bytes >= FULL || looked_at >= LOOKED_AT {
            return Ok(Page { items, next: last });
        }
        let item = item(row.key(), &row.value)?;
        bytes += item.as_ref().map_or(0, &bytes_of);
        items.extend(item);
        last = Some(row.key().to_vec());
    }
    Ok(Page { items, next: None })
}

use std::cmp::Ordering;
use std::iter::Peekable;

use fjall::Slice;

use crate::error::StorageError;
use crate::tables::{Order, Row};

/// Stored rows with unsaved changes laid over them; both in `order`.
pub(crate) struct Merge<S: Iterator, C: Iterator> {
    pub(crate) stored: Peekable<S>,
    pub(crate) changes: Peekable<C>,
    pub(crate) order: Order,
}

impl<'a, S, C> Iterator for Merge<S, C>
where
    S: Iterator<Item = Result<Row, StorageError>>,
    C: Iterator<Item = (&'a Slice, &'a Option<Slice>)>,
{
    type Item = Result<Row, StorageError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let from_stored = match (self.stored.peek(), self.changes.peek()) {
                (Some(Err(_)), _) | (Some(_), None) => return self.stored.next(),
                (None, None) => return None,
                (None, Some(_)) => Ordering::Greater,
                (Some(Ok(row)), Some((key, _))) => match self.order {
                    Order::Ascending => row.stored_key.cmp(key),
                    Order::Descending => row.stored_key.cmp(key).reverse(),
                },
            };
            match from_stored {
                Ordering::Less => return self.stored.next(),
                Ordering::Equal => drop(self.stored.next()),
                Ordering::Greater => {}
            }
            if let Some((key, Some(value))) = self.changes.next() {
                return Some(Ok(Row { stored_key: key.clone(), value: value.clone() }));
            }
        }
    }
}

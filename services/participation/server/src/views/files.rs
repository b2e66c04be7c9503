//! Which files texts name.

use std::collections::HashSet;

use allmende_views::{Keys, Order, Snapshot, Tables as _, ViewError};

use super::Reader;
use super::keys::ATTACHMENTS;
use crate::attachments::Name;

/// The files that any text of any tenant names.
pub(crate) fn named_files(tables: &Snapshot) -> Result<HashSet<Name>, ViewError> {
    let rows = tables.scan(ATTACHMENTS, &Keys::all(), Order::Ascending);
    rows.map(|row| row?.key().last_chunk().copied().ok_or(ViewError::Row(ATTACHMENTS))).collect()
}

impl Reader<'_> {
    /// What the files of a tenant take, before they are sealed.
    pub(crate) fn attachment_bytes(&self) -> Result<u64, ViewError> {
        let rows = self.tables.scan(ATTACHMENTS, &Keys::prefix(self.key().as_bytes()), Order::Ascending);
        let bytes = |value: &[u8]| value.try_into().map(u64::from_be_bytes).map_err(|_| ViewError::Row(ATTACHMENTS));
        rows.map(|row| bytes(&row?.value)).sum()
    }
}

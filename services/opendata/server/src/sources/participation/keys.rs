use allmende_views::Table;
use uuid::Uuid;

/// Procedure → its row.
pub(super) const PROCEDURES: Table = Table::new(3);
/// Contribution → its row.
pub(super) const CONTRIBUTIONS: Table = Table::new(4);
/// Procedure, contribution → nothing.
pub(super) const OF_PROCEDURE: Table = Table::new(5);
/// Document, section, contribution → nothing.
pub(super) const OF_DOCUMENT: Table = Table::new(6);
/// Document → its row.
pub(super) const DOCUMENTS: Table = Table::new(7);
/// Procedure, document → nothing.
pub(super) const DOCUMENTS_OF: Table = Table::new(8);
/// Theme → its row.
pub(super) const THEMES: Table = Table::new(9);
/// Position, dataset → what was retracted.
pub(super) const RETRACTED: Table = Table::new(10);

/// Something of a tenant.
pub(super) fn of(tenant: &str, id: Uuid) -> Vec<u8> {
    [tenant.as_bytes(), &[0], id.as_bytes()].concat()
}

/// Something within something of a tenant.
pub(super) fn within(tenant: &str, outer: Uuid, inner: Uuid) -> Vec<u8> {
    [of(tenant, outer).as_slice(), inner.as_bytes()].concat()
}

/// A comment on a section; ids of sections hold no zero byte.
pub(super) fn in_section(tenant: &str, document: Uuid, section: &str, contribution: Uuid) -> Vec<u8> {
    [of(tenant, document).as_slice(), section.as_bytes(), &[0], contribution.as_bytes()].concat()
}

/// The id at the end of a key.
pub(super) fn id_at_end(key: &[u8]) -> Option<Uuid> {
    key.split_last_chunk().map(|(_, id)| Uuid::from_bytes(*id))
}

use allmende_opendata_domain::{DatasetId, Sha256, source_licence};
use allmende_views::Table;
use uuid::Uuid;

/// Dataset → its row.
pub(super) const DATASETS: Table = Table::new(1);
/// Dataset, version → its row.
pub(super) const VERSIONS: Table = Table::new(2);
/// Datasets with a version that is cleared and stands → nothing.
pub(super) const CLEARED: Table = Table::new(3);
/// Tenant → its publisher, as it is stored.
pub(super) const PUBLISHERS: Table = Table::new(4);
/// Id of a dataset → tenant.
pub(super) const TENANTS: Table = Table::new(5);
/// Content, dataset, version → nothing: which versions that stand have a file.
pub(super) const REFERENCES: Table = Table::new(6);
/// Dataset, version → nothing: withdrawn, and its files are still to go.
pub(super) const TO_REMOVE: Table = Table::new(7);
/// Station, month's dataset → nothing: the last version is a draft.
pub(super) const DRAFTS: Table = Table::new(8);
/// Tenant, or nothing for all → number of datasets in the catalogue.
pub(super) const COUNTS: Table = Table::new(9);
/// Position of its declaration, tenant, stream of a source's licence → nothing.
pub(super) const DECLARED: Table = Table::new(10);
/// Tenant, stream of a source's licence → the licence, as it is stored.
pub(super) const LICENCE_OF: Table = Table::new(11);

/// Tenant, what a dataset is sorted by, dataset → nothing.
pub(super) const BY_TITLE: Table = Table::new(12);

/// What a tenant's keys begin with. The zero byte, which no name holds, keeps `koeln` and `koeln-mitte` apart.
pub(super) fn tenant(tenant: &str) -> Vec<u8> {
    [tenant.as_bytes(), &[0]].concat()
}

pub(super) fn dataset(of: &str, id: DatasetId) -> Vec<u8> {
    [tenant(of).as_slice(), id.as_bytes()].concat()
}

/// A dataset's place among those of its tenant.
pub(super) fn by_title(of: &str, order: &str, id: DatasetId) -> Vec<u8> {
    [tenant(of).as_slice(), order.as_bytes(), &[0], id.as_bytes()].concat()
}

pub(super) fn version(dataset: &[u8], number: u32) -> Vec<u8> {
    [dataset, &number.to_be_bytes()].concat()
}

pub(super) fn reference(sha256: Sha256, dataset: &[u8], number: u32) -> Vec<u8> {
    [&sha256.0, dataset, &number.to_be_bytes()].concat()
}

pub(super) fn licence(of: &str, stream_id: &str) -> Vec<u8> {
    [tenant(of).as_slice(), stream_id.as_bytes()].concat()
}

pub(super) fn drafts(of: &str, station: Uuid) -> Vec<u8> {
    [tenant(of).as_slice(), station.as_bytes()].concat()
}

pub(super) fn draft(of: &str, station: Uuid, id: DatasetId) -> Vec<u8> {
    [drafts(of, station).as_slice(), id.as_bytes()].concat()
}

/// The dataset at the end of a key.
pub(super) fn last_id(key: &[u8]) -> Option<DatasetId> {
    key.split_last_chunk().map(|(_, id)| DatasetId::from_bytes(*id))
}

/// Tenant and station of a licence's key.
pub(super) fn split_licence(key: &[u8]) -> Option<(&str, Uuid)> {
    let zero = key.iter().position(|byte| *byte == 0)?;
    let stream_id = std::str::from_utf8(&key[zero + 1..]).ok()?;
    Some((std::str::from_utf8(&key[..zero]).ok()?, source_licence::station_of(stream_id)?))
}

/// Tenant and dataset of a key.
pub(super) fn split_dataset(key: &[u8]) -> Option<(&str, DatasetId, &[u8])> {
    let zero = key.iter().position(|byte| *byte == 0)?;
    let (id, rest) = key[zero + 1..].split_first_chunk()?;
    Some((std::str::from_utf8(&key[..zero]).ok()?, DatasetId::from_bytes(*id), rest))
}

/// The number of a version at the end of a key.
pub(super) fn number_of(rest: &[u8]) -> Option<u32> {
    rest.try_into().ok().map(u32::from_be_bytes)
}

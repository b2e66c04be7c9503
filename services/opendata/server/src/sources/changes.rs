//! Which datasets have changed, by dataset and by position: two tables that every source's view keeps alike.

use allmende_eventlog::CommitView;
use allmende_kernel::{Position, TenantId, Timestamp};
use allmende_opendata_domain::{Month, Source};
use allmende_views::{Keys, Order, Table, Tables, ViewError, WriteSet};
use uuid::Uuid;

use super::{After, Changed};

/// Dataset → position and time of its last change.
pub(crate) const CHANGED: Table = Table::new(1);
/// Position of a dataset's last change, dataset → nothing.
pub(crate) const RECENT: Table = Table::new(2);

/// Tenant and dataset, in the form in which keys begin with it. The zero byte, which no name holds, keeps `koeln` and
/// `koeln-mitte` apart.
pub(crate) fn dataset_key(tenant: &str, source: Source) -> Vec<u8> {
    let (kind, id, month) = match source {
        Source::Manual => (0, Uuid::nil(), 0),
        Source::Observations { station, month } => (1, station, month.number()),
        Source::Contributions { procedure } => (2, procedure, 0),
        Source::Synopsis { document } => (3, document, 0),
    };
    [tenant.as_bytes(), &[0, kind], id.as_bytes(), &month.to_be_bytes()].concat()
}

fn dataset_of(key: &[u8]) -> Option<(TenantId, Source)> {
    let zero = key.iter().position(|byte| *byte == 0)?;
    let tenant = TenantId::parse(std::str::from_utf8(&key[..zero]).ok()?).ok()?;
    let (kind, rest) = key[zero + 1..].split_first()?;
    let (id, month) = rest.split_first_chunk::<16>()?;
    let id = Uuid::from_bytes(*id);
    let month = u32::from_be_bytes(month.try_into().ok()?);
    let source = match kind {
        1 => Source::Observations { station: id, month: Month::from_number(month)? },
        2 => Source::Contributions { procedure: id },
        3 => Source::Synopsis { document: id },
        _ => return None,
    };
    Some((tenant, source))
}

/// A position in the form in which keys sort by it.
pub(crate) fn position_bytes(position: Position) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&position.group.to_be_bytes());
    bytes[8..].copy_from_slice(&position.index.to_be_bytes());
    bytes
}

/// The position that bytes begin with, and what is behind it.
pub(crate) fn split_position(bytes: &[u8]) -> Option<(Position, &[u8])> {
    let (group, rest) = bytes.split_first_chunk()?;
    let (index, rest) = rest.split_first_chunk()?;
    Some((Position::new(u64::from_be_bytes(*group), u32::from_be_bytes(*index)), rest))
}

/// Notes that a commit changed a dataset.
pub(crate) fn note(
    tables: &mut WriteSet<'_>,
    commit: CommitView<'_>,
    tenant: &str,
    source: Source,
) -> Result<(), ViewError> {
    let key = dataset_key(tenant, source);
    let position = position_bytes(commit.position());
    if let Some(before) = tables.get(CHANGED, &key)? {
        let before = before.get(..12).ok_or(ViewError::Row(CHANGED))?;
        if before == position {
            return Ok(());
        }
        tables.delete(RECENT, &[before, &key].concat());
    }
    let at = commit.admitted_at().as_micros().to_be_bytes();
    tables.put(CHANGED, &key, [position.as_slice(), &at].concat());
    tables.put(RECENT, &[position.as_slice(), &key].concat(), Vec::new());
    Ok(())
}

fn change_of(tenant: TenantId, source: Source, row: &[u8]) -> Result<Changed, ViewError> {
    let (position, at) = split_position(row).ok_or(ViewError::Row(CHANGED))?;
    let at = i64::from_be_bytes(at.try_into().map_err(|_| ViewError::Row(CHANGED))?);
    Ok(Changed { tenant, source, position, at: Timestamp::from_micros(at) })
}

/// The last change of a dataset.
pub(crate) fn last(tables: &impl Tables, tenant: &TenantId, source: Source) -> Result<Option<Changed>, ViewError> {
    let row = tables.get(CHANGED, &dataset_key(tenant.as_str(), source))?;
    row.map(|row| change_of(tenant.clone(), source, &row)).transpose()
}

/// Datasets behind `after`, in the order of their last changes.
pub(crate) fn after(tables: &impl Tables, after: &After, max: usize) -> Result<Vec<Changed>, ViewError> {
    let keys = match after {
        After::Position(Position::START) => Keys::all(),
        // Above every dataset that changed there.
        After::Position(after) => {
            Keys::all().from(&position_bytes(Position::new(after.group, after.index.saturating_add(1))))
        }
        After::Dataset(last) => {
            let key = dataset_key(last.tenant.as_str(), last.source);
            Keys::all().after(&[&position_bytes(last.position)[..], &key].concat())
        }
    };
    let mut changed = Vec::new();
    for row in tables.scan(RECENT, &keys, Order::Ascending).take(max) {
        let row = row?;
        let (_, key) = split_position(row.key()).ok_or(ViewError::Row(RECENT))?;
        let (tenant, source) = dataset_of(key).ok_or(ViewError::Row(RECENT))?;
        let row = tables.get(CHANGED, key)?.ok_or(ViewError::Row(CHANGED))?;
        changed.push(change_of(tenant, source, &row)?);
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datasets_key_is_read_as_it_was_written() {
        let id = Uuid::from_bytes([0; 16]);
        for source in [
            Source::Observations { station: id, month: Month::new(2018, 7).unwrap() },
            Source::Contributions { procedure: id },
            Source::Synopsis { document: Uuid::from_bytes([255; 16]) },
        ] {
            let key = dataset_key("koeln", source);
            assert_eq!(dataset_of(&key), Some((TenantId::parse("koeln").unwrap(), source)));
        }
        assert_eq!(dataset_of(&dataset_key("koeln", Source::Manual)), None);
        assert_eq!(dataset_of(b"koeln"), None);
    }

    #[test]
    fn positions_sort_as_they_follow_each_other() {
        let positions = [Position::new(0, 0), Position::new(1, 0), Position::new(1, 7), Position::new(256, 0)];
        assert!(positions.windows(2).all(|pair| position_bytes(pair[0]) < position_bytes(pair[1])));
        for position in positions {
            assert_eq!(split_position(&position_bytes(position)), Some((position, &[][..])));
        }
    }
}

//! Which lists a contribution stands in and what it counts for: a function of its row, so that a change of the row
//! moves it from where it was to where it belongs.

use std::collections::BTreeMap;

use allmende_proto::participation::events::v1::{ContributionKind, ContributionSubmitted};
use allmende_proto::participation::v1::{ModerationState, ObjectionState, QueueReason};
use allmende_views::{StorageError, Table, Tables as _, WriteSet};

use super::keys::{
    ATTACHMENTS, BY_AUTHOR, BY_PROCEDURE, BY_PROPOSAL, BY_SECTION, BY_SUPPORTS, BY_THEME, COUNTS, Counted, Key, QUEUE,
    SUPPORT_COUNTS, UNANSWERED,
};
use super::rows::ContributionRow;

/// Rows of lists by table and key.
type Entries = BTreeMap<(u8, Vec<u8>), (Table, Vec<u8>)>;

/// Moves a contribution from where `before` stood to where `after` belongs.
pub(super) fn reindex(
    tables: &mut WriteSet<'_>,
    tenant: &str,
    id: &[u8; 16],
    before: Option<&ContributionRow>,
    after: &ContributionRow,
) -> Result<(), StorageError> {
    let supports = count(tables.get(SUPPORT_COUNTS, Key::of(tenant).id(id).as_bytes())?.as_deref());
    let old = before.map(|row| entries(tenant, id, row, supports)).unwrap_or_default();
    let new = entries(tenant, id, after, supports);
    for ((number, key), (table, _)) in &old {
        if !new.contains_key(&(*number, key.clone())) {
            tables.delete(*table, key);
        }
    }
    for (place, (table, value)) in new {
        if old.get(&place).is_none_or(|(_, known)| *known != value) {
            tables.put(table, &place.1, value);
        }
    }
    let mut counts: BTreeMap<Key, i64> = BTreeMap::new();
    for key in before.map(|row| counted(tenant, row)).unwrap_or_default() {
        *counts.entry(key).or_default() -= 1;
    }
    for key in counted(tenant, after) {
        *counts.entry(key).or_default() += 1;
    }
    counts
        .into_iter()
        .filter(|(_, change)| *change != 0)
        .try_for_each(|(key, change)| add(tables, COUNTS, &key, change))
}

/// Moves a public proposal in the list by supports.
pub(super) fn move_by_supports(
    tables: &mut WriteSet<'_>,
    tenant: &str,
    id: &[u8; 16],
    row: &ContributionRow,
    (before, after): (u32, u32),
) {
    let submitted = row.submission();
    if row.is_public() && submitted.kind() == ContributionKind::Proposal {
        tables.delete(BY_SUPPORTS, &by_supports(tenant, id, &submitted, before));
        tables.put(BY_SUPPORTS, &by_supports(tenant, id, &submitted, after), b"");
    }
}

/// Why a contribution waits for a moderator.
pub(super) fn waits(row: &ContributionRow) -> Option<QueueReason> {
    if row.withdrawn_at_us.is_some() || row.erased {
        return None;
    }
    match (row.objection(), row.moderation()) {
        (ObjectionState::Open, _) => Some(QueueReason::Objection),
        (_, ModerationState::Pending) => Some(QueueReason::Pending),
        (_, ModerationState::Published | ModerationState::Redacted) if !row.reports.is_empty() => {
            Some(QueueReason::Reported)
        }
        _ => None,
    }
}

/// Adds to a number; what comes to nothing has no row.
pub(super) fn add(tables: &mut WriteSet<'_>, table: Table, key: &Key, change: i64) -> Result<(), StorageError> {
    let before = count(tables.get(table, key.as_bytes())?.as_deref());
    match u32::try_from(i64::from(before) + change).unwrap_or_default() {
        0 => tables.delete(table, key.as_bytes()),
        now => tables.put(table, key.as_bytes(), now.to_be_bytes()),
    }
    Ok(())
}

/// The number in a row.
pub(super) fn count(row: Option<&[u8]>) -> u32 {
    row.and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn by_supports(tenant: &str, id: &[u8; 16], submitted: &ContributionSubmitted, supports: u32) -> Vec<u8> {
    let key = Key::of(tenant).id(&submitted.procedure_id).number(u32::MAX - supports);
    key.moment(submitted.at_us).id(id).into_bytes()
}

fn entries(tenant: &str, id: &[u8; 16], row: &ContributionRow, supports: u32) -> Entries {
    let submitted = row.submission();
    let at = submitted.at_us;
    let mut entries = Entries::new();
    let mut stand = |number: u8, table: Table, key: Key, value: Vec<u8>| {
        entries.insert((number, key.into_bytes()), (table, value));
    };
    let under = |of: &[u8]| Key::of(tenant).id(of).moment(at).id(id);
    if !submitted.author.is_empty() {
        stand(7, BY_AUTHOR, under(&submitted.author), Vec::new());
    }
    if !row.theme_id.is_empty() && !row.erased {
        stand(10, BY_THEME, Key::of(tenant).id(&row.theme_id).id(id), Vec::new());
    }
    for attachment in &submitted.attachments {
        let key = Key::of(tenant).id(&attachment.sealed_sha256);
        stand(26, ATTACHMENTS, key, attachment.size_bytes.to_be_bytes().to_vec());
    }
    if let Some(reason) = waits(row) {
        let key = Key::of(tenant).id(&submitted.procedure_id).moment(row.waits_since_us).id(id);
        stand(8, QUEUE, key, vec![reason as u8]);
    }
    if !row.is_public() {
        return entries;
    }
    // Numbers of enums with few members.
    stand(4, BY_PROCEDURE, under(&submitted.procedure_id), vec![submitted.kind as u8, submitted.channel as u8]);
    if submitted.kind() == ContributionKind::Proposal {
        let key = Key::of(tenant).id(&submitted.procedure_id).number(u32::MAX - supports).moment(at).id(id);
        stand(11, BY_SUPPORTS, key, Vec::new());
    }
    if !submitted.proposal_id.is_empty() {
        stand(6, BY_PROPOSAL, under(&submitted.proposal_id), Vec::new());
    }
    if !submitted.document_id.is_empty() {
        let key = Key::of(tenant).id(&submitted.document_id).name(&submitted.section_id).moment(at).id(id);
        stand(5, BY_SECTION, key, Vec::new());
        if !row.is_answered() {
            stand(9, UNANSWERED, under(&submitted.document_id), Vec::new());
        }
    }
    entries
}

fn counted(tenant: &str, row: &ContributionRow) -> Vec<Key> {
    let submitted = row.submission();
    let of = |counted, id: &[u8]| Key::counted(tenant, counted).id(id);
    let over_channel = |counted| of(counted, &submitted.procedure_id).byte(submitted.channel as u8);
    let mut keys = vec![over_channel(Counted::Received)];
    if waits(row).is_some() {
        keys.push(of(Counted::Waiting, &submitted.procedure_id));
    }
    if !row.is_public() {
        return keys;
    }
    keys.push(over_channel(Counted::Published));
    if row.is_answered() {
        keys.push(over_channel(Counted::Answered));
    }
    if !row.theme_id.is_empty() {
        keys.push(of(Counted::InTheme, &row.theme_id));
    }
    if !submitted.proposal_id.is_empty() {
        keys.push(of(Counted::OnProposal, &submitted.proposal_id));
    }
    if !submitted.document_id.is_empty() {
        keys.push(of(Counted::OnSection, &submitted.document_id).name(&submitted.section_id));
        if !row.is_answered() {
            keys.push(of(Counted::Unanswered, &submitted.document_id));
        }
    }
    keys
}

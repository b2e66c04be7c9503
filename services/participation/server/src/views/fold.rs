use std::collections::BTreeMap;

use allmende_eventlog::{Aggregate, CommitView, EventView};
use allmende_kernel::Decider;
use allmende_participation_domain::{contribution, document, procedure, project, support, theme};
use allmende_views::{StorageError, Table, Tables as _, View, ViewError, WriteSet};
use prost::Message;
use uuid::Uuid;

use super::index::{add, count, move_by_supports};
use super::keys::{CONTRIBUTIONS, Key, SUPPORT_COUNTS, SUPPORTS};
use super::rows::ContributionRow;
use super::{fold_contribution, fold_document, fold_procedure};
use crate::wire;

/// Everything that is asked of participation. Rows are a function of the log's events and hold what is sealed as it is.
pub(crate) struct ParticipationView;

/// What became of the number of supports of a thing in a batch, by tenant and thing.
type Supports = BTreeMap<(String, [u8; 16]), i64>;

impl View for ParticipationView {
    const NAME: &'static str = "participation";
    const VERSION: u32 = 4;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        for write in commit.writes() {
            let (tenant, category, id) = write.stream_parts();
            for event in write.events() {
                if category == support::Model::CATEGORY {
                    fold_support(tables, tenant, id, event)?;
                    continue;
                }
                let Ok(id) = Uuid::try_parse(id) else { continue };
                let at = Place { tenant, id: id.as_bytes(), event };
                match category {
                    contribution::Model::CATEGORY => fold_contribution::contribution(tables, at)?,
                    theme::Model::CATEGORY => fold_contribution::theme(tables, at)?,
                    procedure::Model::CATEGORY => fold_procedure::procedure(tables, at)?,
                    project::Model::CATEGORY => fold_procedure::project(tables, at)?,
                    document::Model::CATEGORY => fold_document::document(tables, at)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Supports are counted once for all the commits of a batch: under load that is what a count costs.
    fn finish(&self, tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        let changed = std::mem::take(tables.pending::<Supports>());
        for ((tenant, id), change) in changed.into_iter().filter(|(_, change)| *change != 0) {
            let key = Key::of(&tenant).id(&id);
            let before = count(tables.get(SUPPORT_COUNTS, key.as_bytes())?.as_deref());
            add(tables, SUPPORT_COUNTS, &key, change)?;
            let after = count(tables.get(SUPPORT_COUNTS, key.as_bytes())?.as_deref());
            if let Some(row) = get::<ContributionRow>(tables, CONTRIBUTIONS, &key)? {
                move_by_supports(tables, &tenant, &id, &row, (before, after));
            }
        }
        Ok(())
    }
}

/// Which aggregate an event is of.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tenant: &'a str,
    pub(super) id: &'a [u8; 16],
    pub(super) event: EventView<'a>,
}

impl Place<'_> {
    pub(super) fn key(&self) -> Key {
        Key::of(self.tenant).id(self.id)
    }

    pub(super) fn is(&self, event_type: &str) -> bool {
        self.event.event_type() == event_type
    }

    /// The event as it is stored, of a type that was asked for.
    pub(super) fn stored<M: Message + Default>(&self) -> Result<M, ViewError> {
        M::decode(self.event.payload()).map_err(|_| self.unreadable())
    }

    pub(super) fn decoded<A: Aggregate>(&self) -> Result<<A::Model as Decider>::Event, ViewError> {
        A::decode(self.event.event_type(), self.event.payload()).map_err(|_| self.unreadable())
    }

    pub(super) fn unreadable(&self) -> ViewError {
        ViewError::unreadable(self.event)
    }
}

/// A row, read.
pub(super) fn get<M: Message + Default>(
    tables: &impl allmende_views::Tables,
    table: Table,
    key: &Key,
) -> Result<Option<M>, ViewError> {
    let row = tables.get(table, key.as_bytes())?;
    row.map(|bytes| M::decode(bytes.as_ref()).map_err(|_| ViewError::Row(table))).transpose()
}

pub(super) fn put(tables: &mut WriteSet<'_>, table: Table, key: &Key, row: &impl Message) {
    tables.put(table, key.as_bytes(), row.encode_to_vec());
}

fn fold_support(tables: &mut WriteSet<'_>, tenant: &str, id: &str, event: EventView<'_>) -> Result<(), ViewError> {
    let parts = id.split_once('.').map(|(thing, person)| (Uuid::try_parse(thing), Uuid::try_parse(person)));
    let Some((Ok(thing), Ok(person))) = parts else { return Err(ViewError::unreadable(event)) };
    let happened = wire::Support::decode(event.event_type(), event.payload());
    let key = Key::of(tenant).id(thing.as_bytes()).id(person.as_bytes());
    let change = match happened.map_err(|_| ViewError::unreadable(event))? {
        support::Event::Given { .. } => {
            tables.put(SUPPORTS, key.as_bytes(), b"");
            1
        }
        support::Event::TakenBack { .. } => {
            tables.delete(SUPPORTS, key.as_bytes());
            -1
        }
    };
    *tables.pending::<Supports>().entry((tenant.to_owned(), *thing.as_bytes())).or_default() += change;
    Ok(())
}

/// The keys of a list, read before what they lead to is changed.
pub(super) fn keys_under(tables: &WriteSet<'_>, table: Table, prefix: &Key) -> Result<Vec<Vec<u8>>, StorageError> {
    let rows = tables.scan(table, &allmende_views::Keys::prefix(prefix.as_bytes()), allmende_views::Order::Ascending);
    rows.map(|row| row.map(|row| row.key().to_vec())).collect()
}

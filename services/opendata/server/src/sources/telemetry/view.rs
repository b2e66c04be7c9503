use allmende_eventlog::{CommitView, EventView};
use allmende_opendata_domain::Source;
use allmende_views::{Tables as _, View, ViewError, WriteSet};
use uuid::Uuid;

use super::keys::{self, BLOCKS, FLAGS, Place, STATIONS};
use super::station;
use crate::sources::changes;

pub(super) const OBSERVATIONS_RECORDED: &str = "allmende.telemetry.events.v1.ObservationsRecorded";
const OBSERVATIONS_FLAGGED: &str = "allmende.telemetry.events.v1.ObservationsFlagged";

/// Stations, where their observations stand, and which months have changed.
pub(crate) struct ObservationsView;

impl View for ObservationsView {
    const NAME: &'static str = "opendata-observations";
    const VERSION: u32 = 1;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        let events = commit.writes().flat_map(|write| write.events().map(move |event| (write.stream_parts(), event)));
        for (ordinal, ((tenant, category, id), event)) in (0..).zip(events) {
            match category {
                "station" => fold_station(tables, tenant, id, event)?,
                "observations" => {
                    let place = Place { position: commit.position(), ordinal };
                    fold_day(tables, commit, (tenant, id), event, place)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn fold_station(tables: &mut WriteSet<'_>, tenant: &str, id: &str, event: EventView<'_>) -> Result<(), ViewError> {
    let id = Uuid::try_parse(id).map_err(|_| ViewError::unreadable(event))?;
    let key = keys::station(tenant, id);
    let mut record = tables.get(STATIONS, &key)?.map(|record| record.to_vec()).unwrap_or_default();
    if station::append(&mut record, event.event_type(), event.payload()) {
        tables.put(STATIONS, &key, record);
    }
    Ok(())
}

fn fold_day(
    tables: &mut WriteSet<'_>,
    commit: CommitView<'_>,
    (tenant, id): (&str, &str),
    event: EventView<'_>,
    place: Place,
) -> Result<(), ViewError> {
    let (table, value) = match event.event_type() {
        OBSERVATIONS_RECORDED => (BLOCKS, Vec::new()),
        OBSERVATIONS_FLAGGED => (FLAGS, event.payload().to_vec()),
        // A conflict changes nothing of what is stored.
        _ => return Ok(()),
    };
    let (station, month, day) = keys::parse_stream_id(id).ok_or_else(|| ViewError::unreadable(event))?;
    let key = keys::placed(&keys::day(&keys::month(tenant, station, month), day), place);
    tables.put(table, &key, value);
    changes::note(tables, commit, tenant, Source::Observations { station, month })
}

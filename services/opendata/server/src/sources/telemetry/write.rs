use std::num::NonZeroUsize;
use std::sync::Arc;

use allmende_columns::Encoding;
use allmende_eventlog::{EventLog, RecordedGroup};
use allmende_kernel::Timestamp;
use allmende_opendata_domain::Month;
use allmende_proto::telemetry::events::v1 as stored;
use allmende_views::{Keys, Order, Tables, ViewError};
use lru::LruCache;
use prost::Message;
use uuid::Uuid;

use super::keys::{self, BLOCKS, DatastreamDay, FLAGS, Place};
use super::station::{self, Datastream, Station};
use super::view::OBSERVATIONS_RECORDED;
use crate::export::{Export, Value};
use crate::sources::SourceError;

/// The most that telemetry takes on a day of a datastream.
const MAX_PER_DAY: usize = 86_400;
/// Groups that are kept decoded: a day's blocks often stand in few of them.
const GROUPS: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// Writes a month of a station by datastream and time.
pub(super) fn month(
    tables: &impl Tables,
    log: &dyn EventLog,
    tenant: &str,
    (id, month): (Uuid, Month),
    export: &mut Export,
) -> Result<(), SourceError> {
    let Some(station) = station::load(tables, tenant, id)? else { return Ok(()) };
    let prefix = keys::month(tenant, id, month);
    let mut writing = Writing { tables, station: &station, prefix: &prefix, groups: Groups::new(log), export };
    let mut day: Option<(DatastreamDay, Vec<Place>)> = None;
    for row in tables.scan(BLOCKS, &Keys::prefix(&prefix), Order::Ascending) {
        let row = row?;
        let (of, place) = keys::split(&row.key()[prefix.len()..]).ok_or(ViewError::Row(BLOCKS))?;
        match &mut day {
            Some((known, places)) if *known == of => places.push(place),
            _ => {
                if let Some((done, places)) = day.replace((of, vec![place])) {
                    writing.day(done, &places)?;
                }
            }
        }
    }
    match day {
        Some((of, places)) => writing.day(of, &places),
        None => Ok(()),
    }
}

struct Writing<'a, T> {
    tables: &'a T,
    station: &'a Station,
    prefix: &'a [u8],
    groups: Groups<'a>,
    export: &'a mut Export,
}

impl<T: Tables> Writing<'_, T> {
    fn day(&mut self, of: DatastreamDay, places: &[Place]) -> Result<(), SourceError> {
        let datastream = self.station.datastream(of.datastream).ok_or(SourceError::Event)?;
        let mut readings = Vec::new();
        for place in places {
            readings.extend(self.groups.block(*place)?);
            if readings.len() > MAX_PER_DAY {
                return Err(SourceError::Event);
            }
        }
        // No two readings have the same time, so the order does not depend on which block came first.
        readings.sort_unstable_by_key(|(time, _)| *time);
        let flags = self.flags(of)?;
        let id = of.datastream.to_string();
        for (time, result) in readings {
            let flag = flags.iter().find(|flag| flag.from_us <= time && time < flag.to_us);
            self.row(datastream, &id, (time, result), flag)?;
        }
        Ok(())
    }

    fn row(
        &mut self,
        datastream: &Datastream,
        id: &str,
        (time, result): (i64, f64),
        flag: Option<&stored::ObservationsFlagged>,
    ) -> Result<(), SourceError> {
        let flag = match flag.map(stored::ObservationsFlagged::reason) {
            Some(stored::FlagReason::Maintenance) => Value::text("maintenance"),
            Some(stored::FlagReason::Defect) => Value::text("defect"),
            Some(stored::FlagReason::LocalSource) => Value::text("local_source"),
            Some(stored::FlagReason::Unspecified) | None => Value::Nothing,
        };
        self.export.row(&[
            Value::Moment(Timestamp::from_micros(time)),
            Value::text(datastream.property),
            Value::text(datastream.unit),
            Value::Number(result),
            flag,
            Value::text(datastream.model.as_str()),
            Value::text_or_nothing(self.station.cell_at(time)),
            Value::text(id),
        ])?;
        Ok(())
    }

    fn flags(&self, of: DatastreamDay) -> Result<Vec<stored::ObservationsFlagged>, SourceError> {
        let rows = self.tables.scan(FLAGS, &Keys::prefix(&keys::day(self.prefix, of)), Order::Ascending);
        rows.map(|row| stored::ObservationsFlagged::decode(&row?.value[..]).map_err(|_| SourceError::Event)).collect()
    }
}

/// The log's groups, the last used ones decoded.
struct Groups<'a> {
    log: &'a dyn EventLog,
    kept: LruCache<u64, Arc<RecordedGroup>>,
}

impl<'a> Groups<'a> {
    fn new(log: &'a dyn EventLog) -> Self {
        Self { log, kept: LruCache::new(GROUPS) }
    }

    fn block(&mut self, place: Place) -> Result<Vec<(i64, f64)>, SourceError> {
        let number = place.position.group;
        let group = match self.kept.get(&number) {
            Some(group) => Arc::clone(group),
            None => {
                let group = self.log.read_group(number)?;
                self.kept.put(number, Arc::clone(&group));
                group
            }
        };
        let commit = group.commit(place.position.index).ok_or(SourceError::Event)?;
        let event = commit.events().nth(place.ordinal as usize).ok_or(SourceError::Event)?;
        if event.event_type() != OBSERVATIONS_RECORDED {
            return Err(SourceError::Event);
        }
        decode(event.payload())
    }
}

fn decode(payload: &[u8]) -> Result<Vec<(i64, f64)>, SourceError> {
    let block = stored::ObservationsRecorded::decode(payload).map_err(|_| SourceError::Event)?;
    let encoding = match block.encoding() {
        stored::ColumnEncoding::Plain => Encoding::Plain,
        stored::ColumnEncoding::Pco => Encoding::Pco,
        stored::ColumnEncoding::Unspecified => return Err(SourceError::Event),
    };
    let count = block.count as usize;
    if count > MAX_PER_DAY {
        return Err(SourceError::Event);
    }
    let decoded = allmende_columns::decode(encoding, count, &block.times, &block.results);
    let (times, results) = decoded.map_err(|_| SourceError::Event)?;
    Ok(times.into_iter().zip(results).collect())
}

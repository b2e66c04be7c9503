use allmende_kernel::{Duration, Timestamp};
use allmende_telemetry_domain::observations::{ManualFlag, Observation};
use allmende_telemetry_domain::quality::{Flags, QualityRules, Series, usable_humidity};
use allmende_telemetry_domain::station::{State, Station};
use allmende_telemetry_domain::{AirQualityDay, Datastream, DatastreamId, Hour, Sensor, StationId};
use allmende_views::{Keys, Order, Tables, ViewError};

use super::archive::Archive;
use super::keys::{BLOCKS, FLAGS, Place, STATIONS, Span, StationKey, time_of};
use super::recent_hours::RecentHours;
use super::rows;
use crate::wire::station_from_bytes;

/// The rules that flags follow. A later version is a new constant and folds the view anew.
pub(crate) const RULES: QualityRules = QualityRules::V1;

const INSTANT: Duration = Duration::from_micros(1);

/// The longest stretch that is read by way of the hours that are kept.
const RECENT_HOURS_READ: Duration = Duration::from_secs(2 * 3_600);

/// Observations with the flags that the rules give them, ascending in time.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Judged {
    /// What was observed.
    pub(crate) observations: Vec<Observation>,
    /// The flags of each.
    pub(crate) flags: Vec<Flags>,
}

impl Judged {
    /// Each with its flags.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Observation, Flags)> {
        self.observations.iter().copied().zip(self.flags.iter().copied())
    }

    pub(super) fn push(&mut self, observation: Observation, flags: Flags) {
        self.observations.push(observation);
        self.flags.push(flags);
    }
}

/// What tables and log hold of one station: the same for the fold and for answers, so that both come to the same flags.
pub(super) struct StationData<'a, T> {
    tables: &'a T,
    archive: &'a Archive,
    /// The fold's alone: answers read what is stored.
    recent: Option<&'a RecentHours>,
    key: StationKey,
    state: State,
}

/// The record of a station; [`State::Absent`] if there is none.
pub(super) fn state(tables: &impl Tables, key: &StationKey) -> Result<State, ViewError> {
    match tables.get(STATIONS, key.as_bytes())? {
        Some(record) => station_from_bytes(&record).map_err(|_| ViewError::Row(STATIONS)),
        None => Ok(State::Absent),
    }
}

impl<'a, T: Tables> StationData<'a, T> {
    pub(super) fn load(
        tables: &'a T,
        archive: &'a Archive,
        tenant: &str,
        station: StationId,
    ) -> Result<Self, ViewError> {
        Self::with_key(tables, archive, StationKey::new(tenant, station))
    }

    pub(super) fn with_key(tables: &'a T, archive: &'a Archive, key: StationKey) -> Result<Self, ViewError> {
        let state = state(tables, &key)?;
        Ok(Self { tables, archive, recent: None, key, state })
    }

    /// The same, with the hours that the fold keeps.
    pub(super) fn with_recent(self, recent: &'a RecentHours) -> Self {
        Self { recent: Some(recent), ..self }
    }

    pub(super) fn key(&self) -> &StationKey {
        &self.key
    }

    pub(super) fn tables(&self) -> &'a T {
        self.tables
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn station(&self) -> Option<&Station> {
        self.state.station()
    }

    /// Observations of `[from, to)`, ascending in time.
    pub(super) fn observations(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Observation>, ViewError> {
        match self.recent {
            // A longer stretch comes with an import, once.
            Some(recent) if to.since(from) <= RECENT_HOURS_READ => {
                self.recent_observations(recent, datastream, from, to)
            }
            _ => self.stored_observations(datastream, from, to),
        }
    }

    fn recent_observations(
        &self,
        recent: &RecentHours,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Observation>, ViewError> {
        let series = self.key.series(datastream);
        let mut observations = Vec::new();
        let mut hour = Hour::of(from);
        while hour.start() < to {
            let load = || self.stored_observations(datastream, hour.start(), hour.end());
            let readings = recent.readings(&series, hour, load)?;
            let first = readings.partition_point(|reading| reading.time < from);
            let end = readings.partition_point(|reading| reading.time < to);
            observations.extend_from_slice(&readings[first..end.max(first)]);
            hour = Hour::of(hour.end());
        }
        Ok(observations)
    }

    fn stored_observations(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Observation>, ViewError> {
        let mut observations = Vec::new();
        for place in self.blocks(datastream, from, to)? {
            let block = self.archive.block(place)?;
            let first = block.partition_point(|observation| observation.time < from);
            let end = block.partition_point(|observation| observation.time < to);
            observations.extend_from_slice(&block[first..end.max(first)]);
        }
        // No two of a series have the same time, so the order does not depend on which block came first.
        observations.sort_unstable_by_key(|observation| observation.time);
        Ok(observations)
    }

    /// Blocks that overlap `[from, to)`, in the order in which they stand in the log.
    fn blocks(&self, datastream: DatastreamId, from: Timestamp, to: Timestamp) -> Result<Vec<Place>, ViewError> {
        let series = self.key.series(datastream);
        let mut places = Vec::new();
        for span in Span::ALL {
            let keys = Keys::prefix(&series.blocks(span))
                .from(&series.blocks_from(span, earliest_start(span, from)))
                .before(&series.blocks_from(span, to));
            for row in self.tables.scan(BLOCKS, &keys, Order::Ascending) {
                let row = row?;
                let last = rows::moment_of(&row.value).ok_or(ViewError::Row(BLOCKS))?;
                if last >= from {
                    places.push(Place::at_end(row.key()).ok_or(ViewError::Row(BLOCKS))?);
                }
            }
        }
        places.sort_unstable();
        Ok(places)
    }

    /// A moment from `from` on before which the series has no observation; `None` if it has none before `to`.
    pub(super) fn next_block(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Timestamp>, ViewError> {
        let series = self.key.series(datastream);
        let mut next: Option<Timestamp> = None;
        for span in Span::ALL {
            let prefix = series.blocks(span);
            let keys = Keys::prefix(&prefix)
                .from(&series.blocks_from(span, earliest_start(span, from)))
                .before(&series.blocks_from(span, to));
            if let Some(row) = self.tables.scan(BLOCKS, &keys, Order::Ascending).next() {
                let row = row?;
                let first = row.key()[prefix.len()..].first_chunk().ok_or(ViewError::Row(BLOCKS))?;
                let first = time_of(*first).max(from);
                next = Some(next.map_or(first, |next| next.min(first)));
            }
        }
        Ok(next)
    }

    fn manual_flags(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ManualFlag>, ViewError> {
        let series = self.key.series(datastream);
        // A flag lies within one day.
        let (first, last) = (AirQualityDay::of(from), AirQualityDay::of(to - INSTANT));
        let keys = Keys::prefix(series.as_bytes()).from(&series.day(first)).before(&series.day(last.next()));
        let mut flags = Vec::new();
        for row in self.tables.scan(FLAGS, &keys, Order::Ascending) {
            let flag = rows::flag_of(&row?.value).ok_or(ViewError::Row(FLAGS))?;
            if flag.from < to && flag.to > from {
                flags.push(flag);
            }
        }
        Ok(flags)
    }

    /// Observations of `[from, to)` with their flags.
    pub(super) fn judged(
        &self,
        sensor: &Sensor,
        datastream: &Datastream,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Judged, ViewError> {
        let observations = self.observations(datastream.id, from, to)?;
        let (Some(first), Some(last)) = (observations.first(), observations.last()) else {
            return Ok(Judged::default());
        };
        let manual = self.manual_flags(datastream.id, from, to)?;
        let humidity = match datastream.property.depends_on_humidity() {
            true => self.humidity(first.time - RULES.pairing_within, last.time + RULES.pairing_within + INSTANT)?,
            false => Vec::new(),
        };
        let flags = RULES.flags(&Series {
            model: sensor.model(),
            property: datastream.property,
            observations: &observations,
            humidity: &humidity,
            manual: &manual,
        });
        Ok(Judged { observations, flags })
    }

    fn humidity(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Observation>, ViewError> {
        let mut readings = Vec::new();
        for (sensor, datastream) in self.station().into_iter().flat_map(Station::humidity_datastreams) {
            let observations = self.observations(datastream.id, from, to)?;
            if !observations.is_empty() {
                readings.push((sensor.model(), observations, self.manual_flags(datastream.id, from, to)?));
            }
        }
        Ok(usable_humidity(readings.iter().map(|(model, readings, manual)| (*model, &readings[..], &manual[..]))))
    }
}

/// Where the first block can begin that reaches `from`.
fn earliest_start(span: Span, from: Timestamp) -> Timestamp {
    match span {
        Span::Hour => Hour::of(from).start(),
        Span::Day => AirQualityDay::of(from).start(),
    }
}

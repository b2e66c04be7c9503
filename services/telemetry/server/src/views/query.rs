use allmende_kernel::{Duration, TenantId, Timestamp};
use allmende_telemetry_domain::quality::Selection;
use allmende_telemetry_domain::station::State;
use allmende_telemetry_domain::{AirQualityDay, Datastream, DatastreamId, Sensor, StationId};
use allmende_views::{Keys, Order, Snapshot, Tables as _, ViewError};

use super::archive::Archive;
use super::keys::{CONFLICTS, LATEST, STATIONS, StationKey, tenant_prefix};
use super::rows;
use super::station_data::{Judged, StationData};
use crate::wire::station_from_bytes;

/// Observations that one page looks at: a page of a rare selection ends early rather than read years.
const MOST_LOOKED_AT: usize = 200_000;

/// Some of a list, and where the next page begins, if there is one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page<T, C> {
    /// In order.
    pub(crate) items: T,
    /// Where the next page begins.
    pub(crate) next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// The same page with its items in another form.
    pub(crate) fn map<U>(self, form: impl FnOnce(T) -> U) -> Page<U, C> {
        Page { items: form(self.items), next: self.next }
    }
}

/// A value that came for a time at which another one was stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Conflict {
    pub(crate) time: Timestamp,
    pub(crate) kept: f64,
    pub(crate) refused: f64,
    pub(crate) received_at: Timestamp,
}

/// A datastream with its latest observation; with none while nothing was observed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Latest {
    pub(crate) datastream: Datastream,
    pub(crate) observation: Judged,
}

/// The tables at one position, and the blocks they point to. Blocks on the disk.
pub(crate) struct Reader<'a> {
    pub(crate) tables: &'a Snapshot,
    pub(crate) archive: &'a Archive,
}

/// A station as it is read.
pub(crate) struct StationReader<'a>(pub(super) StationData<'a, Snapshot>);

impl<'a> Reader<'a> {
    /// Stations of a tenant after `after`, by id.
    pub(crate) fn stations(
        &self,
        tenant: &TenantId,
        after: Option<StationId>,
        max: usize,
    ) -> Result<Page<Vec<(StationId, State)>, StationId>, ViewError> {
        let mut keys = Keys::prefix(&tenant_prefix(tenant.as_str()));
        if let Some(after) = after {
            keys = keys.after(StationKey::new(tenant.as_str(), after).as_bytes());
        }
        let mut items: Vec<(StationId, State)> = Vec::new();
        for row in self.tables.scan(STATIONS, &keys, Order::Ascending) {
            let row = row?;
            if items.len() == max {
                return Ok(Page { next: items.last().map(|(id, _)| *id), items });
            }
            let id = StationKey::station_at_end(row.key()).ok_or(ViewError::Row(STATIONS))?;
            items.push((id, station_from_bytes(&row.value).map_err(|_| ViewError::Row(STATIONS))?));
        }
        Ok(Page { items, next: None })
    }

    /// One station, whether or not it was ever registered.
    pub(crate) fn station(&self, tenant: &TenantId, station: StationId) -> Result<StationReader<'a>, ViewError> {
        StationData::load(self.tables, self.archive, tenant.as_str(), station).map(StationReader)
    }
}

impl StationReader<'_> {
    /// The station.
    pub(crate) fn state(&self) -> &State {
        self.0.state()
    }

    /// The latest observation of each datastream.
    pub(crate) fn latest(&self) -> Result<Vec<Latest>, ViewError> {
        let datastreams = self.0.station().into_iter().flat_map(|station| station.datastreams());
        let latest = |(sensor, datastream): (&Sensor, &Datastream)| {
            let series = self.0.key().series(datastream.id);
            let observation = match self.0.tables().get(LATEST, series.as_bytes())? {
                Some(row) => {
                    let time = rows::moment_of(&row).ok_or(ViewError::Row(LATEST))?;
                    self.0.judged(sensor, datastream, time, time + Duration::from_micros(1))?
                }
                None => Judged::default(),
            };
            Ok(Latest { datastream: *datastream, observation })
        };
        datastreams.map(latest).collect()
    }

    /// Observations of `[from, to)` that a selection admits, ascending in time.
    pub(crate) fn observations(
        &self,
        (sensor, datastream): (&Sensor, &Datastream),
        from: Timestamp,
        to: Timestamp,
        selection: Selection,
        max: usize,
    ) -> Result<Page<Judged, Timestamp>, ViewError> {
        let mut items = Judged::default();
        let (mut from, mut looked_at) = (from, 0);
        while from < to {
            if looked_at >= MOST_LOOKED_AT {
                return Ok(Page { items, next: Some(from) });
            }
            // Over the days, or years, without any observation.
            let Some(begins) = self.0.next_block(datastream.id, from, to)? else { break };
            let end = AirQualityDay::of(begins).end().min(to);
            let day = self.0.judged(sensor, datastream, begins, end)?;
            looked_at += day.observations.len();
            for (observation, flags) in day.iter().filter(|(_, flags)| selection.admits(*flags)) {
                if items.observations.len() == max {
                    return Ok(Page { items, next: Some(observation.time) });
                }
                items.push(observation, flags);
            }
            from = end;
        }
        Ok(Page { items, next: None })
    }

    /// Values that contradicted stored ones, in order of arrival, after that of the cursor.
    pub(crate) fn conflicts(
        &self,
        datastream: DatastreamId,
        after: Option<&[u8]>,
        max: usize,
    ) -> Result<Page<Vec<Conflict>, Vec<u8>>, ViewError> {
        let series = self.0.key().series(datastream);
        let mut keys = Keys::prefix(series.as_bytes());
        if let Some(after) = after {
            keys = keys.after(&series.with(after));
        }
        let mut items = Vec::new();
        let mut last = Vec::new();
        for row in self.0.tables().scan(CONFLICTS, &keys, Order::Ascending) {
            let row = row?;
            if items.len() == max {
                return Ok(Page { items, next: Some(last) });
            }
            items.push(rows::conflict_of(&row.value).ok_or(ViewError::Row(CONFLICTS))?);
            last = row.key()[series.as_bytes().len()..].to_vec();
        }
        Ok(Page { items, next: None })
    }
}

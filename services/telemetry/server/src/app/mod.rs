//! Use cases, one a file: what was parsed goes in, what is to be told comes out. Nothing here knows gRPC.

mod check_limits;
mod commands;
mod derive_ids;
mod flag_observations;
mod get_latest;
mod get_station;
mod list_conflicts;
mod list_means;
mod list_observations;
mod list_stations;
mod record_observations;
mod register_sensor;
mod register_station;
mod relocate_station;
mod retire_station;

use std::sync::Arc;

use crate::error::{Error, Rejection};
use crate::views::{Archive, Reader, StationReader};
pub(crate) use allmende_hosting::Answer;
use allmende_hosting::{Commands, Queries};
use allmende_instrumentation::Metrics;
use allmende_kernel::{Clock, Timestamp};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::installation::Installation;
use allmende_telemetry_domain::limits::RuleSets;
use allmende_telemetry_domain::{Datastream, DatastreamId, Sensor, StationId, observations};

pub(crate) use check_limits::CheckLimits;
pub(crate) use derive_ids::DeriveIds;
pub(crate) use flag_observations::FlagObservations;
pub(crate) use list_conflicts::ListConflicts;
pub(crate) use list_means::{ListMeans, Means};
pub(crate) use list_observations::ListObservations;
pub(crate) use list_stations::ListStations;
pub(crate) use record_observations::{RecordObservations, Recorded};
pub(crate) use register_sensor::RegisterSensor;
pub(crate) use register_station::RegisterStation;
pub(crate) use relocate_station::RelocateStation;

/// Everything the use cases need.
pub(crate) struct App {
    pub(crate) commands: Commands,
    pub(crate) queries: Queries,
    pub(crate) archive: Arc<Archive>,
    pub(crate) rules: RuleSets,
    pub(crate) installation: Arc<Installation>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Metrics,
}

/// A datastream of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Series {
    pub(crate) station: StationId,
    pub(crate) datastream: DatastreamId,
}

impl App {
    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Reads at one position, which is at least that of the token.
    async fn read<T: Send + 'static>(
        &self,
        token: &ConsistencyToken,
        read: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        let archive = Arc::clone(&self.archive);
        self.queries.read(token, move |tables| read(&Reader { tables, archive: &archive })).await
    }

    /// Reads of one station, at one position.
    async fn read_station<T: Send + 'static>(
        &self,
        tenant: &AuthorizedTenant,
        station: StationId,
        token: &ConsistencyToken,
        read: impl FnOnce(&StationReader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        let tenant = tenant.id().clone();
        self.read(token, move |reader| read(&reader.station(&tenant, station)?)).await
    }
}

/// The datastream of a registered station.
fn datastream<'a>(reader: &'a StationReader<'_>, id: DatastreamId) -> Result<(&'a Sensor, &'a Datastream), Error> {
    let station = reader.state().station().ok_or(Rejection::from(observations::Rejection::StationUnknown))?;
    Ok(station.datastream(id).ok_or(Rejection::from(observations::Rejection::DatastreamUnknown))?)
}

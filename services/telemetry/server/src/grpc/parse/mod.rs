//! Requests into what the use cases take. A request is checked whole, so that its sender learns of all faults at once.

mod observations;
mod queries;
mod stations;

use allmende_kernel::Timestamp;
use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields;
use allmende_telemetry_domain::quality::Selection;
use allmende_telemetry_domain::{DatastreamId, SensorId, StationId};
use tonic::Status;

use crate::app::{DeriveIds, Series};

pub(super) use observations::{flag_observations, record_observations};
pub(super) use queries::{
    Query, check_limits, list_conflicts, list_means, list_observations, list_stations, of_station, time_token,
};
pub(super) use stations::{register_sensor, register_station, relocate_station, retire_station};

const UNKNOWN_VALUE: &str = "must be one of the values of its type";

pub(super) fn derive_ids(message: pb::DeriveIdsRequest) -> Result<DeriveIds, Status> {
    let mut violations = Violations::default();
    if !(1..=40).contains(&message.source.chars().count()) {
        violations.add("source", Rule::Length(1, 40));
    }
    if !(1..=100).contains(&message.keys.len()) {
        violations.add("keys", Rule::Count(1, 100).says("must be 1 to 100 keys"));
    }
    for (index, key) in message.keys.iter().enumerate() {
        if !(1..=200).contains(&key.chars().count()) {
            violations.add(format_args!("keys[{index}]"), Rule::Length(1, 200));
        }
    }
    violations.finish(|| Some(DeriveIds { source: message.source, keys: message.keys }))
}

fn station_id(text: &str) -> Result<StationId, Problem> {
    fields::uuid(text).map(StationId::new)
}

fn sensor_id(text: &str) -> Result<SensorId, Problem> {
    fields::uuid(text).map(SensorId::new)
}

fn datastream_id(text: &str) -> Result<DatastreamId, Problem> {
    fields::uuid(text).map(DatastreamId::new)
}

fn series(violations: &mut Violations, station: &str, datastream: &str) -> Option<Series> {
    let station = violations.check("station_id", station_id(station));
    let datastream = violations.check("datastream_id", datastream_id(datastream));
    Some(Series { station: station?, datastream: datastream? })
}

/// All values, unless the request says otherwise.
fn selection(value: i32) -> Result<Selection, Problem> {
    match pb::Selection::try_from(value) {
        Ok(pb::Selection::Unspecified | pb::Selection::All) => Ok(Selection::All),
        Ok(pb::Selection::Dry) => Ok(Selection::Dry),
        Ok(pb::Selection::Unflagged) => Ok(Selection::Unflagged),
        Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    }
}

/// Both ends of a range of time, the second one after the first.
fn range(
    violations: &mut Violations,
    from_us: i64,
    to_us: i64,
    max: allmende_kernel::Duration,
) -> Option<(Timestamp, Timestamp)> {
    let from = violations.check("from_us", fields::timestamp(from_us));
    let to = violations.check("to_us", fields::timestamp(to_us));
    violations.check("to_us", fields::time_range(from?, to?, max))
}

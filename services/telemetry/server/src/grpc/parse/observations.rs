use std::collections::BTreeMap;

use allmende_kernel::{Duration, RequestId, Timestamp};
use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields;
use allmende_telemetry_domain::observations::{FlagReason, Observation, split_range_by_day};
use allmende_telemetry_domain::{AirQualityDay, DatastreamId};
use tonic::Status;

use super::{UNKNOWN_VALUE, datastream_id, range, series, station_id};
use crate::app::{FlagObservations, RecordObservations};

/// The most observations of a request.
const MAX_OBSERVATIONS: usize = 10_000;
/// The most streams that a request writes to: each is folded, and all are written in one turn.
const MAX_DAYS: usize = 400;
/// 1990-01-01T00:00:00Z: older times are mistakes of a unit or of a clock that was never set.
const EARLIEST: Timestamp = Timestamp::from_secs(631_152_000);
/// How far a station's clock may be ahead.
const AHEAD: Duration = Duration::from_secs(120);
/// The longest range that is flagged at once.
const MAX_FLAGGED: Duration = Duration::from_secs(31 * 86_400);

pub(crate) fn record_observations(
    message: &pb::RecordObservationsRequest,
    now: Timestamp,
) -> Result<(RequestId, RecordObservations), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let station = violations.check("station_id", station_id(&message.station_id));
    let results: usize = message.columns.iter().map(|column| column.result.len()).sum();
    let times: usize = message.columns.iter().map(|column| column.phenomenon_time_us.len()).sum();
    if results.max(times) > MAX_OBSERVATIONS || message.columns.is_empty() {
        violations.add("columns", Problem::new(format!("must hold 1 to {MAX_OBSERVATIONS} observations in all")));
        return violations.finish(|| None);
    }
    let mut days: BTreeMap<(DatastreamId, AirQualityDay), Vec<Observation>> = BTreeMap::new();
    for (index, column) in message.columns.iter().enumerate() {
        let datastream =
            violations.check(format_args!("columns[{index}].datastream_id"), datastream_id(&column.datastream_id));
        if column.result.len() != column.phenomenon_time_us.len() {
            violations.add(format_args!("columns[{index}].result"), "must hold as many values as phenomenon_time_us");
            continue;
        }
        if column.result.is_empty() {
            violations.add(format_args!("columns[{index}].result"), "must not be empty");
        }
        for (row, (time, result)) in column.phenomenon_time_us.iter().zip(&column.result).enumerate() {
            if !result.is_finite() {
                violations.add(format_args!("columns[{index}].result[{row}]"), "must be a finite number");
            }
            let time = violations
                .check(format_args!("columns[{index}].phenomenon_time_us[{row}]"), phenomenon_time(*time, now));
            if let (Some(datastream), Some(time)) = (datastream, time) {
                let of_day = days.entry((datastream, AirQualityDay::of(time))).or_default();
                of_day.push(Observation { time, result: *result });
            }
        }
    }
    if days.len() > MAX_DAYS {
        violations.add("columns", Problem::new(format!("must be of at most {MAX_DAYS} days, counted by datastream")));
    }
    let days = days.into_iter().map(|((datastream, day), observations)| (datastream, day, observations)).collect();
    violations.finish(|| Some((id?, RecordObservations { station: station?, days })))
}

fn phenomenon_time(micros: i64, now: Timestamp) -> Result<Timestamp, Problem> {
    let time = fields::timestamp(micros)?;
    if time < EARLIEST {
        return Err(Rule::Moment.says("must not be before 1990"));
    }
    if time > now + AHEAD {
        return Err(Rule::Moment.says("must not be more than two minutes ahead"));
    }
    Ok(time)
}

pub(crate) fn flag_observations(
    message: &pb::FlagObservationsRequest,
) -> Result<(RequestId, FlagObservations), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let series = series(&mut violations, &message.station_id, &message.datastream_id);
    let range = range(&mut violations, message.from_us, message.to_us, MAX_FLAGGED);
    let reason = violations.check("reason", reason(message.reason));
    violations.finish(|| {
        let (from, to) = range?;
        let ranges = split_range_by_day(from, to).ok()?;
        Some((id?, FlagObservations { series: series?, ranges, reason: reason? }))
    })
}

fn reason(value: i32) -> Result<FlagReason, Problem> {
    match pb::FlagReason::try_from(value) {
        Ok(pb::FlagReason::Maintenance) => Ok(FlagReason::Maintenance),
        Ok(pb::FlagReason::Defect) => Ok(FlagReason::Defect),
        Ok(pb::FlagReason::LocalSource) => Ok(FlagReason::LocalSource),
        Ok(pb::FlagReason::Unspecified) | Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    }
}

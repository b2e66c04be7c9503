use std::collections::BTreeMap;

use allmende_kernel::{Duration, Timestamp};

use super::Observation;
use crate::{AirQualityDay, DatastreamId, StationId};

/// A text that is not `{station_id}.{datastream_id}.{air-quality day}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a station id, a datastream id and an air-quality day, joined by '.'")]
pub struct InvalidStreamId;

/// A moment in no year from 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must lie in the years 0 to 9999")]
pub struct OutsideCalendar;

/// An observation that no day can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidObservation {
    /// Not a number, or infinite.
    #[error("result {index} is not a finite number")]
    NotFinite {
        /// Which one, in the request.
        index: usize,
    },
    /// Observed in no year from 0 to 9999.
    #[error("time {index} must lie in the years 0 to 9999")]
    OutsideCalendar {
        /// Which one, in the request.
        index: usize,
    },
}

/// The id of the stream that holds a datastream's day. The station is part of it, as a datastream's id is unique in its
/// station only.
pub fn stream_id(station: StationId, datastream: DatastreamId, day: AirQualityDay) -> String {
    format!("{station}.{datastream}.{day}")
}

/// The station, the datastream and the day whose stream has this id.
pub fn parse_stream_id(id: &str) -> Result<(StationId, DatastreamId, AirQualityDay), InvalidStreamId> {
    let (station, rest) = id.split_once('.').ok_or(InvalidStreamId)?;
    let (datastream, day) = rest.split_once('.').ok_or(InvalidStreamId)?;
    match (StationId::parse(station), DatastreamId::parse(datastream), day.parse()) {
        (Ok(station), Ok(datastream), Ok(day)) if stream_id(station, datastream, day) == id => {
            Ok((station, datastream, day))
        }
        _ => Err(InvalidStreamId),
    }
}

/// Sorts observations into their days, in order of day; within a day they keep their order. The first observation that
/// no day can hold is named.
pub fn split_by_day(
    observations: &[Observation],
) -> Result<Vec<(AirQualityDay, Vec<Observation>)>, InvalidObservation> {
    let mut days: BTreeMap<AirQualityDay, Vec<Observation>> = BTreeMap::new();
    for (index, observation) in observations.iter().enumerate() {
        if !observation.result.is_finite() {
            return Err(InvalidObservation::NotFinite { index });
        }
        let day = AirQualityDay::of(observation.time);
        if !day.is_writable() {
            return Err(InvalidObservation::OutsideCalendar { index });
        }
        days.entry(day).or_default().push(*observation);
    }
    Ok(days.into_iter().collect())
}

/// Cuts `[from, to)` at the ends of its days; empty if `from` is not before `to`.
pub fn split_range_by_day(
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(AirQualityDay, Timestamp, Timestamp)>, OutsideCalendar> {
    if from >= to {
        return Ok(Vec::new());
    }
    let (first, last) = (AirQualityDay::of(from), AirQualityDay::of(to - Duration::from_micros(1)));
    if !first.is_writable() || !last.is_writable() {
        return Err(OutsideCalendar);
    }
    Ok(first.through(last).map(|day| (day, from.max(day.start()), to.min(day.end()))).collect())
}

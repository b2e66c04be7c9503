//! What the use cases tell, as messages.

use std::fmt;

use allmende_kernel::Timestamp;
use allmende_proto::telemetry::v1 as pb;
use allmende_telemetry_domain::limits::{LimitCheck, Verdict};
use allmende_telemetry_domain::means::{Mean, Period};
use allmende_telemetry_domain::observations::Observation;
use allmende_telemetry_domain::quality::{Flag, Flags};
use allmende_telemetry_domain::station::{Kind, State};
use allmende_telemetry_domain::{Datastream, GridCell, ObservedProperty, Sensor, StationId};

use crate::app::{Answer, Means, Recorded};
use crate::views::{Conflict, Latest, RULES};

/// Labels of exceeded periods that an answer holds: a year of days.
const MOST_LABELS: usize = 366;

/// What became of a batch of observations.
pub(super) fn recorded(answer: Answer<Recorded>) -> pb::RecordObservationsResponse {
    pb::RecordObservationsResponse {
        recorded: answer.value.recorded,
        repeated: answer.value.repeated,
        conflicting: answer.value.conflicting,
        consistency_token: answer.seen.to_text(),
    }
}

/// The station; absent if it was never registered.
pub(super) fn station(id: StationId, state: &State) -> Option<pb::Station> {
    let station = state.station()?;
    Some(pb::Station {
        station_id: id.to_string(),
        kind: match station.kind {
            Kind::Citizen => pb::StationKind::Citizen,
            Kind::Reference => pb::StationKind::Reference,
        }
        .into(),
        cell: Some(cell(station.cell)),
        retired_at_us: state.retired_at().map(Timestamp::as_micros),
        registered_at_us: station.registered_at.as_micros(),
        sensors: station.sensors.iter().map(sensor).collect(),
    })
}

fn cell(cell: GridCell) -> pb::GridCell {
    let centre = cell.centre();
    pb::GridCell {
        code: cell.code(),
        size_m: cell.size().metres(),
        centre: Some(pb::GeoPoint { latitude: centre.latitude(), longitude: centre.longitude() }),
    }
}

fn sensor(sensor: &Sensor) -> pb::Sensor {
    pb::Sensor {
        sensor_id: sensor.id().to_string(),
        model: sensor.model().to_string(),
        datastreams: sensor.datastreams().iter().map(datastream).collect(),
    }
}

fn datastream(datastream: &Datastream) -> pb::Datastream {
    pb::Datastream {
        datastream_id: datastream.id.to_string(),
        observed_property: match datastream.property {
            ObservedProperty::Pm10 => pb::ObservedProperty::Pm10,
            ObservedProperty::Pm25 => pb::ObservedProperty::Pm25,
            ObservedProperty::AirTemperature => pb::ObservedProperty::AirTemperature,
            ObservedProperty::RelativeHumidity => pb::ObservedProperty::RelativeHumidity,
            ObservedProperty::AirPressure => pb::ObservedProperty::AirPressure,
            ObservedProperty::No2 => pb::ObservedProperty::No2,
        }
        .into(),
        unit: datastream.property.unit().to_owned(),
        expected_interval_s: datastream.interval.as_secs(),
    }
}

pub(super) fn observation((observation, flags): (Observation, Flags)) -> pb::Observation {
    let flag = |flag| match flag {
        Flag::OutOfRange => pb::QualityFlag::OutOfRange,
        Flag::Humid => pb::QualityFlag::Humid,
        Flag::HumidityUnknown => pb::QualityFlag::HumidityUnknown,
        Flag::Manual => pb::QualityFlag::Manual,
    };
    pb::Observation {
        phenomenon_time_us: observation.time.as_micros(),
        result: observation.result,
        flags: flags.iter().map(|set| flag(set).into()).collect(),
    }
}

pub(super) fn latest(latest: &Latest) -> pb::Latest {
    pb::Latest {
        datastream: Some(datastream(&latest.datastream)),
        observation: latest.observation.iter().next().map(observation),
    }
}

pub(super) fn conflict(conflict: &Conflict) -> pb::Conflict {
    pb::Conflict {
        phenomenon_time_us: conflict.time.as_micros(),
        kept: conflict.kept,
        refused: conflict.refused,
        received_at_us: conflict.received_at.as_micros(),
    }
}

/// The version of the rules that flags follow.
pub(super) fn quality_rules() -> String {
    RULES.id.to_owned()
}

pub(super) fn means(means: &Means) -> Vec<pb::Mean> {
    match means {
        Means::Hours(hours) => hours.iter().map(|hour| mean(hour, hour.period.start())).collect(),
        Means::Days(days) => days.iter().map(|day| mean(day, day.period.start())).collect(),
        Means::Years(years) => years.iter().map(|year| mean(year, year.period.start())).collect(),
    }
}

fn mean<P: fmt::Display>(mean: &Mean<P>, start: Timestamp) -> pb::Mean {
    pb::Mean {
        start_us: start.as_micros(),
        label: mean.period.to_string(),
        mean: mean.mean,
        count: mean.count,
        required: mean.required,
        valid: mean.is_valid(),
    }
}

pub(super) fn limit_check(check: LimitCheck, indicative: bool) -> pb::LimitCheck {
    let LimitCheck { limit, exceedances, valid_periods, required_periods, mean, verdict, mut exceeded } = check;
    exceeded.truncate(MOST_LABELS);
    pb::LimitCheck {
        rule_id: limit.id,
        source: limit.source,
        period: match limit.period {
            Period::Hour => pb::Period::Hour,
            Period::Day => pb::Period::Day,
            Period::Year => pb::Period::Year,
        }
        .into(),
        limit: limit.value,
        allowed_exceedances: limit.allowed_exceedances,
        exceedances,
        valid_periods,
        required_periods,
        mean,
        verdict: match verdict {
            Verdict::Kept => pb::Verdict::Kept,
            Verdict::Exceeded => pb::Verdict::Exceeded,
            Verdict::InsufficientData => pb::Verdict::InsufficientData,
        }
        .into(),
        indicative,
        exceeded,
    }
}

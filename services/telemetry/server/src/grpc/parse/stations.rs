use std::collections::BTreeSet;

use allmende_kernel::RequestId;
use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields;
use allmende_telemetry_domain::station::{Kind, MAX_DATASTREAMS};
use allmende_telemetry_domain::{
    CellSize, Datastream, GeoPoint, GridCell, InvalidPoint, ObservedProperty, ReadingInterval, Sensor, SensorModel,
    StationId,
};
use tonic::Status;

use super::{UNKNOWN_VALUE, datastream_id, sensor_id, station_id};
use crate::app::{RegisterSensor, RegisterStation, RelocateStation};

pub(crate) fn register_station(message: &pb::RegisterStationRequest) -> Result<(RequestId, RegisterStation), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let station = violations.check("station_id", station_id(&message.station_id));
    let kind = violations.check("kind", kind(message.kind));
    let cell = cell(&mut violations, message.location.as_ref(), message.cell_size_m);
    violations.finish(|| Some((id?, RegisterStation { station: station?, kind: kind?, cell: cell? })))
}

pub(crate) fn relocate_station(message: &pb::RelocateStationRequest) -> Result<(RequestId, RelocateStation), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let station = violations.check("station_id", station_id(&message.station_id));
    let cell = cell(&mut violations, message.location.as_ref(), message.cell_size_m);
    violations.finish(|| Some((id?, RelocateStation { station: station?, cell: cell? })))
}

pub(crate) fn retire_station(message: &pb::RetireStationRequest) -> Result<(RequestId, StationId), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let station = violations.check("station_id", station_id(&message.station_id));
    violations.finish(|| Some((id?, station?)))
}

pub(crate) fn register_sensor(message: &pb::RegisterSensorRequest) -> Result<(RequestId, RegisterSensor), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let station = violations.check("station_id", station_id(&message.station_id));
    let sensor = match &message.sensor {
        Some(message) => sensor(&mut violations, message),
        None => {
            violations.add("sensor", "must be set");
            None
        }
    };
    violations.finish(|| Some((id?, RegisterSensor { station: station?, sensor: sensor? })))
}

fn kind(value: i32) -> Result<Kind, Problem> {
    match pb::StationKind::try_from(value) {
        Ok(pb::StationKind::Citizen) => Ok(Kind::Citizen),
        Ok(pb::StationKind::Reference) => Ok(Kind::Reference),
        Ok(pb::StationKind::Unspecified) | Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    }
}

/// The cell of an exact place, which is forgotten here.
fn cell(violations: &mut Violations, location: Option<&pb::GeoPoint>, size_m: u32) -> Option<GridCell> {
    let size = match size_m {
        0 => Some(CellSize::default()),
        metres => {
            violations.check("cell_size_m", CellSize::from_metres(metres).map_err(|e| Problem::new(e.to_string())))
        }
    };
    let Some(location) = location else {
        violations.add("location", "must be set");
        return None;
    };
    let point = GeoPoint::new(location.latitude, location.longitude).map_err(|error| match error {
        InvalidPoint::Latitude => {
            violations.add("location.latitude", Rule::Number(-90, 90).says("must be -90 to 90 degrees"))
        }
        InvalidPoint::Longitude => {
            violations.add("location.longitude", Rule::Number(-180, 180).says("must be -180 to 180 degrees"))
        }
    });
    let cell = GridCell::containing(point.ok()?, size.unwrap_or_default());
    let cell =
        violations.check("location", cell.map_err(|_| Problem::from("must lie on the European grid (EPSG:3035)")));
    size.and(cell)
}

fn sensor(violations: &mut Violations, message: &pb::Sensor) -> Option<Sensor> {
    let id = violations.check("sensor.sensor_id", sensor_id(&message.sensor_id));
    let model = SensorModel::parse(&message.model);
    let model = violations.check(
        "sensor.model",
        model.map_err(|_| Problem::from("must have 1 to 40 characters of A-Z, a-z, 0-9, '-', '_', '.' and '+'")),
    );
    if !(1..=MAX_DATASTREAMS).contains(&message.datastreams.len()) {
        violations.add(
            "sensor.datastreams",
            Rule::Count(1, MAX_DATASTREAMS as u64).says(format!("must be 1 to {MAX_DATASTREAMS} datastreams")),
        );
        return None;
    }
    let mut ids = BTreeSet::new();
    let mut datastreams = Vec::new();
    for (index, message) in message.datastreams.iter().enumerate() {
        let datastream = datastream(violations, &format!("sensor.datastreams[{index}]"), message);
        if let Some(datastream) = &datastream
            && !ids.insert(datastream.id)
        {
            violations.add(format_args!("sensor.datastreams[{index}].datastream_id"), "must not be listed twice");
        }
        datastreams.push(datastream);
    }
    let datastreams: Option<Vec<Datastream>> = datastreams.into_iter().collect();
    Sensor::new(id?, model?, datastreams?).ok()
}

fn datastream(violations: &mut Violations, path: &str, message: &pb::Datastream) -> Option<Datastream> {
    let id = violations.check(format_args!("{path}.datastream_id"), datastream_id(&message.datastream_id));
    let property = violations.check(format_args!("{path}.observed_property"), property(message.observed_property));
    if let Some(property) = property
        && !(message.unit.is_empty() || message.unit == property.unit())
    {
        let problem = format!("must be empty or {}, the unit of {property}", property.unit());
        violations.add(format_args!("{path}.unit"), Problem::new(problem));
    }
    let interval = ReadingInterval::from_secs(message.expected_interval_s);
    let interval = violations.check(
        format_args!("{path}.expected_interval_s"),
        interval.map_err(|_| Rule::Number(1, 86_400).says("must be 1 to 86400 seconds")),
    );
    Some(Datastream { id: id?, property: property?, interval: interval? })
}

fn property(value: i32) -> Result<ObservedProperty, Problem> {
    match pb::ObservedProperty::try_from(value) {
        Ok(pb::ObservedProperty::Pm10) => Ok(ObservedProperty::Pm10),
        Ok(pb::ObservedProperty::Pm25) => Ok(ObservedProperty::Pm25),
        Ok(pb::ObservedProperty::AirTemperature) => Ok(ObservedProperty::AirTemperature),
        Ok(pb::ObservedProperty::RelativeHumidity) => Ok(ObservedProperty::RelativeHumidity),
        Ok(pb::ObservedProperty::AirPressure) => Ok(ObservedProperty::AirPressure),
        Ok(pb::ObservedProperty::No2) => Ok(ObservedProperty::No2),
        Ok(pb::ObservedProperty::Unspecified) | Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    }
}

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::Timestamp;
use allmende_proto::telemetry::events::v1 as stored;
use allmende_telemetry_domain::station::{Event, Kind, Model, State};
use allmende_telemetry_domain::{
    CellSize, Datastream, DatastreamId, GridCell, ObservedProperty, ReadingInterval, Sensor, SensorId, SensorModel,
};

use super::{Malformed, event, id_bytes, read, unknown};

const STATION_REGISTERED: &str = "allmende.telemetry.events.v1.StationRegistered";
const STATION_RELOCATED: &str = "allmende.telemetry.events.v1.StationRelocated";
const STATION_RETIRED: &str = "allmende.telemetry.events.v1.StationRetired";
const SENSOR_REGISTERED: &str = "allmende.telemetry.events.v1.SensorRegistered";

/// What a state takes beside its sensors, and what a sensor and a datastream take.
const STATE_BYTES: usize = 256;
const SENSOR_BYTES: usize = 128;

/// A station as the log keeps it.
#[derive(Debug)]
pub(crate) enum Station {}

impl Aggregate for Station {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Registered { kind, cell, at } => event(
                STATION_REGISTERED,
                &stored::StationRegistered {
                    kind: match kind {
                        Kind::Citizen => stored::StationKind::Citizen,
                        Kind::Reference => stored::StationKind::Reference,
                    }
                    .into(),
                    cell: Some(cell_message(cell)),
                    at_us: at.as_micros(),
                },
            ),
            Event::Relocated { cell, at } => event(
                STATION_RELOCATED,
                &stored::StationRelocated { cell: Some(cell_message(cell)), at_us: at.as_micros() },
            ),
            Event::Retired { at } => event(STATION_RETIRED, &stored::StationRetired { at_us: at.as_micros() }),
            Event::SensorRegistered { sensor } => event(SENSOR_REGISTERED, &sensor_message(sensor)),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            STATION_REGISTERED => read(event_type, payload, registered),
            STATION_RELOCATED => read(event_type, payload, |message: stored::StationRelocated| {
                let stored::StationRelocated { cell, at_us } = message;
                Ok(Event::Relocated { cell: cell_of(cell)?, at: Timestamp::from_micros(at_us) })
            }),
            STATION_RETIRED => read(event_type, payload, |message: stored::StationRetired| {
                Ok(Event::Retired { at: Timestamp::from_micros(message.at_us) })
            }),
            SENSOR_REGISTERED => read(event_type, payload, |message: stored::SensorRegistered| {
                Ok(Event::SensorRegistered { sensor: sensor_of(message)? })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        let sensors = state.station().map_or(&[][..], |station| &station.sensors);
        let of_sensor = |sensor: &Sensor| SENSOR_BYTES + size_of_val(sensor.datastreams());
        STATE_BYTES + sensors.iter().map(of_sensor).sum::<usize>()
    }
}

fn registered(message: stored::StationRegistered) -> Result<Event, Malformed> {
    let kind = match message.kind() {
        stored::StationKind::Citizen => Kind::Citizen,
        stored::StationKind::Reference => Kind::Reference,
        stored::StationKind::Unspecified => return Err(Malformed),
    };
    Ok(Event::Registered { kind, cell: cell_of(message.cell)?, at: Timestamp::from_micros(message.at_us) })
}

fn cell_message(cell: &GridCell) -> stored::GridCell {
    stored::GridCell { size_m: cell.size().metres(), northing_m: cell.northing_m(), easting_m: cell.easting_m() }
}

fn cell_of(cell: Option<stored::GridCell>) -> Result<GridCell, Malformed> {
    let stored::GridCell { size_m, northing_m, easting_m } = cell.ok_or(Malformed)?;
    let size = CellSize::from_metres(size_m).map_err(|_| Malformed)?;
    GridCell::from_corner(size, northing_m, easting_m).map_err(|_| Malformed)
}

fn sensor_message(sensor: &Sensor) -> stored::SensorRegistered {
    let datastream = |datastream: &Datastream| stored::Datastream {
        datastream_id: datastream.id.as_bytes().to_vec().into(),
        observed_property: match datastream.property {
            ObservedProperty::Pm10 => stored::ObservedProperty::Pm10,
            ObservedProperty::Pm25 => stored::ObservedProperty::Pm25,
            ObservedProperty::AirTemperature => stored::ObservedProperty::AirTemperature,
            ObservedProperty::RelativeHumidity => stored::ObservedProperty::RelativeHumidity,
            ObservedProperty::AirPressure => stored::ObservedProperty::AirPressure,
            ObservedProperty::No2 => stored::ObservedProperty::No2,
        }
        .into(),
        expected_interval_s: datastream.interval.as_secs(),
    };
    stored::SensorRegistered {
        sensor_id: sensor.id().as_bytes().to_vec().into(),
        model: sensor.model().as_str().to_owned(),
        datastreams: sensor.datastreams().iter().map(datastream).collect(),
    }
}

fn sensor_of(message: stored::SensorRegistered) -> Result<Sensor, Malformed> {
    let datastreams: Result<Vec<Datastream>, Malformed> = message.datastreams.iter().map(datastream_of).collect();
    let id = SensorId::from_bytes(id_bytes(&message.sensor_id)?);
    let model = SensorModel::parse(&message.model).map_err(|_| Malformed)?;
    Sensor::new(id, model, datastreams?).map_err(|_| Malformed)
}

fn datastream_of(message: &stored::Datastream) -> Result<Datastream, Malformed> {
    let property = match message.observed_property() {
        stored::ObservedProperty::Pm10 => ObservedProperty::Pm10,
        stored::ObservedProperty::Pm25 => ObservedProperty::Pm25,
        stored::ObservedProperty::AirTemperature => ObservedProperty::AirTemperature,
        stored::ObservedProperty::RelativeHumidity => ObservedProperty::RelativeHumidity,
        stored::ObservedProperty::AirPressure => ObservedProperty::AirPressure,
        stored::ObservedProperty::No2 => ObservedProperty::No2,
        stored::ObservedProperty::Unspecified => return Err(Malformed),
    };
    let id = DatastreamId::from_bytes(id_bytes(&message.datastream_id)?);
    let interval = ReadingInterval::from_secs(message.expected_interval_s).map_err(|_| Malformed)?;
    Ok(Datastream { id, property, interval })
}

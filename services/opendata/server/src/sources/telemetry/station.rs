//! A station as its events say it.

use allmende_proto::telemetry::events::v1 as stored;
use allmende_views::{Tables, ViewError};
use prost::Message;
use uuid::Uuid;

use super::keys::{self, STATIONS};

/// What a dataset says of a station.
#[derive(Debug, Clone, Default)]
pub(super) struct Station {
    pub(super) kind: stored::StationKind,
    /// Cells and since when, in order.
    pub(super) cells: Vec<(i64, stored::GridCell)>,
    pub(super) datastreams: Vec<Datastream>,
}

/// What a row says of its datastream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Datastream {
    pub(super) id: Uuid,
    pub(super) property: &'static str,
    /// UCUM code.
    pub(super) unit: &'static str,
    pub(super) model: String,
}

impl Station {
    /// The code of the cell in which the station stood.
    pub(super) fn cell_at(&self, micros: i64) -> String {
        let after = self.cells.partition_point(|(since, _)| *since <= micros);
        // Readings may be older than the registration.
        self.cells.get(after.saturating_sub(1)).map(|(_, cell)| cell_code(cell)).unwrap_or_default()
    }

    pub(super) fn datastream(&self, id: Uuid) -> Option<&Datastream> {
        self.datastreams.iter().find(|datastream| datastream.id == id)
    }
}

/// The INSPIRE code of a cell.
pub(super) fn cell_code(cell: &stored::GridCell) -> String {
    let stored::GridCell { size_m, northing_m, easting_m } = cell;
    format!("CRS3035RES{size_m}mN{northing_m}E{easting_m}")
}

const KINDS: [&str; 3] = [
    "allmende.telemetry.events.v1.StationRegistered",
    "allmende.telemetry.events.v1.StationRelocated",
    "allmende.telemetry.events.v1.SensorRegistered",
];

/// Adds an event to a station's record: its kind, its length and the event. `false` if the record has no use for it.
pub(super) fn append(record: &mut Vec<u8>, event_type: &str, payload: &[u8]) -> bool {
    let Some(kind) = KINDS.iter().position(|kind| *kind == event_type) else { return false };
    record.push(kind as u8);
    record.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    record.extend_from_slice(payload);
    true
}

/// The station, if it was registered.
pub(super) fn load(tables: &impl Tables, tenant: &str, id: Uuid) -> Result<Option<Station>, ViewError> {
    match tables.get(STATIONS, &keys::station(tenant, id))? {
        Some(record) => read(&record).map(Some).ok_or(ViewError::Row(STATIONS)),
        None => Ok(None),
    }
}

fn read(mut record: &[u8]) -> Option<Station> {
    let mut station = Station::default();
    while let Some((kind, rest)) = record.split_first() {
        let (length, rest) = rest.split_first_chunk()?;
        let (payload, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        record = rest;
        match kind {
            0 => {
                let registered = stored::StationRegistered::decode(payload).ok()?;
                station.kind = registered.kind();
                station.cells.push((registered.at_us, registered.cell?));
            }
            1 => {
                let relocated = stored::StationRelocated::decode(payload).ok()?;
                station.cells.push((relocated.at_us, relocated.cell?));
            }
            _ => {
                let sensor = stored::SensorRegistered::decode(payload).ok()?;
                for datastream in &sensor.datastreams {
                    station.datastreams.push(datastream_of(&sensor.model, datastream)?);
                }
            }
        }
    }
    Some(station)
}

fn datastream_of(model: &str, datastream: &stored::Datastream) -> Option<Datastream> {
    let (property, unit) = match datastream.observed_property() {
        stored::ObservedProperty::Pm10 => ("pm10", "ug/m3"),
        stored::ObservedProperty::Pm25 => ("pm2.5", "ug/m3"),
        stored::ObservedProperty::AirTemperature => ("air_temperature", "Cel"),
        stored::ObservedProperty::RelativeHumidity => ("relative_humidity", "%"),
        stored::ObservedProperty::AirPressure => ("air_pressure", "Pa"),
        stored::ObservedProperty::No2 => ("no2", "ug/m3"),
        stored::ObservedProperty::Unspecified => return None,
    };
    let id = Uuid::from_slice(&datastream.datastream_id).ok()?;
    Some(Datastream { id, property, unit, model: model.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_is_read_as_its_events_said_it() {
        let cell = |northing_m| stored::GridCell { size_m: 250, northing_m, easting_m: 4_110_250 };
        let registered = stored::StationRegistered {
            kind: stored::StationKind::Citizen.into(),
            cell: Some(cell(3_098_500)),
            at_us: 100,
        };
        let moved = stored::StationRelocated { cell: Some(cell(3_098_750)), at_us: 200 };
        let sensor = stored::SensorRegistered {
            sensor_id: vec![1; 16].into(),
            model: "SDS011".into(),
            datastreams: vec![stored::Datastream {
                datastream_id: vec![2; 16].into(),
                observed_property: stored::ObservedProperty::Pm10.into(),
                expected_interval_s: 145,
            }],
        };
        let mut record = Vec::new();
        assert!(append(&mut record, KINDS[0], &registered.encode_to_vec()));
        assert!(append(&mut record, KINDS[2], &sensor.encode_to_vec()));
        assert!(append(&mut record, KINDS[1], &moved.encode_to_vec()));
        assert!(!append(&mut record, "allmende.telemetry.events.v1.StationRetired", b""));
        let station = read(&record).unwrap();
        let cells = [50, 100, 199, 200].map(|at| station.cell_at(at));
        let (first, second) = ("CRS3035RES250mN3098500E4110250", "CRS3035RES250mN3098750E4110250");
        assert_eq!(cells, [first, first, first, second]);
        let datastream = station.datastream(Uuid::from_bytes([2; 16])).unwrap();
        assert_eq!((datastream.property, datastream.model.as_str()), ("pm10", "SDS011"));
        assert!(read(&record[..record.len() - 1]).is_none());
    }
}

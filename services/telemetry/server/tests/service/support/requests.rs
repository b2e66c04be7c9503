//! Requests that are right unless a test changes them.

use std::sync::atomic::{AtomicU64, Ordering};

use allmende_kernel::Timestamp;
use allmende_proto::telemetry::v1 as pb;
use uuid::Uuid;

pub(crate) const TENANT: &str = "koeln";
/// 2020-03-01T12:00:00Z.
pub(crate) const NOON_US: i64 = 1_583_064_000_000_000;
pub(crate) const SECOND_US: i64 = 1_000_000;
pub(crate) const HOUR_US: i64 = 3_600 * SECOND_US;
pub(crate) const DAY_US: i64 = 24 * HOUR_US;
/// When the tests take place, by the service's clock: 2020-06-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_590_969_600);

/// Ids of a station, and requests about it.
#[derive(Debug, Clone)]
pub(crate) struct Station {
    pub(crate) id: String,
    pub(crate) pm10: String,
    pub(crate) pm25: String,
    pub(crate) humidity: String,
    pub(crate) temperature: String,
    dust: String,
    climate: String,
}

impl Station {
    pub(crate) fn ids() -> Self {
        let id = || Uuid::now_v7().to_string();
        Self { id: id(), pm10: id(), pm25: id(), humidity: id(), temperature: id(), dust: id(), climate: id() }
    }

    pub(crate) fn registration(&self) -> pb::RegisterStationRequest {
        pb::RegisterStationRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: self.id.clone(),
            kind: pb::StationKind::Citizen.into(),
            location: Some(place()),
            cell_size_m: 1_000,
        }
    }

    pub(crate) fn dust(&self) -> pb::Sensor {
        let datastreams = vec![
            datastream(&self.pm10, pb::ObservedProperty::Pm10),
            datastream(&self.pm25, pb::ObservedProperty::Pm25),
        ];
        pb::Sensor { sensor_id: self.dust.clone(), model: "SDS011".into(), datastreams }
    }

    pub(crate) fn climate(&self) -> pb::Sensor {
        let datastreams = vec![
            datastream(&self.humidity, pb::ObservedProperty::RelativeHumidity),
            datastream(&self.temperature, pb::ObservedProperty::AirTemperature),
        ];
        pb::Sensor { sensor_id: self.climate.clone(), model: "BME280".into(), datastreams }
    }

    pub(crate) fn sensor(&self, sensor: pb::Sensor) -> pb::RegisterSensorRequest {
        pb::RegisterSensorRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: self.id.clone(),
            sensor: Some(sensor),
        }
    }

    pub(crate) fn retirement(&self) -> pb::RetireStationRequest {
        pb::RetireStationRequest { tenant: TENANT.into(), request_id: request_id(), station_id: self.id.clone() }
    }

    pub(crate) fn readings(&self, datastream: &str, readings: &[(i64, f64)]) -> pb::RecordObservationsRequest {
        self.columns(vec![columns(datastream, readings)])
    }

    pub(crate) fn columns(&self, columns: Vec<pb::ObservationColumns>) -> pb::RecordObservationsRequest {
        pb::RecordObservationsRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: self.id.clone(),
            columns,
        }
    }

    pub(crate) fn flag(&self, datastream: &str, from: i64, to: i64) -> pb::FlagObservationsRequest {
        pb::FlagObservationsRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            from_us: NOON_US + from * SECOND_US,
            to_us: NOON_US + to * SECOND_US,
            reason: pb::FlagReason::Defect.into(),
        }
    }

    pub(crate) fn get(&self) -> pb::GetStationRequest {
        pb::GetStationRequest { tenant: TENANT.into(), station_id: self.id.clone(), ..Default::default() }
    }

    /// Everything from 2019 to 2022.
    pub(crate) fn observations(&self, datastream: &str, selection: pb::Selection) -> pb::ListObservationsRequest {
        pb::ListObservationsRequest {
            tenant: TENANT.into(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            from_us: 1_546_300_800_000_000,
            to_us: 1_640_995_200_000_000,
            selection: selection.into(),
            ..Default::default()
        }
    }

    pub(crate) fn means(&self, datastream: &str, period: pb::Period, selection: pb::Selection) -> pb::ListMeansRequest {
        pb::ListMeansRequest {
            tenant: TENANT.into(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            period: period.into(),
            first_day: "2018-01-01".into(),
            last_day: "2021-12-31".into(),
            selection: selection.into(),
            ..Default::default()
        }
    }

    pub(crate) fn conflicts(&self, datastream: &str) -> pb::ListConflictsRequest {
        pb::ListConflictsRequest {
            tenant: TENANT.into(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            ..Default::default()
        }
    }

    pub(crate) fn limits(&self, datastream: &str, year: u32) -> pb::CheckLimitsRequest {
        pb::CheckLimitsRequest {
            tenant: TENANT.into(),
            station_id: self.id.clone(),
            datastream_id: datastream.into(),
            year,
            selection: pb::Selection::All.into(),
            ..Default::default()
        }
    }
}

/// A public square, nobody's home.
pub(crate) fn place() -> pb::GeoPoint {
    pb::GeoPoint { latitude: 50.9387, longitude: 6.9583 }
}

pub(crate) fn datastream(id: &str, property: pb::ObservedProperty) -> pb::Datastream {
    pb::Datastream {
        datastream_id: id.into(),
        observed_property: property.into(),
        unit: String::new(),
        expected_interval_s: 145,
    }
}

/// Seconds after noon, and results.
pub(crate) fn columns(datastream: &str, readings: &[(i64, f64)]) -> pb::ObservationColumns {
    pb::ObservationColumns {
        datastream_id: datastream.into(),
        phenomenon_time_us: readings.iter().map(|(after, _)| NOON_US + after * SECOND_US).collect(),
        result: readings.iter().map(|(_, result)| *result).collect(),
    }
}

/// A fresh id, minted when the tests take place.
pub(crate) fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    request_id_at(NOW, NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn request_id_at(minted: Timestamp, number: u64) -> String {
    let millis = (minted.as_micros() / 1_000) as u128;
    let version_and_variant = 0x7000_8000_0000_0000_0000u128;
    Uuid::from_u128(millis << 80 | version_and_variant | u128::from(number & 0xffff_ffff_ffff)).to_string()
}

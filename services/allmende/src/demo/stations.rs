//! Stations of a tenant, with a year of values, one an hour: a box sends every 145 seconds, but a year of that would be
//! 218,000 values for each property.

use allmende_proto::telemetry::v1 as pb;
use anyhow::Context as _;
use pb::ObservedProperty::{AirTemperature, No2, Pm10, Pm25, RelativeHumidity};

use super::clients::Clients;
use super::seed::Seed;
use super::texts::Municipality;
use super::values::value;

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;
/// A year and a day, so that no rounding to days cuts a year short.
const DAYS: i64 = 366;
/// As many as fit into a request.
const DAYS_AT_ONCE: i64 = 61;

/// Where and how dusty boxes stand: metres to the north and east of the tenant's middle, and how much dustier it is.
const PLACES: [(&str, f64, f64, f64); 4] = [
    ("markt", 0.0, 0.0, 1.0),
    ("ring", 700.0, -900.0, 1.6),
    ("park", -1_100.0, 600.0, 0.6),
    ("bahnhof", 400.0, 1_300.0, 1.3),
];

struct Station {
    key: &'static str,
    kind: pb::StationKind,
    location: pb::GeoPoint,
    dust: f64,
    sensors: &'static [(&'static str, &'static str, &'static [pb::ObservedProperty])],
}

/// What was made of a tenant.
pub(super) struct Made {
    /// Their ids.
    pub(super) stations: Vec<String>,
    /// Stands for all their values.
    pub(super) consistency_token: String,
}

/// Registers the stations and records their year.
pub(super) async fn fill(town: &Municipality, seed: &Seed, operator: &Clients) -> anyhow::Result<Made> {
    let boxes = PLACES.iter().take(town.boxes).map(|(key, north, east, dust)| Station {
        key,
        kind: pb::StationKind::Citizen,
        location: beside(town, *north, *east),
        dust: *dust,
        sensors: &[("staub", "SDS011", &[Pm10, Pm25]), ("klima", "BME280", &[AirTemperature, RelativeHumidity])],
    });
    let reference = Station {
        key: "referenz",
        kind: pb::StationKind::Reference,
        location: beside(town, 1_500.0, 400.0),
        dust: 0.9,
        sensors: &[("analyse", "REFERENCE", &[Pm10, Pm25, No2])],
    };
    let mut made = Made { stations: Vec::new(), consistency_token: String::new() };
    for station in boxes.chain([reference]) {
        let filled = fill_station(&station, seed, operator).await;
        let (id, token) = filled.with_context(|| format!("station {}", station.key))?;
        made.stations.push(id);
        made.consistency_token = token;
    }
    Ok(made)
}

async fn fill_station(station: &Station, seed: &Seed, operator: &Clients) -> anyhow::Result<(String, String)> {
    let mut telemetry = operator.telemetry();
    let request_id = |deed: &str| seed.request_id(&format!("station {} {deed}", station.key));
    let station_id = seed.id(&format!("station {}", station.key));
    telemetry
        .register_station(pb::RegisterStationRequest {
            tenant: seed.tenant(),
            request_id: request_id("register"),
            station_id: station_id.clone(),
            kind: station.kind.into(),
            location: Some(station.location),
            cell_size_m: 250,
        })
        .await?;
    let mut datastreams = Vec::new();
    for (sensor, model, properties) in station.sensors {
        let of_sensor: Vec<_> = properties
            .iter()
            .map(|property| {
                let name = format!("station {}/{}", station.key, property.as_str_name());
                (*property, seed.id(&name))
            })
            .collect();
        let datastream = |(property, id): &(pb::ObservedProperty, String)| pb::Datastream {
            datastream_id: id.clone(),
            observed_property: (*property).into(),
            unit: String::new(),
            expected_interval_s: 3_600,
        };
        telemetry
            .register_sensor(pb::RegisterSensorRequest {
                tenant: seed.tenant(),
                request_id: request_id(sensor),
                station_id: station_id.clone(),
                sensor: Some(pb::Sensor {
                    sensor_id: seed.id(&format!("station {} {sensor}", station.key)),
                    model: (*model).to_owned(),
                    datastreams: of_sensor.iter().map(datastream).collect(),
                }),
            })
            .await?;
        datastreams.extend(of_sensor);
    }
    // From midnight to midnight in UTC+1, as air-quality days are.
    let end = (seed.at_us() + HOUR_US).div_euclid(DAY_US) * DAY_US - HOUR_US;
    let mut token = String::new();
    for from in (0..DAYS).step_by(DAYS_AT_ONCE as usize) {
        let until = (from + DAYS_AT_ONCE).min(DAYS);
        let times: Vec<i64> = (from * 24..until * 24).map(|hour| end - DAYS * DAY_US + hour * HOUR_US).collect();
        let column = |(property, id): &(pb::ObservedProperty, String)| pb::ObservationColumns {
            datastream_id: id.clone(),
            phenomenon_time_us: times.clone(),
            result: times.iter().map(|at| value(*property, station.dust, place(station), *at)).collect(),
        };
        let request = pb::RecordObservationsRequest {
            tenant: seed.tenant(),
            request_id: request_id(&format!("days {from}")),
            station_id: station_id.clone(),
            columns: datastreams.iter().map(column).collect(),
        };
        token = telemetry.record_observations(request).await?.into_inner().consistency_token;
    }
    Ok((station_id, token))
}

fn place(station: &Station) -> u64 {
    station.location.latitude.to_bits() ^ station.location.longitude.to_bits().rotate_left(17)
}

fn beside(town: &Municipality, north_m: f64, east_m: f64) -> pb::GeoPoint {
    // A degree of latitude is 111.3 km, one of longitude less by the cosine of the latitude.
    let latitude = town.latitude + north_m / 111_300.0;
    pb::GeoPoint { latitude, longitude: town.longitude + east_m / (111_300.0 * latitude.to_radians().cos()) }
}

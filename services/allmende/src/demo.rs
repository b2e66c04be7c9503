//! Generated demo data: three citizens' boxes and a reference station, the last 30 days. Nothing of it was measured.

use std::path::Path;

use allmende_kernel::Clock as _;
use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::clock::SystemClock;
use anyhow::Context as _;

use crate::client::{self, Telemetry, Token};
use crate::data_folder;

/// The tenant whose name says what it is.
pub(crate) const TENANT: &str = "demo-town";
const DAYS: i64 = 30;
const DAY_US: i64 = 86_400_000_000;
/// The firmware's rhythm.
const BOX_INTERVAL_S: i64 = 145;

struct Station {
    key: &'static str,
    kind: pb::StationKind,
    latitude: f64,
    longitude: f64,
    /// How much dustier than elsewhere.
    dust: f64,
}

/// Places in the middle of Cologne, as generated as the values.
const STATIONS: &[Station] = &[
    Station { key: "market", kind: pb::StationKind::Citizen, latitude: 50.9380, longitude: 6.9570, dust: 1.0 },
    Station { key: "ring-road", kind: pb::StationKind::Citizen, latitude: 50.9305, longitude: 6.9400, dust: 1.7 },
    Station { key: "park", kind: pb::StationKind::Citizen, latitude: 50.9230, longitude: 6.9290, dust: 0.6 },
    Station { key: "reference", kind: pb::StationKind::Reference, latitude: 50.9466, longitude: 6.9720, dust: 0.9 },
];

/// Registers the stations and records what is missing of the last 30 days. Tells how many stations there are.
pub(crate) async fn fill(data: &Path, grpc: &str) -> anyhow::Result<usize> {
    let token = std::fs::read_to_string(data.join(data_folder::TOKEN_FILE)).context("reading the operator's token")?;
    let mut telemetry = client::connect(&format!("http://{grpc}"), Token::new(&token)?)?;
    let now = SystemClock.now().as_micros();
    let last = now - now.rem_euclid(DAY_US);
    for station in STATIONS {
        fill_station(&mut telemetry, station, last).await.with_context(|| format!("station {}", station.key))?;
    }
    Ok(STATIONS.len())
}

async fn fill_station(telemetry: &mut Telemetry, station: &Station, end: i64) -> anyhow::Result<()> {
    let properties: &[pb::ObservedProperty] = match station.kind {
        pb::StationKind::Reference => {
            &[pb::ObservedProperty::Pm10, pb::ObservedProperty::Pm25, pb::ObservedProperty::No2]
        }
        _ => &[
            pb::ObservedProperty::Pm10,
            pb::ObservedProperty::Pm25,
            pb::ObservedProperty::AirTemperature,
            pb::ObservedProperty::RelativeHumidity,
        ],
    };
    let mut keys = vec![station.key.to_owned()];
    keys.extend(["dust", "climate"].map(|sensor| format!("{}/{sensor}", station.key)));
    keys.extend(properties.iter().map(|property| format!("{}/{}", station.key, property.as_str_name())));
    let request = pb::DeriveIdsRequest { tenant: TENANT.to_owned(), source: "demo".to_owned(), keys };
    let ids = telemetry.derive_ids(request).await?.into_inner().ids;
    let [station_id, dust_id, climate_id, datastream_ids @ ..] = ids.as_slice() else {
        anyhow::bail!("the platform derived too few ids");
    };
    telemetry
        .register_station(pb::RegisterStationRequest {
            tenant: TENANT.to_owned(),
            request_id: uuid::Uuid::now_v7().to_string(),
            station_id: station_id.clone(),
            kind: station.kind.into(),
            location: Some(pb::GeoPoint { latitude: station.latitude, longitude: station.longitude }),
            cell_size_m: 250,
        })
        .await?;
    let interval = if station.kind == pb::StationKind::Reference { 3_600 } else { BOX_INTERVAL_S };
    let (dust, climate): (Vec<_>, Vec<_>) =
        properties.iter().copied().zip(datastream_ids.iter().cloned()).partition(|(property, _)| is_dust(*property));
    let dust_model = if station.kind == pb::StationKind::Reference { "REFERENCE" } else { "SDS011" };
    for (sensor_id, model, datastreams) in [(dust_id, dust_model, &dust), (climate_id, "BME280", &climate)] {
        if datastreams.is_empty() {
            continue;
        }
        let datastream = |(property, id): &(pb::ObservedProperty, String)| pb::Datastream {
            datastream_id: id.clone(),
            observed_property: (*property).into(),
            unit: String::new(),
            expected_interval_s: interval as u32,
        };
        telemetry
            .register_sensor(pb::RegisterSensorRequest {
                tenant: TENANT.to_owned(),
                request_id: uuid::Uuid::now_v7().to_string(),
                station_id: station_id.clone(),
                sensor: Some(pb::Sensor {
                    sensor_id: sensor_id.clone(),
                    model: model.to_owned(),
                    datastreams: datastreams.iter().map(datastream).collect(),
                }),
            })
            .await?;
    }
    let all: Vec<_> = dust.into_iter().chain(climate).collect();
    for day in 0..DAYS {
        let start = end - (DAYS - day) * DAY_US;
        telemetry.record_observations(observations(station, station_id, &all, start, interval)).await?;
    }
    Ok(())
}

fn observations(
    station: &Station,
    station_id: &str,
    datastreams: &[(pb::ObservedProperty, String)],
    start: i64,
    interval_s: i64,
) -> pb::RecordObservationsRequest {
    // The rhythm is kept across days, so that a day's values are the same at every start.
    let step = interval_s * 1_000_000;
    let first = start + (step - start.rem_euclid(step)) % step;
    let times: Vec<i64> = (first..start + DAY_US).step_by(step as usize).collect();
    let columns = datastreams
        .iter()
        .map(|(property, id)| pb::ObservationColumns {
            datastream_id: id.clone(),
            phenomenon_time_us: times.clone(),
            result: times.iter().map(|time| value(station, *property, *time)).collect(),
        })
        .collect();
    pb::RecordObservationsRequest {
        tenant: TENANT.to_owned(),
        request_id: uuid::Uuid::now_v7().to_string(),
        station_id: station_id.to_owned(),
        columns,
    }
}

fn is_dust(property: pb::ObservedProperty) -> bool {
    use pb::ObservedProperty::{No2, Pm10, Pm25};
    matches!(property, Pm10 | Pm25 | No2)
}

/// A made-up value: a daily course, weather that changes over days, and noise; the same for the same moment always.
fn value(station: &Station, property: pb::ObservedProperty, time_us: i64) -> f64 {
    use std::f64::consts::TAU;
    let days = time_us as f64 / DAY_US as f64;
    let course = |peak: f64| ((days - peak / 24.0).fract() * TAU).cos();
    let weather = (days / 5.3 * TAU).sin() + 0.5 * (days / 2.9 * TAU).cos();
    let noise = noise(time_us ^ station.latitude.to_bits() as i64 ^ ((property as i64) << 40));
    let dust = station.dust * (14.0 + 5.0 * course(8.0) + 6.0 * weather + 3.0 * noise).max(1.0);
    let value = match property {
        pb::ObservedProperty::Pm10 => dust,
        pb::ObservedProperty::Pm25 => dust * (0.55 + 0.05 * noise),
        pb::ObservedProperty::No2 => (24.0 + 9.0 * course(17.0) - 4.0 * weather + 3.0 * noise).max(2.0),
        pb::ObservedProperty::AirTemperature => 12.0 + 6.0 * course(15.0) - 3.0 * weather + 0.4 * noise,
        pb::ObservedProperty::RelativeHumidity => {
            (66.0 - 16.0 * course(15.0) + 9.0 * weather + 2.0 * noise).clamp(20.0, 100.0)
        }
        _ => 101_300.0 + 600.0 * weather + 20.0 * noise,
    };
    (value * 100.0).round() / 100.0
}

/// From -1 to 1, by the mixing function of SplitMix64.
fn noise(seed: i64) -> f64 {
    let mut z = (seed as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

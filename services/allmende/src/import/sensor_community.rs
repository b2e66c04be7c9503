//! `allmende import sensor-community`: archive files into a running platform.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use allmende_proto::opendata::v1::{Licence, LicenceTerms};
use allmende_proto::telemetry::v1 as pb;
use anyhow::Context as _;

use super::licence;
use super::sensor_community_archive::{self as archive, ArchivedSensor};
use crate::cli::SensorCommunityOptions;
use crate::client::{self, Telemetry};
use crate::terminal;

/// What the platform derives ids from the archive's under: they do not lead back to these.
const SOURCE: &str = "sensor.community";
/// Whom users of the archive have to name; it is under the ODbL.
const ATTRIBUTION: &str = "sensor.community";
/// The firmware's rhythm, in seconds.
const INTERVAL_S: u32 = 145;
/// Rows of one file that are named when they are set aside.
const NAMED_ROWS: usize = 5;

#[derive(Default)]
struct Totals {
    rows: u64,
    recorded: u64,
    repeated: u64,
    conflicting: u64,
    set_aside: u64,
}

/// Imports the files one after the other. The same files again change nothing.
pub(crate) async fn import(options: SensorCommunityOptions) -> anyhow::Result<ExitCode> {
    let mut telemetry = client::telemetry(&options.connection)?;
    let mut stations: BTreeMap<String, pb::Station> = BTreeMap::new();
    let mut totals = Totals::default();
    let mut last: LastRecorded = None;
    let mut failed = 0;
    for path in &options.files {
        // One bad file never stops the others.
        let imported = import_file(&mut telemetry, &options, path, &mut stations, &mut totals, &mut last).await;
        if let Err(error) = imported {
            failed += 1;
            terminal::note(&format!("{}: {error:#}", path.display()));
        }
    }
    let terms = LicenceTerms { licence: Licence::Odbl10.into(), attribution: ATTRIBUTION.to_owned() };
    licence::declare(&mut client::catalogue(&options.connection)?, &options.tenant, &stations, &terms).await;
    if let Some((station_id, consistency_token)) = last {
        // Whoever reads after the import sees all of it.
        let request = pb::GetStationRequest { tenant: options.tenant.clone(), station_id, consistency_token };
        send(&mut telemetry, async |telemetry| telemetry.get_station(request.clone()).await).await?;
    }
    summarise(&totals, &stations);
    anyhow::ensure!(failed == 0, "{failed} of {} files were not imported to their end", options.files.len());
    Ok(if totals.set_aside == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Station and token of what was recorded last.
type LastRecorded = Option<(String, String)>;

async fn import_file(
    telemetry: &mut Telemetry,
    options: &SensorCommunityOptions,
    path: &Path,
    stations: &mut BTreeMap<String, pb::Station>,
    totals: &mut Totals,
    last: &mut LastRecorded,
) -> anyhow::Result<()> {
    let file = archive::read(path)?;
    for row in file.set_aside.iter().take(NAMED_ROWS) {
        terminal::note(&format!("{}:{}: set aside, {}", path.display(), row.line, row.reason));
    }
    if file.set_aside.len() > NAMED_ROWS {
        terminal::note(&format!("{}: {} more rows set aside", path.display(), file.set_aside.len() - NAMED_ROWS));
    }
    totals.set_aside += file.set_aside.len() as u64;

    let rows = file.sensors.values().map(|readings| readings.rows.len() as u64).sum();
    let progress = terminal::progress(rows, "rows");
    for (sensor, readings) in &file.sensors {
        let datastreams = register(telemetry, options, sensor, readings.place, &file.properties, stations)
            .await
            .context("registering its sensor")?;
        let station = &stations[&sensor.location];
        for batch in readings.rows.chunks(options.batch as usize) {
            let answer = record(telemetry, &options.tenant, &station.station_id, &datastreams, batch)
                .await
                .context("recording its rows")?;
            totals.rows += batch.len() as u64;
            totals.recorded += u64::from(answer.recorded);
            totals.repeated += u64::from(answer.repeated);
            totals.conflicting += u64::from(answer.conflicting);
            progress.inc(batch.len() as u64);
            *last = Some((station.station_id.clone(), answer.consistency_token));
        }
    }
    progress.finish_and_clear();
    Ok(())
}

fn summarise(totals: &Totals, stations: &BTreeMap<String, pb::Station>) {
    let count = terminal::count;
    terminal::line(&format!(
        "{} rows: {} observations recorded, {} known before, {} in conflict; {} rows set aside",
        count(totals.rows),
        count(totals.recorded),
        count(totals.repeated),
        count(totals.conflicting),
        count(totals.set_aside)
    ));
    for station in stations.values() {
        let cell = station.cell.as_ref().map_or("", |cell| cell.code.as_str());
        terminal::line(&format!("station {} in cell {cell}", station.station_id));
        for sensor in &station.sensors {
            for datastream in &sensor.datastreams {
                terminal::line(&format!(
                    "  {} {} {}",
                    datastream.datastream_id,
                    sensor.model,
                    datastream.observed_property().as_str_name().trim_start_matches("OBSERVED_PROPERTY_")
                ));
            }
        }
    }
}

type Datastreams = Vec<(pb::ObservedProperty, String)>;

/// Registers station and sensor unless they are there, and tells the ids of the sensor's datastreams.
async fn register(
    telemetry: &mut Telemetry,
    options: &SensorCommunityOptions,
    sensor: &ArchivedSensor,
    (latitude, longitude): (f64, f64),
    properties: &[pb::ObservedProperty],
    stations: &mut BTreeMap<String, pb::Station>,
) -> anyhow::Result<Datastreams> {
    let mut keys = vec![format!("location/{}", sensor.location), format!("sensor/{}", sensor.sensor_id)];
    keys.extend(properties.iter().map(|property| format!("sensor/{}/{}", sensor.sensor_id, property.as_str_name())));
    let ids = derive_ids(telemetry, &options.tenant, keys).await?;
    let [station_id, sensor_id, datastream_ids @ ..] = ids.as_slice() else {
        anyhow::bail!("the platform derived too few ids");
    };
    let datastreams: Datastreams = properties.iter().copied().zip(datastream_ids.iter().cloned()).collect();

    let request = pb::RegisterStationRequest {
        tenant: options.tenant.clone(),
        request_id: request_id(),
        station_id: station_id.clone(),
        kind: pb::StationKind::Citizen.into(),
        location: Some(pb::GeoPoint { latitude, longitude }),
        cell_size_m: options.cell,
    };
    if !stations.contains_key(&sensor.location) {
        let registered = client::with_retries(async || telemetry.register_station(request.clone()).await).await;
        match registered {
            // The archive's place is rounded differently in different years; where a station is, its owner says.
            Err(status) if client::reason(&status).as_deref() == Some("STATION_DIFFERS") => {
                terminal::note(&format!("station {station_id} is known with another place or kind, which it keeps"));
            }
            registered => drop(registered.map_err(|status| client::explain(&status))?),
        }
    }
    let request = pb::RegisterSensorRequest {
        tenant: options.tenant.clone(),
        request_id: request_id(),
        station_id: station_id.clone(),
        sensor: Some(pb::Sensor {
            sensor_id: sensor_id.clone(),
            model: sensor.model.clone(),
            datastreams: datastreams
                .iter()
                .map(|(property, id)| pb::Datastream {
                    datastream_id: id.clone(),
                    observed_property: (*property).into(),
                    unit: String::new(),
                    expected_interval_s: INTERVAL_S,
                })
                .collect(),
        }),
    };
    let answer = send(telemetry, async |telemetry| telemetry.register_sensor(request.clone()).await).await?;
    let station = answer.station.context("the platform's answer names no station")?;
    stations.insert(sensor.location.clone(), station);
    Ok(datastreams)
}

async fn derive_ids(telemetry: &mut Telemetry, tenant: &str, keys: Vec<String>) -> anyhow::Result<Vec<String>> {
    let request = pb::DeriveIdsRequest { tenant: tenant.to_owned(), source: SOURCE.to_owned(), keys };
    Ok(send(telemetry, async |telemetry| telemetry.derive_ids(request.clone()).await).await?.ids)
}

async fn record(
    telemetry: &mut Telemetry,
    tenant: &str,
    station_id: &str,
    datastreams: &Datastreams,
    batch: &[(i64, Vec<(pb::ObservedProperty, f64)>)],
) -> anyhow::Result<pb::RecordObservationsResponse> {
    let column = |(property, id): &(pb::ObservedProperty, String)| {
        let mut column = pb::ObservationColumns { datastream_id: id.clone(), ..Default::default() };
        for (time, values) in batch {
            if let Some((_, value)) = values.iter().find(|(of, _)| of == property) {
                column.phenomenon_time_us.push(*time);
                column.result.push(*value);
            }
        }
        column
    };
    let request = pb::RecordObservationsRequest {
        tenant: tenant.to_owned(),
        request_id: request_id(),
        station_id: station_id.to_owned(),
        columns: datastreams.iter().map(column).filter(|column| !column.result.is_empty()).collect(),
    };
    send(telemetry, async |telemetry| telemetry.record_observations(request.clone()).await).await
}

async fn send<T>(
    telemetry: &mut Telemetry,
    mut request: impl AsyncFnMut(&mut Telemetry) -> Result<tonic::Response<T>, tonic::Status>,
) -> anyhow::Result<T> {
    let answer = client::with_retries(async || request(telemetry).await).await;
    answer.map(tonic::Response::into_inner).map_err(|status| client::explain(&status))
}

fn request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

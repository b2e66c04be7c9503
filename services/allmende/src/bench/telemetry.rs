//! `allmende bench telemetry`: the whole platform over gRPC, client and server on the same cores.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use allmende_eventlog_sled as sled_log;
use allmende_proto::telemetry::v1 as pb;
use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::limit::{Blocks, PlainFile};
use super::platform::{self, Running};
use super::report::{Case, resident_mb, round};
use crate::cli::BenchOptions;
use crate::client::{self, Telemetry};
use crate::{data_folder, terminal};

const TENANT: &str = "bench";
const BATCH: u64 = 1_000;
const DATASTREAMS: u64 = 10;
/// 2025-01-01T00:00 in UTC+1.
const YEAR_BEGINS_US: i64 = 1_735_686_000_000_000;
const YEAR_US: i64 = 365 * 86_400_000_000;
/// Rounds in which the platform and the limit take turns.
const ROUNDS: u64 = 10;

/// Runs all cases.
pub(super) fn run(options: &BenchOptions) -> anyhow::Result<()> {
    idle_memory(options)?;
    let scratch = tempfile::tempdir_in(&options.folder)?;
    let data = scratch.path().join("data");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(options, &data, &scratch.path().join("plain")))?;
    storage(options, &data)
}

async fn measure(options: &BenchOptions, data: &Path, plain: &Path) -> anyhow::Result<()> {
    let running = Running::start(data, Default::default()).await?;
    running.found(TENANT).await?;
    let mut telemetry = client::connect(&running.url(), running.token.clone())?;
    let ids = register(&mut telemetry).await?;

    stream(options, &mut telemetry, &ids, plain, &running.serving.admin.to_string()).await?;
    daily_means(options, &mut telemetry, &ids).await?;
    for writers in [1, 16] {
        single_observations(options, &telemetry, &ids, writers).await?;
    }
    running.stop().await
}

struct Ids {
    station: String,
    datastreams: Vec<String>,
}

fn request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

async fn register(telemetry: &mut Telemetry) -> anyhow::Result<Ids> {
    let ids = Ids {
        station: uuid::Uuid::now_v7().to_string(),
        datastreams: (0..DATASTREAMS).map(|_| uuid::Uuid::now_v7().to_string()).collect(),
    };
    let request = pb::RegisterStationRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        station_id: ids.station.clone(),
        kind: pb::StationKind::Citizen.into(),
        location: Some(pb::GeoPoint { latitude: 50.94, longitude: 6.96 }),
        cell_size_m: 250,
    };
    telemetry.register_station(request).await?;
    for datastream_id in &ids.datastreams {
        let sensor = pb::Sensor {
            sensor_id: request_id(),
            model: "BENCH".into(),
            datastreams: vec![pb::Datastream {
                datastream_id: datastream_id.clone(),
                observed_property: pb::ObservedProperty::AirTemperature.into(),
                unit: String::new(),
                expected_interval_s: 30,
            }],
        };
        let request = pb::RegisterSensorRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: ids.station.clone(),
            sensor: Some(sensor),
        };
        telemetry.register_sensor(request).await?;
    }
    Ok(ids)
}

/// A batch of one datastream: values with two decimals that wander, at times with a jitter of seconds.
fn batch(ids: &Ids, number: u64, per_datastream: u64) -> pb::RecordObservationsRequest {
    let datastream = (number % DATASTREAMS) as usize;
    let first = number / DATASTREAMS * BATCH;
    let step = YEAR_US / per_datastream as i64;
    let mut columns = pb::ObservationColumns {
        datastream_id: ids.datastreams[datastream].clone(),
        phenomenon_time_us: Vec::with_capacity(BATCH as usize),
        result: Vec::with_capacity(BATCH as usize),
    };
    for index in first..first + BATCH {
        let noise = (index + number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let jitter = (noise % 3) as i64 * 1_000_000;
        let time = YEAR_BEGINS_US + index as i64 * step;
        columns.phenomenon_time_us.push(time - time % 1_000_000 + jitter.min(step / 2));
        let wander = 1_500.0 + 800.0 * (index as f64 / 2_700.0).sin() + (noise % 200) as f64;
        columns.result.push(wander.round() / 100.0);
    }
    pb::RecordObservationsRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        station_id: ids.station.clone(),
        columns: vec![columns],
    }
}

async fn stream(
    options: &BenchOptions,
    telemetry: &mut Telemetry,
    ids: &Ids,
    plain: &Path,
    admin: &str,
) -> anyhow::Result<()> {
    let per_round = (options.events / BATCH / ROUNDS).max(1);
    let per_datastream = (per_round * ROUNDS * BATCH).div_ceil(DATASTREAMS).max(1);
    let mut plain = PlainFile::create(plain, 64 << 20, Blocks::Allocated)?;
    let (mut ours, mut limit, mut visible) = (Duration::ZERO, Duration::ZERO, Vec::new());
    for round in 0..ROUNDS {
        let before = written(admin).await?;
        // Made ahead: the client's work of making numbers is not the platform's.
        let batches: Vec<_> = (0..per_round).map(|n| batch(ids, round * per_round + n, per_datastream)).collect();
        let begun = Instant::now();
        let (sender, receiver) = mpsc::channel(16);
        let sending = tokio::spawn(async move {
            for batch in batches {
                let request = pb::StreamObservationsRequest { batch: Some(batch) };
                if sender.send(request).await.is_err() {
                    break;
                }
            }
        });
        let answer = telemetry.stream_observations(ReceiverStream::new(receiver)).await?.into_inner();
        ours += begun.elapsed();
        sending.await?;
        anyhow::ensure!(
            answer.recorded == per_round * BATCH,
            "recorded {} of {} observations",
            answer.recorded,
            per_round * BATCH
        );
        let begun = Instant::now();
        let request = pb::GetStationRequest {
            tenant: TENANT.into(),
            station_id: ids.station.clone(),
            consistency_token: answer.consistency_token,
        };
        telemetry.get_station(request).await?;
        visible.push(begun.elapsed());

        let after = written(admin).await?;
        let groups = (after.groups - before.groups).max(1.0);
        let block = ((after.bytes - before.bytes) / groups) as usize;
        for _ in 0..groups as u64 {
            limit += plain.append(block.max(1))?;
        }
    }
    let observations = (per_round * ROUNDS * BATCH) as f64;
    let mut case = Case::new("record by client stream, batches of 1,000, durable");
    case.observations_per_s = Some(round(observations / ours.as_secs_f64()));
    case.limit_per_s = Some(round(observations / limit.as_secs_f64()));
    case.ratio = case.observations_per_s.zip(case.limit_per_s).map(|(ours, limit)| round(ours / limit));
    case.print(options.json);
    Case::new("views caught up after a round of it").latencies(visible).print(options.json);
    Ok(())
}

struct Written {
    groups: f64,
    bytes: f64,
}

/// What the log has written, by the admin port's metrics.
async fn written(admin: &str) -> anyhow::Result<Written> {
    let text = platform::get(admin, "/metrics").await?;
    let sum = |name: &str| -> f64 {
        text.lines()
            .filter(|line| line.starts_with(name))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    };
    Ok(Written { groups: sum("allmende_log_group_bytes_count"), bytes: sum("allmende_log_group_bytes_sum") })
}

async fn daily_means(options: &BenchOptions, telemetry: &mut Telemetry, ids: &Ids) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for index in 0..300 {
        let request = pb::ListMeansRequest {
            tenant: TENANT.into(),
            station_id: ids.station.clone(),
            datastream_id: ids.datastreams[index % ids.datastreams.len()].clone(),
            period: pb::Period::Day.into(),
            first_day: "2025-01-01".into(),
            last_day: "2025-12-31".into(),
            selection: pb::Selection::All.into(),
            page_size: 400,
            ..Default::default()
        };
        let begun = Instant::now();
        let means = telemetry.list_means(request).await?.into_inner().means;
        times.push(begun.elapsed());
        anyhow::ensure!(means.len() == 365, "{} days instead of 365", means.len());
    }
    Case::new(format!("a year of daily means out of {} observations", options.events))
        .latencies(times)
        .print(options.json);
    Ok(())
}

/// One observation a request, as a box sends it: sign-in, rules, commit, answer.
async fn single_observations(
    options: &BenchOptions,
    telemetry: &Telemetry,
    ids: &Ids,
    writers: usize,
) -> anyhow::Result<()> {
    let per_writer = 4_000 / writers.min(4) as i64;
    // Before the year, and at times of its own for every writer.
    let base = YEAR_BEGINS_US - (writers as i64 + 1) * 40 * 86_400_000_000;
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for writer in 0..writers {
        let mut telemetry = telemetry.clone();
        let (station_id, datastream_id) = (ids.station.clone(), ids.datastreams[writer % 10].clone());
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for index in 0..per_writer {
                let time = base + (writer as i64 / 10) * 1_000_000 + index * 30_000_000;
                let request = pb::RecordObservationsRequest {
                    tenant: TENANT.into(),
                    request_id: request_id(),
                    station_id: station_id.clone(),
                    columns: vec![pb::ObservationColumns {
                        datastream_id: datastream_id.clone(),
                        phenomenon_time_us: vec![time],
                        result: vec![21.5],
                    }],
                };
                let begun = Instant::now();
                telemetry.record_observations(request).await?;
                times.push(begun.elapsed());
            }
            anyhow::Ok(times)
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    let mut case = Case::new(format!("record one observation a request, {writers} at once")).latencies(times);
    case.observations_per_s = Some(round(rate));
    case.with("commits_per_s", round(rate)).print(options.json);
    Ok(())
}

fn storage(options: &BenchOptions, data: &Path) -> anyhow::Result<()> {
    let stats = sled_log::stats(&data_folder::log(data, "telemetry-0"), |_| {})?;
    let recorded = options.events.max(1) as f64;
    Case::new("storage for an observation, in bytes")
        .with("log", round(stats.segment_bytes as f64 / recorded))
        .with("index", round(stats.index_bytes as f64 / recorded))
        .with("log_and_index", round((stats.segment_bytes + stats.index_bytes) as f64 / recorded))
        .print(options.json);
    Ok(())
}

/// The platform as a process of its own, with nothing to do.
fn idle_memory(options: &BenchOptions) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(&options.folder)?;
    let mut platform = Command::new(std::env::current_exe()?)
        .args(["up", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"])
        .arg(scratch.path().join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("starting the platform")?;
    std::thread::sleep(Duration::from_secs(3));
    let resident = resident_mb(platform.id());
    platform.kill()?;
    platform.wait()?;
    match resident {
        Some(resident) => {
            Case::new("idle platform, a process of its own").with("idle_rss_mb", round(resident)).print(options.json)
        }
        None => terminal::note("idle memory: /proc does not tell"),
    }
    Ok(())
}

//! A citizen's real box, an SDS011 and a BME280, 7 July to 31 August 2018, from the archive of sensor.community.

use std::path::{Path, PathBuf};
use std::time::Instant;

use allmende_eventlog_sled::OfflineLog;
use allmende_kernel::Duration;
use allmende_proto::telemetry::events::v1::ObservationsRecorded;
use allmende_proto::telemetry::v1 as pb;
use allmende_telemetry_domain::AirQualityDay;
use prost::Message as _;

use crate::support::{Running, Station, TENANT, request_id, run, start, start_in};

const PM: &str = "sds011_sensor_15092_2018-07-07_2018-08-31.csv";
const CLIMATE: &str = "bme280_sensor_15093_2018-07-07_2018-08-31.csv";
const BATCH: usize = 1_000;

/// The archive's folder, or nothing, so that the tests can be skipped where the data is not at hand.
fn archive() -> Option<PathBuf> {
    let data = std::env::var_os("ALLMENDE_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data"), PathBuf::from);
    let folder = data.join("telemetry/sensor_community_csv");
    if !folder.join(PM).exists() {
        println!("skipped: no test data at {}; set ALLMENDE_TEST_DATA", folder.display());
        return None;
    }
    Some(folder)
}

/// `2018-07-07T20:03:06`, in UTC, in microseconds.
fn utc(text: &str) -> i64 {
    let (date, time) = text.split_once('T').unwrap();
    let midnight = date.parse::<AirQualityDay>().unwrap().start() + Duration::from_secs(3_600);
    let secs = time.split(':').fold(0, |secs, part| secs * 60 + part.parse::<i64>().unwrap());
    (midnight + Duration::from_secs(secs)).as_micros()
}

type Rows = Vec<(i64, Vec<f64>)>;

/// Times and the named columns, those rows that hold all of them.
fn rows(file: &Path, names: &[&str]) -> Rows {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(';').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (time, values): (usize, Vec<usize>) = (place("timestamp"), names.iter().map(|name| place(name)).collect());
    let read = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        let values: Result<Vec<f64>, _> = values.iter().map(|place| cells[*place].parse()).collect();
        Some((utc(cells[time]), values.ok()?))
    };
    lines.filter_map(read).collect()
}

fn batches(station: &Station, datastreams: &[&String], rows: &Rows) -> Vec<pb::StreamObservationsRequest> {
    let batch = |rows: &[(i64, Vec<f64>)]| pb::RecordObservationsRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        station_id: station.id.clone(),
        columns: (0..)
            .zip(datastreams)
            .map(|(column, id): (usize, _)| pb::ObservationColumns {
                datastream_id: (*id).clone(),
                phenomenon_time_us: rows.iter().map(|(time, _)| *time).collect(),
                result: rows.iter().map(|(_, values)| values[column]).collect(),
            })
            .collect(),
    };
    rows.chunks(BATCH).map(|rows| pb::StreamObservationsRequest { batch: Some(batch(rows)) }).collect()
}

/// Sends the whole archive, dust first, so that all its humidity comes late.
async fn import(service: &mut Running, folder: &Path) -> (Station, u64) {
    let station = service.station().await;
    let dust = rows(&folder.join(PM), &["P1", "P2"]);
    let climate = rows(&folder.join(CLIMATE), &["humidity", "temperature"]);
    let mut all = batches(&station, &[&station.pm10, &station.pm25], &dust);
    all.extend(batches(&station, &[&station.humidity, &station.temperature], &climate));
    let began = Instant::now();
    let answer = service.client.stream_observations(tokio_stream::iter(all)).await.unwrap().into_inner();
    let stored = began.elapsed();
    service.settle(&answer.consistency_token).await;
    let seconds = began.elapsed().as_secs_f64();
    println!("{} observations: stored in {stored:?}, readable after {seconds:.3} s", answer.recorded);
    assert_eq!((answer.recorded, answer.conflicting), (dust.len() as u64 * 2 + climate.len() as u64 * 2, 0));
    (station, answer.recorded)
}

async fn days(service: &mut Running, station: &Station, selection: pb::Selection) -> Vec<pb::Mean> {
    service.means(station, &station.pm10, pb::Period::Day, selection).await
}

#[test]
fn its_days_are_those_of_the_statistics() {
    let Some(folder) = archive() else { return };
    run(async move {
        let mut service = start().await;
        let (station, _) = import(&mut service, &folder).await;
        let all = days(&mut service, &station, pb::Selection::All).await;
        let dry = days(&mut service, &station, pb::Selection::Dry).await;
        let valid = |means: &[pb::Mean]| means.iter().filter(|mean| mean.valid).count();
        assert_eq!((all.len(), valid(&all), dry.len(), valid(&dry)), (57, 54, 51, 3));
        let hottest = all.iter().find(|mean| mean.label == "2018-07-28").unwrap();
        assert!((hottest.mean.unwrap() - 63.15).abs() < 0.005);
        let limits = service.client.check_limits(station.limits(&station.pm10, 2018)).await.unwrap().into_inner();
        let daily = limits.checks.iter().find(|check| check.rule_id == "eu-2008-50/pm10-day").unwrap();
        assert_eq!(
            (daily.verdict(), &daily.exceeded[..]),
            (pb::Verdict::InsufficientData, &["2018-07-27".to_owned(), "2018-07-28".to_owned()][..])
        );

        let mut request = station.observations(&station.pm10, pb::Selection::All);
        (request.from_us, request.page_size) = (1_500_000_000_000_000, 10_000);
        let mut flagged = [0, 0];
        loop {
            let page = service.client.list_observations(request.clone()).await.unwrap().into_inner();
            for observation in &page.observations {
                flagged[0] += usize::from(observation.flags().any(|flag| flag == pb::QualityFlag::Humid));
                flagged[1] += usize::from(observation.flags().any(|flag| flag == pb::QualityFlag::HumidityUnknown));
            }
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        assert_eq!(flagged, [17_811, 34]);

        // Folded from the log alone it is the same.
        let data = service.stop().await;
        std::fs::remove_dir_all(data.path().join("views")).unwrap();
        let began = Instant::now();
        let mut service = start_in(data).await;
        println!("views made anew in {:?}", began.elapsed());
        assert_eq!(days(&mut service, &station, pb::Selection::All).await, all);
        assert_eq!(days(&mut service, &station, pb::Selection::Dry).await, dry);
        service.stop().await;
    });
}

#[test]
fn an_observation_takes_few_bytes() {
    let Some(folder) = archive() else { return };
    run(async move {
        let mut service = start().await;
        let (_, observations) = import(&mut service, &folder).await;
        let data = service.stop().await;
        let log = data.path().join("log/telemetry-0");
        let mut columns = 0;
        for group in OfflineLog::open(&log).unwrap().groups(0) {
            let group = group.unwrap().unwrap();
            for event in group.events().filter(|event| event.event_type().ends_with(".ObservationsRecorded")) {
                let block = ObservationsRecorded::decode(event.payload()).unwrap();
                columns += block.times.len() + block.results.len();
            }
        }
        let stats = allmende_eventlog_sled::stats(&log, |_| {}).unwrap();
        let each = |bytes: u64| bytes as f64 / observations as f64;
        let (columns, segments) = (each(columns as u64), each(stats.segment_bytes));
        let (index, views) = (each(stats.index_bytes), each(used(&data.path().join("views"))));
        println!("bytes an observation: columns {columns:.2}, log {segments:.2}, index {index:.2}, views {views:.2}");
        assert!(columns <= 4.0 && segments + index <= 16.0);
    });
}

/// Bytes on disk, without what is allocated ahead.
fn used(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { used(&path) } else { path.metadata().unwrap().blocks() * 512 }).sum()
}

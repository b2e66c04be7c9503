//! An export of a million rows takes no more memory than one of a hundred thousand.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]
#![allow(clippy::print_stdout, reason = "it tells what it measured")]

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allmende_eventlog::{EventLog, MemoryLog, NewCommit, NewEvent, Origin, StreamAppend, Window};
use allmende_hosting::Ports;
use allmende_instrumentation::Metrics;
use allmende_kernel::{ExpectedRevision, PartitionName, StreamName, TenantId, Timestamp};
use allmende_opendata::{Config, OpenData, Sources};
use allmende_proto::telemetry::events::v1 as stored;
use allmende_runtime::installation::Installation;
use allmende_testkit::ManualClock;
use prost::Message as _;
use uuid::Uuid;

/// 2020-06-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_secs(1_590_969_600);
/// 2020-03-01T00:00:00 in UTC+1.
const MARCH_US: i64 = 1_583_017_200_000_000;
const DAY_US: i64 = 86_400_000_000;
/// Every half minute.
const READINGS: i64 = 2_880;

fn event(event_type: &'static str, message: &impl prost::Message) -> NewEvent {
    NewEvent { event_type, payload: message.encode_to_vec().into() }
}

async fn append(log: &MemoryLog, stream: String, events: Vec<NewEvent>) {
    let commit = NewCommit {
        origin: Origin::Unlinked,
        admitted_at: log.now(),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend {
            stream: StreamName::parse(&stream).unwrap(),
            expected: ExpectedRevision::Any,
            events,
        }],
        outcome: Default::default(),
    };
    log.submit(commit).unwrap().wait().await.unwrap();
}

/// A station with so many datastreams, each with 31 days of readings.
async fn station(log: &MemoryLog, id: Uuid, datastreams: u128) {
    let stream = |part: u128| Uuid::from_u128(id.as_u128() + part);
    let registered = stored::StationRegistered {
        kind: stored::StationKind::Reference.into(),
        cell: Some(stored::GridCell { size_m: 250, northing_m: 3_098_500, easting_m: 4_110_250 }),
        at_us: MARCH_US,
    };
    let datastream = |part| stored::Datastream {
        datastream_id: stream(part).as_bytes().to_vec().into(),
        observed_property: stored::ObservedProperty::Pm10.into(),
        expected_interval_s: 30,
    };
    let sensor = stored::SensorRegistered {
        sensor_id: vec![9; 16].into(),
        model: "REFERENCE".into(),
        datastreams: (1..=datastreams).map(datastream).collect(),
    };
    let events = vec![
        event("allmende.telemetry.events.v1.StationRegistered", &registered),
        event("allmende.telemetry.events.v1.SensorRegistered", &sensor),
    ];
    append(log, format!("koeln/station/{id}"), events).await;
    for part in 1..=datastreams {
        for day in 0..31 {
            let times: Vec<i64> = (0..READINGS).map(|n| MARCH_US + day * DAY_US + n * 30_000_000).collect();
            let results: Vec<f64> = (0..READINGS).map(|n| 10.0 + ((n * 7 + day) % 100) as f64 / 10.0).collect();
            let encoded = allmende_columns::encode(&times, &results);
            let block = stored::ObservationsRecorded {
                encoding: stored::ColumnEncoding::Pco.into(),
                count: READINGS as u32,
                first_time_us: times[0],
                last_time_us: times[times.len() - 1],
                times: encoded.times.into(),
                results: encoded.results.into(),
            };
            let stream = format!("koeln/observations/{id}.{}.2020-03-{:02}", stream(part), day + 1);
            append(log, stream, vec![event("allmende.telemetry.events.v1.ObservationsRecorded", &block)]).await;
        }
    }
}

/// Bytes of memory that the process has had at most since [`forget_peak`].
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

fn now_used() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

async fn until<F: Future<Output = bool>>(mut there: impl FnMut() -> F) {
    let began = Instant::now();
    while !there().await {
        assert!(began.elapsed() < Duration::from_secs(600), "it takes too long");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Issues a station's month and says how much more memory that took, and how long.
async fn issue(datastreams: u128) -> (u64, Duration, u64) {
    let clock = Arc::new(ManualClock::at(NOW));
    let partition = PartitionName::parse("telemetry-0").unwrap();
    let telemetry = Arc::new(MemoryLog::new(partition, clock.clone(), Window::default()));
    let id = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0001_0000);
    station(&telemetry, id, datastreams).await;
    let data = tempfile::tempdir().unwrap();
    let installation = Arc::new(Installation::open(data.path()).unwrap());
    let ports = Ports::alone(data.path(), clock.clone(), installation, Metrics::new());
    let sources = Sources { telemetry: Some(telemetry), participation: None };
    let opendata = OpenData::start(Config::default(), ports, sources).await.unwrap();
    let log = opendata.log();
    // Not settled: nothing is issued yet.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(log.head().borrow().group, 0);
    let before = now_used();
    forget_peak();
    let began = Instant::now();
    clock.advance(allmende_kernel::Duration::from_secs(11));
    until(|| async { log.head().borrow().group > 0 }).await;
    let (took, most) = (began.elapsed(), peak().saturating_sub(before));
    let tenant = TenantId::parse("koeln").unwrap();
    let group = log.read_group(1).unwrap();
    let rows = group
        .commits()
        .flat_map(|commit| commit.events())
        .filter(|event| {
            event.event_type().ends_with("DistributionAdded") && event.stream().starts_with(tenant.as_str())
        })
        .map(|event| allmende_proto::opendata::events::v1::DistributionAdded::decode(event.payload()).unwrap().rows)
        .max()
        .unwrap();
    opendata.close().await.unwrap();
    (rows, took, most)
}

#[test]
fn a_million_rows_take_no_more_memory_than_a_hundred_thousand() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let small = issue(1).await;
        let large = issue(12).await;
        println!("rows, time, memory: {small:?}, {large:?}");
        assert_eq!((small.0, large.0), (89_280, 1_071_360));
        assert!(large.2 < small.2 + (24 << 20), "{} and {} bytes", small.2, large.2);
    });
}

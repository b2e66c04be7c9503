//! An import that is cut, by killing the platform or the importer, and started again ends in the same state as one
//! that nobody disturbed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, which says why it was skipped"
)]

mod platform;

use std::path::PathBuf;
use std::time::Duration;

use allmende_proto::telemetry::v1 as pb;
use platform::{Platform, archive_files, succeed};

const TENANT: &str = "cut-import";

/// Everything that a reader can see, but for ids, which differ between installations.
#[derive(Debug, PartialEq)]
struct Seen {
    cell: String,
    series: Vec<Series>,
}

#[derive(Debug, PartialEq)]
struct Series {
    property: i32,
    latest: Option<pb::Observation>,
    observations: Vec<pb::Observation>,
    hours: Vec<pb::Mean>,
    days: Vec<pb::Mean>,
    conflicts: usize,
}

async fn see(platform: &Platform) -> Seen {
    let mut telemetry = platform.telemetry();
    let stations = telemetry.list_stations(pb::ListStationsRequest { tenant: TENANT.into(), ..Default::default() });
    let stations = stations.await.unwrap().into_inner().stations;
    let [station] = stations.as_slice() else { panic!("{} stations", stations.len()) };
    let request =
        pb::GetLatestRequest { tenant: TENANT.into(), station_id: station.station_id.clone(), ..Default::default() };
    let latest = telemetry.get_latest(request).await.unwrap().into_inner().latest;
    let mut series = Vec::new();
    for latest in latest {
        let datastream = latest.datastream.unwrap();
        let id = datastream.datastream_id;
        series.push(Series {
            property: datastream.observed_property,
            latest: latest.observation,
            observations: observations(&mut telemetry, &station.station_id, &id).await,
            hours: means(&mut telemetry, &station.station_id, &id, pb::Period::Hour).await,
            days: means(&mut telemetry, &station.station_id, &id, pb::Period::Day).await,
            conflicts: conflicts(&mut telemetry, &station.station_id, &id).await,
        });
    }
    series.sort_by_key(|series| series.property);
    Seen { cell: station.cell.clone().unwrap().code, series }
}

async fn observations(
    telemetry: &mut allmende::client::Telemetry,
    station_id: &str,
    datastream_id: &str,
) -> Vec<pb::Observation> {
    let mut all = Vec::new();
    let mut request = pb::ListObservationsRequest {
        tenant: TENANT.into(),
        station_id: station_id.into(),
        datastream_id: datastream_id.into(),
        from_us: 1_500_000_000_000_000,
        to_us: 1_550_000_000_000_000,
        selection: pb::Selection::All.into(),
        page_size: 10_000,
        ..Default::default()
    };
    loop {
        let page = telemetry.list_observations(request.clone()).await.unwrap().into_inner();
        all.extend(page.observations);
        if page.next_page_token.is_empty() {
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

async fn means(
    telemetry: &mut allmende::client::Telemetry,
    station_id: &str,
    datastream_id: &str,
    period: pb::Period,
) -> Vec<pb::Mean> {
    let mut all = Vec::new();
    for selection in [pb::Selection::All, pb::Selection::Dry, pb::Selection::Unflagged] {
        let mut request = pb::ListMeansRequest {
            tenant: TENANT.into(),
            station_id: station_id.into(),
            datastream_id: datastream_id.into(),
            period: period.into(),
            first_day: "2018-07-01".into(),
            last_day: "2018-09-05".into(),
            selection: selection.into(),
            page_size: 1_000,
            ..Default::default()
        };
        loop {
            let page = telemetry.list_means(request.clone()).await.unwrap().into_inner();
            all.extend(page.means);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
    }
    all
}

async fn conflicts(telemetry: &mut allmende::client::Telemetry, station_id: &str, datastream_id: &str) -> usize {
    let request = pb::ListConflictsRequest {
        tenant: TENANT.into(),
        station_id: station_id.into(),
        datastream_id: datastream_id.into(),
        ..Default::default()
    };
    telemetry.list_conflicts(request).await.unwrap().into_inner().conflicts.len()
}

/// Names the first difference; a dump of everything would hide it.
fn assert_same(seen: &Seen, expected: &Seen) {
    assert_eq!((&seen.cell, seen.series.len()), (&expected.cell, expected.series.len()));
    for (seen, expected) in seen.series.iter().zip(&expected.series) {
        let property = expected.property;
        assert_eq!(seen.property, property);
        assert_eq!(seen.latest, expected.latest, "property {property}");
        assert_eq!(seen.conflicts, expected.conflicts, "property {property}");
        assert_lists("observation", property, &seen.observations, &expected.observations);
        assert_lists("hour", property, &seen.hours, &expected.hours);
        assert_lists("day", property, &seen.days, &expected.days);
    }
}

fn assert_lists<T: PartialEq + std::fmt::Debug>(what: &str, property: i32, seen: &[T], expected: &[T]) {
    let differs = seen.iter().zip(expected).position(|(seen, expected)| seen != expected);
    if let Some(index) = differs {
        panic!("{what} {index} of property {property}: {:?} instead of {:?}", seen[index], expected[index]);
    }
    assert_eq!(seen.len(), expected.len(), "number of {what}s of property {property}");
}

fn undisturbed(files: &[PathBuf]) -> (tempfile::TempDir, Platform) {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    succeed(&mut platform.import(files, TENANT));
    (data, platform)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_the_platform_and_the_importer_in_the_middle_leaves_no_trace() {
    let Some(files) = archive_files() else { return };
    let (_kept, calm) = undisturbed(&files);
    let expected = see(&calm).await;
    assert_eq!(expected.series.iter().map(|series| series.observations.len()).sum::<usize>(), 157_297);

    let data = tempfile::tempdir().unwrap();
    // Milliseconds into the import, so that the cuts fall into different parts of it.
    for (round, wait) in [40, 150, 400].into_iter().enumerate() {
        let platform = Platform::start(data.path());
        let mut importer = platform.import(&files, TENANT).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(wait)).await;
        if round == 1 {
            importer.kill().unwrap();
            importer.wait().unwrap();
            platform.kill();
        } else {
            platform.kill();
            importer.kill().unwrap();
            importer.wait().unwrap();
        }
    }
    let platform = Platform::start(data.path());
    succeed(&mut platform.import(&files, TENANT));
    assert_same(&see(&platform).await, &expected);
    platform.stop();

    let verified = succeed(platform::command().args(["log", "verify", "--data"]).arg(data.path()));
    assert!(verified.ends_with("intact\n"), "{verified}");
}

//! What goes does not wait for what comes, and what cannot be made holds up nothing else.

use std::time::{Duration, Instant};

use allmende_kernel::{Duration as Wait, Position};
use allmende_proto::opendata::v1 as pb;

use crate::support::*;

const SECRET: &str = "Was vergessen werden soll";
/// Datasets of an import that takes ten seconds and more.
const IMPORTED: usize = 4_000;

/// A procedure with a text that is going to be erased.
async fn with_a_text(world: &World) {
    world.open_procedure(LICENCE).await;
    world.comment(1, SECRET, LICENCE).await;
    world.publish(1).await;
}

fn hold_secret(files: &[Vec<u8>]) -> bool {
    files.iter().any(|file| file.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()))
}

/// All datasets, once all is there that `seen` stands for.
async fn all_datasets(running: &mut Running, seen: &str) -> Vec<pb::Dataset> {
    let mut request = pb::ListDatasetsRequest {
        tenant: TENANT.into(),
        page_size: 500,
        consistency_token: seen.to_owned(),
        ..Default::default()
    };
    let mut datasets = Vec::new();
    loop {
        let page = running.staff.list_datasets(request.clone()).await.unwrap().into_inner();
        datasets.extend(page.datasets);
        if page.next_page_token.is_empty() {
            return datasets;
        }
        request.page_token = page.next_page_token;
    }
}

fn draft(dataset: &pb::Dataset) -> bool {
    dataset.current.as_ref().is_some_and(|version| version.release() == pb::Release::Draft)
}

#[test]
fn a_draft_that_cannot_be_made_keeps_no_erased_text_on_the_disk() {
    run(async {
        let world = World::new();
        with_a_text(&world).await;
        let (broken, sound) = (Station::numbered(1), Station::numbered(2));
        for station in [&broken, &sound] {
            station.register(&world.telemetry).await;
            station.record(&world.telemetry, station.pm10, &[(145, 12.5)]).await;
        }
        world.clock.advance(Wait::from_secs(60));
        let mut running = world.start().await;
        running.datasets_until(|datasets| datasets.len() == 4).await;
        // A block of a datastream that the station does not have.
        let position = broken.record(&running.world.telemetry, uuid::Uuid::nil(), &[(290, 1.0)]).await;
        let seen = token_of(&running.world.telemetry, position);
        running.datasets(true, &seen).await;
        running.staff.declare_source_licence(licence_of(broken.id)).await.unwrap();
        running.staff.declare_source_licence(licence_of(sound.id)).await.unwrap();
        running.datasets_until(|datasets| datasets.iter().filter(|dataset| draft(dataset)).count() == 1).await;
        let position = running.world.erase(1).await;
        let token = token_of(&running.world.participation, position);
        running.datasets(false, &token).await;
        running.kept_files_until(|files| !hold_secret(files)).await;
    });
}

/// Erases a text while an import is worked off; how many months of it were there when all was gone.
async fn imported_when_erased() -> usize {
    let world = World::new();
    with_a_text(&world).await;
    let mut running = world.start().await;
    running.datasets_until(|datasets| datasets.len() == 2).await;
    let stations: Vec<Station> = (1..=IMPORTED as u128).map(Station::numbered).collect();
    for station in &stations {
        station.register(&running.world.telemetry).await;
    }
    running.world.clock.advance(Wait::from_secs(60));
    let months = stations.iter().map(Station::month).collect();
    append_all(&running.world.telemetry, months).await;
    running.world.clock.advance(Wait::from_secs(60));
    running.datasets_until(|datasets| datasets.len() > 4).await;
    let position = running.world.erase(1).await;
    let token = token_of(&running.world.participation, position);
    running.datasets(false, &token).await;
    running.kept_files_until(|files| !hold_secret(files)).await;
    all_datasets(&mut running, &token).await.len() - 2
}

#[test]
fn what_is_erased_does_not_wait_for_an_import() {
    run(async {
        // An import may be through before the machine lets this test go on: then it has shown nothing.
        for _ in 0..5 {
            if imported_when_erased().await < IMPORTED {
                return;
            }
        }
        panic!("each import was through before the text was gone");
    });
}

#[test]
fn one_commit_may_change_more_datasets_than_are_read_at_once() {
    run(async {
        let world = World::new();
        let stations: Vec<Station> = (1..=450).map(Station::numbered).collect();
        for station in &stations {
            station.register(&world.telemetry).await;
        }
        append_all(&world.telemetry, stations.iter().map(Station::month).collect()).await;
        world.clock.advance(Wait::from_secs(60));
        let mut running = world.start().await;
        let began = Instant::now();
        while all_datasets(&mut running, "").await.len() < 450 {
            assert!(began.elapsed() < PATIENCE, "some were passed over");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
}

#[test]
fn a_licence_clears_all_drafts_of_its_station_and_no_others() {
    run(async {
        let world = World::new();
        let (one, other) = (Station::numbered(1), Station::numbered(2));
        for station in [&one, &other] {
            station.register(&world.telemetry).await;
        }
        let months: Vec<String> =
            (2002..=2019).flat_map(|year| (1..=12).map(move |month| format!("{year}-{month:02}-01"))).collect();
        for month in &months {
            one.record_on(&world.telemetry, one.pm10, month, &[(0, 12.5)]).await;
        }
        other.record(&world.telemetry, other.pm10, &[(0, 12.5)]).await;
        world.clock.advance(Wait::from_secs(60));
        let mut running = world.start().await;
        let mut drafts = Vec::new();
        for licensed in [false, true] {
            let began = Instant::now();
            while began.elapsed() < PATIENCE {
                let datasets = all_datasets(&mut running, "").await;
                drafts = datasets.iter().filter(|dataset| draft(dataset)).cloned().collect();
                if datasets.len() == months.len() + 1 && (drafts.len() == 1) == licensed {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            if !licensed {
                assert_eq!(drafts.len(), months.len() + 1);
                running.staff.declare_source_licence(licence_of(one.id)).await.unwrap();
            }
        }
        let stations: Vec<_> = drafts.into_iter().map(|draft| draft.source.unwrap().kind.unwrap()).collect();
        let pb::source::Kind::Observations(source) = &stations[0] else { panic!("{stations:?}") };
        assert_eq!((stations.len(), source.station_id.clone()), (1, other.id.to_string()));
    });
}

#[test]
fn a_version_is_issued_though_whoever_asked_has_given_up() {
    run(async {
        let world = World::new();
        let station = Station::numbered(1);
        station.register(&world.telemetry).await;
        station.record(&world.telemetry, station.pm10, &[(0, 11.5)]).await;
        world.clock.advance(Wait::from_secs(60));
        let mut running = world.start().await;
        let first = running.datasets_until(|datasets| datasets.len() == 1).await.remove(0);
        running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
        running.datasets_until(|datasets| !draft(&datasets[0])).await;
        // Not due by itself: nothing has settled, and the clock stands.
        let mut recorded = Position::START;
        for day in 2..=20 {
            let readings: Vec<(i64, f64)> = (0..8_000).map(|n| (n * 5, 10.0 + (n % 17) as f64)).collect();
            let day = format!("2020-03-{day:02}");
            recorded = station.record_on(&running.world.telemetry, station.pm10, &day, &readings).await;
        }
        let seen = token_of(&running.world.telemetry, recorded);
        running.datasets(true, &seen).await;
        let request = pb::IssueVersionRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: first.dataset_id.clone(),
        };
        // On a slow machine the time may be up before it has begun.
        for attempt in 0..20 {
            let mut impatient = tonic::Request::new(request.clone());
            impatient.set_timeout(Duration::from_millis(50));
            let answer = running.staff.issue_version(impatient).await;
            assert!(answer.is_err() || attempt > 0, "nobody has given up: this shows nothing");
            tokio::time::sleep(Duration::from_secs(1)).await;
            if running.datasets(true, "").await[0].versions == 2 {
                break;
            }
        }
        running.datasets_until(|datasets| datasets[0].versions == 2).await;
        // Each file is a version's.
        running.kept_files_until(|files| files.len() == 6).await;
        // Asked again, it is what came of it the first time.
        let version = running.staff.issue_version(request).await.unwrap().into_inner().version.unwrap();
        assert_eq!((version.number, version.distributions[0].rows), (2, 152_001));
    });
}

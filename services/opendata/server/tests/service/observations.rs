//! A station's months publish themselves.

use allmende_kernel::Duration;
use allmende_proto::opendata::v1 as pb;

use crate::support::*;

fn released(dataset: &pb::Dataset) -> bool {
    dataset.current.as_ref().is_some_and(|version| version.release() == pb::Release::Cleared)
}

#[test]
fn a_month_waits_as_a_draft_for_a_licence_and_is_cleared_with_it() {
    run(async {
        let world = World::new();
        let station = Station::numbered(1);
        station.register(&world.telemetry).await;
        station.record(&world.telemetry, station.pm10, &[(145, 12.5)]).await;
        world.clock.advance(Duration::from_secs(60));
        let mut running = world.start().await;
        let drafts = running.datasets_until(|datasets| datasets.len() == 1).await;
        let draft = drafts[0].current.as_ref().unwrap();
        assert_eq!(draft.release(), pb::Release::Draft);
        let missing: Vec<_> = draft.check.as_ref().unwrap().findings.iter().map(pb::Finding::requirement).collect();
        assert_eq!(missing, [pb::Requirement::Licence]);
        assert!(running.datasets(false, "").await.is_empty());
        let hidden = running.download(&drafts[0].dataset_id, 1, "observations.csv").await;
        assert_eq!(refusal(hidden), (tonic::Code::NotFound, "VERSION_UNKNOWN".into()));

        running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
        let cleared = running.datasets_until(|datasets| datasets.iter().any(released)).await;
        let version = cleared[0].current.as_ref().unwrap();
        assert_eq!((version.number, version.terms.clone()), (1, odbl()));
        assert_eq!(running.datasets(false, "").await, cleared);
        let position = version.source_position.as_ref().unwrap();
        assert_eq!((position.partition.as_str(), position.group), ("telemetry-0", 2));
        assert!(version.distributions.iter().all(|file| file.rows == 1 && file.columns.len() == 8));
    });
}

#[test]
fn a_version_holds_the_month_as_it_was_observed_and_flagged() {
    run(async {
        let world = World::new();
        let station = Station::numbered(1);
        station.register(&world.telemetry).await;
        // A box's readings came first, an archive's later.
        station.record(&world.telemetry, station.pm10, &[(290, 13.0)]).await;
        station.record(&world.telemetry, station.pm10, &[(0, 11.5), (145, 12.5)]).await;
        station.record(&world.telemetry, station.pm25, &[(0, 7.0)]).await;
        station.flag(&world.telemetry, station.pm10, 100, 200).await;
        station.record_on(&world.telemetry, station.pm10, "2020-04-01", &[(31 * 86_400, 99.0)]).await;
        world.clock.advance(Duration::from_secs(60));
        let mut running = world.start().await;
        running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
        let months = running.datasets_until(|datasets| datasets.iter().filter(|d| released(d)).count() == 2).await;
        let march = months.iter().find(|month| title(month).ends_with("März 2020")).unwrap();
        let csv = running.download(&march.dataset_id, 0, "observations.csv").await.unwrap();
        let (pm10, pm25, cell) = (station.pm10, station.pm25, "CRS3035RES250mN3098500E4110250");
        assert_eq!(
            String::from_utf8(csv).unwrap(),
            format!(
                "phenomenon_time,observed_property,unit,result,flag,sensor_model,grid_cell,datastream_id\r\n\
                 2020-03-01T12:00:00Z,pm10,ug/m3,11.5,,SDS011,{cell},{pm10}\r\n\
                 2020-03-01T12:02:25Z,pm10,ug/m3,12.5,defect,SDS011,{cell},{pm10}\r\n\
                 2020-03-01T12:04:50Z,pm10,ug/m3,13,,SDS011,{cell},{pm10}\r\n\
                 2020-03-01T12:00:00Z,pm2.5,ug/m3,7,,SDS011,{cell},{pm25}\r\n"
            )
        );
        assert_eq!(march.description.as_ref().unwrap().first_day, "2020-03-01");
    });
}

fn title(dataset: &pb::Dataset) -> &str {
    &dataset.description.as_ref().unwrap().title.as_ref().unwrap().de
}

#[test]
fn what_comes_late_makes_a_new_version_and_leaves_the_old_one_as_it_was() {
    run(async {
        let world = World::new();
        let station = Station::numbered(1);
        station.register(&world.telemetry).await;
        station.record(&world.telemetry, station.pm10, &[(0, 11.5)]).await;
        world.clock.advance(Duration::from_secs(60));
        let mut running = world.start().await;
        running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
        let first = running.datasets_until(|datasets| datasets.iter().any(released)).await.remove(0);
        let before = running.download(&first.dataset_id, 1, "observations.parquet").await.unwrap();

        station.record(&running.world.telemetry, station.pm10, &[(145, 12.5)]).await;
        // Nothing has settled yet: the clock stands.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        assert_eq!(running.datasets(true, "").await[0].versions, 1);
        running.world.clock.advance(Duration::from_secs(11));
        let second = running.datasets_until(|datasets| datasets[0].versions == 2).await.remove(0);
        assert_eq!(second.current.unwrap().distributions[0].rows, 2);
        assert_eq!(running.download(&first.dataset_id, 1, "observations.parquet").await.unwrap(), before);

        let all = running.visitor.list_versions(versions(&first.dataset_id)).await.unwrap().into_inner().versions;
        assert_eq!(all.iter().map(|version| version.number).collect::<Vec<_>>(), [2, 1]);
        // Nothing has changed since: whoever asks for a version gets the one there is.
        let request = pb::IssueVersionRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: first.dataset_id.clone(),
        };
        assert_eq!(running.staff.issue_version(request).await.unwrap().into_inner().version.unwrap().number, 2);
    });
}

#[test]
fn two_installations_make_the_same_bytes_of_the_same_log() {
    run(async {
        let mut files = Vec::new();
        for _ in 0..2 {
            let world = World::new();
            let station = Station::numbered(1);
            station.register(&world.telemetry).await;
            let readings: Vec<(i64, f64)> = (0..2_000).map(|n| (n * 20, 10.0 + (n % 17) as f64 / 3.0)).collect();
            station.record(&world.telemetry, station.pm10, &readings).await;
            world.clock.advance(Duration::from_secs(60));
            let mut running = world.start().await;
            running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
            let dataset = running.datasets_until(|datasets| datasets.iter().any(released)).await.remove(0);
            files.push((dataset.dataset_id, dataset.current.unwrap().distributions));
        }
        assert_eq!(files[0], files[1]);
    });
}

#[test]
fn a_share_alike_licence_is_not_taken_back() {
    run(async {
        let mut running = World::new().start().await;
        let station = Station::numbered(1);
        running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
        let other = pb::DeclareSourceLicenceRequest { terms: zero(), ..licence_of(station.id) };
        let refused = refusal(running.staff.declare_source_licence(other).await);
        assert_eq!(refused, (tonic::Code::FailedPrecondition, "LICENCE_DIFFERS".into()));
    });
}

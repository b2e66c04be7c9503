//! Datasets are listed as people look for them.

use allmende_kernel::Duration;
use allmende_proto::opendata::v1 as pb;
use uuid::Uuid;

use crate::support::*;

fn title(dataset: &pb::Dataset) -> &str {
    &dataset.description.as_ref().unwrap().title.as_ref().unwrap().de
}

fn is_cleared(dataset: &pb::Dataset) -> bool {
    dataset.current.as_ref().is_some_and(|version| version.release() == pb::Release::Cleared)
}

/// What the datasets are asked for, once all is there that `seen` stands for.
fn asked(page_size: u32, seen: &str) -> pb::ListDatasetsRequest {
    pb::ListDatasetsRequest {
        tenant: TENANT.into(),
        page_size,
        consistency_token: seen.to_owned(),
        ..Default::default()
    }
}

/// All titles, in pages of a length.
async fn titles(running: &mut Running, page_size: u32, seen: &str) -> Vec<String> {
    let mut request = asked(page_size, seen);
    let mut titles = Vec::new();
    loop {
        let page = running.staff.list_datasets(request.clone()).await.unwrap().into_inner();
        assert!(page.datasets.len() <= page_size as usize);
        titles.extend(page.datasets.iter().map(|dataset| title(dataset).to_owned()));
        if page.next_page_token.is_empty() {
            return titles;
        }
        request.page_token = page.next_page_token;
    }
}

/// Registers a dataset; the token of what came of it.
async fn register(running: &mut Running, number: u128, title: &str) -> String {
    let id = Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 + number).to_string();
    let mut request = registration(&id);
    request.description.as_mut().unwrap().title = text(title, "");
    running.staff.register_dataset(request).await.unwrap().into_inner().consistency_token
}

#[test]
fn datasets_come_by_title_and_a_stations_months_in_their_order() {
    run(async {
        let world = World::new();
        let station = Station::numbered(1);
        station.register(&world.telemetry).await;
        for month in ["2020-04-01", "2019-12-01", "2020-03-01"] {
            station.record_on(&world.telemetry, station.pm10, month, &[(0, 11.5)]).await;
        }
        world.clock.advance(Duration::from_secs(60));
        let mut running = world.start().await;
        let mut seen = String::new();
        for (number, title) in
            ["Zoo", "Ämter", "„Bäume“", "apfelbäume", "Élysée", "Łódź", "Ämter", "Lokales"].into_iter().enumerate()
        {
            seen = register(&mut running, number as u128, title).await;
        }
        running.datasets_until(|datasets| datasets.len() == 11).await;
        let station = "Bürgersensor im Gitterfeld N3098500E4110250 (000011): Feinstaub PM10, Feinstaub PM2,5";
        let [december, march, april] = ["Dezember 2019", "März 2020", "April 2020"].map(|m| format!("{station}, {m}"));
        let expected =
            ["Ämter", "Ämter", "apfelbäume", "„Bäume“", &december, &march, &april, "Élysée", "Łódź", "Lokales", "Zoo"];
        for page_size in [1, 2, 3, 11, 50] {
            assert_eq!(titles(&mut running, page_size, &seen).await, expected, "pages of {page_size}");
        }
    });
}

/// What a dataset is called is said with its versions: it changes with the next one, or when somebody asks for one, and
/// not because it would be called otherwise today.
#[test]
fn a_dataset_keeps_its_title_until_a_version_is_asked_for() {
    run(async {
        let world = World::new();
        let station = Station::numbered(1);
        station.register(&world.telemetry).await;
        station.record_on(&world.telemetry, station.pm10, "2020-03-01", &[(0, 11.5)]).await;
        world.clock.advance(Duration::from_secs(60));
        let mut running = world.start().await;
        running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
        let first = running.datasets_until(|datasets| datasets.iter().any(is_cleared)).await.remove(0);
        let before = title(&first).to_owned();
        assert!(before.ends_with("Feinstaub PM10, Feinstaub PM2,5, März 2020"), "{before}");

        // It observes more from now on, and would be called otherwise.
        station.observe_no2(&running.world.telemetry).await;
        // Of another month behind it a version is issued: it was looked at by then.
        station.record_on(&running.world.telemetry, station.pm10, "2020-04-01", &[(0, 11.5)]).await;
        running.world.clock.advance(Duration::from_secs(60));
        let datasets =
            running.datasets_until(|datasets| datasets.iter().filter(|it| is_cleared(it)).count() == 2).await;
        assert_eq!(title(&datasets[0]), before);
        assert!(title(&datasets[1]).ends_with("Stickstoffdioxid, April 2020"), "{}", title(&datasets[1]));

        let request = pb::IssueVersionRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: first.dataset_id.clone(),
        };
        let answer = running.staff.issue_version(request).await.unwrap().into_inner();
        assert_eq!(answer.version.unwrap().number, 1, "nothing has changed in what it holds");
        let datasets = running.datasets(true, &answer.consistency_token).await;
        assert!(title(&datasets[0]).ends_with("Stickstoffdioxid, März 2020"), "{}", title(&datasets[0]));
        assert!(is_cleared(&datasets[0]) && datasets[0].versions == 1);
    });
}

#[test]
fn a_page_begins_behind_the_one_before_whatever_was_added_meanwhile() {
    run(async {
        let mut running = World::new().start().await;
        let mut seen = String::new();
        for (number, title) in ["B", "D", "F"].into_iter().enumerate() {
            seen = register(&mut running, number as u128, title).await;
        }
        let first = running.staff.list_datasets(asked(2, &seen)).await.unwrap().into_inner();
        for (number, title) in [(3, "A"), (4, "E")] {
            seen = register(&mut running, number, title).await;
        }
        let next = pb::ListDatasetsRequest { page_token: first.next_page_token, ..asked(2, &seen) };
        let second = running.staff.list_datasets(next).await.unwrap().into_inner();
        let titles: Vec<&str> = first.datasets.iter().chain(&second.datasets).map(title).collect();
        assert_eq!(titles, ["B", "D", "E", "F"]);
    });
}

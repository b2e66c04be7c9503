//! Published texts publish themselves as data, and what must not be had any more goes from it.

use allmende_proto::opendata::v1 as pb;
use axum::http::StatusCode;

use crate::support::*;

const SECRET: &str = "Die Hecke am Muehlbach muss bleiben";

async fn with_comments() -> Running {
    let world = World::new();
    world.open_procedure(LICENCE).await;
    world.comment(1, SECRET, LICENCE).await;
    world.comment(2, "Mehr Bänke", LICENCE).await;
    world.comment(3, "Von einer Postkarte", "").await;
    world.comment(4, "Noch nicht gelesen", LICENCE).await;
    for number in 1..=3 {
        world.publish(number).await;
    }
    let position = world.answer(2, "Zwei Bänke kommen.").await;
    let mut running = world.start().await;
    let token = token_of(&running.world.participation, position);
    assert_eq!(running.datasets(false, &token).await.len(), 2);
    running
}

async fn dataset(running: &mut Running, name: &str) -> pb::Dataset {
    let datasets = running.datasets(false, "").await;
    let holds = |dataset: &pb::Dataset| {
        let current = dataset.current.as_ref().unwrap();
        current.distributions.iter().any(|file| file.file.starts_with(name))
    };
    datasets.into_iter().find(holds).unwrap()
}

#[test]
fn contributions_and_synopsis_hold_what_is_public_and_was_granted() {
    run(async {
        let mut running = with_comments().await;
        for (name, expected) in [("contributions", "51.336,12.609"), ("synopsis", "Einleitung")] {
            let dataset = dataset(&mut running, name).await;
            let version = dataset.current.clone().unwrap();
            assert_eq!(version.release(), pb::Release::Cleared);
            assert_eq!(version.terms.unwrap().attribution, "Beiträge zum Beteiligungsverfahren „Handbuch“");
            let csv = running.download(&dataset.dataset_id, 0, &format!("{name}.csv")).await.unwrap();
            let csv = String::from_utf8(csv).unwrap();
            assert!(csv.contains(SECRET) && csv.contains("Zwei Bänke kommen.") && csv.contains(expected), "{csv}");
            assert!(!csv.contains("Postkarte") && !csv.contains("Noch nicht gelesen"), "{csv}");
            assert_eq!(csv.lines().count(), 3);
        }
    });
}

#[test]
fn what_was_erased_is_withdrawn_and_issued_anew_without_it() {
    run(async {
        let mut running = with_comments().await;
        let before = dataset(&mut running, "contributions").await;
        let number = before.current.as_ref().unwrap().number;
        let holds = |files: &[Vec<u8>]| {
            files.iter().filter(|file| file.windows(SECRET.len()).any(|part| part == SECRET.as_bytes())).count()
        };
        // CSV and JSON of both datasets; Parquet compresses.
        assert!(holds(&running.kept_files()) >= 4);

        let position = running.world.erase(1).await;
        let token = token_of(&running.world.participation, position);
        let after = running.datasets(false, &token).await;
        assert!(after.iter().all(|dataset| dataset.current.as_ref().unwrap().number > 1));
        let gone = refusal(running.download(&before.dataset_id, number, "contributions.csv").await);
        assert_eq!(gone, (tonic::Code::NotFound, "VERSION_WITHDRAWN".into()));
        let path = format!("/datasets/{}/versions/{number}/contributions.csv", before.dataset_id);
        let response = running.get(&path).await;
        assert_eq!(response.status(), StatusCode::GONE);
        let tombstone: serde_json::Value = serde_json::from_slice(&body(response).await.unwrap()).unwrap();
        assert_eq!((&tombstone["withdrawn"], tombstone["replaced_by"].is_string()), (&"erasure".into(), true));
        let version = format!("/datasets/{}/versions/{number}", before.dataset_id);
        assert_eq!(running.get(&version).await.status(), StatusCode::GONE);
        let replacing = tombstone["replaced_by"].as_str().unwrap().strip_prefix("http://localhost:7480").unwrap();
        assert_eq!(running.get(replacing).await.status(), StatusCode::SEE_OTHER);
        let csv = running.download(&before.dataset_id, 0, "contributions.csv").await.unwrap();
        let csv = String::from_utf8(csv).unwrap();
        assert!(!csv.contains(SECRET) && csv.contains("Mehr Bänke"));

        // Every version that held it, in every format: the files are gone from the disk.
        running.kept_files_until(|files| (holds(files), files.len()) == (0, 6)).await;
        let versions = running.visitor.list_versions(versions(&before.dataset_id)).await.unwrap().into_inner().versions;
        let tombstone = versions.last().unwrap().tombstone.as_ref().unwrap();
        assert_eq!(tombstone.reason(), pb::WithdrawalReason::Erasure);
        assert_eq!(tombstone.reissued_as, versions[0].number);
    });
}

#[test]
fn what_was_hidden_or_redacted_goes_from_the_versions_that_held_it() {
    run(async {
        let mut running = with_comments().await;
        running.world.hide(2).await;
        let position = running.world.redact(1, "Die Hecke [gekürzt] muss bleiben").await;
        let token = token_of(&running.world.participation, position);
        running.datasets(false, &token).await;
        let dataset = dataset(&mut running, "synopsis").await;
        let csv = running.download(&dataset.dataset_id, 0, "synopsis.csv").await.unwrap();
        let csv = String::from_utf8(csv).unwrap();
        assert!(csv.contains("[gekürzt]") && !csv.contains(SECRET) && !csv.contains("Mehr Bänke"), "{csv}");
        let gone = refusal(running.download(&dataset.dataset_id, 1, "synopsis.csv").await);
        assert_eq!(gone, (tonic::Code::NotFound, "VERSION_WITHDRAWN".into()));
    });
}

#[test]
fn without_an_open_licence_nothing_is_released() {
    run(async {
        let world = World::new();
        world.open_procedure("alle Rechte vorbehalten").await;
        world.comment(1, SECRET, "alle Rechte vorbehalten").await;
        world.publish(1).await;
        let mut running = world.start().await;
        let drafts = running.datasets_until(|datasets| datasets.len() == 2).await;
        for draft in drafts {
            let check = draft.current.unwrap().check.unwrap();
            assert_eq!(check.findings[0].requirement(), pb::Requirement::Licence);
            for path in [draft.url, format!("/datasets/{}/versions/1", draft.dataset_id)] {
                let path = path.trim_start_matches("http://localhost:7480");
                assert_eq!(running.get(path).await.status(), StatusCode::NOT_FOUND);
            }
        }
        assert!(running.datasets(false, "").await.is_empty());
    });
}

#[test]
fn a_token_that_is_ahead_of_the_source_is_refused() {
    run(async {
        let mut running = World::new().start().await;
        let ahead = token_of(&running.world.participation, allmende_kernel::Position::new(99, 0));
        let request = pb::ListDatasetsRequest { tenant: TENANT.into(), consistency_token: ahead, ..Default::default() };
        let refused = refusal(running.visitor.list_datasets(request).await);
        assert_eq!(refused, (tonic::Code::FailedPrecondition, "TOKEN_AHEAD".into()));
    });
}

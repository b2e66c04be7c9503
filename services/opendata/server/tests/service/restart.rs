//! Whoever is killed between any two steps goes on where the logs say it is.

use allmende_proto::opendata::v1 as pb;

use crate::support::*;

#[test]
fn a_restart_issues_nothing_twice_and_forgets_nothing() {
    run(async {
        let world = World::new();
        world.open_procedure(LICENCE).await;
        world.comment(1, "Erster Text", LICENCE).await;
        let position = world.publish(1).await;
        let mut running = world.start().await;
        let before = running.datasets_until(|datasets| datasets.len() == 2).await;
        let world = running.stop().await;
        let mut running = world.start().await;
        // Answered once everything up to there was looked at.
        let token = token_of(&running.world.participation, position);
        assert_eq!(running.datasets(true, &token).await, before);

        // What happened while it was down is made up for: an erasure, and a text that came after it.
        let world = running.stop().await;
        world.comment(2, "Zweiter Text", LICENCE).await;
        world.erase(1).await;
        let position = world.publish(2).await;
        let mut running = world.start().await;
        let token = token_of(&running.world.participation, position);
        for dataset in running.datasets(false, &token).await {
            let current = dataset.current.unwrap();
            assert_eq!((current.number, current.distributions[0].rows), (2, 1));
            let versions = running.visitor.list_versions(versions(&dataset.dataset_id)).await.unwrap().into_inner();
            assert!(versions.versions[1].tombstone.is_some());
        }
    });
}

#[test]
fn files_that_no_version_has_are_gone_after_a_restart() {
    run(async {
        let world = World::new();
        world.open_procedure(LICENCE).await;
        world.comment(1, "Text", LICENCE).await;
        world.publish(1).await;
        let mut running = world.start().await;
        running.datasets_until(|datasets| datasets.len() == 2).await;
        let world = running.stop().await;
        // As if it had been killed after a file was kept and before the log named it.
        let left = world.data.path().join("datasets/ab");
        std::fs::create_dir_all(&left).unwrap();
        std::fs::write(left.join(format!("ab{}.zst", "0".repeat(62))), zstd::encode_all(&b"left"[..], 1).unwrap())
            .unwrap();
        assert_eq!(kept_files(&world).len(), 7);
        let mut running = world.start().await;
        running.kept_files_until(|files| files.len() == 6).await;
        let dataset: pb::Dataset = running.datasets(false, "").await.remove(0);
        let file = dataset.current.unwrap().distributions.remove(0);
        running.download(&dataset.dataset_id, 0, &file.file).await.unwrap();
    });
}

/// The service ends at any moment, between any two of its steps, while texts come and go.
#[test]
fn however_often_it_is_interrupted_every_dataset_ends_as_if_it_never_was() {
    run(async {
        const SECRET: &str = "Was vergessen werden soll";
        let mut world = World::new();
        world.open_procedure(LICENCE).await;
        let mut position = allmende_kernel::Position::START;
        for round in 0..24u128 {
            world
                .comment(
                    round,
                    &if round % 3 == 0 { format!("{SECRET} {round}") } else { format!("Text {round}") },
                    LICENCE,
                )
                .await;
            position = world.publish(round).await;
            if round % 3 == 2 {
                position = world.erase(round - 2).await;
            }
            let running = world.start().await;
            // From before it has begun to after it has ended.
            tokio::time::sleep(std::time::Duration::from_millis((round as u64 * 37) % 320)).await;
            world = running.stop().await;
        }
        let mut running = world.start().await;
        let token = token_of(&running.world.participation, position);
        for dataset in running.datasets(false, &token).await {
            let current = dataset.current.unwrap();
            assert_eq!(current.distributions[0].rows, 16);
            let request = pb::ListVersionsRequest { page_size: 200, ..versions(&dataset.dataset_id) };
            let all = running.staff.list_versions(request).await.unwrap().into_inner().versions;
            assert_eq!(all[0].number as usize, all.len());
            // A version a position, and none of an older one after a newer.
            let positions: Vec<_> = all.iter().map(|version| version.source_position.clone().unwrap().group).collect();
            assert!(positions.windows(2).all(|pair| pair[0] > pair[1]), "{positions:?}");
            for version in all.iter().filter(|version| version.tombstone.is_none()) {
                let name = &version.distributions[0].file;
                let csv = running.download(&dataset.dataset_id, version.number, name).await.unwrap();
                assert!(!String::from_utf8(csv).unwrap().contains(SECRET));
            }
        }
        let holds = |files: &[Vec<u8>]| {
            files.iter().any(|file| file.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()))
        };
        running.kept_files_until(|files| !holds(files)).await;
    });
}

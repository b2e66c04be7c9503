//! Whoever is killed between any two steps goes on where the logs say it is.

use allmende_proto::opendata::v1 as pb;

use crate::support::*;

#[test]
fn a_restart_issues_nothing_twice_and_forgets_nothing() {
    run(async {
        let world = World::new();
        world.open_procedure(LICENCE).await;
        world.comment(1, "Erster Text", LICENCE).await;
        world.publish(1).await;
        let mut running = world.start().await;
        let before = running.datasets_until(|datasets| datasets.len() == 2).await;
        let world = running.stop().await;
        let mut running = world.start().await;
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        assert_eq!(running.datasets(true, "").await, before);

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
        for _ in 0..100 {
            if running.kept_files().len() == 6 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(running.kept_files().len(), 6);
        let dataset: pb::Dataset = running.datasets(false, "").await.remove(0);
        let file = dataset.current.unwrap().distributions.remove(0);
        running.download(&dataset.dataset_id, 0, &file.file).await.unwrap();
    });
}

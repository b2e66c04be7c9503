//! What is damaged, or has folded another history, is set aside and folded anew.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "a failed unwrap is a failed test; support is shared"
)]

mod support;

use std::path::Path;

use allmende_eventlog::EventLog;
use allmende_eventlog::contract::run;
use allmende_views::{Damage, OpenError, ViewStore};
use support::{Bench, Ledger, PATIENCE, Random, dump, expected, new_log, submit, write_randomly};

async fn fold_all(bench: &Bench) -> Option<Damage> {
    let mut store = bench.open();
    let view = store.run(Ledger).unwrap();
    view.catch_up(PATIENCE).await.unwrap();
    assert!(dump(&view.snapshot().unwrap()) == expected(&bench.log, u64::MAX));
    let damage = store.set_aside().map(|aside| aside.damage.clone());
    store.close().await;
    damage
}

fn aside(bench: &Bench) -> Vec<String> {
    let names = std::fs::read_dir(bench.root.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "views").collect();
    names.sort();
    names
}

#[test]
fn a_view_ahead_of_a_log_that_lost_its_tail_is_folded_anew() {
    run(async {
        let mut bench = Bench::new();
        for number in 0..10 {
            submit(&bench.log, "a", &[number], 0);
            bench.log.write();
        }
        assert_eq!(fold_all(&bench).await, None);
        // The same history, shorter by three.
        bench.log = new_log();
        for number in 0..7 {
            submit(&bench.log, "a", &[number], 0);
            bench.log.write();
        }
        let keyspace = "ledger@1".to_owned();
        assert_eq!(fold_all(&bench).await, Some(Damage::OffChain { keyspace, group: 10 }));
        assert_eq!(aside(&bench), ["views.damaged-1"]);
        // It goes on from there.
        submit(&bench.log, "a", &[77], 0);
        bench.log.write();
        assert_eq!(fold_all(&bench).await, None);
    });
}

#[test]
fn a_view_of_another_history_is_folded_anew() {
    run(async {
        let mut bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 30);
        assert_eq!(fold_all(&bench).await, None);
        bench.log = new_log();
        write_randomly(&bench.log, &mut Random(2), 60);
        assert!(matches!(fold_all(&bench).await, Some(Damage::OffChain { .. })));
    });
}

#[test]
fn a_database_that_does_not_open_is_set_aside_and_two_are_kept() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 30);
        assert_eq!(fold_all(&bench).await, None);
        for round in 1..=4u64 {
            std::fs::write(bench.dir().join("version"), b"not a database").unwrap();
            assert!(matches!(fold_all(&bench).await, Some(Damage::Database(_))), "round {round}");
            let kept: Vec<String> =
                (round.saturating_sub(1).max(1)..=round).map(|n| format!("views.damaged-{n}")).collect();
            assert_eq!(aside(&bench), kept);
        }
        assert_eq!(fold_all(&bench).await, None);
    });
}

#[test]
fn a_database_found_damaged_is_set_aside_at_the_next_start() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 30);
        assert_eq!(fold_all(&bench).await, None);
        std::fs::write(bench.dir().join("damaged"), b"").unwrap();
        assert_eq!(fold_all(&bench).await, Some(Damage::Marked));
        assert_eq!(fold_all(&bench).await, None);
    });
}

#[test]
fn a_store_that_is_open_elsewhere_is_left_alone() {
    run(async {
        let bench = Bench::new();
        let store = bench.open();
        let second = ViewStore::open(&bench.dir(), bench.log.clone(), bench.options);
        assert!(matches!(second.err(), Some(OpenError::Locked(dir)) if dir == bench.dir()));
        assert!(aside(&bench).is_empty());
        store.close().await;
    });
}

#[test]
fn a_view_is_kept_when_the_log_is_damaged_where_it_stands() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 30);
        assert_eq!(fold_all(&bench).await, None);
        let head = bench.log.head().borrow().group;
        bench.log.damage(Some(head..=head));
        let store = bench.open();
        assert_eq!(store.set_aside(), None);
        store.close().await;
    });
}

#[test]
fn a_directory_is_made_with_its_parents() {
    run(async {
        let bench = Bench::new();
        let dir: &Path = &bench.root.path().join("a/b/views");
        bench.open_in(dir).close().await;
        assert!(dir.is_dir());
    });
}

//! At every checkpoint a view is the fold of the log up to there.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "a failed unwrap is a failed test; support is shared"
)]

mod support;

use std::time::Duration;

use allmende_eventlog::contract::run;
use allmende_views::{Keys, Options, Order, State, Tables};
use support::{BY_SUM, Bench, Ledger, PATIENCE, Random, SUMS, assert_is_fold, dump, expected, write_randomly};

#[test]
fn a_view_is_the_fold_of_the_log_at_every_checkpoint() {
    run(async {
        for seed in 0..6 {
            let mut random = Random(seed);
            let mut bench = Bench::new();
            // Small enough that rows are flushed and compacted on the way.
            bench.options = Options {
                memtable_bytes: 16 << 10,
                batch_bytes: 1 + random.below(20_000) as usize,
                batch_time: Duration::from_millis(1 + random.below(20)),
                ..bench.options
            };
            for _ in 0..6 {
                let mut store = bench.open();
                assert_eq!(store.set_aside(), None);
                let view = store.run(Ledger).unwrap();
                for _ in 0..8 {
                    let commits = random.below(60);
                    write_randomly(&bench.log, &mut random, commits);
                    assert_is_fold(&view.snapshot().unwrap(), &bench.log);
                    if random.below(2) == 0 {
                        view.catch_up(PATIENCE).await.unwrap();
                        assert!(dump(&view.snapshot().unwrap()) == expected(&bench.log, u64::MAX), "seed {seed}");
                    }
                }
                // Closed in the middle of catching up.
                write_randomly(&bench.log, &mut random, 40);
                store.close().await;
                assert_is_fold(&view.snapshot().unwrap(), &bench.log);
            }
        }
    });
}

/// One batch of many groups, in which almost every commit reads what one before it wrote.
#[test]
fn a_batch_of_many_groups_sees_its_own_writes() {
    run(async {
        let mut bench = Bench::new();
        bench.options.batch_time = PATIENCE;
        write_randomly(&bench.log, &mut Random(1), 3_000);
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        view.catch_up(PATIENCE).await.unwrap();
        assert!(dump(&view.snapshot().unwrap()) == expected(&bench.log, u64::MAX));
        let stats = view.stats();
        assert_eq!((stats.commits(), stats.groups()), (3_000, view.applied().group));
        assert!(stats.batches() < stats.groups() / 4, "{stats:?}");
        store.close().await;
    });
}

#[test]
fn a_live_view_writes_each_group_at_once() {
    run(async {
        let bench = Bench::new();
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        for number in 1..=20 {
            support::submit(&bench.log, "a", &[number], 0);
            bench.log.write();
            view.catch_up(PATIENCE).await.unwrap();
            assert!(matches!(view.state(), State::Live));
        }
        assert_eq!((view.stats().groups(), view.stats().batches()), (20, 20));
        store.close().await;
    });
}

/// A snapshot stays what it was while the view goes on.
#[test]
fn a_snapshot_is_of_one_position() {
    run(async {
        let bench = Bench::new();
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        write_randomly(&bench.log, &mut Random(2), 50);
        view.catch_up(PATIENCE).await.unwrap();
        let before = view.snapshot().unwrap();
        let (position, content) = (before.checkpoint().position, dump(&before));
        write_randomly(&bench.log, &mut Random(3), 200);
        view.catch_up(PATIENCE).await.unwrap();
        assert_eq!(before.checkpoint().position, position);
        assert!(dump(&before) == content);
        assert!(view.snapshot().unwrap().checkpoint().position > position);
        store.close().await;
    });
}

/// Lists go both ways and on from any row.
#[test]
fn rows_are_read_in_order_and_in_pages() {
    run(async {
        let bench = Bench::new();
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        write_randomly(&bench.log, &mut Random(4), 200);
        view.catch_up(PATIENCE).await.unwrap();
        let snapshot = view.snapshot().unwrap();
        let keys = |keys: &Keys, order, table| -> Vec<Vec<u8>> {
            snapshot.scan(table, keys, order).map(|row| row.unwrap().key().to_vec()).collect()
        };
        for table in [SUMS, BY_SUM] {
            let all = keys(&Keys::all(), Order::Ascending, table);
            assert!(all.is_sorted() && all.len() == 12);
            let mut down = keys(&Keys::all(), Order::Descending, table);
            down.reverse();
            assert_eq!(down, all);
            for (index, key) in all.iter().enumerate() {
                assert_eq!(keys(&Keys::all().after(key), Order::Ascending, table), all[index + 1..]);
                assert_eq!(keys(&Keys::all().from(key), Order::Ascending, table), all[index..]);
                assert_eq!(keys(&Keys::all().before(key), Order::Ascending, table), all[..index]);
                let longer: Vec<_> = all.iter().filter(|other| other.starts_with(key)).cloned().collect();
                assert_eq!(keys(&Keys::prefix(key), Order::Ascending, table), longer);
            }
        }
        assert!(snapshot.get(SUMS, b"koeln/counter/nobody").unwrap().is_none());
        store.close().await;
    });
}

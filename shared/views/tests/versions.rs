//! A view of another version is folded anew; the others stay.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "a failed unwrap is a failed test; support is shared"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allmende_eventlog::contract::run;
use allmende_eventlog::{CommitView, Filter};
use allmende_views::{Keys, OpenError, Order, Table, Tables, View, ViewError, WriteSet};
use support::{Bench, Ledger, PATIENCE, Random, dump, expected, submit, write_randomly};

const COMMITS: Table = Table::new(1);

/// Counts commits in the table `VERSION`, and how often it was asked to.
struct Counting<const VERSION: u32>(Arc<AtomicU64>);

impl<const VERSION: u32> View for Counting<VERSION> {
    const NAME: &'static str = "counting";
    const VERSION: u32 = VERSION;

    fn filter(&self) -> Filter {
        Filter { category: Some("counter".to_owned()), ..Filter::default() }
    }

    fn apply(&self, tables: &mut WriteSet<'_>, _commit: CommitView<'_>) -> Result<(), ViewError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let key = VERSION.to_be_bytes();
        let count = match tables.get(COMMITS, &key)? {
            Some(row) => u64::from_be_bytes(row[..].try_into().map_err(|_| ViewError::Row(COMMITS))?),
            None => 0,
        };
        tables.put(COMMITS, &key, (count + 1).to_be_bytes());
        Ok(())
    }
}

/// Runs the view beside a ledger; returns its rows and how many commits it folded.
async fn counted<const VERSION: u32>(bench: &Bench) -> (Vec<(Vec<u8>, Vec<u8>)>, u64) {
    let folded = Arc::new(AtomicU64::new(0));
    let mut store = bench.open();
    assert_eq!(store.set_aside(), None);
    let ledger = store.run(Ledger).unwrap();
    let view = store.run(Counting::<VERSION>(folded.clone())).unwrap();
    ledger.catch_up(PATIENCE).await.unwrap();
    view.catch_up(PATIENCE).await.unwrap();
    assert!(dump(&ledger.snapshot().unwrap()) == expected(&bench.log, u64::MAX));
    let snapshot = view.snapshot().unwrap();
    let rows = snapshot.scan(COMMITS, &Keys::all(), Order::Ascending).map(|row| row.unwrap());
    let rows = rows.map(|row| (row.key().to_vec(), row.value.to_vec())).collect();
    store.close().await;
    (rows, folded.load(Ordering::SeqCst))
}

fn row(version: u32, count: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
    vec![(version.to_be_bytes().to_vec(), count.to_be_bytes().to_vec())]
}

#[test]
fn a_raised_version_folds_this_view_anew_and_no_other() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 40);
        assert_eq!(counted::<1>(&bench).await, (row(1, 40), 40));
        // The same version goes on where it was.
        submit(&bench.log, "a", &[1], 0);
        bench.log.write();
        assert_eq!(counted::<1>(&bench).await, (row(1, 41), 1));
        assert_eq!(counted::<2>(&bench).await, (row(2, 41), 41));
        // Also back, as the old rows are gone.
        assert_eq!(counted::<1>(&bench).await, (row(1, 41), 41));
    });
}

#[test]
fn a_view_runs_once() {
    run(async {
        let bench = Bench::new();
        let mut store = bench.open();
        let _first = store.run(Ledger).unwrap();
        assert!(matches!(store.run(Ledger).err(), Some(OpenError::Running("ledger"))));
        store.close().await;
    });
}

/// A filter passes commits over, not positions.
#[test]
fn a_view_moves_on_past_what_it_does_not_want() {
    struct Nothing;
    impl View for Nothing {
        const NAME: &'static str = "nothing";
        const VERSION: u32 = 1;
        fn filter(&self) -> Filter {
            Filter { tenant: Some("bonn".to_owned()), ..Filter::default() }
        }
        fn apply(&self, _tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
            panic!("{} is not of this tenant", commit.position());
        }
    }
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 40);
        let mut store = bench.open();
        let view = store.run(Nothing).unwrap();
        view.catch_up(PATIENCE).await.unwrap();
        assert_eq!(view.lag().groups, 0);
        store.close().await;
    });
}

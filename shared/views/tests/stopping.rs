//! A view never skips: what it cannot read or fold stops it right before, visibly, and nothing else.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "a failed unwrap is a failed test; support is shared"
)]

mod support;

use std::error::Error;

use allmende_eventlog::contract::run;
use allmende_eventlog::{CommitView, EventLog, ReadError};
use allmende_views::{State, StopCause, View, ViewError, ViewHandle, WaitError, WriteSet};
use support::{Bench, Ledger, PATIENCE, Random, assert_is_fold, fold, submit, write_randomly};

/// A ledger that cannot fold the number 666, and panics at 999.
struct Fragile;

impl View for Fragile {
    const NAME: &'static str = "fragile";
    const VERSION: u32 = 1;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        // Whatever it wrote before must not be kept.
        fold(tables, commit)?;
        for event in commit.events() {
            match u64::from_be_bytes(event.payload()[..8].try_into().unwrap()) {
                666 => return Err(ViewError::unreadable(event)),
                999 => panic!("a mistake in the view"),
                _ => {}
            }
        }
        Ok(())
    }
}

async fn stopped(view: &ViewHandle) -> StopCause {
    let mut progress = view.progress();
    let stopped = progress.wait_for(|progress| matches!(progress.state, State::Stopped(_)));
    match &tokio::time::timeout(PATIENCE, stopped).await.unwrap().unwrap().state {
        State::Stopped(cause) => cause.clone(),
        state => panic!("{state:?}"),
    }
}

#[test]
fn a_commit_that_cannot_be_folded_stops_the_view_right_before() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 60);
        let good = bench.log.head().borrow().group;
        submit(&bench.log, "a", &[1], 0);
        submit(&bench.log, "a", &[2, 666], 0);
        submit(&bench.log, "a", &[3], 0);
        bench.log.write();
        write_randomly(&bench.log, &mut Random(2), 60);
        let mut store = bench.open();
        let (fragile, ledger) = (store.run(Fragile).unwrap(), store.run(Ledger).unwrap());
        let cause = stopped(&fragile).await;
        let StopCause::Commit { position, error: ViewError::Event { event_type } } = &cause else {
            panic!("{cause:?}")
        };
        assert_eq!((position.group, position.index, event_type.as_str()), (good + 1, 1, "views.v1.Counted"));
        assert_eq!(cause.source().unwrap().to_string(), "cannot read a stored event of type views.v1.Counted");
        assert_eq!(fragile.applied().group, good);
        assert_is_fold(&fragile.snapshot().unwrap(), &bench.log);
        // The others go on.
        ledger.catch_up(PATIENCE).await.unwrap();
        store.close().await;
        assert!(matches!(fragile.state(), State::Stopped(StopCause::Commit { .. })));
    });
}

#[test]
fn a_panic_in_a_view_stops_that_view() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 20);
        let mut store = bench.open();
        let (fragile, ledger) = (store.run(Fragile).unwrap(), store.run(Ledger).unwrap());
        fragile.catch_up(PATIENCE).await.unwrap();
        let before = fragile.applied();
        submit(&bench.log, "a", &[999], 0);
        bench.log.write();
        assert!(matches!(stopped(&fragile).await, StopCause::Panicked { after } if after == before));
        assert_is_fold(&fragile.snapshot().unwrap(), &bench.log);
        ledger.catch_up(PATIENCE).await.unwrap();
        assert!(matches!(fragile.catch_up(PATIENCE).await, Err(WaitError::Stopped { .. })));
        store.close().await;
    });
}

#[test]
fn a_damaged_range_stops_the_view_and_is_not_skipped() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 100);
        bench.log.damage(Some(20..=22));
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        let cause = stopped(&view).await;
        let StopCause::Log { after, error: ReadError::Damaged { first, last, .. } } = cause else {
            panic!("{cause:?}")
        };
        assert_eq!((after.group, first, last), (19, 20, 22));
        assert_eq!(view.applied().group, 19);
        bench.log.damage(None);
        assert_is_fold(&view.snapshot().unwrap(), &bench.log);
        drop(view);
        store.close().await;
        // Once it is repaired, a restart goes on.
        let mut store = bench.open();
        assert_eq!(store.set_aside(), None);
        let view = store.run(Ledger).unwrap();
        view.catch_up(PATIENCE).await.unwrap();
        assert_is_fold(&view.snapshot().unwrap(), &bench.log);
        store.close().await;
    });
}

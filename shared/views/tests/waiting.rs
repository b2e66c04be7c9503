//! Consistency tokens, lag, and stopping in order.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "a failed unwrap is a failed test; support is shared"
)]

mod support;

use std::time::{Duration, Instant};

use allmende_eventlog::EventLog;
use allmende_eventlog::contract::run;
use allmende_kernel::Position;
use allmende_views::{State, StopCause, StorageError, Tables, WaitError};
use support::{Bench, Ledger, PATIENCE, Random, SUMS, submit, write_randomly};

#[test]
fn a_read_with_a_token_sees_the_commit() {
    run(async {
        let bench = Bench::new();
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        for number in 1..=50u64 {
            submit(&bench.log, "a", &[1], 0);
            let admitted = bench.log.settle();
            bench.log.write();
            let token = admitted.wait().await.unwrap().position;
            view.wait_for(token, PATIENCE).await.unwrap();
            let sum = view
                .read(|tables| -> Result<_, StorageError> { Ok(tables.get(SUMS, b"koeln/counter/a")?.unwrap()) })
                .await
                .unwrap();
            assert_eq!(sum[..8], number.to_be_bytes());
        }
        store.close().await;
    });
}

#[test]
fn a_position_that_does_not_come_ends_the_wait_in_time() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 10);
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        view.catch_up(PATIENCE).await.unwrap();
        let (started, beyond) = (Instant::now(), Position::new(bench.log.head().borrow().group + 1, 0));
        let waited = view.wait_for(beyond, Duration::from_millis(50)).await;
        assert!(started.elapsed() < Duration::from_secs(5));
        let Err(WaitError::Deadline { wanted, applied }) = waited else { panic!("{waited:?}") };
        assert_eq!((wanted, applied), (beyond, view.applied()));
        // What was reached long ago needs no time at all.
        view.wait_for(Position::START, Duration::ZERO).await.unwrap();
        view.wait_for(applied, Duration::ZERO).await.unwrap();
        store.close().await;
    });
}

#[test]
fn a_stopped_view_answers_and_says_that_it_stopped() {
    run(async {
        let bench = Bench::new();
        write_randomly(&bench.log, &mut Random(1), 10);
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        view.catch_up(PATIENCE).await.unwrap();
        let reached = view.applied();
        store.close().await;
        assert!(matches!(view.state(), State::Stopped(StopCause::Closed)));
        view.wait_for(reached, Duration::ZERO).await.unwrap();
        let waited = view.wait_for(Position::new(reached.group + 1, 0), PATIENCE).await;
        assert!(matches!(waited, Err(WaitError::Stopped { applied, cause: StopCause::Closed }) if applied == reached));
        assert!(view.snapshot().unwrap().get(SUMS, b"koeln/counter/0").is_ok());
    });
}

#[test]
fn a_dropped_store_stops_its_views() {
    run(async {
        let bench = Bench::new();
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        drop(store);
        let mut progress = view.progress();
        let stopped = progress.wait_for(|progress| matches!(progress.state, State::Stopped(StopCause::Closed)));
        tokio::time::timeout(PATIENCE, stopped).await.unwrap().unwrap();
    });
}

#[test]
fn a_closed_store_opens_again_at_once() {
    run(async {
        let bench = Bench::new();
        for round in 0..10 {
            write_randomly(&bench.log, &mut Random(round), 20);
            let mut store = bench.open();
            store.run(Ledger).unwrap();
            store.close().await;
        }
    });
}

#[test]
fn lag_is_told_in_groups_and_time() {
    run(async {
        let bench = Bench::new();
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        assert_eq!(view.lag().groups, 0);
        submit(&bench.log, "a", &[1], 0);
        bench.log.write();
        view.catch_up(PATIENCE).await.unwrap();
        store.close().await;
        for _ in 0..3 {
            bench.clock.advance(allmende_kernel::Duration::from_secs(20));
            submit(&bench.log, "a", &[1], 0);
            bench.log.write();
        }
        assert_eq!((view.lag().groups, view.lag().time), (3, allmende_kernel::Duration::from_secs(60)));
    });
}

#[test]
fn a_view_writes_at_its_pace_and_at_once_for_whoever_waits() {
    run(async {
        let mut bench = Bench::new();
        bench.options.pace = Duration::from_secs(3_600);
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        for number in 1..=20 {
            submit(&bench.log, "a", &[number], 0);
            bench.log.write();
            if number % 5 == 0 {
                view.catch_up(PATIENCE).await.unwrap();
            }
        }
        // Each wait brings all that was written since the one before; the first group met no pace.
        let batches = view.stats().batches();
        assert!((4..=5).contains(&batches), "{batches} batches");
        store.close().await;
    });
}

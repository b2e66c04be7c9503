//! Many writers at once, and an audit afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use allmende_kernel::{Clock, Position, Revision};

use super::Harness;
use super::fixture::{Any, Bench, Exact, Random, audit, commit, groups, requested, stream, submit_and_wait, write};
use crate::append::{AppendError, NewCommit};
use crate::port::EventLog;

/// Expecting the revision they saw, writers shut each other out: every revision has one author and none is lost.
pub async fn of_racing_writers_one_wins_each_revision<H: Harness>(harness: H) {
    const WRITERS: u64 = 12;
    const WINS: u64 = 15;
    let bench = Bench::open(harness).await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let log = Arc::clone(&bench.log);
            tokio::spawn(async move {
                let mut won = 0;
                while won < WINS {
                    let seen = log.admitted_revision(&stream("a")).unwrap();
                    let next = commit(log.now(), vec![write("a", Exact(seen), &[writer])]);
                    match submit_and_wait(log.as_ref(), next).await {
                        Ok(_) => won += 1,
                        Err(AppendError::WrongRevision { actual, .. }) => assert!(actual > seen),
                        Err(error) => panic!("{error}"),
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let authors = &audit(bench.log.as_ref())[&stream("a")];
    assert_eq!(authors.len() as u64, WRITERS * WINS);
    for writer in 0..WRITERS {
        assert_eq!(authors.iter().filter(|author| **author == writer).count() as u64, WINS);
    }
}

/// Random commits on random streams, many sent twice, some expecting what does not hold, from 16 tasks; then every
/// acknowledged event is found once, at the position that was told, in every way of reading, also after reopening.
pub async fn nothing_is_lost_and_nothing_is_stored_twice<H: Harness>(harness: H) {
    const WRITERS: u64 = 16;
    let bench = Bench::open(harness).await;
    let minted_at = bench.clock.now();
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let log = Arc::clone(&bench.log);
            tokio::spawn(write_randomly(log, writer, minted_at))
        })
        .collect();
    let mut acknowledged = BTreeMap::new();
    for task in tasks {
        for (number, position) in task.await.unwrap() {
            assert_eq!(acknowledged.insert(number, position), None);
        }
    }
    let bench = bench.reopen().await;
    let mut stored = BTreeMap::new();
    for commit in groups(bench.log.as_ref()).iter().flat_map(|group| group.commits()) {
        let numbers: BTreeSet<u64> = commit.events().map(|event| super::fixture::number(event.payload())).collect();
        // All events of a commit carry its number.
        assert_eq!(numbers.len(), 1);
        assert_eq!(stored.insert(numbers.into_iter().next().unwrap(), commit.position()), None, "stored twice");
    }
    assert_eq!(stored, acknowledged);
    audit(bench.log.as_ref());
}

/// Returns what was acknowledged: number and position.
async fn write_randomly(
    log: Arc<dyn EventLog>,
    writer: u64,
    minted_at: allmende_kernel::Timestamp,
) -> Vec<(u64, Position)> {
    const COMMITS: u64 = 60;
    let mut random = Random(1_000 + writer);
    let mut acknowledged = Vec::new();
    for round in 0..COMMITS {
        let number = writer * COMMITS + round;
        let one = random.below(20);
        let mut writes = vec![write(&one.to_string(), Any, &vec![number; 1 + random.below(3) as usize])];
        if random.below(2) == 0 {
            writes.push(write(&(one + 1).to_string(), Any, &[number]));
        }
        if random.below(5) == 0 {
            // No stream becomes that long here, so nothing of this commit may be found later.
            writes.push(write("22", Exact(Revision(1 << 40)), &[number]));
        }
        let new = NewCommit { origin: requested(minted_at, number), ..commit(log.now(), writes) };
        let repeats = random.below(3);
        let again: Vec<_> = (0..repeats)
            .map(|_| {
                let (log, new) = (Arc::clone(&log), new.clone());
                tokio::spawn(async move { submit_and_wait(log.as_ref(), new).await })
            })
            .collect();
        let first = submit_and_wait(log.as_ref(), new).await;
        for again in again {
            match (&first, again.await.unwrap()) {
                (Ok(first), Ok(again)) => assert_eq!(first.position, again.position),
                (Err(AppendError::WrongRevision { .. }), Err(AppendError::WrongRevision { .. })) => {}
                (first, again) => panic!("{first:?}, then {again:?}"),
            }
        }
        match first {
            Ok(appended) => acknowledged.push((number, appended.position)),
            Err(AppendError::WrongRevision { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        if random.below(10) == 0 {
            tokio::task::yield_now().await;
        }
    }
    acknowledged
}

//! L1 and L2: what is acknowledged is there for everyone, and nothing else is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use allmende_kernel::Revision;

use super::Harness;
use super::fixture::{Any, Bench, Exact, audit, commit, groups, numbers, stream, submit_and_wait, write};
use crate::port::EventLog;
use crate::reading::Direction;

/// Once an append is acknowledged, the head has reached it and every way of reading finds it.
pub async fn an_acknowledged_commit_is_visible<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut head = bench.log.head();
    for number in 0..50 {
        let position = bench.append(vec![write("a", Any, &[number])]).await.unwrap().position;
        assert!(head.borrow_and_update().group >= position.group);
        assert!(bench.log.read_group(position.group).unwrap().commit(position.index).is_some());
        let last = bench.log.read_stream(&stream("a"), Revision(u64::MAX), Direction::Backward, 1).unwrap();
        assert_eq!((last[0].position(), last[0].revision()), (position, Revision(number + 1)));
        let found = bench.log.groups_of_category("koeln/counter", position.group - 1, 1).unwrap();
        assert_eq!(found, [position.group]);
    }
}

/// How often a reader has to see the log move, so that it surely reads while others write.
const MOVES: u32 = 100;

/// Eight writers, each waiting for every commit, until `done`.
fn write_until(done: &Arc<AtomicBool>, log: &Arc<dyn EventLog>) -> Vec<tokio::task::JoinHandle<()>> {
    let writer = |(log, done): (Arc<dyn EventLog>, Arc<AtomicBool>)| async move {
        let mut number = 0;
        while !done.load(Ordering::SeqCst) {
            let both = vec![write("left", Any, &[number]), write("right", Any, &[number])];
            submit_and_wait(log.as_ref(), commit(log.now(), both)).await.unwrap();
            number += 1;
            tokio::task::yield_now().await;
        }
    };
    (0..8).map(|_| tokio::spawn(writer((Arc::clone(log), Arc::clone(done))))).collect()
}

/// While many write, no read is ahead of the durable head.
pub async fn nothing_is_visible_beyond_the_head<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let done = Arc::new(AtomicBool::new(false));
    let writers = write_until(&done, &bench.log);
    let (log, head) = (Arc::clone(&bench.log), bench.log.head());
    let reader = tokio::task::spawn_blocking(move || {
        let (mut moves, mut last) = (0, 0);
        while moves < MOVES {
            let after = head.borrow().group.saturating_sub(1);
            if let Some(last) = log.read_groups(after, usize::MAX).unwrap().last() {
                assert!(head.borrow().group >= last.header().number);
            }
            let newest = log.read_stream(&stream("left"), Revision(u64::MAX), Direction::Backward, 1).unwrap();
            if let Some(event) = newest.first() {
                assert!(head.borrow().group >= event.position().group);
            }
            let now = head.borrow().group;
            moves += u32::from(now != last);
            last = now;
        }
    });
    let read = reader.await;
    done.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    read.unwrap();
}

/// A reader that sees a commit in one of its streams sees it in the other.
pub async fn a_commit_is_visible_as_a_whole<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let done = Arc::new(AtomicBool::new(false));
    let writers = write_until(&done, &bench.log);
    let log = Arc::clone(&bench.log);
    let reader = tokio::task::spawn_blocking(move || {
        let length = |id: &str| {
            let newest = log.read_stream(&stream(id), Revision(u64::MAX), Direction::Backward, 1).unwrap();
            newest.first().map_or(0, |event| event.revision().0)
        };
        let (mut moves, mut last) = (0, 0);
        while moves < MOVES {
            let (before, other, after) = (length("left"), length("right"), length("left"));
            assert!(before <= other && other <= after, "{before} {other} {after}");
            moves += u32::from(after != last);
            last = after;
        }
    });
    let read = reader.await;
    done.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    read.unwrap();
    let streams = audit(bench.log.as_ref());
    assert_eq!(streams[&stream("left")], streams[&stream("right")]);
}

/// An answer that stores nothing can wait for what it rests on.
pub async fn settling_waits_for_what_was_admitted<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.log.settle().wait().await.unwrap();
    for number in 0..50 {
        let submitted = bench.log.submit(bench.commit(vec![write("a", Any, &[number])])).unwrap();
        let settled = bench.log.settle().wait().await.unwrap();
        assert_eq!(numbers(bench.log.as_ref(), &stream("a")).len() as u64, number + 1);
        let position = submitted.wait().await.unwrap().position;
        assert!(settled.position.group >= position.group && bench.head() >= position.group);
    }
}

/// A client that hangs up changes nothing about what it asked for.
pub async fn a_dropped_wait_takes_nothing_back<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in 0..50 {
        drop(bench.log.submit(bench.commit(vec![write("a", Exact(Revision(number)), &[number])])).unwrap());
    }
    bench.log.settle().wait().await.unwrap();
    let bench = bench.reopen().await;
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), (0..50).collect::<Vec<_>>());
}

/// A reopened log has the same head, or a new term behind it, and takes the next commit after it.
pub async fn a_log_continues_where_it_was_closed<H: Harness>(harness: H) {
    let mut bench = Bench::open(harness).await;
    for number in 0..10 {
        let before = bench.append(vec![write("a", Exact(Revision(number)), &[number])]).await.unwrap().position;
        let head = *bench.log.head().borrow();
        bench = bench.reopen().await;
        let reopened = *bench.log.head().borrow();
        let term = bench.leads_terms().then(|| bench.log.read_group(head.group + 1).unwrap());
        match &term {
            Some(term) => assert_eq!((term.header().previous_hash, reopened.group), (head.hash, head.group + 1)),
            None => assert_eq!(reopened, head),
        }
        assert_eq!(head.group, before.group);
        assert_eq!(bench.log.admitted_revision(&stream("a")).unwrap(), Revision(number + 1));
    }
    assert_eq!(groups(bench.log.as_ref()).iter().filter(|group| group.commits().len() > 0).count(), 10);
}

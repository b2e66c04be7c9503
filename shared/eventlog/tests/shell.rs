//! What the shell promises to the commands it runs.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "support/counters.rs"]
mod counters;

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::contract::{HeldLog, ManualClock, run};
use allmende_eventlog::{
    Aggregate, AppendError, CommandError, Direction, Done, EventLog, Fault, NewCommit, NewEvent, Origin, Partition,
    Rehearsal, Request, StreamAppend,
};
use allmende_kernel::{Clock, ExpectedRevision, PartitionName, RequestId, Revision, StreamName, Timestamp};
use bytes::Bytes;
use counters::{Added, Count, Counter, Phase, Rejection, SetOpen, Total, counter, phase};

struct Bench {
    clock: Arc<ManualClock>,
    log: Arc<HeldLog>,
    partition: Arc<Partition>,
}

/// A partition whose log is written by hand.
fn held() -> Bench {
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
    let log = Arc::new(HeldLog::new(PartitionName::parse("shell-0").unwrap(), clock.clone(), 100));
    Bench { clock, partition: Arc::new(Partition::new(log.clone())), log }
}

/// A partition whose log is written every millisecond.
fn written() -> Bench {
    let bench = held();
    bench.log.write_every(Duration::from_millis(1));
    bench
}

fn unlinked() -> Request {
    Request { origin: Origin::Unlinked, actor: None, trace: None }
}

impl Bench {
    fn requested(&self, number: u8, digest: u8) -> Request {
        let mut bytes = [number; 16];
        bytes[..6].copy_from_slice(&(self.clock.now().as_micros() / 1_000).to_be_bytes()[2..]);
        bytes[6] = 0x70;
        bytes[8] = 0x80;
        let id = RequestId::from_bytes(bytes).unwrap();
        Request { origin: Origin::Request { id, digest: [digest; 16] }, ..unlinked() }
    }

    async fn count(&self, id: &str, command: Count) -> Result<Done, CommandError<Rejection>> {
        count(&self.partition, &unlinked(), &counter(id), command).await
    }

    async fn set_open(&self, open: bool) -> Result<Done, CommandError<Rejection>> {
        let decide = |transaction: &mut allmende_eventlog::Transaction<'_>, _| {
            transaction.decide::<Phase>(&phase(), &(), &SetOpen(open))?;
            Ok(Bytes::new())
        };
        self.partition.execute(&unlinked(), decide).await
    }

    fn total(&self, id: &str) -> u64 {
        let events = self.log.read_stream(&counter(id), Revision(1), Direction::Forward, usize::MAX).unwrap();
        events.iter().map(|event| Counter::decode(event.view().event_type(), event.view().payload()).unwrap().0).sum()
    }

    /// Another writer, past the shell.
    fn add_behind_the_shell(&self, id: &str, by: u64) {
        let event = Counter::encode(&Added(by));
        self.log.submit(foreign(self.log.now(), counter(id), event)).unwrap();
    }
}

fn foreign(admitted_at: Timestamp, stream: StreamName, event: NewEvent) -> NewCommit {
    NewCommit {
        origin: Origin::Unlinked,
        admitted_at,
        actor: None,
        trace: None,
        reads: vec![],
        writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events: vec![event] }],
        outcome: Bytes::new(),
    }
}

/// Counts if the phase is open; the outcome is the total.
async fn count(
    partition: &Partition,
    request: &Request,
    stream: &StreamName,
    command: Count,
) -> Result<Done, CommandError<Rejection>> {
    partition
        .execute(request, |transaction, _| {
            let open = *transaction.state::<Phase>(&phase())?;
            transaction.decide::<Counter>(stream, &open, &command)?;
            let Total(total) = *transaction.state::<Counter>(stream)?;
            Ok(Bytes::copy_from_slice(&total.to_be_bytes()))
        })
        .await
}

fn add(by: u64) -> Count {
    Count::Add { by, limit: u64::MAX }
}

fn total_of(done: &Done) -> u64 {
    u64::from_be_bytes(done.outcome.as_ref().try_into().unwrap())
}

#[test]
fn concurrent_commands_are_decided_one_after_the_other() {
    run(async {
        const LIMIT: u64 = 150;
        let bench = written();
        let tasks: Vec<_> = (0..400)
            .map(|number| {
                let partition = Arc::clone(&bench.partition);
                let stream = counter(if number % 2 == 0 { "even" } else { "odd" });
                tokio::spawn(async move {
                    count(&partition, &unlinked(), &stream, Count::Add { by: 1, limit: LIMIT }).await
                })
            })
            .collect();
        let mut totals = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(done) => totals.push(total_of(&done)),
                Err(error) => assert!(matches!(error, CommandError::Rejected(Rejection::Full)), "{error:?}"),
            }
        }
        totals.sort_unstable();
        let each_twice: Vec<u64> = (1..=LIMIT).flat_map(|total| [total, total]).collect();
        assert_eq!(totals, each_twice);
        assert_eq!((bench.total("even"), bench.total("odd")), (LIMIT, LIMIT));
    });
}

#[test]
fn a_rule_across_streams_holds_against_concurrent_commands() {
    run(async {
        for _ in 0..20 {
            let bench = written();
            let adding: Vec<_> = (0..30)
                .map(|_| {
                    let partition = Arc::clone(&bench.partition);
                    tokio::spawn(async move { count(&partition, &unlinked(), &counter("a"), add(1)).await })
                })
                .collect();
            let closed = bench.set_open(false).await.unwrap().position;
            let mut accepted = 0;
            for task in adding {
                match task.await.unwrap() {
                    Ok(done) => {
                        assert!(done.position < closed, "{} was accepted after {closed}", done.position);
                        accepted += 1;
                    }
                    Err(error) => assert!(matches!(error, CommandError::Rejected(Rejection::Closed)), "{error:?}"),
                }
            }
            assert_eq!(bench.total("a"), accepted);
        }
    });
}

#[test]
fn no_answer_leaves_before_what_it_rests_on_is_durable() {
    run(async {
        let bench = held();
        let partition = Arc::clone(&bench.partition);
        let ask = |command| {
            let partition = Arc::clone(&partition);
            tokio::spawn(async move { count(&partition, &unlinked(), &counter("a"), command).await })
        };
        let accepted = ask(add(5));
        while bench.log.admitted_revision(&counter("a")).unwrap() == Revision::NONE {
            tokio::task::yield_now().await;
        }
        // Both rest on the addition that is not durable yet.
        let already_so = ask(Count::Reach(5));
        let refused = ask(Count::Add { by: 1, limit: 5 });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!accepted.is_finished() && !already_so.is_finished() && !refused.is_finished());
        assert_eq!(bench.log.write(), 1);
        let position = accepted.await.unwrap().unwrap().position;
        assert_eq!(already_so.await.unwrap().unwrap().position.group, position.group);
        assert!(matches!(refused.await.unwrap(), Err(CommandError::Rejected(Rejection::Full))));
    });
}

/// What the addition would come to.
async fn rehearse(
    bench: &Bench,
    request: &Request,
    by: u64,
    limit: u64,
) -> Result<Rehearsal<u64>, CommandError<Rejection>> {
    let decide = |transaction: &mut allmende_eventlog::Transaction<'_>, _| {
        let open = *transaction.state::<Phase>(&phase())?;
        transaction.decide::<Counter>(&counter("a"), &open, &Count::Add { by, limit })?;
        Ok(transaction.state::<Counter>(&counter("a"))?.0)
    };
    bench.partition.rehearse(request, decide).await
}

#[test]
fn a_rehearsal_stores_nothing_and_tells_what_would_be() {
    run(async {
        let bench = written();
        let first = bench.requested(1, 1);
        assert!(matches!(rehearse(&bench, &first, 3, 9).await, Ok(Rehearsal::Taken(3))));
        let done = count(&bench.partition, &first, &counter("a"), add(3)).await.unwrap();
        bench.add_behind_the_shell("a", 4);
        assert!(matches!(rehearse(&bench, &unlinked(), 2, 9).await, Ok(Rehearsal::Taken(9))));
        let refused = rehearse(&bench, &unlinked(), 3, 9).await;
        assert!(matches!(refused, Err(CommandError::Rejected(Rejection::Full))), "{refused:?}");
        match rehearse(&bench, &first, 3, 9).await {
            Ok(Rehearsal::Done(again)) => assert_eq!((again.position, total_of(&again)), (done.position, 3)),
            other => panic!("{other:?}"),
        }
        let differs = rehearse(&bench, &bench.requested(1, 2), 3, 9).await;
        assert!(matches!(differs, Err(CommandError::Append(_))), "{differs:?}");
        assert_eq!(bench.log.admitted_revision(&counter("a")).unwrap(), Revision(2));
        assert_eq!(total_of(&bench.count("a", add(1)).await.unwrap()), 8);
    });
}

#[test]
fn a_refusal_changes_nothing() {
    run(async {
        let bench = written();
        bench.count("a", add(3)).await.unwrap();
        let head = *bench.log.head().borrow();
        // Accepted on the first counter, refused on the second.
        let request = bench.requested(1, 1);
        let both = bench.partition.execute(&request, |transaction, _| {
            transaction.decide::<Counter>(&counter("a"), &true, &add(10))?;
            assert_eq!(*transaction.state::<Counter>(&counter("a"))?, Total(13));
            transaction.decide::<Counter>(&counter("b"), &true, &Count::Add { by: 10, limit: 5 })?;
            Ok(Bytes::new())
        });
        assert!(matches!(both.await, Err(CommandError::Rejected(Rejection::Full))));
        assert_eq!(*bench.log.head().borrow(), head);
        let after = bench.count("a", add(1)).await.unwrap();
        assert_eq!(total_of(&after), 4);
        // A refused request id may be used for a better try.
        let again = count(&bench.partition, &bench.requested(1, 2), &counter("b"), add(1)).await.unwrap();
        assert_eq!(total_of(&again), 1);
    });
}

#[test]
fn a_command_over_several_streams_is_one_commit() {
    run(async {
        let bench = written();
        let done = bench
            .partition
            .execute::<Rejection, _>(&unlinked(), |transaction, _| {
                for id in ["a", "b", "a"] {
                    transaction.decide::<Counter>(&counter(id), &true, &add(1))?;
                }
                Ok(Bytes::new())
            })
            .await
            .unwrap();
        let group = bench.log.read_group(done.position.group).unwrap();
        let writes: Vec<_> =
            group.commit(done.position.index).unwrap().writes().map(|w| (w.stream().to_owned(), w.len())).collect();
        assert_eq!(writes, [("koeln/counter/a".to_owned(), 2), ("koeln/counter/b".to_owned(), 1)]);
    });
}

#[test]
fn a_repeated_request_gets_the_first_outcome_after_the_state_has_changed() {
    run(async {
        let bench = written();
        let request = bench.requested(1, 1);
        let first = count(&bench.partition, &request, &counter("a"), Count::Add { by: 5, limit: 5 }).await.unwrap();
        bench.count("a", add(2)).await.unwrap();
        bench.set_open(false).await.unwrap();
        // Decided anew it would be refused twice over.
        let again = count(&bench.partition, &request, &counter("a"), Count::Add { by: 5, limit: 5 }).await.unwrap();
        assert_eq!((again.position, total_of(&again)), (first.position, 5));
        let reused = count(&bench.partition, &bench.requested(1, 2), &counter("a"), add(1)).await;
        assert!(matches!(reused, Err(CommandError::Append(AppendError::RequestReused(_)))));
        assert_eq!(bench.total("a"), 7);
    });
}

#[test]
fn concurrent_repetitions_are_decided_once() {
    run(async {
        let bench = written();
        let tasks: Vec<_> = (0..30)
            .map(|_| {
                let (partition, request) = (Arc::clone(&bench.partition), bench.requested(1, 1));
                tokio::spawn(async move { count(&partition, &request, &counter("a"), add(1)).await.unwrap() })
            })
            .collect();
        for task in tasks {
            assert_eq!(total_of(&task.await.unwrap()), 1);
        }
        assert_eq!(bench.total("a"), 1);
    });
}

#[test]
fn another_writer_is_noticed_when_a_command_is_accepted() {
    run(async {
        let bench = written();
        bench.count("a", add(1)).await.unwrap();
        bench.add_behind_the_shell("a", 10);
        let done = bench.count("a", add(1)).await.unwrap();
        assert_eq!(total_of(&done), 12);
        // Also in a stream that is read only.
        bench.log.submit(foreign(bench.log.now(), phase(), Phase::encode(&SetOpen(false)))).unwrap();
        let refused = bench.count("a", add(1)).await;
        assert!(matches!(refused, Err(CommandError::Rejected(Rejection::Closed))), "{refused:?}");
        assert_eq!(bench.total("a"), 12);
    });
}

#[test]
fn another_writer_is_noticed_when_nothing_is_stored() {
    run(async {
        let bench = written();
        bench.set_open(false).await.unwrap();
        assert!(matches!(bench.count("a", add(1)).await, Err(CommandError::Rejected(Rejection::Closed))));
        bench.log.submit(foreign(bench.log.now(), phase(), Phase::encode(&SetOpen(true)))).unwrap();
        // A refusal from the state before would no longer be true.
        bench.count("a", add(1)).await.unwrap();

        bench.set_open(true).await.unwrap();
        bench.log.submit(foreign(bench.log.now(), phase(), Phase::encode(&SetOpen(false)))).unwrap();
        // Nor would "already so".
        let head = bench.log.head().borrow().group;
        let opened = bench.set_open(true).await.unwrap();
        assert!(opened.position.group > head);
        bench.count("a", add(1)).await.unwrap();
    });
}

#[test]
fn states_that_were_evicted_are_folded_again() {
    run(async {
        let bench = written();
        // Each state weighs more than half of what is kept, and what is evicted may not be durable yet.
        let tasks: Vec<_> = (0..240)
            .map(|number| {
                let partition = Arc::clone(&bench.partition);
                let stream = counter(&(number % 4).to_string());
                tokio::spawn(async move {
                    partition.warm::<Counter>(&stream).await.unwrap();
                    count(&partition, &unlinked(), &stream, add(1)).await
                })
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => done += 1,
                // Decided on an evicted state four times in a row: the caller may try again.
                Err(error) => {
                    assert!(matches!(error, CommandError::Append(AppendError::WrongRevision { .. })), "{error:?}")
                }
            }
        }
        assert!(done > 0);
        assert_eq!((0..4).map(|id| bench.total(&id.to_string())).sum::<u64>(), done);
        for id in ["0", "1", "2", "3"] {
            let total = bench.total(id);
            assert_eq!(total_of(&bench.count(id, add(1)).await.unwrap()), total + 1);
        }
    });
}

/// A state that is evicted before its commit is durable is not folded from what is durable alone.
#[test]
fn what_was_evicted_before_it_was_durable_still_counts() {
    run(async {
        let bench = held();
        let ask = |id: &'static str, command| {
            let partition = Arc::clone(&bench.partition);
            tokio::spawn(async move { count(&partition, &unlinked(), &counter(id), command).await })
        };
        let admitted = |id: &str| bench.log.admitted_revision(&counter(id)).unwrap();
        let first = ask("a", add(5));
        while admitted("a") == Revision::NONE {
            tokio::task::yield_now().await;
        }
        // Evicts the state of "a".
        let other = ask("b", add(1));
        while admitted("b") == Revision::NONE {
            tokio::task::yield_now().await;
        }
        let refused = ask("a", Count::Add { by: 1, limit: 5 });
        tokio::time::sleep(Duration::from_millis(50)).await;
        bench.log.write_every(Duration::from_millis(1));
        first.await.unwrap().unwrap();
        other.await.unwrap().unwrap();
        let refused = refused.await.unwrap();
        assert!(matches!(refused, Err(CommandError::Rejected(Rejection::Full))), "{refused:?}");
        assert_eq!(bench.total("a"), 5);
    });
}

#[test]
fn a_failed_disk_is_told_and_stops_commands() {
    run(async {
        let bench = held();
        let partition = Arc::clone(&bench.partition);
        let waiting = tokio::spawn(async move { count(&partition, &unlinked(), &counter("a"), add(1)).await });
        while bench.log.admitted_revision(&counter("a")).unwrap() == Revision::NONE {
            tokio::task::yield_now().await;
        }
        bench.log.fail(std::io::ErrorKind::StorageFull);
        for failed in [waiting.await.unwrap(), bench.count("a", add(1)).await] {
            assert!(matches!(failed, Err(CommandError::Append(AppendError::Stopped(_)))), "{failed:?}");
        }
    });
}

#[test]
fn what_cannot_be_folded_is_a_fault_and_changes_nothing() {
    run(async {
        let bench = written();
        let unknown = NewEvent { event_type: "shell.v9.Unheard", payload: Bytes::new() };
        bench.log.submit(foreign(bench.log.now(), counter("a"), unknown)).unwrap().wait().await.unwrap();
        let fault = bench.count("a", add(1)).await;
        assert!(matches!(fault, Err(CommandError::Fault(Fault::Unknown(_)))), "{fault:?}");

        bench.count("b", add(1)).await.unwrap();
        let request = unlinked();
        let misfiled = bench.partition.execute::<Rejection, _>(&request, |transaction, _| {
            transaction.state::<Phase>(&counter("b"))?;
            transaction.state::<Counter>(&counter("b"))?;
            Ok(Bytes::new())
        });
        assert!(matches!(misfiled.await, Err(CommandError::Fault(Fault::Misfiled(_) | Fault::Unknown(_)))));
        assert_eq!(total_of(&bench.count("b", add(1)).await.unwrap()), 2);
    });
}

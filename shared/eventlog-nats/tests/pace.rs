//! How fast a member is where the stream costs nothing: for whoever changes it, not for `make test`.
//!
//! `cargo test -p allmende-eventlog-nats --test pace -- --ignored --nocapture` prints a line of JSON each.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failed unwrap is a failed test, and it prints numbers")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use allmende_eventlog::{
    Admission, EventLog, MemoryReplica, NewCommit, NewEvent, Origin, Reading, Sealer, StreamAppend, TermId, Window,
    barrier,
};
use allmende_eventlog_nats::model::ModelStream;
use allmende_eventlog_nats::{NatsLog, Options, Role};
use allmende_eventlog_sled::{Options as SledOptions, SledReplica};
use allmende_kernel::{Clock, ExpectedRevision, PartitionName, StreamName, Timestamp};
use bytes::Bytes;

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(now.as_micros() as i64)
    }
}

fn partition() -> PartitionName {
    PartitionName::parse("pace-0").unwrap()
}

/// An event of 200 bytes that hardly compresses.
fn commit(number: u64, at: Timestamp) -> NewCommit {
    let mut random = number;
    let payload: Vec<u8> = (0..200)
        .map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) as u8
        })
        .collect();
    let events = vec![NewEvent { event_type: "allmende.pace.v1.Counted", payload: payload.into() }];
    let stream = StreamName::parse(&format!("koeln/counter/{}", number % 10_000)).unwrap();
    NewCommit {
        origin: Origin::Unlinked,
        admitted_at: at,
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
        outcome: Bytes::new(),
    }
}

/// A stream of groups with 256 events each.
fn filled(groups: u64) -> ModelStream {
    let (stream, window) = (ModelStream::new(8 << 20), Window::default());
    let replica = MemoryReplica::new(partition());
    let genesis = *replica.head().borrow();
    let (bytes, head) = barrier(&genesis, TermId([1; 16]), SystemClock.now(), window);
    let mut admission = Admission::of_leader(head, window, 256, 8 << 20);
    let mut sealer = Sealer::new(head, window);
    stream.change(|stored| assert!(stored.publish(0, bytes.into()).is_some()));
    for group in 0..groups {
        for number in 0..256 {
            // Each event in a stream of its own, as this lookup knows nothing.
            let mut commit = commit(group * 256 + number, SystemClock.now());
            commit.writes[0].stream = StreamName::parse(&format!("koeln/counter/{group}-{number}")).unwrap();
            drop(admission.submit(commit, &replica).unwrap());
        }
        let open = admission.take().unwrap();
        let mut bytes = Vec::new();
        sealer.seal(&open, &mut bytes);
        admission.written();
        stream.change(|stored| assert!(stored.publish(stored.last(), bytes.into()).is_some()));
    }
    stream
}

fn start(stream: &ModelStream, folder: &std::path::Path) -> Arc<NatsLog> {
    let replica = Arc::new(SledReplica::open(folder, partition(), SledOptions::default()).unwrap());
    let stream = Arc::new(stream.clone());
    Arc::new(NatsLog::start(replica, stream, None, Arc::new(SystemClock), Options::of("pace")).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn a_new_replica_catches_up() {
    const GROUPS: u64 = 2_000;
    let (stream, place) = (filled(GROUPS), tempfile::tempdir().unwrap());
    let begun = Instant::now();
    let log = start(&stream, place.path());
    log.head().wait_for(|head| head.group == GROUPS + 1).await.unwrap();
    let rate = (GROUPS * 256) as f64 / begun.elapsed().as_secs_f64();
    println!(r#"{{"what":"catch-up from the stream","events_per_second":{rate:.0}}}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn a_leader_takes_commits() {
    for writers in [1u64, 64] {
        let (stream, place) = (ModelStream::new(8 << 20), tempfile::tempdir().unwrap());
        let log = start(&stream, place.path());
        log.want_to_lead(true);
        log.role().wait_for(|role| matches!(role, Role::Leader { .. })).await.unwrap();
        let begun = Instant::now();
        let tasks: Vec<_> = (0..writers)
            .map(|writer| {
                let log = Arc::clone(&log);
                tokio::spawn(async move {
                    let mut commits = 0u64;
                    while begun.elapsed() < Duration::from_secs(5) {
                        let commit = commit(writer + commits * 64, log.now());
                        log.submit(commit).unwrap().wait().await.unwrap();
                        commits += 1;
                    }
                    commits
                })
            })
            .collect();
        let mut commits = 0;
        for task in tasks {
            commits += task.await.unwrap();
        }
        let seconds = begun.elapsed().as_secs_f64();
        let (rate, groups) = (commits as f64 / seconds, log.head().borrow().group as f64 / seconds);
        println!(
            r#"{{"what":"a leader","writers":{writers},"commits_per_second":{rate:.0},"groups_per_second":{groups:.0}}}"#
        );
    }
}

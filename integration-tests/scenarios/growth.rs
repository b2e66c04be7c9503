//! L8: memory does not grow with the length of the log, nor with the request ids inside the window: every event here
//! comes with one. What opening and looking up ids take is printed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failed unwrap is a failed test")]

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{Direction, EventLog, NewCommit, NewEvent, Origin, StreamAppend, Submitted};
use allmende_eventlog_sled::{Options, SledLog};
use allmende_integration_tests::client::{NOW, request_id};
use allmende_integration_tests::{number, seed};
use allmende_kernel::{ExpectedRevision, PartitionName, Revision, StreamName};
use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The one that the product runs on: another keeps more of what one thread allocates and another frees.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STREAMS: u64 = 100_000;
/// What may be in use at the end above what is at half the length. By then the index's cache and the entries that wait
/// for it have reached their bounds (a million entries, two an event here).
const BOUND: u64 = 64 << 20;
/// The same for a log that has only been opened: nothing of it waits for the index.
const BOUND_OPENED: u64 = 32 << 20;

fn open(folder: &Path) -> SledLog {
    let partition = PartitionName::parse("test-0").unwrap();
    let options = Options { group_commits: 256, ..Options::default() };
    SledLog::open(folder, partition, Arc::new(ManualClock::at(NOW)), options).unwrap()
}

/// Bytes of this process in memory, by the kernel's account.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Those with even numbers are sent.
fn request(number: u64) -> Origin {
    Origin::Request { id: request_id(number), digest: [7; 16] }
}

fn commit(random: &mut StdRng, number: u64) -> NewCommit {
    // Half noise, half text that recurs: about what a message with ids and words is like.
    let mut payload = vec![b'a'; 200];
    random.fill(&mut payload[..100]);
    let stream = StreamName::parse(&format!("koeln/measured/{:08}", random.random_range(0..STREAMS))).unwrap();
    NewCommit {
        origin: request(2 * number),
        admitted_at: NOW,
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend {
            stream,
            expected: ExpectedRevision::Any,
            events: vec![NewEvent { event_type: "allmende.test.v1.Measured", payload: payload.into() }],
        }],
        outcome: Bytes::new(),
    }
}

/// Appends the events `from` to `to`, a thousand in flight.
fn append(log: &SledLog, random: &mut StdRng, from: u64, to: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let settle = |submitted: Submitted| assert!(!runtime.block_on(submitted.wait()).unwrap().repeated);
    let mut waiting: VecDeque<Submitted> = VecDeque::new();
    for number in from..to {
        if waiting.len() >= 1_024 {
            waiting.drain(..512).for_each(&settle);
        }
        waiting.push_back(log.submit(commit(random, number)).unwrap());
    }
    waiting.into_iter().for_each(settle);
}

/// What readers leave in memory counts too: the whole log once, and some thousand cold streams.
fn read(log: &SledLog, random: &mut StdRng) {
    let (mut after, head) = (0, log.head().borrow().group);
    while after < head {
        after = log.read_groups(after, 1 << 20).unwrap().last().unwrap().header().number;
    }
    for _ in 0..3_000 {
        let stream = StreamName::parse(&format!("koeln/measured/{:08}", random.random_range(0..STREAMS))).unwrap();
        log.read_stream(&stream, Revision(1), Direction::Forward, 1_000).unwrap();
    }
}

/// What looking up an id takes that lies among those remembered and is not one of them, and one that is.
fn recall(log: &SledLog, random: &mut StdRng, events: u64) -> [Duration; 2] {
    const TIMES: u32 = 20_000;
    [false, true].map(|known| {
        let begun = Instant::now();
        for _ in 0..TIMES {
            let origin = request(2 * random.random_range(0..events) + u64::from(!known));
            assert_eq!(log.recall(&origin, NOW).unwrap().is_some(), known);
        }
        begun.elapsed() / TIMES
    })
}

fn reopen(folder: &Path, log: SledLog) -> (SledLog, Duration) {
    drop(log);
    let begun = Instant::now();
    let log = open(folder);
    (log, begun.elapsed())
}

#[test]
fn memory_does_not_grow_with_the_log() {
    let mut random = StdRng::seed_from_u64(seed());
    let events = number("ALLMENDE_GROWTH_EVENTS", 1_000_000);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("log");
    let mut log = open(&folder);
    let mut written = 0;
    let (mut used_at, mut opened_at) = (Vec::new(), Vec::new());
    for percent in [10, 25, 50, 75, 100] {
        let begun = Instant::now();
        append(&log, &mut random, written, events * percent / 100);
        let rate = (events * percent / 100 - written) as f64 / begun.elapsed().as_secs_f64();
        written = events * percent / 100;
        let appended = resident();
        read(&log, &mut random);
        let read = resident();
        let opening;
        (log, opening) = reopen(&folder, log);
        let opened = resident();
        let [unknown, known] = recall(&log, &mut random, written);
        println!(
            "{written} events: {} MB after appending, {} MB after reading, {} MB and {opening:?} after opening, \
             {rate:.0} events/s, {unknown:?} for an unknown id, {known:?} for a known one",
            appended >> 20,
            read >> 20,
            opened >> 20,
        );
        used_at.push(appended.max(read));
        opened_at.push(opened.max(resident()));
    }
    for (at, bound, when) in [(used_at, BOUND, "in use"), (opened_at, BOUND_OPENED, "opened")] {
        let (half, end) = (at[2], at[4]);
        assert!(end <= half + bound, "{when}: {} MB at the end, {} MB at half the length", end >> 20, half >> 20);
    }
}

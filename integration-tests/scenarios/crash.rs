//! L1 to L4 under `kill -9`: a process that appends from several threads is killed at random moments, started again on
//! the same folder, and never loses, doubles or moves what it has acknowledged.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failed unwrap is a failed test")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use allmende_eventlog::EventLog;
use allmende_eventlog::contract::ManualClock;
use allmende_eventlog_sled::{Options, SledLog, verify};
use allmende_integration_tests::client::{Client, NOW, commit};
use allmende_integration_tests::{number, seed};
use allmende_kernel::{PartitionName, Position};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Where the child finds the log. Without it, it is no child.
const FOLDER: &str = "ALLMENDE_CRASH_FOLDER";
/// The child's requests are numbered from here.
const FROM: &str = "ALLMENDE_CRASH_FROM";
/// Numbers that a child may use.
const NUMBERS: u64 = 1_000_000;
const THREADS: u64 = 4;

fn open(folder: &Path) -> SledLog {
    let options = Options { segment_bytes: 256 << 10, index_cache_bytes: 4 << 20, ..Options::default() };
    let partition = PartitionName::parse("test-0").unwrap();
    SledLog::open(folder, partition, Arc::new(ManualClock::at(NOW)), options).unwrap()
}

/// Revision of the first event of the commit at `position`.
fn revision_at(log: &SledLog, position: Position) -> u64 {
    let group = log.read_group(position.group).unwrap();
    group.commit(position.index).unwrap().writes().next().unwrap().first_revision().0
}

/// Appends until it is killed, and tells each acknowledgement: `ack`, number, group, index, revision. First it asks again
/// for some that it, or the child before it, has asked for.
#[test]
fn the_child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (seed, from) = (seed(), number(FROM, 0));
    let log = open(Path::new(&folder));
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (log, next) = (&log, &next);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let mut random = StdRng::seed_from_u64(seed ^ from ^ thread);
                loop {
                    let many = random.random_range(1..20);
                    let first = next.fetch_add(many, Ordering::Relaxed);
                    let mut numbers: Vec<u64> = (first..first + many).map(|number| from + number).collect();
                    if from > 0 && random.random_ratio(1, 4) {
                        numbers.push(random.random_range(0..500) + from - NUMBERS);
                    }
                    let asked = |number| (number, log.submit(commit(seed, number)).unwrap());
                    let asked: Vec<_> = numbers.into_iter().map(asked).collect();
                    let mut told = String::new();
                    for (number, submitted) in asked {
                        let position = runtime.block_on(submitted.wait()).unwrap().position;
                        let revision = revision_at(log, position);
                        told.push_str(&format!("ack {number} {} {} {revision}\n", position.group, position.index));
                    }
                    let mut out = std::io::stdout().lock();
                    out.write_all(told.as_bytes()).unwrap();
                    out.flush().unwrap();
                    thread::sleep(Duration::from_millis(random.random_range(0..8)));
                }
            });
        }
    });
}

/// Ends the child also when the test fails.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Since when a child's life is counted.
#[derive(Clone, Copy, PartialEq)]
enum Since {
    Start,
    /// Its first acknowledgement, however long it takes to get there.
    Acknowledged,
}

/// Lets a child append for a while, kills it, and returns the lines that it wrote.
fn run_and_kill(folder: &Path, from: u64, (since, life): (Since, Duration)) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let mut child = Killed(child);
    let (tell, told) = std::sync::mpsc::channel();
    let killer = thread::spawn(move || {
        if since == Since::Acknowledged {
            // An error is a child that has ended by itself.
            let _ = told.recv();
        }
        thread::sleep(life);
        child.0.kill().unwrap();
    });
    // The pipe ends when the child does. A line that was cut is no acknowledgement.
    let mut lines = Vec::new();
    let mut out = BufReader::new(out);
    let mut line = String::new();
    while out.read_line(&mut line).unwrap() > 0 {
        if let Some(ack) = line.strip_suffix('\n') {
            lines.extend(ack.strip_prefix("ack ").map(ToOwned::to_owned));
        }
        if !lines.is_empty() {
            // The killer may be at work already.
            let _ = tell.send(());
        }
        line.clear();
    }
    drop(tell);
    killer.join().unwrap();
    lines
}

#[test]
fn a_killed_log_keeps_what_it_acknowledged() {
    let seed = seed();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("log");
    let mut random = StdRng::seed_from_u64(seed);
    let mut client = Client::new(seed);
    let mut revisions: HashMap<u64, u64> = HashMap::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for round in 0..number("ALLMENDE_ROUNDS", 24) {
        // Most are killed while they write, some while they open, some after the index has moved.
        let (since, life) = match round % 6 {
            0 => (Since::Start, random.random_range(5..60)),
            5 => (Since::Acknowledged, random.random_range(2_000..2_600)),
            _ => (Since::Acknowledged, random.random_range(20..660)),
        };
        for line in run_and_kill(&folder, round * NUMBERS, (since, Duration::from_millis(life))) {
            let words: Vec<u64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
            let [number, group, index, revision] = words[..] else { panic!("{line:?}") };
            client.acknowledge(number, Position::new(group, index as u32)).unwrap();
            let before = revisions.insert(number, revision);
            assert!(before.is_none_or(|before| before == revision), "round {round}: {line}");
        }
        client.sent = (round + 1) * NUMBERS;
        // Every other time the next child meets the killed log as it is.
        if round % 2 == 1 {
            let begun = Instant::now();
            let log = open(&folder);
            let opened = begun.elapsed();
            client.audit(&log).unwrap_or_else(|broken| panic!("round {round}: {broken}"));
            assert!(log.damage().is_empty(), "round {round}: {:?}", log.damage());
            let again = (round * NUMBERS..round * NUMBERS + 500).collect();
            for (number, position) in runtime.block_on(client.ask(&log, again)).unwrap() {
                client.acknowledge(number, position).unwrap();
            }
            println!("round {round}: {} acknowledged, opened in {opened:?}", client.acknowledgements());
        }
    }
    let log = open(&folder);
    client.audit(&log).unwrap();
    for (number, position) in client.positions() {
        if let Some(revision) = revisions.get(&number) {
            assert_eq!(revision_at(&log, position), *revision, "request {number}");
        }
    }
    drop(log);
    assert!(verify(&folder, |_| {}).unwrap().is_intact());
    assert!(client.acknowledgements() > 1_000);
}

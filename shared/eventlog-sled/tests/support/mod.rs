//! A log with a known history, and the audit of what is left of it.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

pub mod audit;
pub mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{AppendError, Appended, EventLog, NewCommit, NewEvent, Origin, StreamAppend, Submitted};
use allmende_eventlog_sled::{OpenError, Options, SledLog};
use allmende_kernel::{Clock, ExpectedRevision, PartitionName, Position, RequestId, Revision, StreamName, Timestamp};
use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::TempDir;

pub const TYPES: [&str; 3] = ["allmende.test.v1.Opened", "allmende.test.v1.Counted", "allmende.test.v1.Closed"];

/// The seed of this run: another one with `ALLMENDE_SEED`.
#[allow(clippy::print_stdout, reason = "a test names its seed")]
pub fn seed() -> u64 {
    let seed = std::env::var("ALLMENDE_SEED").ok().map_or(20_260_101, |seed| seed.parse().unwrap());
    println!("ALLMENDE_SEED={seed}");
    seed
}

/// A commit that was acknowledged.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    pub position: Position,
    pub commit: NewCommit,
    /// Revision of the first event of each write.
    pub first_revisions: Vec<u64>,
}

/// What was written, in order of position, and how long each stream is.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub commits: Vec<Acknowledged>,
    pub streams: BTreeMap<StreamName, u64>,
}

impl History {
    pub fn head(&self) -> u64 {
        self.commits.last().map_or(0, |commit| commit.position.group)
    }
}

/// A folder for a log, and its clock.
pub struct Lab {
    pub place: TempDir,
    pub clock: Arc<ManualClock>,
    pub options: Options,
    random: StdRng,
    requests: u64,
    runtime: tokio::runtime::Runtime,
}

impl Lab {
    pub fn new(seed: u64) -> Self {
        Self {
            place: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600))),
            options: Options { segment_bytes: 16 << 10, index_cache_bytes: 4 << 20, ..Options::default() },
            random: StdRng::seed_from_u64(seed),
            requests: 0,
            runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
        }
    }

    pub fn folder(&self) -> PathBuf {
        self.place.path().join("log")
    }

    pub fn try_open(&self, folder: &Path) -> Result<SledLog, OpenError> {
        SledLog::open(folder, partition(), self.clock.clone(), self.options.clone())
    }

    pub fn open(&self, folder: &Path) -> SledLog {
        self.try_open(folder).unwrap()
    }

    pub fn append(&self, log: &SledLog, commit: NewCommit) -> Result<Appended, AppendError> {
        self.wait(log.submit(commit)?)
    }

    pub fn wait(&self, submitted: Submitted) -> Result<Appended, AppendError> {
        self.runtime.block_on(submitted.wait())
    }

    /// A request's commit with one to three writes to some of twelve streams, small mostly.
    pub fn commit(&mut self) -> NewCommit {
        self.requests += 1;
        let mut ids: Vec<u64> = (0..12).collect();
        let writes = (0..self.random.random_range(1..=3))
            .map(|_| {
                let id = ids.swap_remove(self.random.random_range(0..ids.len()));
                let events = (0..self.random.random_range(1..=3)).map(|_| self.event()).collect();
                StreamAppend { stream: stream(id), expected: ExpectedRevision::Any, events }
            })
            .collect();
        NewCommit {
            origin: Origin::Request {
                id: request_id(self.clock.now(), self.requests),
                digest: [self.requests as u8; 16],
            },
            admitted_at: self.clock.now(),
            actor: None,
            trace: None,
            reads: Vec::new(),
            writes,
            outcome: Bytes::from(format!("outcome {}", self.requests)),
        }
    }

    fn event(&mut self) -> NewEvent {
        let len = if self.random.random_ratio(1, 30) { 5_000 } else { self.random.random_range(0..300) };
        // Half of it does not compress.
        let payload = (0..len).map(|at| if at % 2 == 0 { self.random.random() } else { b'a' }).collect::<Vec<u8>>();
        NewEvent { event_type: TYPES[self.random.random_range(0..TYPES.len())], payload: payload.into() }
    }

    /// Appends `groups` groups of one commit each.
    pub fn grow(&mut self, log: &SledLog, history: &mut History, groups: u64) {
        for _ in 0..groups {
            let commit = self.commit();
            let position = self.append(log, commit.clone()).unwrap().position;
            note(history, commit, position);
        }
    }

    /// A log with at least `groups` groups, closed. The last segment holds some of them.
    pub fn build(seed: u64, groups: u64) -> (Self, History) {
        let mut lab = Self::new(seed);
        let log = lab.open(&lab.folder());
        let mut history = History::default();
        lab.grow(&log, &mut history, groups);
        while files::segments(&lab.folder()).last().unwrap().frames.len() < 8 {
            lab.grow(&log, &mut history, 1);
        }
        log.close().unwrap();
        (lab, history)
    }
}

/// Adds an acknowledged commit to the history.
pub fn note(history: &mut History, commit: NewCommit, position: Position) {
    let first_revisions = commit
        .writes
        .iter()
        .map(|write| {
            let length = history.streams.entry(write.stream.clone()).or_default();
            *length += write.events.len() as u64;
            *length - write.events.len() as u64 + 1
        })
        .collect();
    history.commits.push(Acknowledged { position, commit, first_revisions });
}

pub fn partition() -> PartitionName {
    PartitionName::parse("test-0").unwrap()
}

pub fn stream(id: u64) -> StreamName {
    StreamName::parse(&format!("koeln/{}/{id}", if id.is_multiple_of(3) { "station" } else { "counter" })).unwrap()
}

/// The request id that a client's clock makes at `at`, as its `number`-th (RFC 9562, section 5.7).
pub fn request_id(at: Timestamp, number: u64) -> RequestId {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&(at.as_micros() / 1_000).to_be_bytes()[2..]);
    bytes[6] = 0x70;
    bytes[8..].copy_from_slice(&(number | 1 << 63).to_be_bytes());
    RequestId::from_bytes(bytes).unwrap()
}

/// One event for `stream`, which must be at `expected`.
pub fn one_event(at: Timestamp, stream: StreamName, expected: u64) -> NewCommit {
    let events = vec![NewEvent { event_type: TYPES[1], payload: Bytes::from_static(b"appended later") }];
    NewCommit {
        origin: Origin::Unlinked,
        admitted_at: at,
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend { stream, expected: ExpectedRevision::Exact(Revision(expected)), events }],
        outcome: Bytes::new(),
    }
}

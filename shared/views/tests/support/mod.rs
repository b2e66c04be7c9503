//! A log, a directory and a view over them, and the same view as a plain fold of the log.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::contract::{HeldLog, ManualClock};
use allmende_eventlog::{CommitView, EventLog, NewCommit, NewEvent, Origin, StreamAppend};
use allmende_kernel::{ExpectedRevision, PartitionName, StreamName, Timestamp};
use allmende_views::{Keys, Options, Order, Snapshot, Table, Tables, View, ViewError, ViewStore, WriteSet};
use bytes::Bytes;

pub const PATIENCE: Duration = Duration::from_secs(30);

/// Sum and length of every stream; the streams of every sum; the last ten commits.
pub struct Ledger;

pub const SUMS: Table = Table::new(1);
pub const BY_SUM: Table = Table::new(2);
pub const LATEST: Table = Table::new(200);

impl View for Ledger {
    const NAME: &'static str = "ledger";
    const VERSION: u32 = 1;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        fold(tables, commit)
    }
}

/// Reads its own writes, by key and by scan, writes, overwrites and deletes.
pub fn fold(tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
    for event in commit.events() {
        let number = u64::from_be_bytes(event.payload()[..8].try_into().map_err(|_| ViewError::unreadable(event))?);
        let stream = event.stream().as_bytes();
        let before = match tables.get(SUMS, stream)? {
            Some(row) => u64::from_be_bytes(row[..8].try_into().map_err(|_| ViewError::Row(SUMS))?),
            None => 0,
        };
        let sum = before + number;
        tables.delete(BY_SUM, &[&before.to_be_bytes()[..], stream].concat());
        tables.put(BY_SUM, &[&sum.to_be_bytes()[..], stream].concat(), Vec::new());
        tables.put(SUMS, stream, [sum.to_be_bytes(), event.revision().0.to_be_bytes()].concat());
    }
    let position = commit.position();
    let key = [&position.group.to_be_bytes()[..], &position.index.to_be_bytes()].concat();
    tables.put(LATEST, &key, commit.canonical_bytes());
    let over: Vec<Vec<u8>> = tables
        .scan(LATEST, &Keys::all(), Order::Descending)
        .skip(10)
        .map(|row| row.map(|row| row.key().to_vec()))
        .collect::<Result<_, _>>()?;
    over.iter().for_each(|key| tables.delete(LATEST, key));
    Ok(())
}

pub type Dump = BTreeMap<(u8, Vec<u8>), Vec<u8>>;

/// The ledger of the first `groups` groups, without any of the code under test.
pub fn expected(log: &HeldLog, groups: u64) -> Dump {
    let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut latest = Vec::new();
    for group in log.read_groups(0, usize::MAX).unwrap().iter().take(groups as usize) {
        for commit in group.commits() {
            for event in commit.events() {
                let sum = sums.entry(event.stream().to_owned()).or_default();
                *sum = (sum.0 + u64::from_be_bytes(event.payload()[..8].try_into().unwrap()), event.revision().0);
            }
            let position = commit.position();
            let key = [&position.group.to_be_bytes()[..], &position.index.to_be_bytes()].concat();
            latest.push(((200, key), commit.canonical_bytes().to_vec()));
        }
    }
    let mut dump: Dump = latest.into_iter().rev().take(10).collect();
    for (stream, (sum, length)) in sums {
        dump.insert((2, [&sum.to_be_bytes()[..], stream.as_bytes()].concat()), Vec::new());
        dump.insert((1, stream.into_bytes()), [sum.to_be_bytes(), length.to_be_bytes()].concat());
    }
    dump
}

/// Everything in the ledger's tables.
pub fn dump(tables: &impl Tables) -> Dump {
    let mut dump = Dump::new();
    for (number, table) in [(1, SUMS), (2, BY_SUM), (200, LATEST)] {
        for row in tables.scan(table, &Keys::all(), Order::Ascending) {
            let row = row.unwrap();
            dump.insert((number, row.key().to_vec()), row.value.to_vec());
        }
    }
    dump
}

/// The tables are those of the checkpoint they lie beside.
#[track_caller]
pub fn assert_is_fold(snapshot: &Snapshot, log: &HeldLog) {
    let checkpoint = snapshot.checkpoint();
    assert!(dump(snapshot) == expected(log, checkpoint.position.group), "not the fold up to {}", checkpoint.position);
}

pub struct Bench {
    pub root: tempfile::TempDir,
    pub log: Arc<HeldLog>,
    pub clock: Arc<ManualClock>,
    pub options: Options,
}

impl Bench {
    pub fn new() -> Self {
        let clock = new_clock();
        let log = log_on(&clock);
        Self { root: tempfile::tempdir().unwrap(), log, clock, options: Options::default() }
    }

    pub fn dir(&self) -> PathBuf {
        self.root.path().join("views")
    }

    pub fn open(&self) -> ViewStore {
        self.open_in(&self.dir())
    }

    pub fn open_in(&self, dir: &Path) -> ViewStore {
        ViewStore::open(dir, self.log.clone(), self.options).unwrap()
    }
}

/// An empty log of the same partition.
pub fn new_log() -> Arc<HeldLog> {
    log_on(&new_clock())
}

fn new_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)))
}

fn log_on(clock: &Arc<ManualClock>) -> Arc<HeldLog> {
    Arc::new(HeldLog::new(PartitionName::parse("views-0").unwrap(), clock.clone(), 5))
}

/// Admits a commit of `numbers` for the stream `id`, with `padding` bytes behind each.
pub fn submit(log: &HeldLog, id: &str, numbers: &[u64], padding: usize) {
    let event = |number: &u64| {
        let mut payload = number.to_be_bytes().to_vec();
        payload.resize(8 + padding, *number as u8);
        NewEvent { event_type: "views.v1.Counted", payload: Bytes::from(payload) }
    };
    let write = StreamAppend {
        stream: StreamName::parse(&format!("koeln/counter/{id}")).unwrap(),
        expected: ExpectedRevision::Any,
        events: numbers.iter().map(event).collect(),
    };
    let commit = NewCommit {
        origin: Origin::Unlinked,
        admitted_at: log.now(),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![write],
        outcome: Bytes::new(),
    };
    drop(log.submit(commit).unwrap());
}

/// Writes `commits` random commits in groups of one to five.
pub fn write_randomly(log: &HeldLog, random: &mut Random, commits: u64) {
    for _ in 0..commits {
        let numbers: Vec<u64> = (0..=random.below(3)).map(|_| random.below(50)).collect();
        submit(log, &random.below(12).to_string(), &numbers, random.below(200) as usize);
        if random.below(3) == 0 {
            log.write();
        }
    }
    log.write();
}

/// Copies a directory as a killed process leaves it. Preallocated files stay sparse.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
            continue;
        }
        // A background flush may remove a file meanwhile.
        let Ok(content) = std::fs::read(entry.path()) else { continue };
        let file = std::fs::File::create(&target).unwrap();
        std::io::Write::write_all(&mut &file, &content[..data_length(&content)]).unwrap();
        file.set_len(content.len() as u64).unwrap();
    }
}

/// Length without the zeros at the end.
pub fn data_length(content: &[u8]) -> usize {
    content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// Seeded (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

//! A stream with a damaged group in its middle: what lies around the hole is served, the hole is named, and an index
//! that was made without it does not count past it.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{
    AppendError, Direction, EventLog, NewCommit, NewEvent, Origin, ReadError, StopReason, StreamAppend,
};
use allmende_eventlog_sled::{BackupError, Hooks, Options, SledLog, backup};
use allmende_kernel::{ExpectedRevision, PartitionName, Revision, StreamName, Timestamp};
use bytes::Bytes;

fn open(folder: &Path) -> SledLog {
    open_told(folder, Hooks::default())
}

fn open_told(folder: &Path, hooks: Hooks) -> SledLog {
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
    SledLog::open(folder, PartitionName::parse("holes-0").unwrap(), clock, Options { hooks, ..Options::default() })
        .unwrap()
}

fn stream() -> StreamName {
    StreamName::parse("town/holes/one").unwrap()
}

fn commit(log: &SledLog) -> NewCommit {
    let events = vec![NewEvent { event_type: "holes.v1.Happened", payload: Bytes::from_static(b"something") }];
    NewCommit {
        origin: Origin::Unlinked,
        admitted_at: log.now(),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend { stream: stream(), expected: ExpectedRevision::Any, events }],
        outcome: Bytes::new(),
    }
}

/// A closed log of five groups, one event each, the third of them damaged.
fn damaged(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let log = open(folder);
    for _ in 0..5 {
        runtime.block_on(log.submit(commit(&log)).unwrap().wait()).unwrap();
    }
    log.close().unwrap();
    let segment = fs::read_dir(folder.join("segments")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&segment).unwrap();
    let frames: Vec<usize> = (0..bytes.len() - 4).step_by(8).filter(|at| &bytes[*at..at + 4] == b"ALGR").collect();
    assert_eq!(frames.len(), 5);
    bytes[frames[2] + 40] ^= 1;
    fs::write(&segment, bytes).unwrap();
}

fn revisions(read: Result<Vec<allmende_eventlog::RecordedEvent>, ReadError>) -> Result<Vec<u64>, (u64, u64)> {
    match read {
        Ok(events) => Ok(events.iter().map(|event| event.revision().0).collect()),
        Err(ReadError::Damaged { first, last, .. }) => Err((first, last)),
        Err(error) => panic!("{error}"),
    }
}

fn check_reads(log: &SledLog) {
    let read = |from, direction, max| revisions(log.read_stream(&stream(), Revision(from), direction, max));
    assert_eq!(read(1, Direction::Forward, 2), Ok(vec![1, 2]));
    assert_eq!(read(1, Direction::Forward, 10), Err((3, 3)));
    assert_eq!(read(3, Direction::Forward, 10), Err((3, 3)));
    assert_eq!(read(4, Direction::Forward, 10), Ok(vec![4, 5]));
    assert_eq!(read(9, Direction::Backward, 2), Ok(vec![5, 4]));
    assert_eq!(read(5, Direction::Backward, 10), Err((3, 3)));
}

#[test]
fn an_index_that_knows_the_damaged_group_names_it() {
    let folder = tempfile::tempdir().unwrap();
    damaged(folder.path());
    let log = open(folder.path());
    check_reads(&log);
    assert_eq!(log.admitted_revision(&stream()).unwrap(), Revision(5));
}

#[test]
fn an_index_made_without_the_damaged_group_names_it_too_and_nothing_is_decided() {
    let folder = tempfile::tempdir().unwrap();
    damaged(folder.path());
    fs::remove_dir_all(folder.path().join("index")).unwrap();
    // Once with the entries in memory, once after they went through the index.
    for _ in 0..2 {
        let (tell, told) = std::sync::mpsc::channel();
        let stopped = Arc::new(move |reason| tell.send(reason).unwrap());
        let log = open_told(folder.path(), Hooks { stopped: Some(stopped), ..Hooks::default() });
        assert_eq!(told.try_recv(), Ok(StopReason::Damaged { first: 3, last: 3 }));
        check_reads(&log);
        let stopped =
            |error: AppendError| matches!(error, AppendError::Stopped(StopReason::Damaged { first: 3, last: 3 }));
        assert!(stopped(log.submit(commit(&log)).unwrap_err()));
        assert!(stopped(log.recall(&Origin::Unlinked, log.now()).unwrap_err()));
        log.close().unwrap();
    }
}

#[test]
fn a_damaged_log_does_not_take_the_place_of_a_good_backup() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    damaged(folder.path());
    assert!(matches!(backup(folder.path(), target.path()), Err(BackupError::Groups(_))));
    assert!(!target.path().join("MANIFEST").exists());
}

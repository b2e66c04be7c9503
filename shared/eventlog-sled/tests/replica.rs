//! A replica stores what came, as it came: groups, groups without commits, and what is void.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use allmende_eventlog::{
    Admission, ApplyError, Arrived, Direction, Head, NewCommit, NewEvent, Origin, ReadError, Reading, RecordedGroup,
    Replica, Sealer, StreamAppend, TermId, Window, barrier,
};
use allmende_eventlog_sled::{OpenError, Options, SledReplica, export, import, stats, verify};
use allmende_kernel::{ExpectedRevision, PartitionName, Revision, StreamName, Timestamp};
use bytes::Bytes;
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

fn options() -> Options {
    Options { segment_bytes: 16 << 10, index_cache_bytes: 4 << 20, ..Options::default() }
}

fn open(folder: &Path) -> Result<SledReplica, OpenError> {
    SledReplica::open(folder, PartitionName::parse("replica-0").unwrap(), options())
}

fn stream(number: u64) -> StreamName {
    StreamName::parse(&format!("koeln/counter/{number}")).unwrap()
}

fn arrived(head: Head, stored: Vec<u8>) -> Arrived {
    let group = Arc::new(RecordedGroup::decode(&stored).unwrap());
    Arrived { head, stored: stored.into(), group }
}

/// A group behind `head` with an event for each of `streams`; with none it is empty.
fn group(replica: &SledReplica, head: &Head, streams: &[u64]) -> Arrived {
    let mut admission = Admission::of_leader(*head, Window::default(), u32::MAX, usize::MAX);
    drop(admission.settle());
    for number in streams {
        let payload = Bytes::from(number.to_be_bytes().repeat(40));
        let events = vec![NewEvent { event_type: "allmende.test.v1.Counted", payload }];
        let commit = NewCommit {
            origin: Origin::Unlinked,
            admitted_at: NOW,
            actor: None,
            trace: None,
            reads: Vec::new(),
            writes: vec![StreamAppend { stream: stream(*number), expected: ExpectedRevision::Any, events }],
            outcome: Bytes::new(),
        };
        drop(admission.submit(commit, replica).unwrap());
    }
    let mut stored = Vec::new();
    let head = Sealer::new(*head, Window::default()).seal(&admission.take().unwrap(), &mut stored);
    arrived(head, stored)
}

/// A barrier, groups of one stream each, and now and then an empty one and something void: 5 numbers a round.
fn history(replica: &SledReplica, rounds: u64) -> Vec<Arrived> {
    let mut head = *replica.head().borrow();
    let mut all: Vec<Arrived> = Vec::new();
    for round in 0..rounds {
        let next: [&dyn Fn(&Head) -> Arrived; 5] = [
            &|head| {
                let (stored, head) = barrier(head, TermId([round as u8; 16]), NOW, Window::default());
                arrived(head, stored)
            },
            &|head| group(replica, head, &[1_000 + head.group]),
            &|head| Arrived::void(head, Bytes::from(format!("void {round}"))),
            &|head| group(replica, head, &[2_000 + head.group, 3_000 + head.group]),
            &|head| group(replica, head, &[]),
        ];
        for make in next {
            let made = make(&head);
            head = made.head;
            all.push(made);
        }
    }
    all
}

fn filled(rounds: u64, batch: usize) -> (TempDir, Vec<Arrived>) {
    let place = tempfile::tempdir().unwrap();
    let replica = open(place.path()).unwrap();
    let all = history(&replica, rounds);
    for batch in all.chunks(batch) {
        assert_eq!(replica.apply(batch).unwrap(), batch.last().unwrap().head);
    }
    check(&replica, &all);
    (place, all)
}

fn check(replica: &SledReplica, all: &[Arrived]) {
    assert_eq!(*replica.head().borrow(), all.last().unwrap().head);
    let (mut after, mut read) = (0, Vec::new());
    while read.len() < all.len() {
        read.extend(replica.read_groups(after, 2_000).unwrap());
        after = read.last().map_or(0, |group: &Arc<RecordedGroup>| group.header().number);
    }
    for (read, all) in read.iter().zip(all) {
        assert_eq!((read.header(), read.void_message()), (all.group.header(), all.group.void_message()));
        read.verify().unwrap();
        assert_eq!(replica.stored(read.header().number).unwrap(), all.stored);
        for write in read.commits().flat_map(|commit| commit.writes()) {
            let name = write.stream_name().unwrap();
            let events = replica.read_stream(&name, Revision(1), Direction::Forward, 9).unwrap();
            assert_eq!(events[0].position().group, read.header().number);
        }
    }
    let holding = all.iter().filter(|group| group.group.event_count() > 0).map(|group| group.head.group);
    assert_eq!(replica.groups_of_category("koeln/counter", 0, 10_000).unwrap(), holding.collect::<Vec<_>>());
    assert_eq!(replica.event_types().unwrap(), ["allmende.test.v1.Counted".to_owned()].into());
}

#[test]
fn what_came_is_read_as_it_came_also_after_reopening() {
    for batch in [1, 7, 1_000] {
        let (place, all) = filled(40, batch);
        check(&open(place.path()).unwrap(), &all);
    }
}

#[test]
fn segments_are_the_same_however_groups_come_together() {
    let files = |batch| {
        let (place, _) = filled(40, batch);
        let mut files: Vec<_> =
            fs::read_dir(place.path().join("segments")).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort_unstable();
        assert!(files.len() > 2);
        files.iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    assert!(files(1) == files(13));
}

#[test]
fn what_does_not_follow_is_not_stored() {
    let (place, all) = filled(2, 3);
    let replica = open(place.path()).unwrap();
    for group in [&all[0], &all[9]] {
        assert_eq!(replica.apply(std::slice::from_ref(group)), Err(ApplyError::Unfitting(group.head.group)));
    }
    let other = group(&replica, &Head { hash: all[3].head.hash, ..all[9].head }, &[1]);
    assert_eq!(replica.apply(&[other]), Err(ApplyError::Unfitting(11)));
    check(&replica, &all);
}

#[test]
fn an_exported_replica_is_imported_with_what_is_void() {
    let (place, all) = filled(20, 9);
    let mut bytes = Vec::new();
    export(place.path(), &mut bytes, |_| {}).unwrap();
    let copy = tempfile::tempdir().unwrap();
    import(copy.path(), &mut bytes.as_slice(), 16 << 10, |_| {}).unwrap();
    for folder in [place.path(), copy.path()] {
        let report = verify(folder, |_| {}).unwrap();
        assert!(report.is_intact(), "{report:?}");
        assert_eq!((report.groups, report.events), (100, 60));
        assert_eq!(stats(folder, |_| {}).unwrap().groups, 100);
    }
    check(&open(copy.path()).unwrap(), &all);
}

/// The last segment, and where the frame of a group begins in it.
fn frame_of(folder: &Path, group: &Arrived) -> (PathBuf, u64) {
    let mut segments: Vec<_> = fs::read_dir(folder.join("segments")).unwrap().map(|f| f.unwrap().path()).collect();
    segments.sort_unstable();
    for path in segments {
        let bytes = fs::read(&path).unwrap();
        if let Some(at) = bytes.windows(group.stored.len()).position(|bytes| bytes == group.stored) {
            return (path, at as u64);
        }
    }
    panic!("the group is in no segment");
}

/// A loss of power in the middle of a batch: a later frame reached the disk, an earlier one did not.
#[test]
fn a_torn_batch_ends_before_the_first_broken_frame_and_comes_again() {
    let (place, all) = filled(1, 5);
    let opened = open(place.path()).unwrap();
    let more = history(&opened, 1);
    opened.apply(&more).unwrap();
    // As if the process were killed: the state file tells of the five that were there when it was opened.
    let state = fs::read(place.path().join("STATE")).unwrap();
    drop(opened);
    fs::write(place.path().join("STATE"), state).unwrap();
    let (segment, at) = frame_of(place.path(), &more[1]);
    let file = OpenOptions::new().write(true).open(&segment).unwrap();
    file.write_all_at(&[0xff; 8], at).unwrap();
    fs::remove_dir_all(place.path().join("index")).unwrap();

    let replica = open(place.path()).unwrap();
    assert_eq!(*replica.head().borrow(), more[0].head);
    assert!(segment.with_extension("wiped").exists());
    replica.apply(&more[1..]).unwrap();
    check(&replica, &[all, more].concat());
}

/// What was known to be durable does not come again by itself: it is rebuilt, and not given up silently.
#[test]
fn a_replica_that_lost_what_was_durable_does_not_open() {
    let (place, all) = filled(2, 5);
    let (segment, at) = frame_of(place.path(), &all[4]);
    OpenOptions::new().write(true).open(&segment).unwrap().write_all_at(&[0xff; 8], at).unwrap();
    fs::remove_dir_all(place.path().join("index")).unwrap();
    match open(place.path()) {
        Err(OpenError::Read(ReadError::Damaged { first: 5, last: 5, .. })) => {}
        other => panic!("{:?}", other.map(|_| "opened")),
    }
}

/// What a seal made durable is missed where the file is gone, also if the replica was opened long before.
#[test]
fn a_sealed_segment_that_is_gone_is_missed() {
    let place = tempfile::tempdir().unwrap();
    let opened = open(place.path()).unwrap();
    let all = history(&opened, 40);
    opened.apply(&all).unwrap();
    // As if the process were killed.
    let state = fs::read(place.path().join("STATE")).unwrap();
    drop(opened);
    fs::write(place.path().join("STATE"), state).unwrap();
    fs::remove_dir_all(place.path().join("index")).unwrap();
    let mut segments: Vec<_> =
        fs::read_dir(place.path().join("segments")).unwrap().map(|f| f.unwrap().path()).collect();
    segments.sort_unstable();
    assert!(segments.len() > 2, "{segments:?}");
    segments[1..].iter().for_each(|segment| fs::remove_file(segment).unwrap());
    match open(place.path()) {
        Err(OpenError::Read(ReadError::Damaged { .. })) => {}
        other => panic!("{:?}", other.map(|replica| *replica.head().borrow())),
    }
}

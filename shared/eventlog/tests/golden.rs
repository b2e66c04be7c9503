//! Stored bytes are for ever: these files were written once, and every later version writes and reads the same.
//!
//! `UPDATE_GOLDEN=1` writes them anew, which is right only as long as nothing has been released.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "support/sealing.rs"]
mod sealing;

use std::fmt::Write as _;
use std::path::PathBuf;

use allmende_eventlog::{NewCommit, NewEvent, Origin, RecordedGroup, StreamAppend, TraceContext};
use allmende_kernel::{ExpectedRevision, PartitionName, Position, RequestId, StreamName, SubjectId, Timestamp};
use bytes::Bytes;
use sealing::{NOW, seal};
use sha2::{Digest, Sha256};
use uuid::Uuid;

fn append(stream: &str, events: &[(&'static str, &'static [u8])]) -> StreamAppend {
    let event = |(event_type, payload): &(&'static str, &'static [u8])| NewEvent {
        event_type,
        payload: Bytes::from_static(payload),
    };
    StreamAppend {
        stream: StreamName::parse(stream).unwrap(),
        expected: ExpectedRevision::NoStream,
        events: events.iter().map(event).collect(),
    }
}

/// Every kind of origin, with and without the optional parts.
fn commits() -> Vec<NewCommit> {
    let commit = |origin, micros, writes, outcome: &'static [u8]| NewCommit {
        origin,
        admitted_at: Timestamp::from_micros(NOW.as_micros() + micros),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes,
        outcome: Bytes::from_static(outcome),
    };
    // 019b76da-a800: NOW in milliseconds.
    let id = RequestId::parse("019b76da-a800-7000-8000-000000000001").unwrap();
    let source = PartitionName::parse("participation-3").unwrap();
    vec![
        NewCommit {
            actor: Some(SubjectId::new(Uuid::from_bytes([0xa1; 16]))),
            trace: Some(TraceContext { trace_id: [0xb2; 16], span_id: [0xc3; 8], flags: 1 }),
            ..commit(
                Origin::Request { id, digest: [0xd4; 16] },
                0,
                vec![
                    append("koeln/station/one", &[("golden.v1.Registered", b"one"), ("golden.v1.Moved", b"")]),
                    append("koeln/sensor/one", &[("golden.v1.Attached", &[0, 255])]),
                ],
                b"created",
            )
        },
        commit(
            Origin::Process { source, position: Position::new(300, 2), step: 1 },
            7,
            vec![append("bonn/station/two", &[("golden.v1.Registered", b"two")])],
            b"",
        ),
        commit(Origin::Unlinked, 7, vec![append("bonn/ballot/three", &[("golden.v1.Cast", b"sealed")])], b""),
    ]
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn updates() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// The content of a golden file, written first when that is asked for.
fn pinned(name: &str, actual: &[u8]) -> Vec<u8> {
    if updates() {
        std::fs::create_dir_all(golden("")).unwrap();
        std::fs::write(golden(name), actual).unwrap();
    }
    std::fs::read(golden(name)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// What people read in a review, and other implementations compare with.
fn describe(stored: &[u8]) -> String {
    let group = RecordedGroup::decode(stored).unwrap();
    let header = group.header();
    let mut text = String::new();
    writeln!(text, "partition      contract-0").unwrap();
    writeln!(text, "number         {}", header.number).unwrap();
    writeln!(text, "epoch          {}", header.epoch).unwrap();
    writeln!(text, "leader_time    {} us", header.leader_time.as_micros()).unwrap();
    writeln!(text, "window_floor   {} us", header.window_floor.as_micros()).unwrap();
    writeln!(text, "previous_hash  {}", header.previous_hash).unwrap();
    writeln!(text, "hash           {}", header.hash).unwrap();
    for commit in group.commits() {
        let leaf = Sha256::new_with_prefix([0]).chain_update(commit.canonical_bytes()).finalize();
        writeln!(text, "\ncommit {}", commit.position()).unwrap();
        writeln!(text, "  leaf_hash    {}", hex(&leaf)).unwrap();
        writeln!(text, "  origin       {:?}", commit.origin()).unwrap();
        writeln!(text, "  admitted_at  {} us", commit.admitted_at().as_micros()).unwrap();
        writeln!(text, "  actor        {:?}", commit.actor()).unwrap();
        writeln!(text, "  trace        {}", commit.trace().map_or("None".into(), |t| hex(&t.trace_id))).unwrap();
        writeln!(text, "  outcome      {}", hex(&commit.outcome())).unwrap();
        for event in commit.events() {
            let payload = hex(event.payload());
            writeln!(text, "  {} {} {} {payload}", event.stream(), event.revision(), event.event_type()).unwrap();
        }
        writeln!(text, "  canonical    {}", hex(commit.canonical_bytes())).unwrap();
    }
    writeln!(text, "\nstored\n{}", hex(stored)).unwrap();
    text
}

#[test]
fn a_group_is_written_and_read_as_ever() {
    let (stored, _) = seal(commits());
    let description = describe(&stored);
    assert_eq!(String::from_utf8(pinned("commit_group_v1.txt", description.as_bytes())).unwrap(), description);
    let pinned = pinned("commit_group_v1.bin", &stored);
    assert_eq!(hex(&pinned), hex(&stored));
    RecordedGroup::decode(&pinned).unwrap().verify().unwrap();
    assert_eq!(describe(&pinned), description);
}

/// Another version of the compressor may write other bytes; the content and its hash stay.
#[test]
fn a_compressed_group_is_read_as_ever() {
    let large = (0..40).map(|number| {
        let stream = format!("koeln/station/{number}");
        let events: Vec<_> = (0..30).map(|_| ("golden.v1.Observed", b"the same again and again".as_slice())).collect();
        NewCommit { writes: vec![append(&stream, &events)], ..commits().remove(2) }
    });
    let (stored, head) = seal(large.collect());
    let pinned = pinned("commit_group_v1_zstd.bin", &stored);
    for bytes in [&stored, &pinned] {
        let group = RecordedGroup::decode(bytes).unwrap();
        group.verify().unwrap();
        assert_eq!(group.header().hash, head.hash);
        assert!(bytes.len() < group.body_length() / 4, "not compressed");
        assert_eq!(group.event_count(), 1_200);
    }
}

//! Barriers and records of void messages: their bytes are for ever, as all stored bytes are.
//!
//! `UPDATE_GOLDEN=1` writes files that are missing.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::PathBuf;

use allmende_eventlog::{
    Arrived, GroupError, Head, RecordedGroup, TermId, Window, barrier, genesis_hash, missing_body, with_body,
    without_body,
};
use allmende_kernel::{Duration, PartitionName, Timestamp};
use allmende_proto::log::v1 as proto;
use bytes::Bytes;
use prost::Message;

/// 2026-01-01T00:00:00Z
const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

fn head() -> Head {
    let hash = genesis_hash(&PartitionName::parse("contract-0").unwrap());
    Head { group: 41, epoch: 3, hash, leader_time: NOW, window_floor: Timestamp::default() }
}

fn record_void(head: &Head, message: &'static [u8]) -> (Vec<u8>, Head) {
    let Arrived { head, stored, group } = Arrived::void(head, Bytes::from_static(message));
    assert_eq!(RecordedGroup::decode(&stored).unwrap().header(), group.header());
    (stored.to_vec(), head)
}

fn pinned(name: &str, actual: &[u8]) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if !path.exists() && std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, actual).unwrap();
    }
    std::fs::read(path).unwrap()
}

#[test]
fn a_barrier_is_written_and_read_as_ever() {
    let (stored, after) = barrier(&head(), TermId([7; 16]), NOW + Duration::from_secs(5), Window::default());
    assert_eq!(pinned("barrier_v1.bin", &stored), stored);
    let group = RecordedGroup::decode(&stored).unwrap();
    group.verify().unwrap();
    assert!(group.is_barrier() && !group.header().is_void);
    assert_eq!((after.group, after.epoch, group.header().previous_hash), (42, 4, head().hash));
    assert_eq!(Head::after(group.header()), after);

    let read = proto::CommitGroup::decode(stored.as_slice()).unwrap();
    assert_eq!((read.term.as_ref(), read.commit_count, read.encode_to_vec()), (&[7; 16][..], 0, stored));
}

#[test]
fn a_barrier_never_takes_time_back() {
    let (_, after) = barrier(&head(), TermId([7; 16]), NOW - Duration::from_secs(5), Window::default());
    assert_eq!(after.leader_time, NOW);
    assert_eq!(after.window_floor, NOW - Window::default().remembered);
}

/// Two that begin at the same head in the same microsecond are told apart by what chains behind them.
#[test]
fn the_term_is_part_of_the_hash() {
    let hash = |term| barrier(&head(), TermId(term), NOW, Window::default()).1.hash;
    assert_ne!(hash([7; 16]), hash([8; 16]));
}

#[test]
fn a_record_of_a_void_message_is_written_and_read_as_ever() {
    let (stored, after) = record_void(&head(), b"no group at all");
    assert_eq!(pinned("void_v1.bin", &stored), stored);
    let group = RecordedGroup::decode(&stored).unwrap();
    group.verify().unwrap();
    assert_eq!(after, Head { group: 42, ..head() });
    assert_eq!(Head::after(group.header()), after);
    assert!(group.header().is_void && !group.is_barrier());
    assert_eq!((group.void_message().unwrap().as_ref(), group.commits().len()), (&b"no group at all"[..], 0));

    let read = proto::CommitGroup::decode(stored.as_slice()).unwrap();
    assert_eq!((read.void_message.as_deref(), read.encode_to_vec()), (Some(&b"no group at all"[..]), stored));
}

#[test]
fn an_empty_message_can_be_void_too() {
    let (stored, _) = record_void(&head(), b"");
    let group = RecordedGroup::decode(&stored).unwrap();
    assert_eq!(group.void_message().map(|message| message.len()), Some(0));
    assert_eq!(proto::CommitGroup::decode(stored.as_slice()).unwrap().void_message, Some(Bytes::new()));
}

/// Both forms are what the definition says, and the one becomes the other byte for byte.
#[test]
fn a_group_travels_without_its_body_as_ever() {
    let golden = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for name in ["commit_group_v1.bin", "commit_group_v1_zstd.bin"] {
        let stored = Bytes::from(std::fs::read(golden.join(name)).unwrap());
        let (message, hash, body) = without_body(&stored).unwrap();
        assert_eq!(missing_body(&message), Some(hash));
        assert_eq!(with_body(&message, &body), stored);
        assert_eq!(missing_body(&stored), None);
        assert!(RecordedGroup::decode(&message).is_err());
        assert_eq!(RecordedGroup::decode_header(&message), RecordedGroup::decode_header(&stored));
        let read = proto::CommitGroup::decode(message.clone()).unwrap();
        assert_eq!((read.body_hash.as_ref(), read.body.len()), (&hash.0[..], 0));
        assert_eq!(pinned(&name.replace("commit_group", "without_body"), &message), message);
    }
    let (barrier, _) = barrier(&head(), TermId([7; 16]), NOW, Window::default());
    assert!(without_body(&barrier.clone().into()).is_none() && missing_body(&barrier).is_none());
    assert!(missing_body(b"").is_none() && missing_body(&[0x6a; 34]).is_none());
}

/// A record that would change the chain is damage.
#[test]
fn what_is_void_has_no_hash_of_its_own() {
    let (stored, _) = record_void(&head(), b"void");
    let mut read = proto::CommitGroup::decode(stored.as_slice()).unwrap();
    read.hash = Bytes::from_static(&[9; 32]);
    assert!(RecordedGroup::decode(&read.encode_to_vec()).unwrap().verify().is_err());
    let (stored, _) = barrier(&head(), TermId([7; 16]), NOW, Window::default());
    let mut read = proto::CommitGroup::decode(stored.as_slice()).unwrap();
    read.term = Bytes::from_static(&[9; 16]);
    assert!(RecordedGroup::decode(&read.encode_to_vec()).unwrap().verify().is_err());
}

/// A message with these fields behind the head: its number, epoch and previous hash are right.
fn of_a_later_version(change: impl FnOnce(&mut proto::CommitGroup)) -> Bytes {
    let (stored, _) = barrier(&head(), TermId([7; 16]), NOW, Window::default());
    let mut group = proto::CommitGroup::decode(stored.as_slice()).unwrap();
    change(&mut group);
    group.encode_to_vec().into()
}

/// What this version cannot read is told from what nobody can.
#[test]
fn a_group_of_a_later_version_is_not_taken_for_no_group() {
    let compressed = of_a_later_version(|group| group.compression = 3);
    let formatted = of_a_later_version(|group| {
        // Whatever it makes of the other fields.
        (group.format, group.hash, group.term) = (1, Bytes::from_static(&[1; 64]), Bytes::from_static(b"t"));
        group.body_length = u32::MAX;
    });
    for (message, expected) in [(compressed, GroupError::Compression), (formatted, GroupError::Format(1))] {
        let error = RecordedGroup::decode(&message).unwrap_err();
        assert_eq!((error, error.is_of_a_later_version()), (expected, true));
        let header = RecordedGroup::decode_header(&message).unwrap();
        assert_eq!((header.number, header.epoch, header.previous_hash), (42, 4, head().hash));
    }
    let malformed = of_a_later_version(|group| group.hash = Bytes::from_static(&[1; 64]));
    assert!(!RecordedGroup::decode(&malformed).unwrap_err().is_of_a_later_version());
}

/// A body's hash stands for the body only where the body would stand.
#[test]
fn a_bodys_hash_comes_last() {
    let golden = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let message = std::fs::read(golden.join("without_body_v1.bin")).unwrap();
    assert!(missing_body(&message).is_some());
    let moved = [&message[message.len() - 34..], &message[..message.len() - 34]].concat();
    assert_eq!(proto::CommitGroup::decode(moved.as_slice()), proto::CommitGroup::decode(message.as_slice()));
    assert_eq!(missing_body(&moved), None);
    assert!(!RecordedGroup::decode(&moved).unwrap_err().is_of_a_later_version());
    // A later version's group travels without its body too.
    let mut later = message[..message.len() - 34].to_vec();
    later.extend([14 << 3, 1]);
    later.extend_from_slice(&message[message.len() - 34..]);
    assert_eq!(missing_body(&later), missing_body(&message));
}

//! Groups as they are stored, read without opening the log: what is published elsewhere byte for byte.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use allmende_eventlog::{ReadError, RecordedGroup};
use allmende_eventlog_sled::OfflineLog;
use support::files;
use support::{Lab, seed};

#[test]
fn stored_groups_come_in_order_from_any_place_and_over_segments() {
    let (lab, _) = Lab::build(seed(), 60);
    assert!(files::segments(&lab.folder()).len() > 2);
    let log = OfflineLog::open(&lab.folder()).unwrap();
    let all: Vec<_> = log.stored(0).map(Result::unwrap).collect();
    let groups: Vec<_> = log.groups(0).map(|group| group.unwrap().unwrap()).collect();
    assert_eq!(all.len(), groups.len());
    for ((number, bytes), group) in all.iter().zip(&groups) {
        let read = RecordedGroup::decode(bytes).unwrap();
        assert_eq!((*number, read.header()), (group.header().number, group.header()));
        read.verify().unwrap();
    }
    let head = log.head().group;
    for after in [1, 7, head - 1, head, head + 5] {
        let rest: Vec<_> = log.stored(after).map(Result::unwrap).collect();
        assert!(rest.iter().eq(all.iter().skip(after as usize)), "after {after}");
    }
}

#[test]
fn stored_groups_end_where_one_cannot_be_read() {
    let (lab, _) = Lab::build(seed(), 60);
    let segment = &files::segments(&lab.folder())[1];
    let damaged = &segment.frames[1];
    files::flip(&segment.path, damaged.bytes());
    let number = segment.first() + 1;
    let log = OfflineLog::open(&lab.folder()).unwrap();
    let read: Vec<_> = log.stored(0).collect();
    assert_eq!(read.len() as u64, number);
    match read.last().unwrap() {
        Err(ReadError::Damaged { first, .. }) => assert_eq!(*first, number),
        other => panic!("{other:?}"),
    }
}

//! Where one segment ends and the next begins: nobody who reads or writes notices.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::collections::BTreeSet;

use allmende_eventlog::EventLog;
use allmende_kernel::Clock;
use bytes::Bytes;
use support::audit::{check_appends, check_index, check_reads};
use support::files;
use support::{History, Lab, one_event, seed, stream};

const NONE: BTreeSet<u64> = BTreeSet::new();

/// A reader that has read everything goes on in the next segment, also after the log was opened anew.
#[test]
fn a_reader_follows_into_a_new_segment() {
    let mut lab = Lab::new(seed());
    lab.options.segment_bytes = 4 << 10;
    let mut history = History::default();
    let mut after = 0;
    for _ in 0..20 {
        let log = lab.open(&lab.folder());
        for _ in 0..15 {
            lab.grow(&log, &mut history, 1);
            let groups = log.read_groups(after, 1 << 20).unwrap();
            assert_eq!(groups.iter().map(|group| group.header().number).collect::<Vec<_>>(), [after + 1]);
            after += 1;
        }
    }
    assert!(files::segments(&lab.folder()).len() > 20);
    let log = lab.open(&lab.folder());
    check_reads(&log, &history, &NONE, "followed");
    check_index(&lab, &log, &history, "followed");
}

/// A process was killed after it had made a segment and before it wrote to it. The next commit is larger than one.
#[test]
fn an_empty_segment_takes_a_commit_of_any_size() {
    let (mut lab, mut history) = Lab::build(seed(), 30);
    let log = lab.open(&lab.folder());
    let count = files::segments(&lab.folder()).len();
    let mut before = history.clone();
    while files::segments(&lab.folder()).len() == count {
        before = history.clone();
        lab.grow(&log, &mut history, 1);
    }
    let killed = lab.place.path().join("killed");
    files::copy(&lab.folder(), &killed);
    let made = files::segments(&killed).pop().unwrap();
    assert_eq!(made.frames.len(), 1);
    files::write_at(&made.path, &vec![0; made.len - files::FILE_HEADER], files::FILE_HEADER);

    let log = lab.open(&killed);
    check_reads(&log, &before, &NONE, "killed");
    let mut large = one_event(lab.clock.now(), stream(0), before.streams[&stream(0)]);
    large.writes[0].events[0].payload =
        (0..60_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Bytes>();
    let position = lab.append(&log, large.clone()).unwrap().position;
    support::note(&mut before, large, position);
    check_appends(&lab, &log, &mut before, "killed");
    drop(log);
    let log = lab.open(&killed);
    check_reads(&log, &before, &NONE, "opened again");
    check_index(&lab, &log, &before, "opened again");
}

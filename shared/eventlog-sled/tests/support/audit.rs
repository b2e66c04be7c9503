//! What a log must still serve when some of its groups are damaged, and what it must refuse.

use std::collections::BTreeSet;
use std::path::Path;

use allmende_eventlog::{AppendError, Direction, EventLog, Origin, ReadError, RecordedGroup, StopReason};
use allmende_eventlog_sled::{SledLog, verify};
use allmende_kernel::{Clock, Revision};

use super::{History, Lab, one_event};

/// Group numbers as ranges.
pub fn ranges(groups: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for group in groups {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *group => *last = *group,
            _ => ranges.push((*group, *group)),
        }
    }
    ranges
}

/// Reads everything in every way: what is not damaged is as it was written, what is damaged is named and not served.
pub fn check_reads(log: &SledLog, history: &History, damaged: &BTreeSet<u64>, case: &str) {
    assert_eq!(log.head().borrow().group, history.head(), "{case}: head");
    check_groups(log, history, damaged, case);
    check_pages(log, history, damaged, case);
    check_streams(log, history, damaged, case);
    let told: Vec<_> = log.damage().iter().map(|damage| (damage.first, damage.last)).collect();
    assert_eq!(told, ranges(damaged), "{case}: damage told");
}

fn check_groups(log: &SledLog, history: &History, damaged: &BTreeSet<u64>, case: &str) {
    for number in 1..=history.head() {
        match log.read_group(number) {
            Ok(group) if !damaged.contains(&number) => check_content(&group, history, case),
            Err(error) if damaged.contains(&number) => check_named(&error, number, damaged, case),
            other => panic!("{case}: group {number}: {other:?}"),
        }
    }
}

fn check_content(group: &RecordedGroup, history: &History, case: &str) {
    let number = group.header().number;
    assert!(group.verify().is_ok(), "{case}: group {number}");
    let written: Vec<_> = history.commits.iter().filter(|commit| commit.position.group == number).collect();
    assert_eq!(group.commits().len(), written.len(), "{case}: commits of group {number}");
    for (stored, written) in group.commits().zip(written) {
        assert_eq!(stored.position(), written.position, "{case}");
        assert_eq!(stored.outcome(), written.commit.outcome, "{case}");
        assert_eq!(stored.origin(), written.commit.origin, "{case}");
        for ((stored, write), first) in stored.writes().zip(&written.commit.writes).zip(&written.first_revisions) {
            assert_eq!((stored.stream(), stored.first_revision().0), (write.stream.as_str(), *first), "{case}");
            let events: Vec<_> = stored.events().map(|event| (event.event_type(), event.payload_bytes())).collect();
            let expected: Vec<_> = write.events.iter().map(|event| (event.event_type, event.payload.clone())).collect();
            assert_eq!(events, expected, "{case}");
        }
    }
}

/// The error names damaged groups only, the one that was asked for among them.
fn check_named(error: &ReadError, number: u64, damaged: &BTreeSet<u64>, case: &str) {
    let ReadError::Damaged { first, last, .. } = error else { panic!("{case}: group {number}: {error:?}") };
    assert!((*first..=*last).contains(&number), "{case}: group {number}: {error}");
    assert!((*first..=*last).all(|group| damaged.contains(&group)), "{case}: group {number}: {error}");
}

fn check_pages(log: &SledLog, history: &History, damaged: &BTreeSet<u64>, case: &str) {
    for page in [1, 3_000, 1 << 20] {
        let mut after = 0;
        let mut missing = BTreeSet::new();
        while after < history.head() {
            match log.read_groups(after, page) {
                Ok(groups) => {
                    assert!(!groups.is_empty(), "{case}: nothing after group {after}");
                    for group in groups {
                        after += 1;
                        assert_eq!(group.header().number, after, "{case}");
                        check_content(&group, history, case);
                    }
                }
                Err(ReadError::Damaged { first, last, .. }) => {
                    assert_eq!(first, after + 1, "{case}");
                    missing.extend(first..=last);
                    after = last;
                }
                Err(error) => panic!("{case}: after group {after}: {error:?}"),
            }
        }
        assert_eq!(ranges(&missing), ranges(damaged), "{case}: pages of {page} bytes");
    }
}

fn check_streams(log: &SledLog, history: &History, damaged: &BTreeSet<u64>, case: &str) {
    for (stream, length) in &history.streams {
        let mut revision = 1;
        for written in &history.commits {
            let Some(write) = written.commit.writes.iter().find(|write| write.stream == *stream) else { continue };
            for event in &write.events {
                let group = written.position.group;
                for direction in [Direction::Forward, Direction::Backward] {
                    match log.read_stream(stream, Revision(revision), direction, 1) {
                        Ok(read) if !damaged.contains(&group) => {
                            assert_eq!(read.len(), 1, "{case}: {stream}@{revision}");
                            assert_eq!(read[0].revision(), Revision(revision), "{case}: {stream}");
                            assert_eq!(read[0].position(), written.position, "{case}: {stream}@{revision}");
                            assert_eq!(read[0].view().payload(), event.payload, "{case}: {stream}@{revision}");
                        }
                        Err(error) if damaged.contains(&group) => check_named(&error, group, damaged, case),
                        other => panic!("{case}: {stream}@{revision}: {other:?}"),
                    }
                }
                revision += 1;
            }
        }
        assert_eq!(*length, revision - 1);
        assert!(log.read_stream(stream, Revision(revision), Direction::Forward, 1).unwrap().is_empty(), "{case}");
    }
}

/// Lengths, request ids and postings, which the index answers: damage in the segments takes nothing from them.
pub fn check_index(lab: &Lab, log: &SledLog, history: &History, case: &str) {
    for (stream, length) in &history.streams {
        assert_eq!(log.admitted_revision(stream).unwrap(), Revision(*length), "{case}: {stream}");
    }
    for written in history.commits.iter().filter(|written| written.commit.origin != Origin::Unlinked) {
        let recalled = log.recall(&written.commit.origin, log.now()).unwrap();
        let position = recalled.map(|submitted| lab.wait(submitted).unwrap().position);
        assert_eq!(position, Some(written.position), "{case}");
    }
    for category in ["koeln/station", "koeln/counter"] {
        let holds = |name: &str| name.rsplit_once('/').unwrap().0 == category;
        let expected: BTreeSet<u64> = history
            .commits
            .iter()
            .filter(|written| written.commit.writes.iter().any(|write| holds(write.stream.as_str())))
            .map(|written| written.position.group)
            .collect();
        let found = log.groups_of_category(category, 0, usize::MAX).unwrap();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{case}: {category}");
    }
    for event_type in super::TYPES {
        let holds = |write: &allmende_eventlog::StreamAppend| write.events.iter().any(|e| e.event_type == event_type);
        let expected: BTreeSet<u64> = history
            .commits
            .iter()
            .filter(|written| written.commit.writes.iter().any(holds))
            .map(|written| written.position.group)
            .collect();
        let found = log.groups_of_type(event_type, 0, usize::MAX).unwrap();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{case}: {event_type}");
    }
}

/// Every stream takes an event exactly where it ends, and gives it back.
pub fn check_appends(lab: &Lab, log: &SledLog, history: &mut History, case: &str) {
    for (stream, length) in history.streams.clone() {
        let commit = one_event(lab.clock.now(), stream.clone(), length);
        let appended = lab.append(log, commit.clone()).unwrap_or_else(|error| panic!("{case}: {stream}: {error}"));
        let read = log.read_stream(&stream, Revision(u64::MAX), Direction::Backward, 1).unwrap();
        assert_eq!((read[0].position(), read[0].revision()), (appended.position, Revision(length + 1)), "{case}");
        super::note(history, commit, appended.position);
    }
}

/// No append is taken, because a revision might be given twice.
pub fn check_refusals(lab: &Lab, log: &SledLog, history: &History, damaged: &BTreeSet<u64>, case: &str) {
    for (stream, length) in &history.streams {
        match lab.append(log, one_event(lab.clock.now(), stream.clone(), *length)) {
            Err(AppendError::Stopped(StopReason::Damaged { first, last })) => {
                assert!((first..=last).all(|group| damaged.contains(&group)), "{case}: {first} to {last}");
            }
            other => panic!("{case}: {other:?}"),
        }
    }
}

/// The full check of the files names the same groups.
pub fn check_verify(folder: &Path, damaged: &BTreeSet<u64>, case: &str) {
    let report = verify(folder, |_| {}).unwrap();
    let told: Vec<_> = report.damaged.iter().map(|damage| (damage.first, damage.last)).collect();
    assert_eq!(told, ranges(damaged), "{case}: verify");
    assert!(report.broken.is_empty(), "{case}: {:?}", report.broken);
}

//! The index is derived: whatever becomes of it, the log answers as before.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use allmende_eventlog::{AppendError, EventLog, NewCommit, Origin};
use allmende_eventlog_sled::SledLog;
use allmende_kernel::{Clock, Duration, PartitionName, Position};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use support::audit::{check_appends, check_index, check_reads};
use support::files;
use support::{History, Lab, one_event, seed, stream};

/// Opens the log twice and audits it, with appends in between.
fn check(lab: &Lab, folder: &Path, history: &History, case: &str) {
    let mut history = history.clone();
    for _ in 0..2 {
        let log = lab.open(folder);
        check_reads(&log, &history, &BTreeSet::new(), case);
        check_index(lab, &log, &history, case);
        check_appends(lab, &log, &mut history, case);
        check_reads(&log, &history, &BTreeSet::new(), case);
        drop(log);
        assert!(set_aside(folder) <= 1, "{case}");
    }
}

/// Copies of the index beside the one in use.
fn set_aside(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("index") && name != "index").count()
}

/// A log that was closed, and the same as it was while it was open: as a killed process leaves it.
fn closed_and_killed(lab: &mut Lab, history: &mut History) -> [PathBuf; 2] {
    let log = lab.open(&lab.folder());
    lab.grow(&log, history, 20);
    let killed = lab.place.path().join("killed");
    files::copy(&lab.folder(), &killed);
    drop(log);
    [lab.folder(), killed]
}

/// Something that happens to an index.
type Harm = (String, Box<dyn Fn(&Path)>);

/// Every file of the index, and some bytes of it each time.
fn harms(index: &Path, random: &mut StdRng) -> Vec<Harm> {
    let mut files = Vec::new();
    collect(index, index, &mut files);
    let mut harms: Vec<Harm> = Vec::new();
    harms.push(("index removed".into(), Box::new(|index| fs::remove_dir_all(index).unwrap())));
    harms.push((
        "index empty".into(),
        Box::new(|index| {
            fs::remove_dir_all(index).unwrap();
            fs::create_dir(index).unwrap();
        }),
    ));
    for (file, len) in files {
        let name = file.display().to_string();
        let path = file.clone();
        harms.push((format!("{name} removed"), Box::new(move |index| fs::remove_file(index.join(&path)).unwrap())));
        for keep in [0, len / 3, len.saturating_sub(1)] {
            let path = file.clone();
            harms.push((format!("{name} cut to {keep}"), Box::new(move |index| files::cut(&index.join(&path), keep))));
        }
        // Most of sled's file is still zeros, which would not be missed.
        let bytes = fs::read(index.join(&file)).unwrap();
        let written: Vec<usize> = (0..len).filter(|at| bytes[*at] != 0).collect();
        for _ in 0..if written.len() > 1_000 { 12 } else { 3 } {
            let (path, at) = (file.clone(), written[random.random_range(0..written.len())]);
            let end = (at + random.random_range(1..200)).min(len);
            let harm = move |index: &Path| files::flip(&index.join(&path), at..end);
            harms.push((format!("{name} garbled from {at} to {end}"), Box::new(harm)));
        }
    }
    harms
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, usize)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let len = fs::metadata(&path).unwrap().len() as usize;
            files.push((path.strip_prefix(root).unwrap().to_owned(), len));
        }
    }
    files.sort();
}

#[test]
fn a_lost_or_garbled_index_is_built_anew() {
    let (mut lab, mut history) = Lab::build(seed(), 60);
    let mut random = StdRng::seed_from_u64(seed());
    for (state, whole) in ["closed", "killed"].into_iter().zip(closed_and_killed(&mut lab, &mut history)) {
        for (name, harm) in harms(&whole.join("index"), &mut random) {
            let folder = lab.place.path().join("case");
            files::copy(&whole, &folder);
            harm(&folder.join("index"));
            check(&lab, &folder, &history, &format!("{state}, {name}"));
            fs::remove_dir_all(&folder).unwrap();
        }
    }
}

#[test]
fn a_lost_or_garbled_state_is_a_crash_of_the_machine() {
    let (mut lab, mut history) = Lab::build(seed(), 60);
    for (state, whole) in ["closed", "killed"].into_iter().zip(closed_and_killed(&mut lab, &mut history)) {
        let text = fs::read(whole.join("STATE")).unwrap();
        let mut garbled = vec![Vec::new(), b"\xff\xfe\x00".to_vec(), b"closed\n".to_vec(), b"closed 7\n".to_vec()];
        for at in 0..text.len() {
            let mut bytes = text.clone();
            bytes[at] ^= 1;
            garbled.push(bytes);
        }
        garbled.push(text[..text.len() / 2].to_vec());
        for (number, bytes) in garbled.iter().enumerate().step_by(13) {
            let folder = lab.place.path().join("case");
            files::copy(&whole, &folder);
            fs::write(folder.join("STATE"), bytes).unwrap();
            check(&lab, &folder, &history, &format!("{state}, state {number}"));
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::remove_file(whole.join("STATE")).unwrap();
        check(&lab, &whole, &history, &format!("{state}, no state"));
    }
}

/// An index that comes from elsewhere is noticed, whether that log was shorter or longer.
#[test]
fn the_index_of_another_log_is_not_believed() {
    let (mut lab, mut history) = Lab::build(seed(), 60);
    for (other_seed, groups) in [(1, 30), (2, 90)] {
        let (mut other, mut other_history) = Lab::build(seed() + other_seed, groups);
        let others = closed_and_killed(&mut other, &mut other_history);
        for whole in closed_and_killed(&mut lab, &mut history) {
            for other in &others {
                let folder = lab.place.path().join("case");
                files::copy(&whole, &folder);
                fs::remove_dir_all(folder.join("index")).unwrap();
                files::copy(&other.join("index"), &folder.join("index"));
                check(&lab, &folder, &history, &format!("index of a log of {groups} groups"));
                fs::remove_dir_all(&folder).unwrap();
            }
            if whole != lab.folder() {
                fs::remove_dir_all(whole).unwrap();
            }
        }
    }
}

/// An index from an earlier day catches up, after a clean end and after a crash.
#[test]
fn an_older_index_catches_up() {
    let (mut lab, mut history) = Lab::build(seed(), 60);
    let older = lab.place.path().join("older");
    files::copy(&lab.folder().join("index"), &older);
    for whole in closed_and_killed(&mut lab, &mut history) {
        fs::remove_dir_all(whole.join("index")).unwrap();
        files::copy(&older, &whole.join("index"));
        check(&lab, &whole, &history, "older index");
        assert_eq!(set_aside(&whole), 0, "it was built anew and need not have been");
    }
}

/// Many openings, each without an index: one is kept aside, not all.
#[test]
fn at_most_one_index_is_set_aside() {
    let (lab, history) = Lab::build(seed(), 30);
    for _ in 0..4 {
        let log = lab.open(&lab.folder());
        check_reads(&log, &history, &BTreeSet::new(), "opened again");
        drop(log);
        fs::write(lab.folder().join("STATE"), "nothing known\n").unwrap();
        assert!(set_aside(&lab.folder()) <= 1);
    }
    assert_eq!(set_aside(&lab.folder()), 1);
}

/// Keys of the index that begin with `prefix`.
fn keys(folder: &Path, prefix: u8) -> usize {
    sled::open(folder.join("index")).unwrap().scan_prefix([prefix]).count()
}

fn reaction(lab: &Lab, log: &SledLog, group: u64) -> Result<allmende_eventlog::Appended, AppendError> {
    let source = PartitionName::parse("other-0").unwrap();
    let origin = Origin::Process { source, position: Position::new(group, 0), step: 0 };
    let at = log.now();
    let length = log.admitted_revision(&stream(1)).unwrap().0;
    lab.append(log, NewCommit { origin, ..one_event(at, stream(1), length) })
}

/// The memory of request ids is bounded by the window; that of process managers is for ever.
#[test]
fn expired_request_ids_leave_the_index() {
    let (mut lab, mut history) = Lab::build(seed(), 40);
    let log = lab.open(&lab.folder());
    let first = reaction(&lab, &log, 1).unwrap().position;
    drop(log);
    assert_eq!(keys(&lab.folder(), b'r'), history.commits.len());

    let expired = history.commits.len();
    lab.clock.advance(Duration::from_secs(24 * 3600 + 1));
    let log = lab.open(&lab.folder());
    history.commits.clear();
    lab.grow(&log, &mut history, 5);
    drop(log);
    assert_eq!(keys(&lab.folder(), b'r'), 5, "of {expired} that expired");
    assert_eq!(keys(&lab.folder(), b'p'), 1);

    // Built anew, it does not bring them back either.
    fs::remove_dir_all(lab.folder().join("index")).unwrap();
    let log = lab.open(&lab.folder());
    for written in &history.commits {
        let recalled = log.recall(&written.commit.origin, lab.clock.now()).unwrap().unwrap();
        assert_eq!(lab.wait(recalled).unwrap().position, written.position);
    }
    let again = reaction(&lab, &log, 1).unwrap();
    assert!(again.repeated);
    assert_eq!(again.position, first);
    drop(log);
    // What is left waits for the next batch.
    let log = lab.open(&lab.folder());
    lab.grow(&log, &mut history, 1);
    drop(log);
    assert_eq!(keys(&lab.folder(), b'r'), 6);
}

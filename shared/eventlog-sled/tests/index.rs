//! The index is derived: whatever becomes of it, or of the files of request ids beside it, the log answers as before.

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
use support::audit::{check_appends, check_index, check_reads, check_refusals};
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

/// What is derived.
const DERIVED: [&str; 2] = ["index", "ids"];

/// Something that happens to an index, or to the ids.
type Harm = (String, Box<dyn Fn(&Path)>);

/// Every file, and some bytes of it each time.
fn harms(index: &Path, random: &mut StdRng) -> Vec<Harm> {
    let mut files = Vec::new();
    collect(index, index, &mut files);
    let mut harms: Vec<Harm> = Vec::new();
    harms.push(("removed".into(), Box::new(|index| fs::remove_dir_all(index).unwrap())));
    harms.push((
        "emptied".into(),
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
        for derived in DERIVED {
            for (name, harm) in harms(&whole.join(derived), &mut random) {
                let folder = lab.place.path().join("case");
                files::copy(&whole, &folder);
                harm(&folder.join(derived));
                check(&lab, &folder, &history, &format!("{state}, {derived}: {name}"));
                assert!(derived == "index" || set_aside(&folder) == 0, "{name}: ids alone would have been enough");
                fs::remove_dir_all(&folder).unwrap();
            }
        }
    }
}

/// What is damaged under an open log is made anew when somebody asks for it.
#[test]
fn ids_that_are_damaged_while_the_log_is_open_are_made_anew() {
    let (mut lab, mut history) = Lab::build(seed(), 60);
    let mut random = StdRng::seed_from_u64(seed());
    let [whole, _] = closed_and_killed(&mut lab, &mut history);
    for (name, harm) in harms(&whole.join("ids"), &mut random) {
        let folder = lab.place.path().join("case");
        files::copy(&whole, &folder);
        let log = lab.open(&folder);
        harm(&folder.join("ids"));
        if !folder.join("ids").exists() {
            fs::create_dir(folder.join("ids")).unwrap();
        }
        check_index(&lab, &log, &history, &name);
        check_appends(&lab, &log, &mut history.clone(), &name);
        drop(log);
        assert_eq!(set_aside(&folder), 0, "{name}");
        fs::remove_dir_all(&folder).unwrap();
    }
}

/// What can be read neither from its file nor from the segments is not taken for unknown.
#[test]
fn an_id_that_is_lost_for_good_is_not_given_twice() {
    let (lab, history) = Lab::build(seed(), 60);
    let segments = files::segments(&lab.folder());
    let lost = segments[0].frames[3];
    files::flip(&segments[0].path, lost.bytes());
    let log = lab.open(&lab.folder());
    check_index(&lab, &log, &history, "with its ids");
    drop(log);
    fs::remove_dir_all(lab.folder().join("ids")).unwrap();
    let log = lab.open(&lab.folder());
    check_refusals(&lab, &log, &history, &BTreeSet::from([lost.group]), "without its ids");
    let origin = &history.commits.iter().find(|written| written.position.group == lost.group).unwrap().commit.origin;
    let stopped = log.recall(origin, log.now());
    assert!(matches!(stopped, Err(AppendError::Stopped(_))), "{stopped:?}");
}

/// Many small batches of ids stay few files, and none of them is lost on the way.
#[test]
fn files_of_ids_are_merged() {
    let mut lab = Lab::new(seed());
    let mut history = History::default();
    for opening in 0..40 {
        let log = lab.open(&lab.folder());
        lab.grow(&log, &mut history, 2);
        check_index(&lab, &log, &history, &format!("opening {opening}"));
        drop(log);
        assert!(fs::read_dir(lab.folder().join("ids")).unwrap().count() < 8);
    }
    assert_eq!(remembered(&lab.folder()), history.commits.len());
    check(&lab, &lab.folder(), &history, "merged");
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
            for (other, foreign) in
                others.iter().flat_map(|other| [&DERIVED[..1], &DERIVED[1..], &DERIVED].map(|foreign| (other, foreign)))
            {
                let folder = lab.place.path().join("case");
                files::copy(&whole, &folder);
                replace(&folder, other, foreign);
                check(&lab, &folder, &history, &format!("{foreign:?} of a log of {groups} groups"));
                fs::remove_dir_all(&folder).unwrap();
            }
            if whole != lab.folder() {
                fs::remove_dir_all(whole).unwrap();
            }
        }
    }
}

/// Puts what is derived in another folder in place of what is there.
fn replace(folder: &Path, other: &Path, derived: &[&str]) {
    for derived in derived {
        fs::remove_dir_all(folder.join(derived)).unwrap();
        files::copy(&other.join(derived), &folder.join(derived));
    }
}

/// An index from an earlier day catches up, after a clean end and after a crash, also if only one half of it is older.
#[test]
fn an_older_index_catches_up() {
    let (mut lab, mut history) = Lab::build(seed(), 60);
    let older = lab.place.path().join("older");
    DERIVED.iter().for_each(|derived| files::copy(&lab.folder().join(derived), &older.join(derived)));
    for whole in closed_and_killed(&mut lab, &mut history) {
        for derived in [&DERIVED[..1], &DERIVED[1..], &DERIVED] {
            let folder = lab.place.path().join("case");
            files::copy(&whole, &folder);
            replace(&folder, &older, derived);
            check(&lab, &folder, &history, &format!("older {derived:?}"));
            assert_eq!(set_aside(&folder), 0, "it was built anew and need not have been");
            fs::remove_dir_all(&folder).unwrap();
        }
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

/// Process origins in the index.
fn processes(folder: &Path) -> usize {
    sled::open(folder.join("index")).unwrap().scan_prefix(b"p").count()
}

/// Request ids in the files of ids, by what their tails say.
fn remembered(folder: &Path) -> usize {
    let files = fs::read_dir(folder.join("ids")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| u32::from_le_bytes(bytes[bytes.len() - 64..][..4].try_into().unwrap()) as usize).sum()
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
    assert_eq!(remembered(&lab.folder()), history.commits.len());

    let expired = history.commits.len();
    lab.clock.advance(Duration::from_secs(24 * 3600 + 1));
    let log = lab.open(&lab.folder());
    history.commits.clear();
    lab.grow(&log, &mut history, 5);
    drop(log);
    assert_eq!(remembered(&lab.folder()), 5, "of {expired} that expired");
    assert_eq!(processes(&lab.folder()), 1);

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
    assert_eq!(remembered(&lab.folder()), 6);
}

//! L6: what is damaged is named by its groups, never served as data, and never makes a revision be given twice.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use allmende_kernel::Clock;
use support::audit::{check_appends, check_index, check_reads, check_refusals, check_verify};
use support::files::{self, FRAME_HEADER, Segment};
use support::{History, Lab, seed};

/// A way to damage a log, and the groups that it takes.
struct Case {
    name: String,
    harm: Box<dyn Fn(&Path)>,
    lost: BTreeSet<u64>,
}

fn case(name: String, segment: &Segment, lost: impl IntoIterator<Item = u64>, harm: impl Fn(&Path) + 'static) -> Case {
    let file = PathBuf::from("segments").join(segment.path.file_name().unwrap());
    Case { name, harm: Box::new(move |folder| harm(&folder.join(&file))), lost: lost.into_iter().collect() }
}

/// One group of a segment, in every part of its frame.
fn frame_cases(kind: &str, segment: &Segment) -> Vec<Case> {
    let count = segment.frames.len();
    let mut cases = Vec::new();
    for (which, frame) in
        [("first", 0), ("middle", count / 2), ("last", count - 1)].map(|(w, i)| (w, segment.frames[i]))
    {
        let (at, end) = (frame.at, frame.at + FRAME_HEADER + frame.payload);
        for (part, range) in [
            ("magic", at..at + 1),
            ("length", at + 4..at + 6),
            ("high byte of the length", at + 7..at + 8),
            ("number", at + 8..at + 9),
            ("payload's checksum", at + 16..at + 20),
            ("header's checksum", at + 20..at + 24),
            ("whole header", at..at + FRAME_HEADER),
            ("payload's start", at + 24..at + 26),
            ("payload's middle", (at + 24 + end) / 2..(at + 24 + end) / 2 + 1),
            ("payload's end", end - 1..end),
            ("whole frame", at..end),
        ] {
            let name = format!("{part} of the {which} group of the {kind} segment");
            cases.push(case(name, segment, [frame.group], move |file| files::flip(file, range.clone())));
        }
        if end < frame.end() {
            let name = format!("padding of the {which} group of the {kind} segment");
            cases.push(case(name, segment, [], move |file| files::flip(file, end..frame.end())));
        }
    }
    cases
}

/// Larger parts of a segment, and what belongs to no group.
fn file_cases(kind: &str, segment: &Segment) -> Vec<Case> {
    let mut cases = Vec::new();
    let all: Vec<u64> = (segment.first()..=segment.last()).collect();
    for (part, range) in [("magic", 0..8), ("first number", 8..9), ("partition", 48..49), ("whole", 0..128)] {
        let name = format!("file header ({part}) of the {kind} segment");
        cases.push(case(name, segment, [], move |file| files::flip(file, range.clone())));
    }
    for page in [0, 4096, 8192] {
        let zeroed = page..page + 4096;
        let hit = segment.frames.iter().filter(|f| f.bytes().start < zeroed.end && f.bytes().end > zeroed.start);
        let lost: Vec<u64> = hit.map(|frame| frame.group).collect();
        let name = format!("page at {page} of the {kind} segment zeroed");
        cases.push(case(name, segment, lost, move |file| files::write_at(file, &[0; 4096], page)));
    }
    let middle = segment.frames[segment.frames.len() / 2];
    for (part, len, lost_from) in [
        ("in a payload", middle.at + FRAME_HEADER + 1, middle.group),
        ("in a frame header", middle.at + 7, middle.group),
        ("between two groups", middle.at, middle.group),
        ("in the file header", 100, segment.first()),
        ("to nothing", 0, segment.first()),
    ] {
        let name = format!("{kind} segment cut {part}");
        cases.push(case(name, segment, lost_from..=segment.last(), move |file| files::cut(file, len)));
    }
    if let Some(seal) = segment.seal {
        let name = format!("seal of the {kind} segment");
        cases.push(case(name, segment, [], move |file| files::flip(file, seal..seal + FRAME_HEADER + 32)));
    } else {
        let (end, len) = (segment.end(), segment.len);
        for (part, range) in
            [("start", end..end + 40), ("middle", (end + len) / 2..(end + len) / 2 + 9), ("end", len - 1..len)]
        {
            let name = format!("{part} of the space allocated ahead in the {kind} segment");
            cases.push(case(name, segment, [], move |file| files::flip(file, range.clone())));
        }
        let name = format!("space allocated ahead in the {kind} segment cut off");
        cases.push(case(name, segment, [], move |file| files::cut(file, end)));
    }
    let (len, name) = (segment.len, format!("{kind} segment all zeros"));
    cases.push(case(name, segment, all.clone(), move |file| files::write_at(file, &vec![0; len], 0)));
    cases.push(case(format!("{kind} segment missing"), segment, all, |file| fs::remove_file(file).unwrap()));
    cases
}

/// A log of several segments, closed, and ways to damage it.
fn built() -> (Lab, History, Vec<Case>) {
    let (lab, history) = Lab::build(seed(), 120);
    let segments = files::segments(&lab.folder());
    assert!(segments.len() >= 4, "{} segments", segments.len());
    let open = segments.last().unwrap();
    assert!(open.frames.len() >= 3 && open.seal.is_none());
    let (first, sealed) = (&segments[0], &segments[segments.len() / 2]);
    let before_open = &segments[segments.len() - 2];
    let mut cases = frame_cases("first", first);
    cases.extend(frame_cases("sealed", sealed));
    cases.extend(frame_cases("open", open));
    for (kind, segment) in [("first", first), ("sealed", sealed), ("last sealed", before_open), ("open", open)] {
        cases.extend(file_cases(kind, segment));
    }
    (lab, history, cases)
}

/// Each case on a fresh copy of the log.
fn each(lab: &Lab, cases: &[Case], run: impl Fn(&Case, &Path)) {
    for (number, case) in cases.iter().enumerate() {
        let folder = lab.place.path().join(format!("case-{number}"));
        files::copy(&lab.folder(), &folder);
        run(case, &folder);
        fs::remove_dir_all(&folder).unwrap();
    }
}

/// The index knows the streams of the damaged groups, so that appends go on behind them.
#[test]
fn damage_to_a_closed_log_is_named_and_appends_continue() {
    let (lab, history, cases) = built();
    each(&lab, &cases, |case, folder| {
        let mut history = history.clone();
        (case.harm)(folder);
        check_verify(folder, &case.lost, &case.name);
        for round in ["first opening", "second opening"] {
            let name = format!("{}, {round}", case.name);
            let log = lab.open(folder);
            check_reads(&log, &history, &case.lost, &name);
            check_index(&lab, &log, &history, &name);
            check_appends(&lab, &log, &mut history, &name);
            log.close().unwrap();
            drop(log);
            check_verify(folder, &case.lost, &name);
        }
    });
}

/// What is open notices as it reads.
#[test]
fn damage_to_an_open_log_is_named_and_appends_continue() {
    let (lab, history, cases) = built();
    each(&lab, &cases, |case, folder| {
        let mut history = history.clone();
        let log = lab.open(folder);
        (case.harm)(folder);
        check_reads(&log, &history, &case.lost, &case.name);
        check_index(&lab, &log, &history, &case.name);
        // To append to a file that somebody has removed is beyond what a log can keep.
        if case.name != "open segment missing" {
            check_appends(&lab, &log, &mut history, &case.name);
            check_reads(&log, &history, &case.lost, &case.name);
            drop(log);
            let log = lab.open(folder);
            check_reads(&log, &history, &case.lost, &format!("{}, opened again", case.name));
            check_index(&lab, &log, &history, &case.name);
        }
    });
}

/// Without an index nobody knows which revisions the damaged groups took. Nothing is given twice, however often the log
/// is opened, and once the bytes are back everything is.
#[test]
fn damage_that_is_not_indexed_stops_appends_until_it_is_repaired() {
    let (lab, history, cases) = built();
    each(&lab, &cases, |case, folder| {
        (case.harm)(folder);
        fs::remove_dir_all(folder.join("index")).unwrap();
        for round in ["first opening", "second opening", "third opening"] {
            let name = format!("{}, {round}", case.name);
            let log = lab.open(folder);
            if case.lost.is_empty() {
                check_index(&lab, &log, &history, &name);
            } else {
                check_refusals(&lab, &log, &history, &case.lost, &name);
            }
            log.close().unwrap();
        }
        files::copy(&lab.folder().join("segments"), &folder.join("segments"));
        let log = lab.open(folder);
        check_reads(&log, &history, &BTreeSet::new(), &case.name);
        check_index(&lab, &log, &history, &case.name);
        check_appends(&lab, &log, &mut history.clone(), &case.name);
    });
}

/// The log as a process leaves it that is killed between two appends.
fn killed(lab: &Lab, log: &allmende_eventlog_sled::SledLog) -> PathBuf {
    let folder = lab.place.path().join("killed");
    files::copy(&lab.folder(), &folder);
    let _still_open = log;
    folder
}

/// The start of a frame that was never acknowledged is cut off and nobody is told, whatever of it reached the disk.
#[test]
fn an_unfinished_write_is_cut_off_silently() {
    let (mut lab, mut history) = Lab::build(seed(), 60);
    let log = lab.open(&lab.folder());
    lab.grow(&log, &mut history, 1);
    let before = killed(&lab, &log);
    let mut later = history.clone();
    lab.grow(&log, &mut later, 1);
    let next = *files::segments(&lab.folder()).last().unwrap().frames.last().unwrap();
    let segment = files::segments(&lab.folder()).last().unwrap().path.clone();
    let whole = fs::read(&segment).unwrap();
    let file = before.join("segments").join(segment.file_name().unwrap());
    for (name, from, to) in [
        ("half a frame header", next.at, next.at + 9),
        ("a frame header", next.at, next.at + FRAME_HEADER),
        ("half a frame", next.at, next.at + FRAME_HEADER + next.payload / 2),
        ("all but the last byte", next.at, next.at + FRAME_HEADER + next.payload - 1),
        ("the payload alone", next.at + FRAME_HEADER, next.end()),
    ] {
        let folder = lab.place.path().join("unfinished");
        files::copy(&before, &folder);
        let file = folder.join(file.strip_prefix(&before).unwrap());
        files::write_at(&file, &whole[from..to], from);
        let mut history = history.clone();
        for _ in 0..2 {
            let log = lab.open(&folder);
            check_reads(&log, &history, &BTreeSet::new(), name);
            check_index(&lab, &log, &history, name);
            check_appends(&lab, &log, &mut history, name);
        }
        check_verify(&folder, &BTreeSet::new(), name);
        fs::remove_dir_all(&folder).unwrap();
    }
}

/// What was durable when the log was opened is damage and no unfinished write, also after a crash.
#[test]
fn the_last_group_before_an_opening_is_never_cut_off() {
    let (lab, history) = Lab::build(seed(), 60);
    let log = lab.open(&lab.folder());
    let folder = killed(&lab, &log);
    let segment = files::segments(&folder).last().unwrap().clone();
    let last = *segment.frames.last().unwrap();
    files::flip(&segment.path, last.at..last.at + 1);
    let lost = BTreeSet::from([last.group]);
    check_verify(&folder, &lost, "killed");
    let mut history = history;
    for round in ["killed", "killed and closed"] {
        let log = lab.open(&folder);
        check_reads(&log, &history, &lost, round);
        check_index(&lab, &log, &history, round);
        check_appends(&lab, &log, &mut history, round);
    }

    // Neither is it without an index, or after a restart of the machine, which makes the index worthless.
    let folder = killed(&lab, &log);
    files::flip(&folder.join(segment.path.strip_prefix(&folder).unwrap()), last.at..last.at + 1);
    fs::remove_dir_all(folder.join("index")).unwrap();
    for _ in 0..2 {
        let reopened = lab.open(&folder);
        let error = lab.append(&reopened, support::one_event(lab.clock.now(), support::stream(0), 0)).unwrap_err();
        assert!(error.to_string().contains("damaged"), "{error}");
    }
}

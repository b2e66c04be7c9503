//! What leaves a log comes back as it was: by export and import, and by backup and restore. Nothing that was cut, mixed
//! up or damaged on the way comes back as a log.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use allmende_eventlog::EventLog;
use allmende_eventlog_sled::{
    BackupError, OfflineLog, TransferError, VerifyReport, backup, backup_telling, export, import, restore,
    restore_listed, stats, verify,
};
use allmende_kernel::{Clock, PartitionName};
use support::audit::{check_appends, check_index, check_reads};
use support::files;
use support::{History, Lab, one_event, seed, stream};

const NONE: BTreeSet<u64> = BTreeSet::new();

fn exported(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    export(folder, &mut bytes, |_| {}).unwrap();
    bytes
}

fn imported(bytes: &[u8], folder: &Path) -> Result<(PartitionName, allmende_eventlog::Head), TransferError> {
    import(folder, &mut &bytes[..], 16 << 10, |_| {})
}

/// Opens the copy and audits it.
fn check_copy(lab: &Lab, folder: &Path, history: &History, case: &str) {
    let mut history = history.clone();
    let log = lab.open(folder);
    check_reads(&log, &history, &NONE, case);
    check_index(lab, &log, &history, case);
    check_appends(lab, &log, &mut history, case);
    drop(log);
    assert!(verify(folder, |_| {}).unwrap().is_intact(), "{case}");
}

fn events(history: &History) -> u64 {
    history.streams.values().sum()
}

#[test]
fn verify_counts_what_is_there() {
    let (lab, history) = Lab::build(seed(), 60);
    let mut checked = Vec::new();
    let report = verify(&lab.folder(), |group| checked.push(group)).unwrap();
    assert!(report.is_intact());
    assert_eq!(checked, (1..=history.head()).collect::<Vec<_>>());
    assert_eq!((report.head.group, report.groups), (history.head(), history.head()));
    assert_eq!((report.commits, report.events), (history.commits.len() as u64, events(&history)));
}

/// A damaged file header loses no group, and is named all the same.
#[test]
fn verify_names_segments_with_a_damaged_header() {
    let (lab, history) = Lab::build(seed(), 60);
    let segments = files::segments(&lab.folder());
    files::flip(&segments[1].path, 20..21);
    let report = verify(&lab.folder(), |_| {}).unwrap();
    assert!(!report.is_intact());
    assert_eq!(report.damaged_headers, [segments[1].first()]);
    assert_eq!(report.groups, history.head());
}

/// Two intact segments that do not belong together: every frame's checksum fits, the chain does not.
#[test]
fn verify_names_groups_that_break_the_chain() {
    let (lab, _) = Lab::build(seed(), 60);
    let (other, _) = Lab::build(seed() + 1, 60);
    let (segments, others) = (files::segments(&lab.folder()), files::segments(&other.folder()));
    let (ours, theirs) = (segments[0].frames[3], others[0].frames[3]);
    assert_eq!(ours.group, theirs.group);
    // The other log's first groups, up to where ours go on.
    let mut bytes = fs::read(&segments[0].path).unwrap();
    let foreign = fs::read(&others[0].path).unwrap();
    let rest = bytes.split_off(ours.end());
    bytes.truncate(files::FILE_HEADER);
    bytes.extend_from_slice(&foreign[files::FILE_HEADER..theirs.end()]);
    bytes.extend_from_slice(&rest);
    fs::write(&segments[0].path, bytes).unwrap();
    let report = verify(&lab.folder(), |_| {}).unwrap();
    assert!(!report.is_intact());
    assert!(!report.broken.is_empty() || !report.damaged.is_empty());
}

#[test]
fn stats_count_what_is_there() {
    let (lab, history) = Lab::build(seed(), 60);
    let counted = stats(&lab.folder(), |_| {}).unwrap();
    assert_eq!((counted.partition.as_str(), counted.head.group), ("test-0", history.head()));
    assert_eq!((counted.groups, counted.commits), (history.head(), history.commits.len() as u64));
    assert_eq!(counted.events.values().sum::<u64>(), events(&history));
    assert_eq!(counted.tenants.get("koeln"), Some(&events(&history)));
    assert_eq!(counted.segments, files::segments(&lab.folder()).len() as u64);
    assert!(counted.index_bytes > 0 && counted.body_bytes > 0);
    assert!(counted.segment_bytes <= counted.allocated_bytes);
    assert_eq!(counted.span, Some((lab.clock.now(), lab.clock.now())));
    assert!(counted.damaged.is_empty());
}

#[test]
fn an_exported_log_is_imported_as_it_was() {
    let (lab, history) = Lab::build(seed(), 60);
    let bytes = exported(&lab.folder());
    let head = OfflineLog::open(&lab.folder()).unwrap().head();
    // Also with segments of another size.
    for segment_bytes in [4 << 10, 16 << 10, 1 << 20] {
        let folder = lab.place.path().join(format!("imported-{segment_bytes}"));
        let (partition, imported) = import(&folder, &mut &bytes[..], segment_bytes, |_| {}).unwrap();
        assert_eq!(partition.as_str(), "test-0");
        assert_eq!(imported, head);
        assert_eq!(exported(&folder), bytes);
        check_copy(&lab, &folder, &history, "imported");
    }
}

#[test]
fn an_empty_log_is_exported_and_imported_too() {
    let lab = Lab::new(seed());
    let (empty, copy) = (lab.place.path().join("empty"), lab.place.path().join("copy"));
    let title = format!("allmende-log-1 {} 0\n", support::partition());
    imported(title.as_bytes(), &empty).unwrap();
    let bytes = exported(&empty);
    assert_eq!(bytes, title.as_bytes());
    imported(&bytes, &copy).unwrap();
    check_copy(&lab, &copy, &History::default(), "empty");
}

/// Where it is cut and which byte is wrong do not matter: nothing of it becomes a log, and the place stays free.
#[test]
fn a_cut_or_damaged_export_is_refused() {
    let (lab, history) = Lab::build(seed(), 30);
    let bytes = exported(&lab.folder());
    let folder = lab.place.path().join("imported");
    for cut in (0..bytes.len()).step_by(509).chain([bytes.len() - 1]) {
        match imported(&bytes[..cut], &folder) {
            Err(TransferError::Cut(group)) => assert!(group < history.head(), "cut at {cut}"),
            Err(TransferError::Unknown) => assert!(cut < 40, "cut at {cut}"),
            other => panic!("cut at {cut}: {other:?}"),
        }
        assert!(!folder.join("segments").exists());
    }
    let title = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for at in (0..bytes.len()).step_by(307) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        match imported(&flipped, &folder) {
            Err(TransferError::Cut(_) | TransferError::Broken(_)) => {}
            Err(TransferError::Unknown | TransferError::Io(_)) => assert!(at < title, "byte {at}"),
            // The padding between two groups carries nothing.
            Ok(_) if at > title => {
                assert_eq!(exported(&folder), bytes, "byte {at}");
                fs::remove_dir_all(&folder).unwrap();
                continue;
            }
            other => panic!("byte {at}: {other:?}"),
        }
        assert!(!folder.join("segments").exists());
    }
    imported(&bytes, &folder).unwrap();
    check_copy(&lab, &folder, &history, "imported in the end");
}

#[test]
fn a_damaged_log_is_not_exported() {
    for which in ["middle", "last"] {
        let (lab, _) = Lab::build(seed(), 30);
        let segments = files::segments(&lab.folder());
        let segment = if which == "last" { segments.last().unwrap() } else { &segments[0] };
        let frame = segment.frames.last().unwrap();
        files::flip(&segment.path, frame.at + 30..frame.at + 31);
        let refused = export(&lab.folder(), &mut Vec::new(), |_| {});
        assert!(matches!(refused, Err(TransferError::Read(_))), "{which}: {refused:?}");
    }
}

#[test]
fn nothing_is_imported_or_restored_over_a_log() {
    let (lab, history) = Lab::build(seed(), 30);
    let bytes = exported(&lab.folder());
    let kept = lab.place.path().join("kept");
    backup(&lab.folder(), &kept).unwrap();
    assert!(matches!(imported(&bytes, &lab.folder()), Err(TransferError::Occupied)));
    assert!(matches!(restore(&kept, &lab.folder()), Err(BackupError::Occupied)));
    for leftover in ["STATE", "LOCK", "segments"] {
        let folder = lab.place.path().join(leftover);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(leftover), "").unwrap();
        assert!(matches!(imported(&bytes, &folder), Err(TransferError::Occupied)), "{leftover}");
        assert!(matches!(restore(&kept, &folder), Err(BackupError::Occupied)), "{leftover}");
    }
    check_copy(&lab, &lab.folder(), &history, "untouched");
}

#[test]
fn a_restored_backup_is_the_log_as_it_was() {
    let (mut lab, mut history) = Lab::build(seed(), 60);
    let kept = lab.place.path().join("kept");
    let first = backup(&lab.folder(), &kept).unwrap();
    assert_eq!((first.head.group, first.kept), (history.head(), 0));
    restore(&kept, &lab.place.path().join("restored-1")).unwrap();
    check_copy(&lab, &lab.place.path().join("restored-1"), &history, "first backup");

    // The next one copies what is new.
    let log = lab.open(&lab.folder());
    lab.grow(&log, &mut history, 60);
    drop(log);
    let second = backup(&lab.folder(), &kept).unwrap();
    assert_eq!(second.head.group, history.head());
    assert_eq!(second.kept, first.copied - 1, "sealed segments are copied once");
    assert_eq!(second.copied + second.kept, files::segments(&lab.folder()).len() as u64);
    let report: VerifyReport = restore(&kept, &lab.place.path().join("restored-2")).unwrap();
    assert_eq!((report.head, report.groups), (second.head, history.head()));
    check_copy(&lab, &lab.place.path().join("restored-2"), &history, "second backup");
}

/// A later backup in the same place, cut off or complete, leaves the earlier one to be had.
#[test]
fn an_earlier_backup_is_restored_by_its_list() {
    let (mut lab, history) = Lab::build(seed(), 60);
    let kept = lab.place.path().join("kept");
    let mut told = 0;
    let first = backup_telling(&lab.folder(), &kept, |bytes| told += bytes).unwrap();
    assert_eq!((told, first.total_bytes), (first.bytes, first.bytes));
    let mut longer = history.clone();
    let log = lab.open(&lab.folder());
    lab.grow(&log, &mut longer, 60);
    drop(log);
    let second = backup(&lab.folder(), &kept).unwrap();
    assert!(second.head.group > first.head.group && second.total_bytes > second.bytes);
    let folder = lab.place.path().join("restored");
    let mut told = 0;
    let report = restore_listed(&kept, &first.list, &folder, |bytes| told += bytes).unwrap();
    assert_eq!((report.head, told), (first.head, first.total_bytes));
    check_copy(&lab, &folder, &history, "restored by its list");
}

/// A segment that was backed up as complete is not replaced by what has become of it.
#[test]
fn damage_does_not_reach_an_earlier_backup() {
    let (lab, history) = Lab::build(seed(), 60);
    let kept = lab.place.path().join("kept");
    backup(&lab.folder(), &kept).unwrap();
    let sealed = &files::segments(&lab.folder())[0];
    files::cut(&sealed.path, sealed.len / 2);
    backup(&lab.folder(), &kept).unwrap();
    restore(&kept, &lab.place.path().join("restored")).unwrap();
    check_copy(&lab, &lab.place.path().join("restored"), &history, "restored");
}

/// Ends the writer also when the test fails.
struct SetInTheEnd<'a>(&'a AtomicBool);

impl Drop for SetInTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Each backup beside a writer is a log that was: it holds what had been acknowledged before it began.
#[test]
fn a_backup_is_made_beside_a_writer() {
    let (lab, _) = Lab::build(seed(), 10);
    let log = lab.open(&lab.folder());
    let kept = lab.place.path().join("kept");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _done = SetInTheEnd(&done);
        let writer = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            while !done.load(Ordering::SeqCst) {
                let length = log.admitted_revision(&stream(100)).unwrap().0;
                let commit = one_event(log.now(), stream(100), length);
                runtime.block_on(log.submit(commit).unwrap().wait()).unwrap();
            }
        });
        for round in 0..25 {
            let acknowledged = log.head().borrow().group;
            let report = backup(&lab.folder(), &kept).unwrap();
            assert!(report.head.group >= acknowledged, "round {round}");
            let restored = lab.place.path().join(format!("restored-{round}"));
            let checked = restore(&kept, &restored).unwrap();
            assert_eq!((checked.head, checked.groups), (report.head, report.head.group), "round {round}");
            fs::remove_dir_all(&restored).unwrap();
        }
        assert!(!writer.is_finished());
    });
}

#[test]
fn a_backup_that_is_not_whole_is_not_restored() {
    let (lab, _) = Lab::build(seed(), 60);
    let kept = lab.place.path().join("kept");
    backup(&lab.folder(), &kept).unwrap();
    let folder = lab.place.path().join("restored");
    let refused = |change: &dyn Fn(&Path)| {
        let broken = lab.place.path().join("broken");
        files::copy(&kept, &broken);
        change(&broken);
        let error = restore(&broken, &folder).unwrap_err();
        assert!(!folder.join("segments").exists(), "{error}");
        fs::remove_dir_all(&broken).unwrap();
        error
    };
    let file = |folder: &Path| files::segments(folder)[1].path.clone();
    let name = |folder: &Path| file(folder).file_name().unwrap().to_owned();
    let flipped = refused(&|folder| files::flip(&file(folder), 700..701));
    assert!(matches!(&flipped, BackupError::Differs(path) if path.ends_with(name(&kept))), "{flipped:?}");
    let cut = refused(&|folder| files::cut(&file(folder), 700));
    assert!(matches!(&cut, BackupError::File(path, _) if path.ends_with(name(&kept))), "{cut:?}");
    let missing = refused(&|folder| fs::remove_file(file(folder)).unwrap());
    assert!(matches!(&missing, BackupError::File(path, _) if path.ends_with(name(&kept))), "{missing:?}");
    let unlisted = refused(&|folder| fs::remove_file(folder.join("MANIFEST")).unwrap());
    assert!(matches!(unlisted, BackupError::Incomplete(_)), "{unlisted:?}");
    for text in ["", "something else\n", "allmende-backup-1 test-0 7\n", "allmende-backup-1 test-0 7 ab\nab ../../x\n"]
    {
        let garbled = refused(&|folder| fs::write(folder.join("MANIFEST"), text).unwrap());
        assert!(matches!(garbled, BackupError::Incomplete(_)), "{text:?}: {garbled:?}");
    }
    let escaping = refused(&|folder| {
        let line = format!("allmende-backup-1 test-0 7 ab\n{} 5 ../x\n", "0".repeat(64));
        fs::write(folder.join("MANIFEST"), line).unwrap();
    });
    assert!(matches!(escaping, BackupError::Incomplete(_)), "{escaping:?}");
}

/// A list without its last files would be a shorter log.
#[test]
fn a_cut_list_is_not_restored() {
    let (lab, _) = Lab::build(seed(), 60);
    let kept = lab.place.path().join("kept");
    backup(&lab.folder(), &kept).unwrap();
    let text = fs::read_to_string(kept.join("MANIFEST")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for keep in 1..lines.len() {
        fs::write(kept.join("MANIFEST"), lines[..keep].join("\n") + "\n").unwrap();
        let folder = lab.place.path().join(format!("restored-{keep}"));
        assert!(restore(&kept, &folder).is_err(), "{keep} lines");
        assert!(lab.try_open(&folder).is_ok_and(|log| log.head().borrow().group == 0), "{keep} lines");
    }
}

#[test]
fn a_backup_is_not_overwritten_by_another_log() {
    let (lab, history) = Lab::build(seed(), 60);
    let kept = lab.place.path().join("kept");
    backup(&lab.folder(), &kept).unwrap();
    let title = "allmende-log-1 other-7 0\n";
    let other = lab.place.path().join("other");
    imported(title.as_bytes(), &other).unwrap();
    assert!(matches!(backup(&other, &kept), Err(BackupError::OtherLog)));

    // Neither by one of the same partition that has lost its end, or took another way.
    let (shorter, _) = Lab::build(seed() + 1, 30);
    assert!(matches!(backup(&shorter.folder(), &kept), Err(BackupError::OtherLog)));
    let (longer, _) = Lab::build(seed() + 1, 90);
    assert!(matches!(backup(&longer.folder(), &kept), Err(BackupError::OtherLog)));
    restore(&kept, &lab.place.path().join("restored")).unwrap();
    check_copy(&lab, &lab.place.path().join("restored"), &history, "kept");
}

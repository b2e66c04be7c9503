//! What the two commands say in the end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use allmende_eventlog_sled::VerifyReport;
use allmende_keyring::BackupReport;

use super::list::List;
use super::save::Saved;
use crate::terminal::{count, line, note};

fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// What was copied, a part a line.
pub(super) fn saved(target: &Path, partitions: &[String], saved: &Saved<'_>, list: &List) {
    line(&format!("backed up to {}, {} in all", target.display(), mb(list.bytes())));
    for partition in partitions {
        let Some(copy) = saved.logs.copies.get(partition) else { continue };
        let Some(report) = &copy.report else {
            line(&format!("  {partition}: nothing in it yet"));
            continue;
        };
        line(&format!(
            "  {partition}: head {} {}; {} of {} copied",
            report.head.group,
            report.head.hash,
            mb(copy.copied_bytes),
            mb(report.total_bytes)
        ));
    }
    for (name, copied) in [("datasets", &saved.datasets), ("attachments", &saved.attachments)] {
        line(&format!(
            "  {name}: {} files, {} of them copied ({})",
            count(copied.files.len() as u64),
            count(copied.copied),
            mb(copied.copied_bytes)
        ));
    }
    line(&keys(&saved.keys));
}

fn keys(keys: &BackupReport) -> String {
    let (number, erased) = (count(keys.keys), count(keys.erased));
    format!("  keyring: {number} keys, {erased} erased; generation {} of the master key opens them", keys.generation)
}

/// What went to places apart, and what is kept nowhere.
pub(super) fn apart(keys: &BackupReport, master: Option<&Path>, secrets: Option<(&Path, &[String])>) {
    match master {
        Some(path) => line(&format!("  master key, generation {}: in {}", keys.generation, path.display())),
        None => note(
            "Not in it: the master key (--master-key FILE), without which nobody reads what people wrote. Keep a copy, in \
             another place.",
        ),
    }
    match secrets {
        Some((folder, names)) => line(&format!("  {}: in {}", names.join(", "), folder.display())),
        None => note(
            "Not in it: installation.key, without which nobody signs in, operator.token and tokens/ (--secrets FOLDER). \
             Keep a copy, in another place.",
        ),
    }
}

/// Files that the platform itself has no more.
pub(super) fn lost(data: &Path, lost: &BTreeSet<PathBuf>) {
    for path in lost {
        note(&format!("damaged or away, and not in the backup: {}", data.join(path).display()));
    }
}

/// A log that was put back.
pub(super) fn put_back(partition: &str, checked: &VerifyReport) {
    line(&format!(
        "  {partition}: {} groups, {} commits, {} events checked; head {} {}",
        count(checked.groups),
        count(checked.commits),
        count(checked.events),
        checked.head.group,
        checked.head.hash
    ));
}

/// The rest of what was put back.
pub(super) fn restored(data: &Path, list: &List, report: &BackupReport, erased_again: u64, secrets: &[String]) {
    line(&format!("  datasets and attachments: {} files checked", count(list.files.len() as u64)));
    line(&keys(report));
    line(&format!("  {}", secrets.join(", ")));
    line(&format!("restored {} as it was at {}", data.display(), list.made_at));
    if erased_again > 0 {
        note(&format!(
            "{erased_again} keys were erased again that the backup still had. Its logs do not know of it: ask in gateway \
             once more for what was forgotten since, so that datasets of then are withdrawn."
        ));
    }
}

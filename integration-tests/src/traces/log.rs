//! Logs and their backups, as the log itself reads them.

use std::io;
use std::path::Path;

use allmende_eventlog_sled::OfflineLog;

use super::{Layer, Marker, Report};

/// Whether the folder is a log's, or a backup of one.
pub(super) fn is_one(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder.join("segments")) else { return false };
    entries.flatten().any(|entry| entry.path().extension().is_some_and(|extension| extension == "segment"))
}

/// Every commit of every group. Damaged groups were not searched.
pub(super) fn search(folder: &Path, marker: &Marker, report: &mut Report) {
    let mut read = || -> io::Result<()> {
        let log = OfflineLog::open(folder)?;
        for group in log.groups(0) {
            let group = match group? {
                Ok(group) => group,
                Err(damage) => {
                    report.unread(folder, &format!("groups {} to {} are damaged", damage.first, damage.last));
                    continue;
                }
            };
            for commit in group.commits() {
                for bytes in [commit.canonical_bytes(), &commit.outcome()] {
                    super::look(folder, Layer::Commit, bytes, marker, report, super::DEPTH - 1);
                }
            }
        }
        Ok(())
    };
    if let Err(error) = read() {
        report.unread(folder, &error);
    }
}

//! The logs' part of a backup: in which order they are copied, and how far.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use allmende_eventlog::Origin;
use allmende_eventlog_sled as sled_log;
use allmende_kernel::PartitionName;
use allmende_opendata::StandingFiles;
use anyhow::{Context as _, bail};

use super::list::{List, Log};
use crate::data_folder;

/// Followers before what they follow. What is not here may follow any of them.
const ORDER: [&str; 5] = ["reporting-", "opendata-", "telemetry-", "participation-", "gateway-"];
/// How often those that follow each other are copied further.
const MOST_TURNS: usize = 20;

/// The partitions in a data folder, in the order in which they are copied.
pub(crate) fn partitions(data: &Path) -> anyhow::Result<Vec<String>> {
    let folder = data.join("log");
    let is_none = || format!("{} is no platform's data folder", data.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(is_none)? {
        let name = entry.with_context(|| folder.display().to_string())?.file_name();
        let name = name.to_str().filter(|name| PartitionName::parse(name).is_ok());
        found.extend(name.map(str::to_owned));
    }
    if found.is_empty() {
        bail!(is_none());
    }
    let rank = |name: &str| ORDER.iter().position(|service| name.starts_with(service)).map_or(0, |rank| rank + 1);
    found.sort_by(|a, b| (rank(a), a).cmp(&(rank(b), b)));
    Ok(found)
}

/// What a log's copy has come to.
#[derive(Debug, Default)]
pub(super) struct Copy {
    /// The log's own report of the last time.
    pub(super) report: Option<sled_log::BackupReport>,
    pub(super) copied_bytes: u64,
    /// The last group of the backup before.
    before: u64,
    /// Groups up to here were looked through.
    seen: u64,
    /// The last group of each other partition that something in it came from.
    came_from: BTreeMap<String, u64>,
}

/// The copies of all logs.
pub(super) struct Logs<'a> {
    data: &'a Path,
    target: &'a Path,
    pub(super) copies: BTreeMap<String, Copy>,
    /// What open data's copy says.
    pub(super) standing: StandingFiles,
}

impl<'a> Logs<'a> {
    /// Goes on from the last complete backup, which was consistent as far as it reaches.
    pub(super) fn new(data: &'a Path, target: &'a Path, previous: Option<&List>) -> Self {
        let mut copies: BTreeMap<String, Copy> = BTreeMap::new();
        for log in previous.iter().flat_map(|list| &list.logs) {
            // Which files stand is told from the beginning.
            let seen = if is_opendata(&log.partition) { 0 } else { log.head };
            copies.insert(log.partition.clone(), Copy { before: log.head, seen, ..Copy::default() });
        }
        Self { data, target, copies, standing: StandingFiles::default() }
    }

    /// Bytes that a copy will have to take at most: whole segments, as the rest of the last one is not known.
    pub(super) fn new_bytes(&self, partition: &str) -> anyhow::Result<u64> {
        let folder = data_folder::log(self.data, partition).join("segments");
        let (mut bytes, mut last) = (0, None);
        if is_unwritten(&data_folder::log(self.data, partition))? {
            return Ok(0);
        }
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry.with_context(|| folder.display().to_string())?;
            let len = entry.metadata().map_or(0, |file| file.len());
            let there = self.target.join("log").join(partition).join("segments").join(entry.file_name()).exists();
            let counted = if there { 0 } else { len };
            bytes += counted;
            last = last.max(Some((entry.file_name(), len - counted)));
        }
        Ok(bytes + last.map_or(0, |(_, len)| len))
    }

    /// Copies a log up to where it is now.
    pub(super) fn copy(&mut self, partition: &str, told: impl FnMut(u64)) -> anyhow::Result<()> {
        let folder = data_folder::log(self.data, partition);
        let target = self.target.join("log").join(partition);
        if is_unwritten(&folder)? {
            let before = self.copies.entry(partition.to_owned()).or_default().before;
            anyhow::ensure!(before == 0, "{} has lost what was backed up of it before", folder.display());
            return Ok(());
        }
        let report = sled_log::backup_telling(&folder, &target, told)
            .with_context(|| format!("copying {} to {}", folder.display(), target.display()))?;
        let head = report.head.group;
        let copy = self.copies.entry(partition.to_owned()).or_default();
        copy.copied_bytes += report.bytes;
        copy.report = Some(report);
        let log = sled_log::OfflineLog::open(&folder).with_context(|| folder.display().to_string())?;
        for group in log.groups(copy.seen) {
            let group = group.with_context(|| folder.display().to_string())?.map_err(|damage| {
                anyhow::anyhow!("groups {} to {} of {} are damaged", damage.first, damage.last, folder.display())
            })?;
            if group.header().number > head {
                break;
            }
            copy.seen = group.header().number;
            for commit in group.commits() {
                if let Origin::Process { source, position, .. } = commit.origin() {
                    let last = copy.came_from.entry(source.to_string()).or_default();
                    *last = position.group.max(*last);
                }
            }
            if is_opendata(partition) {
                group.events().try_for_each(|event| self.standing.apply(&event)).with_context(|| {
                    format!("group {} of {} is of a later version", group.header().number, folder.display())
                })?;
            }
        }
        Ok(())
    }

    /// Copies those further that others took something from behind their copies' ends.
    pub(super) fn settle(&mut self, mut told: impl FnMut(u64)) -> anyhow::Result<()> {
        for _ in 0..MOST_TURNS {
            let behind = self.behind();
            if behind.is_empty() {
                return Ok(());
            }
            for partition in &behind {
                self.copy(partition, &mut told)?;
            }
        }
        bail!(
            "no moment of all logs was found: others go on from what is not in the copy of {} yet; the backup that was \
             there before is as it was, try again when less is going on",
            self.behind().join(", ")
        )
    }

    fn behind(&self) -> Vec<String> {
        let end = |copy: &Copy| copy.report.as_ref().map_or(0, |report| report.head.group);
        let mut behind: Vec<String> = Vec::new();
        for (partition, last) in self.copies.values().flat_map(|copy| &copy.came_from) {
            // Of a log that is not here there is no copy.
            if self.copies.get(partition).is_some_and(|copy| end(copy) < *last) && !behind.contains(partition) {
                behind.push(partition.clone());
            }
        }
        behind
    }

    /// As a list names them.
    pub(super) fn listed(&self) -> Vec<Log> {
        let of = |(partition, copy): (&String, &Copy)| {
            let report = copy.report.as_ref()?;
            Some(Log {
                partition: partition.clone(),
                head: report.head.group,
                bytes: report.total_bytes,
                list: report.list.clone(),
            })
        };
        self.copies.iter().filter_map(of).collect()
    }
}

/// Whether nothing was ever written to a log: it gets its first segment with its first commit.
pub(crate) fn is_unwritten(folder: &Path) -> anyhow::Result<bool> {
    let segments = folder.join("segments");
    let entries = match fs::read_dir(&segments) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        entries => entries.with_context(|| segments.display().to_string())?,
    };
    for entry in entries {
        let path = entry.with_context(|| segments.display().to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "segment") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether it is open data's.
fn is_opendata(partition: &str) -> bool {
    partition.starts_with("opendata-")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use allmende_eventlog::contract::ManualClock;
    use allmende_eventlog::{EventLog as _, NewCommit, NewEvent, StreamAppend};
    use allmende_eventlog_sled::SledLog;
    use allmende_kernel::{ExpectedRevision, Position, StreamName, Timestamp};
    use bytes::Bytes;

    use super::*;

    #[test]
    fn followers_go_before_what_they_follow() {
        let data = tempfile::tempdir().unwrap();
        for name in
            ["gateway-0", "opendata-0", "participation-0", "reporting-0", "telemetry-0", "telemetry-1", "later-0"]
        {
            fs::create_dir_all(data.path().join("log").join(name)).unwrap();
        }
        let order = partitions(data.path()).unwrap();
        assert_eq!(
            order,
            ["later-0", "reporting-0", "opendata-0", "telemetry-0", "telemetry-1", "participation-0", "gateway-0"]
        );
        assert!(partitions(&data.path().join("elsewhere")).is_err());
    }

    fn open(data: &Path, name: &str) -> SledLog {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1)));
        let (folder, partition) = (data_folder::log(data, name), PartitionName::parse(name).unwrap());
        SledLog::open(&folder, partition, clock, sled_log::Options::default()).unwrap()
    }

    /// Writes something that came from a group of another partition.
    async fn write(log: &SledLog, source: &str, group: u64) {
        let source = PartitionName::parse(source).unwrap();
        let events = vec![NewEvent { event_type: "allmende.test.v1.Done", payload: Bytes::new() }];
        let stream = StreamName::parse("koeln/test/1").unwrap();
        let commit = NewCommit {
            origin: Origin::Process { source, position: Position::new(group, 0), step: 0 },
            admitted_at: Timestamp::from_secs(1),
            actor: None,
            trace: None,
            reads: Vec::new(),
            writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
            outcome: Bytes::new(),
        };
        log.submit(commit).unwrap().wait().await.unwrap();
    }

    #[tokio::test]
    async fn what_another_copy_refers_to_is_copied_too() {
        let (data, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, other) = (open(data.path(), "participation-0"), open(data.path(), "gateway-0"));
        write(&one, "gateway-0", 0).await;
        let mut logs = Logs::new(data.path(), target.path(), None);
        logs.copy("gateway-0", |_| {}).unwrap();
        assert!(logs.listed().is_empty(), "nothing was written to it yet");
        logs.copy("participation-0", |_| {}).unwrap();
        // Meanwhile each does what the other one asks for.
        write(&one, "gateway-0", 1).await;
        write(&other, "participation-0", 2).await;
        logs.copy("gateway-0", |_| {}).unwrap();
        assert_eq!(logs.behind(), ["participation-0"]);
        write(&one, "gateway-0", 2).await;
        write(&other, "participation-0", 3).await;
        logs.settle(|_| {}).unwrap();
        let heads: Vec<_> = logs.listed().into_iter().map(|log| (log.partition, log.head)).collect();
        assert_eq!(heads, [("gateway-0".to_owned(), 2), ("participation-0".to_owned(), 3)]);

        // What was found by an earlier backup is not looked for again; what does not come is told.
        let list = List::new(String::new(), String::new(), logs.listed(), Vec::new(), 1);
        write(&other, "participation-0", 9).await;
        let mut logs = Logs::new(data.path(), target.path(), Some(&list));
        logs.copy("participation-0", |_| {}).unwrap();
        assert!(logs.copies["participation-0"].came_from.is_empty());
        logs.copy("gateway-0", |_| {}).unwrap();
        let error = logs.settle(|_| {}).unwrap_err().to_string();
        assert!(error.contains("the copy of participation-0"), "{error}");
    }
}

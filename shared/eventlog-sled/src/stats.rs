use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use allmende_eventlog::Head;
use allmende_kernel::Timestamp;

use crate::layout::{IDS, INDEX, segment_path};
use crate::{Damage, OfflineLog};

/// What a log holds.
#[derive(Debug, Clone)]
pub struct Stats {
    /// Which partition it is.
    pub partition: String,
    /// The last group.
    pub head: Head,
    /// Segment files.
    pub segments: u64,
    /// Bytes of frames in them.
    pub segment_bytes: u64,
    /// Bytes on disk, the space that is allocated ahead included.
    pub allocated_bytes: u64,
    /// Bytes of the index, request ids included.
    pub index_bytes: u64,
    /// Commits before compression.
    pub body_bytes: u64,
    /// Groups.
    pub groups: u64,
    /// Commits.
    pub commits: u64,
    /// Events by type.
    pub events: BTreeMap<String, u64>,
    /// Events by tenant.
    pub tenants: BTreeMap<String, u64>,
    /// Admission of the first and of the last commit.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Groups that cannot be read.
    pub damaged: Vec<Damage>,
}

/// Reads a whole log and counts. `progress` is told the number of each group.
pub fn stats(folder: &Path, mut progress: impl FnMut(u64)) -> io::Result<Stats> {
    let log = OfflineLog::open(folder)?;
    let mut stats = Stats {
        partition: log.partition().to_string(),
        head: log.head(),
        segments: log.firsts().len() as u64,
        segment_bytes: 0,
        allocated_bytes: 0,
        index_bytes: bytes_below(&folder.join(INDEX))? + bytes_below(&folder.join(IDS))?,
        body_bytes: 0,
        groups: 0,
        commits: 0,
        events: BTreeMap::new(),
        tenants: BTreeMap::new(),
        span: None,
        damaged: Vec::new(),
    };
    for (index, first) in log.firsts().iter().enumerate() {
        let len = fs::metadata(segment_path(log.folder(), *first))?.len();
        stats.allocated_bytes += len;
        stats.segment_bytes += if index + 1 == log.firsts().len() { log.end() } else { len };
    }
    for group in log.groups(0) {
        match group? {
            Ok(group) => {
                stats.groups += 1;
                stats.commits += u64::from(group.header().commit_count);
                stats.body_bytes += group.body_length() as u64;
                for event in group.events() {
                    count(&mut stats.events, event.event_type());
                    count(&mut stats.tenants, event.stream().split('/').next().unwrap_or_default());
                }
                for commit in group.commits() {
                    let at = commit.admitted_at();
                    stats.span = Some(stats.span.map_or((at, at), |(first, _)| (first, at)));
                }
                progress(group.header().number);
            }
            Err(damage) => {
                stats.damaged.push(damage);
                progress(damage.last);
            }
        }
    }
    Ok(stats)
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

fn bytes_below(folder: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    entries
        .map(|entry| {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() { bytes_below(&entry.path()) } else { Ok(metadata.len()) }
        })
        .sum()
}

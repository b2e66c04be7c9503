use std::fs::File;
use std::io;
use std::path::Path;

use allmende_eventlog::{Hash, Head, genesis_hash};

use crate::layout::segment_path;
use crate::segment::SegmentHeader;
use crate::{Damage, OfflineLog};

/// What a full check of a log found.
#[derive(Debug, Clone)]
pub struct VerifyReport {
    /// The last group.
    pub head: Head,
    /// Groups whose bytes, leaves, hash and place in the chain are right.
    pub groups: u64,
    /// Their commits.
    pub commits: u64,
    /// Their events.
    pub events: u64,
    /// Groups that cannot be read.
    pub damaged: Vec<Damage>,
    /// Groups that can be read and do not continue the chain, or whose content has another hash.
    pub broken: Vec<u64>,
    /// First groups of segments whose file header is damaged; their groups may be intact.
    pub damaged_headers: Vec<u64>,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_intact(&self) -> bool {
        self.damaged.is_empty() && self.broken.is_empty() && self.damaged_headers.is_empty()
    }
}

/// Reads a whole log and recomputes every hash.
///
/// `progress` is told the number of each group that was checked.
pub fn verify(folder: &Path, mut progress: impl FnMut(u64)) -> io::Result<VerifyReport> {
    let log = OfflineLog::open(folder)?;
    let mut report = VerifyReport {
        head: log.head(),
        groups: 0,
        commits: 0,
        events: 0,
        damaged: Vec::new(),
        broken: Vec::new(),
        damaged_headers: Vec::new(),
    };
    for first in log.firsts() {
        let header = SegmentHeader::read(&File::open(segment_path(log.folder(), *first))?)?;
        if header.is_none_or(|header| header.first != *first || header.partition != log.partition().as_str()) {
            report.damaged_headers.push(*first);
        }
    }
    // Unknown behind damage: there the chain is taken up again.
    let mut previous: Option<Hash> = Some(genesis_hash(log.partition()));
    for group in log.groups(0) {
        match group? {
            Ok(group) => {
                let header = group.header();
                let continues = previous.is_none_or(|hash| hash == header.previous_hash);
                if continues && group.verify().is_ok() {
                    report.groups += 1;
                    report.commits += u64::from(header.commit_count);
                    report.events += group.event_count() as u64;
                } else {
                    report.broken.push(header.number);
                }
                previous = Some(header.hash);
                progress(header.number);
            }
            Err(damage) => {
                report.damaged.push(damage);
                previous = None;
                progress(damage.last);
            }
        }
    }
    Ok(report)
}

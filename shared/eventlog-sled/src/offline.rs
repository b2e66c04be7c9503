use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use allmende_eventlog::{Head, ReadError, RecordedGroup};
use allmende_kernel::PartitionName;
use bytes::Bytes;

use crate::Damage;
use crate::frame;
use crate::layout::{self, SEGMENTS};
use crate::segment::SegmentHeader;
use crate::segments::Segments;
use crate::survey::Writing;
use crate::{state, survey};

/// A partition's segments, read without opening the log: also beside a process that writes it, and without an index.
///
/// The last group may then be one that is written and not durable yet.
pub struct OfflineLog {
    partition: PartitionName,
    segments: Segments,
    firsts: Vec<u64>,
    head: Head,
    /// The last group that is known of; behind `head` if the end of the log is damaged.
    last: u64,
    end: u64,
}

impl OfflineLog {
    /// Reads where the log in `folder` ends.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let durable = state::read(folder)?.durable.map_or(0, |durable| durable.group);
        let folder = folder.join(SEGMENTS);
        let partition = partition_of(&folder)?;
        let survey = survey::survey(&folder, &partition, Writing::OneByOne)?;
        let segments = Segments::new(partition.clone(), folder, &survey.firsts, None);
        for damage in survey.tail.iter().flat_map(|tail| &tail.damage) {
            segments.report(*damage);
        }
        let end = survey.tail.as_ref().map_or(0, |tail| tail.end);
        let last = durable.max(survey.head.group);
        Ok(Self { partition, segments, firsts: survey.firsts, head: survey.head, last, end })
    }

    /// Which partition it is.
    pub fn partition(&self) -> &PartitionName {
        &self.partition
    }

    /// The last group that can be read, or that the log goes on behind.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The last group that is known of.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn firsts(&self) -> &[u64] {
        &self.firsts
    }

    /// Behind the last frame of the last segment.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    pub(crate) fn folder(&self) -> &Path {
        self.segments.folder()
    }

    pub(crate) fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Groups after `after`, damaged ranges in between.
    pub fn groups(&self, after: u64) -> Groups<'_> {
        Groups { log: self, next: after + 1, mark: None, read: Vec::new().into_iter() }
    }

    /// Groups after `after` as they are stored, each with its number, up to the last one that is known of. Ends with the
    /// first that cannot be read.
    pub fn stored(&self, after: u64) -> Stored<'_> {
        Stored { log: self, next: after + 1, mark: None }
    }
}

/// See [`OfflineLog::stored`].
pub struct Stored<'a> {
    log: &'a OfflineLog,
    next: u64,
    mark: Option<(u64, u32)>,
}

impl Iterator for Stored<'_> {
    type Item = Result<(u64, Bytes), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (number, last) = (self.next, self.log.last);
        if number > last {
            return None;
        }
        let segments = &self.log.segments;
        let read = segments.find(number, self.mark, last).and_then(|address| {
            let payload = segments.read_payload(number, address, last)?;
            self.mark = Some((number + 1, (address.offset + frame::frame_len(payload.len()) as u64) as u32));
            Ok((number, Bytes::from(payload)))
        });
        self.next = if read.is_ok() { number + 1 } else { last + 1 };
        Some(read)
    }
}

/// See [`OfflineLog::groups`].
pub struct Groups<'a> {
    log: &'a OfflineLog,
    next: u64,
    mark: Option<(u64, u32)>,
    read: std::vec::IntoIter<(Arc<RecordedGroup>, usize)>,
}

/// A group, or the groups that are missing at its place.
pub type GroupOrDamage = Result<Arc<RecordedGroup>, Damage>;

const READ_BYTES: usize = 4 << 20;

impl Iterator for Groups<'_> {
    type Item = io::Result<GroupOrDamage>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((group, _)) = self.read.next() {
            self.next = group.header().number + 1;
            return Some(Ok(Ok(group)));
        }
        let head = self.log.last;
        if self.next > head {
            return None;
        }
        let segments = &self.log.segments;
        let read = segments.find(self.next, self.mark, head).and_then(|address| {
            let run = segments.read_run(self.next, address, head, READ_BYTES)?;
            Ok((address.offset + run.iter().map(|(_, len)| *len as u64).sum::<u64>(), run))
        });
        match read {
            Ok((offset, run)) => {
                self.mark = run.last().map(|(group, _)| (group.header().number + 1, offset as u32));
                self.read = run.into_iter();
                self.next()
            }
            Err(ReadError::Damaged { first, last, .. }) => {
                self.next = last + 1;
                self.mark = None;
                Some(Ok(Err(Damage { first, last })))
            }
            Err(ReadError::Io { kind, .. }) => {
                self.next = head + 1;
                Some(Err(kind.into()))
            }
            Err(error) => {
                self.next = head + 1;
                Some(Err(io::Error::other(error)))
            }
        }
    }
}

/// The partition that the segments name themselves.
fn partition_of(folder: &Path) -> io::Result<PartitionName> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, "no segment with an intact header");
    for first in layout::list_segments(folder)? {
        let file = File::open(layout::segment_path(folder, first))?;
        if let Some(header) = SegmentHeader::read(&file)? {
            return PartitionName::parse(&header.partition).map_err(|_| missing());
        }
    }
    Err(missing())
}

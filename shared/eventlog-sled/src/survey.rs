//! What the segment files hold, read without changing them: where the log ends and what is damaged at its end.

use std::fs::File;
use std::io;
use std::path::Path;

use allmende_eventlog::{GroupHeader, Head, RecordedGroup, genesis_hash};
use allmende_kernel::{PartitionName, Timestamp};

use crate::Damage;
use crate::frame::{self, Header, Kind};
use crate::layout;
use crate::segment::{FIRST_FRAME, SegmentHeader};
use crate::segments::read_some;

/// The end of the log.
pub(crate) struct Survey {
    /// First group of each segment.
    pub(crate) firsts: Vec<u64>,
    pub(crate) head: Head,
    pub(crate) tail: Option<Tail>,
    /// Groups between the last intact one and a last segment without any: that segment's header tells that they were.
    pub(crate) gap: Option<Damage>,
}

/// The last segment.
pub(crate) struct Tail {
    pub(crate) first: u64,
    /// From here on it is not known that what is read has reached the disk: the last intact frame, or the first one of
    /// several that may have been waiting for a sync; the file's header, if there is none.
    pub(crate) unsynced_from: u64,
    /// Behind the last intact frame.
    pub(crate) end: u64,
    /// Behind the last byte that is not zero, where that is past `end`: an unfinished write, or damage.
    pub(crate) dirty_to: u64,
    pub(crate) sealed: bool,
    /// Damage before the last intact group.
    pub(crate) damage: Vec<Damage>,
    /// What the file says of itself, if it begins as a segment does.
    pub(crate) header: Option<SegmentHeader>,
    /// Whether its creation was cut: not a byte was written.
    is_unborn: bool,
}

pub(crate) fn head_of(header: &GroupHeader) -> Head {
    Head {
        group: header.number,
        epoch: header.epoch,
        hash: header.hash,
        leader_time: header.leader_time,
        window_floor: header.window_floor,
    }
}

/// Before the first group.
pub(crate) fn empty_head(partition: &PartitionName) -> Head {
    Head {
        group: 0,
        epoch: 1,
        hash: genesis_hash(partition),
        leader_time: Timestamp::default(),
        window_floor: Timestamp::default(),
    }
}

/// How groups became durable, which decides what a broken frame with intact ones behind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// One after the other: what lies before a later group was durable, and the frame is damage.
    OneByOne,
    /// Many with one sync: behind this group, the last one that is known to have been durable, any of a batch may be
    /// missing of which nobody was told. They come again, so the log ends before them.
    InBatches {
        /// See above.
        durable: u64,
    },
}

/// Surveys the segments in `folder`.
pub(crate) fn survey(folder: &Path, partition: &PartitionName, writing: Writing) -> io::Result<Survey> {
    let mut firsts = layout::list_segments(folder)?;
    let mut head = empty_head(partition);
    let mut tail: Option<Tail> = None;
    // The last segment may have been created and not written; then the log ends in the one before.
    for first in firsts.clone().into_iter().rev() {
        let (scanned, last) = scan(folder, first, writing)?;
        if tail.is_none() && scanned.is_unborn {
            firsts.pop();
            continue;
        }
        tail.get_or_insert(scanned);
        if let Some(last) = last {
            head = last;
            break;
        }
    }
    let mut gap = None;
    if let Some(Tail { header: Some(header), .. }) = &tail
        && head.group + 1 < header.first
    {
        gap = Some(Damage { first: head.group + 1, last: header.first - 1 });
        (head.group, head.hash) = (header.first - 1, header.previous_hash);
    }
    Ok(Survey { firsts, head, tail, gap })
}

/// Walks one segment from its first frame to its end.
fn scan(folder: &Path, first: u64, writing: Writing) -> io::Result<(Tail, Option<Head>)> {
    let file = File::open(layout::segment_path(folder, first))?;
    let len = file.metadata()?.len();
    let mut window = Window { file: &file, start: 0, bytes: Vec::new() };
    let header = SegmentHeader::parse(window.at(0, FIRST_FRAME as usize)?);
    let mut tail = Tail {
        first,
        unsynced_from: 0,
        end: FIRST_FRAME.min(len),
        dirty_to: FIRST_FRAME.min(len),
        sealed: false,
        damage: Vec::new(),
        is_unborn: header.is_none() && last_byte_set(&file, 0, len)?.is_none(),
        header: header.filter(|header| header.first == first),
    };
    let mut last: Option<Head> = None;
    let mut expected = first;
    while tail.end < len {
        let mut found = read(window.frame(tail.end)?, expected, last.as_ref());
        let mut behind = None;
        if found.is_none() {
            behind = next_intact(&file, tail.end, len, expected)?;
            if behind.is_some() {
                // Beside a process that writes, this group may have been written since the window was read.
                window.bytes.clear();
                found = read(window.frame(tail.end)?, expected, last.as_ref());
            }
        }
        match found {
            Some(Read::Group(header, group)) => {
                match writing {
                    Writing::InBatches { durable } if expected > durable + 1 && tail.unsynced_from > 0 => {}
                    Writing::InBatches { .. } | Writing::OneByOne => tail.unsynced_from = tail.end,
                }
                tail.end += header.frame_len() as u64;
                expected += 1;
                last = Some(head_of(&group));
            }
            Some(Read::Seal(header)) => {
                tail.end += header.frame_len() as u64;
                tail.sealed = true;
                break;
            }
            None => match behind {
                Some(_) if matches!(writing, Writing::InBatches { durable } if expected > durable) => break,
                Some((next, number)) => {
                    tail.damage.push(Damage { first: expected, last: number - 1 });
                    (tail.end, expected, last) = (next, number, None);
                }
                None => break,
            },
        }
    }
    tail.end = tail.end.min(len);
    tail.dirty_to = last_byte_set(&file, tail.end, len)?.map_or(tail.end, |at| at + 1);
    Ok((tail, last))
}

/// What is read of a segment at once while it is walked.
const WINDOW: usize = 1 << 20;

/// A part of a file that follows its reader.
struct Window<'a> {
    file: &'a File,
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// The bytes from `offset` on: at least those of the frame that begins there, unless the file ends before.
    fn frame(&mut self, offset: u64) -> io::Result<&[u8]> {
        let header = Header::parse(self.at(offset, frame::HEADER)?);
        self.at(offset, header.map_or(frame::HEADER, |header| header.frame_len()))
    }

    /// The bytes from `offset` on: at least `len`, unless the file ends before.
    fn at(&mut self, offset: u64, len: usize) -> io::Result<&[u8]> {
        let end = self.start + self.bytes.len() as u64;
        if offset < self.start || offset + len as u64 > end {
            read_some(self.file, offset, len.max(WINDOW), &mut self.bytes)?;
            self.start = offset;
        }
        Ok(&self.bytes[(offset - self.start) as usize..])
    }
}

/// Offset of the last byte in `from..len` that is not zero.
fn last_byte_set(file: &File, from: u64, len: u64) -> io::Result<Option<u64>> {
    let mut last = None;
    let mut bytes = Vec::new();
    let mut at = from;
    while at < len {
        read_some(file, at, WINDOW, &mut bytes)?;
        if bytes.is_empty() {
            break;
        }
        last = bytes.iter().rposition(|byte| *byte != 0).map(|index| at + index as u64).or(last);
        at += bytes.len() as u64;
    }
    Ok(last)
}

/// Offset and number of the next intact group behind `from`.
fn next_intact(file: &File, from: u64, len: u64, above: u64) -> io::Result<Option<(u64, u64)>> {
    // Mostly zeros, and then there is nothing to search.
    if last_byte_set(file, from, len)?.is_none() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    read_some(file, from, (len - from) as usize, &mut bytes)?;
    Ok(frame::find_next(&bytes, 0, above).map(|(at, header)| (from + at as u64, header.number)))
}

enum Read {
    Group(Header, GroupHeader),
    Seal(Header),
}

/// The intact frame that `bytes` begin with, if it continues the log.
fn read(bytes: &[u8], expected: u64, last: Option<&Head>) -> Option<Read> {
    let header = Header::parse(bytes)?;
    let payload = bytes.get(frame::HEADER..frame::HEADER + header.len)?;
    if !header.fits(payload) {
        return None;
    }
    match header.kind {
        Kind::Seal => Some(Read::Seal(header)),
        Kind::Group => {
            let group = RecordedGroup::decode_header(payload).ok()?;
            let continues = header.number == expected
                && group.number == expected
                && last.is_none_or(|last| last.hash == group.previous_hash);
            continues.then_some(Read::Group(header, group))
        }
    }
}

#[cfg(test)]
mod tests {
    use allmende_eventlog::{TermId, Window, barrier};

    use super::*;
    use crate::segment::SegmentWriter;

    /// After a sync that failed the system takes for written what never was: all that it should have made durable.
    #[test]
    fn what_waited_for_one_sync_is_doubted_together() {
        let (place, partition) = (tempfile::tempdir().unwrap(), PartitionName::parse("survey-0").unwrap());
        let mut head = empty_head(&partition);
        let mut writer = SegmentWriter::create(place.path(), &partition, 1, head.hash, 1 << 16).unwrap();
        let mut begins = Vec::new();
        for term in 0..5 {
            let (group, after) = barrier(&head, TermId([term; 16]), Timestamp::default(), Window::default());
            let mut bytes = Vec::new();
            let start = frame::begin(&mut bytes);
            bytes.extend_from_slice(&group);
            frame::finish(&mut bytes, start, Kind::Group, after.group);
            begins.push(writer.append_unsynced(&bytes).unwrap());
            head = after;
        }
        let doubted = |writing| survey(place.path(), &partition, writing).unwrap().tail.unwrap().unsynced_from;
        assert_eq!(doubted(Writing::OneByOne), begins[4]);
        for (durable, from) in [(0, 0), (1, 1), (2, 2), (4, 4), (5, 4), (9, 4)] {
            assert_eq!(doubted(Writing::InBatches { durable }), begins[from], "{durable}");
        }
    }
}

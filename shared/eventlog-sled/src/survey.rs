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

/// Surveys the segments in `folder`.
pub(crate) fn survey(folder: &Path, partition: &PartitionName) -> io::Result<Survey> {
    let mut firsts = layout::list_segments(folder)?;
    let mut head = empty_head(partition);
    let mut tail: Option<Tail> = None;
    // The last segment may have been created and not written; then the log ends in the one before.
    for first in firsts.clone().into_iter().rev() {
        let (scanned, last) = scan(folder, first)?;
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
fn scan(folder: &Path, first: u64) -> io::Result<(Tail, Option<Head>)> {
    let file = File::open(layout::segment_path(folder, first))?;
    let mut bytes = Vec::new();
    read_some(&file, 0, file.metadata()?.len() as usize, &mut bytes)?;
    let mut tail = Tail {
        first,
        end: FIRST_FRAME,
        dirty_to: FIRST_FRAME,
        sealed: false,
        damage: Vec::new(),
        header: SegmentHeader::parse(&bytes).filter(|header| header.first == first),
        is_unborn: bytes.iter().all(|byte| *byte == 0),
    };
    let mut last: Option<Head> = None;
    let mut at = FIRST_FRAME as usize;
    let mut expected = first;
    while at < bytes.len() {
        match read(&bytes, at, expected, last.as_ref()) {
            Some(Read::Group(header, group)) => {
                at += header.frame_len();
                expected += 1;
                last = Some(head_of(&group));
            }
            Some(Read::Seal(header)) => {
                at += header.frame_len();
                tail.sealed = true;
                break;
            }
            None => match frame::find_next(&bytes, at, expected) {
                Some((next, header)) => {
                    tail.damage.push(Damage { first: expected, last: header.number - 1 });
                    (at, expected, last) = (next, header.number, None);
                }
                None => break,
            },
        }
    }
    tail.end = at.min(bytes.len()) as u64;
    let rest = &bytes[tail.end as usize..];
    tail.dirty_to = rest.iter().rposition(|byte| *byte != 0).map_or(tail.end, |at| tail.end + at as u64 + 1);
    Ok((tail, last))
}

enum Read {
    Group(Header, GroupHeader),
    Seal(Header),
}

/// The intact frame at `at`, if it continues the log.
fn read(bytes: &[u8], at: usize, expected: u64, last: Option<&Head>) -> Option<Read> {
    let header = Header::parse(&bytes[at..])?;
    let payload = bytes.get(at + frame::HEADER..at + frame::HEADER + header.len)?;
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

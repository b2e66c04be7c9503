//! A log as one stream of bytes: a line that names it, then the frames of its groups as they stand in the segments.

use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;

use allmende_eventlog::{Head, ReadError, RecordedGroup, genesis_hash};
use allmende_kernel::PartitionName;

use crate::frame::{self, Header, Kind};
use crate::layout::{self, LOCK, SEGMENTS, STATE};
use crate::offline::OfflineLog;
use crate::segment::{FIRST_FRAME, SegmentWriter};
use crate::segments::Address;
use crate::survey::{empty_head, head_of};

const TITLE: &str = "allmende-log-1";

/// Why a log was not exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The log to be exported cannot be read throughout; export from a replica or a backup.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The bytes are no exported log.
    #[error("not an exported log")]
    Unknown,
    /// The bytes end, or are damaged, behind this group.
    #[error("the exported log is cut or damaged behind group {0}")]
    Cut(u64),
    /// A group is not what its hash says, or does not follow the one before.
    #[error("group {0} breaks the chain of hashes")]
    Broken(u64),
    /// There is a log at the place of the new one.
    #[error("the folder holds a log already")]
    Occupied,
}

/// Writes a log to `out`, checking every hash. Tells its head; `progress` is told the number of each group.
pub fn export(folder: &Path, out: &mut impl Write, mut progress: impl FnMut(u64)) -> Result<Head, TransferError> {
    let log = OfflineLog::open(folder)?;
    let (head, segments) = (log.head(), log.segments());
    writeln!(out, "{TITLE} {} {}", log.partition(), head.group)?;
    let mut chain = genesis_hash(log.partition());
    let mut address = Address { segment: 1, offset: FIRST_FRAME };
    let mut frame = Vec::new();
    for number in 1..=log.last() {
        match segments.segment_of(number) {
            Some((segment, _)) if segment == number => address = Address { segment, offset: FIRST_FRAME },
            _ => {}
        }
        let payload = segments.read_payload(number, address, log.last())?;
        chain = checked(&payload, number, chain)?.hash;
        frame.clear();
        let start = frame::begin(&mut frame);
        frame.extend_from_slice(&payload);
        frame::finish(&mut frame, start, Kind::Group, number);
        out.write_all(&frame)?;
        address.offset += frame.len() as u64;
        progress(number);
    }
    out.flush()?;
    Ok(head)
}

/// Makes a log in `folder`, which holds none, of an exported one. Every hash is checked before its group is written;
/// after an error the folder holds no log. Tells the head.
pub fn import(
    folder: &Path,
    input: &mut impl BufRead,
    segment_bytes: u64,
    progress: impl FnMut(u64),
) -> Result<(PartitionName, Head), TransferError> {
    if folder.join(SEGMENTS).exists() || folder.join(STATE).exists() || folder.join(LOCK).exists() {
        return Err(TransferError::Occupied);
    }
    let mut title = String::new();
    input.by_ref().take(256).read_line(&mut title)?;
    let words: Vec<&str> = title.split_whitespace().collect();
    let [TITLE, partition, groups] = words.as_slice() else { return Err(TransferError::Unknown) };
    let partition = PartitionName::parse(partition).map_err(|_| TransferError::Unknown)?;
    let groups = groups.parse().map_err(|_| TransferError::Unknown)?;

    // Under another name until it is complete: an import that was killed is no shorter log.
    let staging = folder.join("segments.importing");
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    layout::create_folder(&staging)?;
    let imported = write_groups(&staging, &partition, groups, input, segment_bytes, progress);
    match &imported {
        Ok(_) => fs::rename(&staging, folder.join(SEGMENTS))?,
        // The first error counts, not one of tidying up.
        Err(_) => drop(fs::remove_dir_all(&staging)),
    }
    layout::sync_folder(folder)?;
    imported.map(|head| (partition, head))
}

fn write_groups(
    folder: &Path,
    partition: &PartitionName,
    groups: u64,
    input: &mut impl BufRead,
    segment_bytes: u64,
    mut progress: impl FnMut(u64),
) -> Result<Head, TransferError> {
    let mut head = empty_head(partition);
    let mut writer: Option<SegmentWriter> = None;
    let mut frame = Vec::new();
    for number in 1..=groups {
        read_frame(input, number, &mut frame)?;
        let payload_len = Header::parse(&frame).map_or(0, |header| header.len);
        let group = checked(&frame[frame::HEADER..frame::HEADER + payload_len], number, head.hash)?;
        if writer.as_ref().is_none_or(|writer| !writer.has_room(frame.len())) {
            if let Some(mut full) = writer.take() {
                full.seal(head.group, head.hash)?;
            }
            writer = Some(SegmentWriter::create(folder, partition, number, head.hash, segment_bytes)?);
        }
        if let Some(writer) = &mut writer {
            writer.append_unsynced(&frame)?;
        }
        head = group;
        progress(number);
    }
    match writer {
        Some(writer) => writer.sync()?,
        None => drop(SegmentWriter::create(folder, partition, 1, head.hash, segment_bytes)?),
    }
    Ok(head)
}

fn read_frame(input: &mut impl Read, number: u64, frame: &mut Vec<u8>) -> Result<(), TransferError> {
    let cut = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => TransferError::Cut(number - 1),
        _ => TransferError::Io(error),
    };
    frame.clear();
    frame.resize(frame::HEADER, 0);
    input.read_exact(frame).map_err(cut)?;
    let header = Header::parse(frame).filter(|header| header.kind == Kind::Group && header.number == number);
    let header = header.ok_or(TransferError::Cut(number - 1))?;
    frame.resize(header.frame_len(), 0);
    input.read_exact(&mut frame[frame::HEADER..]).map_err(cut)?;
    let intact = header.fits(&frame[frame::HEADER..frame::HEADER + header.len]);
    if intact { Ok(()) } else { Err(TransferError::Cut(number - 1)) }
}

fn checked(payload: &[u8], number: u64, previous: allmende_eventlog::Hash) -> Result<Head, TransferError> {
    let group = RecordedGroup::decode(payload).map_err(|_| TransferError::Broken(number))?;
    let header = group.header();
    if header.number != number || header.previous_hash != previous || group.verify().is_err() {
        return Err(TransferError::Broken(number));
    }
    Ok(head_of(header))
}

//! One segment file.
//!
//! ```text
//! 0    "ALMSEG01"
//! 8    number of the first group   u64, little-endian
//! 16   hash of the group before    32 bytes
//! 48   partition's name            zero-padded, 64 bytes
//! 112  CRC-32 over the bytes before; zeros up to 128
//! 128  frames; behind the last one zeros, as the file is preallocated
//! ```

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use allmende_eventlog::Hash;
use allmende_kernel::PartitionName;

use crate::frame::{self, Kind};
use crate::layout;

pub(crate) const FIRST_FRAME: u64 = 128;
const MAGIC: &[u8; 8] = b"ALMSEG01";

/// Written ahead of the frames. The first write to an allocated block changes the file's map, and the sync then waits
/// for the file system's journal and for whatever else is in it; a block that holds zeros takes a frame and no more.
static ZEROS: [u8; 256 << 10] = [0; 256 << 10];

/// What a segment says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) first: u64,
    pub(crate) previous_hash: Hash,
    pub(crate) partition: String,
}

impl SegmentHeader {
    fn encode(&self) -> [u8; FIRST_FRAME as usize] {
        let mut bytes = [0; FIRST_FRAME as usize];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..16].copy_from_slice(&self.first.to_le_bytes());
        bytes[16..48].copy_from_slice(&self.previous_hash.0);
        bytes[48..48 + self.partition.len()].copy_from_slice(self.partition.as_bytes());
        let crc = crc32fast::hash(&bytes[..112]);
        bytes[112..116].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.first_chunk::<{ FIRST_FRAME as usize }>()?;
        let intact = bytes.starts_with(MAGIC) && bytes[112..116] == crc32fast::hash(&bytes[..112]).to_le_bytes();
        let name = bytes[48..112].split(|byte| *byte == 0).next()?;
        intact.then_some(Self {
            first: u64::from_le_bytes(*bytes[8..].first_chunk()?),
            previous_hash: Hash(*bytes[16..].first_chunk()?),
            partition: String::from_utf8(name.to_vec()).ok()?,
        })
    }

    pub(crate) fn read(file: &File) -> io::Result<Option<Self>> {
        let mut bytes = [0; FIRST_FRAME as usize];
        match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => Ok(Self::parse(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The segment being written.
pub(crate) struct SegmentWriter {
    file: File,
    pub(crate) first: u64,
    /// Where the next frame goes.
    pub(crate) end: u64,
    /// Up to here the blocks hold frames or zeros.
    zeroed: u64,
    capacity: u64,
}

impl SegmentWriter {
    /// Creates the segment, its space and its name, all durable before it is used.
    pub(crate) fn create(
        folder: &Path,
        partition: &PartitionName,
        first: u64,
        previous_hash: Hash,
        capacity: u64,
    ) -> io::Result<Self> {
        let path = layout::segment_path(folder, first);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        preallocate(&file, capacity)?;
        let header = SegmentHeader { first, previous_hash, partition: partition.to_string() };
        file.write_all_at(&header.encode(), 0)?;
        file.sync_all()?;
        layout::sync_folder(folder)?;
        Ok(Self { file, first, end: FIRST_FRAME, zeroed: FIRST_FRAME, capacity })
    }

    /// Continues a segment behind its last frame.
    pub(crate) fn open(folder: &Path, first: u64, end: u64, capacity: u64) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(layout::segment_path(folder, first))?;
        Ok(Self { file, first, end, zeroed: end, capacity })
    }

    /// Whether a frame of this length, and a seal behind it, still fit.
    pub(crate) fn has_room(&self, frame: usize) -> bool {
        self.end + (frame + frame::frame_len(32)) as u64 <= self.capacity
    }

    /// Whether it holds no frame yet. Then it takes one of any length: a next segment would have the same name.
    pub(crate) fn is_empty(&self) -> bool {
        self.end == FIRST_FRAME
    }

    /// Appends a frame and makes it durable. Tells where it begins.
    pub(crate) fn append(&mut self, frame: &[u8]) -> io::Result<u64> {
        let at = self.append_unsynced(frame)?;
        self.write_ahead()?;
        self.file.sync_data()?;
        Ok(at)
    }

    /// Appends a frame; durable with the next sync only.
    pub(crate) fn append_unsynced(&mut self, frame: &[u8]) -> io::Result<u64> {
        let at = self.end;
        self.file.write_all_at(frame, at)?;
        self.end += frame.len() as u64;
        Ok(at)
    }

    /// Writes zeros behind the last frame where it lies in blocks that held none.
    fn write_ahead(&mut self) -> io::Result<()> {
        if self.end > self.zeroed {
            self.zeroed = (self.end + ZEROS.len() as u64).min(self.capacity).max(self.end);
            self.file.write_all_at(&ZEROS[..(self.zeroed - self.end) as usize], self.end)?;
        }
        Ok(())
    }

    /// Marks the segment as complete: its last write.
    pub(crate) fn seal(&mut self, last: u64, hash: Hash) -> io::Result<()> {
        let mut seal = Vec::new();
        let start = frame::begin(&mut seal);
        seal.extend_from_slice(&hash.0);
        frame::finish(&mut seal, start, Kind::Seal, last);
        self.append(&seal).map(drop)
    }

    /// Writes zeros over what an unfinished write left between the end and `to`.
    pub(crate) fn wipe(&mut self, to: u64) -> io::Result<()> {
        let mut at = self.end;
        while at < to {
            let len = ZEROS.len().min((to - at) as usize);
            self.file.write_all_at(&ZEROS[..len], at)?;
            at += len as u64;
        }
        self.file.sync_data()
    }

    /// Writes what stands between `from` and the end once more and makes it durable.
    pub(crate) fn rewrite(&self, from: u64) -> io::Result<()> {
        let mut bytes = vec![0; ZEROS.len()];
        let mut at = from;
        while at < self.end {
            let piece = &mut bytes[..ZEROS.len().min((self.end - at) as usize)];
            self.file.read_exact_at(piece, at)?;
            self.file.write_all_at(piece, at)?;
            at += piece.len() as u64;
        }
        self.sync()
    }

    /// Makes durable what was appended unsynced.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Allocates the file's blocks, so that an append changes neither size nor map of the file.
fn preallocate(file: &File, len: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, len) {
        Ok(()) => Ok(()),
        // Some file systems cannot; there the size alone is set.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => file.set_len(len),
        Err(error) => Err(error.into()),
    }
}

//! What a file of ids looks like. All numbers are little-endian.
//!
//! | part | content |
//! |---|---|
//! | pages of entries | 93 entries each: id, group, index in it, digest |
//! | pages of ids | 255 each: the first id of every page of entries |
//! | lines of 64 bytes | the filter |
//! | tail | the first id of every page of ids, then what the file is |
//!
//! Pages and lines end with a CRC-32 that begins from the file's own number and the place, so that none is taken for
//! another one.

use allmende_eventlog::{Digest, Known};
use allmende_kernel::Position;

pub(crate) type Id = [u8; 16];

pub(super) const PAGE: usize = 4096;
pub(super) const ENTRY: usize = 44;
pub(super) const ENTRIES_IN_PAGE: usize = (PAGE - CRC) / ENTRY;
pub(super) const IDS_IN_PAGE: usize = (PAGE - CRC) / 16;
pub(super) const LINE: usize = 64;
pub(super) const CRC: usize = 4;
pub(super) const MAGIC: &[u8; 8] = b"ALMIDS01";

/// An id and what it is remembered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: Id,
    pub(crate) known: Known,
}

impl Entry {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.known.position.group.to_le_bytes());
        out.extend_from_slice(&self.known.position.index.to_le_bytes());
        out.extend_from_slice(&self.known.digest);
    }

    pub(super) fn decode(bytes: &[u8; ENTRY]) -> Self {
        let mut rest = bytes.as_slice();
        let id = take(&mut rest);
        let group = u64::from_le_bytes(take(&mut rest));
        let index = u32::from_le_bytes(take(&mut rest));
        let digest: Digest = take(&mut rest);
        Self { id, known: Known { position: Position::new(group, index), digest } }
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// By id; of what has the same id the first commit is first.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.id, self.known.position).cmp(&(other.id, other.known.position))
    }
}

/// The next `N` bytes, of which there must be as many.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    let (front, rest) = bytes.split_at(N);
    taken.copy_from_slice(front);
    *bytes = rest;
    taken
}

/// What the index's checkpoint says of a file: enough to know it again, and to make it anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) number: u64,
    pub(crate) entries: u32,
    /// Lines of its filter.
    pub(crate) lines: u32,
    /// Its entries come from these groups.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// CRC-32 of its tail.
    pub(crate) checksum: u32,
}

impl Listed {
    pub(crate) const LEN: usize = 36;

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.number.to_le_bytes());
        out.extend_from_slice(&self.entries.to_le_bytes());
        out.extend_from_slice(&self.lines.to_le_bytes());
        out.extend_from_slice(&self.first.to_le_bytes());
        out.extend_from_slice(&self.last.to_le_bytes());
        out.extend_from_slice(&self.checksum.to_le_bytes());
    }

    pub(crate) fn decode(bytes: &[u8; Self::LEN]) -> Self {
        let mut rest = bytes.as_slice();
        Self {
            number: u64::from_le_bytes(take(&mut rest)),
            entries: u32::from_le_bytes(take(&mut rest)),
            lines: u32::from_le_bytes(take(&mut rest)),
            first: u64::from_le_bytes(take(&mut rest)),
            last: u64::from_le_bytes(take(&mut rest)),
            checksum: u32::from_le_bytes(take(&mut rest)),
        }
    }

    pub(super) fn entry_pages(&self) -> usize {
        (self.entries as usize).div_ceil(ENTRIES_IN_PAGE)
    }

    pub(super) fn id_pages(&self) -> usize {
        self.entry_pages().div_ceil(IDS_IN_PAGE)
    }

    /// Where the filter begins.
    pub(super) fn lines_at(&self) -> u64 {
        ((self.entry_pages() + self.id_pages()) * PAGE) as u64
    }

    pub(super) fn tail_at(&self) -> u64 {
        self.lines_at() + (self.lines as usize * LINE) as u64
    }

    pub(super) fn tail_len(&self) -> usize {
        self.id_pages() * 16 + TAIL
    }
}

/// Length of the tail behind its ids: magic, index, number, entries, lines, first and last group, checksum of the
/// checksums, lowest and highest id, CRC-32.
pub(super) const TAIL: usize = 8 + 8 + 8 + 4 + 4 + 8 + 8 + 4 + 16 + 16 + CRC;

/// Checksums of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checksums(u32);

impl Checksums {
    pub(super) fn of_file(index: u64, number: u64) -> Self {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&index.to_le_bytes());
        hasher.update(&number.to_le_bytes());
        Self(hasher.finalize())
    }

    /// Of what stands at the `place`-th of the pages, and then of the lines.
    pub(super) fn at(self, place: usize, bytes: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new_with_initial(self.0.wrapping_add(place as u32));
        hasher.update(bytes);
        hasher.finalize()
    }

    /// The content of a page or a line, if it is what was written there.
    pub(super) fn checked(self, place: usize, bytes: &[u8]) -> Option<&[u8]> {
        let (content, crc) = bytes.split_last_chunk::<CRC>()?;
        (u32::from_le_bytes(*crc) == self.at(place, content)).then_some(content)
    }
}

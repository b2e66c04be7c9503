//! One file of keys: a header page, then pages of 32 slots. A name has one home page in it.
//!
//! ```text
//! 0    "ALMKEY01"
//! 8    keyring id       16 bytes
//! 24   number of the table, 4 bytes
//! 28   number of pages,     4 bytes
//! 32   salt             16 bytes
//! 48   zeros; CRC-32 over the bytes before at 4092
//! 4096 pages of 4096 bytes
//! ```
//!
//! A slot that was durable is never free again. A free one between others is one whose write was lost with the power,
//! before anybody was told of it.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::file::disk;
use crate::file::error::FileError;
use crate::file::master::fill;
use crate::file::name::{KeyringId, Name};
use crate::file::slot::{SLOT_BYTES, Slot, SlotBytes};

pub(crate) const PAGE_BYTES: usize = 4096;
const CRC: usize = PAGE_BYTES - 4;
const MAGIC: &[u8; 8] = b"ALMKEY01";

/// Pages of the first table; each further one has four times as many as the one before.
const FIRST_PAGES: u32 = 64;
/// The last table would have 2^30 pages: some 40 billion keys with those before.
pub(crate) const MAX_TABLES: u32 = 13;

/// Where a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) table: u32,
    pub(crate) page: u32,
    pub(crate) slot: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, page {}, slot {}", file_name(self.table), self.page, self.slot)
    }
}

fn file_name(table: u32) -> String {
    format!("keys.{table:02}")
}

pub(crate) fn table_path(folder: &Path, table: u32) -> PathBuf {
    folder.join(file_name(table))
}

pub(crate) struct Table {
    number: u32,
    id: KeyringId,
    pages: u32,
    salt: [u8; 16],
    file: File,
}

impl Table {
    pub(crate) fn create(folder: &Path, id: KeyringId, number: u32) -> io::Result<()> {
        let mut header = [0; PAGE_BYTES];
        let pages = pages_of(number);
        header[..8].copy_from_slice(MAGIC);
        header[8..24].copy_from_slice(&id);
        header[24..28].copy_from_slice(&number.to_le_bytes());
        header[28..32].copy_from_slice(&pages.to_le_bytes());
        fill(&mut header[32..48])?;
        let crc = crc32fast::hash(&header[..CRC]);
        header[CRC..].copy_from_slice(&crc.to_le_bytes());
        disk::create_file(&table_path(folder, number), |file| {
            disk::preallocate(file, len_of(pages))?;
            file.write_all(&header)
        })
    }

    pub(crate) fn open(folder: &Path, number: u32) -> Result<Self, FileError> {
        let path = table_path(folder, number);
        let damaged = || FileError::Damaged(path.display().to_string());
        let file = disk::open_file(&path).map_err(FileError::at(&path))?;
        let mut header = [0; PAGE_BYTES];
        let len = file.metadata().map_err(FileError::at(&path))?.len();
        if len != len_of(pages_of(number)) {
            return Err(damaged());
        }
        file.read_exact_at(&mut header, 0).map_err(FileError::at(&path))?;
        let word = |at: usize| header[at..].first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        let intact = header.starts_with(MAGIC) && header[CRC..] == crc32fast::hash(&header[..CRC]).to_le_bytes();
        if !intact || word(24) != Some(number) || word(28) != Some(pages_of(number)) {
            return Err(damaged());
        }
        let id = *header[8..].first_chunk().ok_or_else(damaged)?;
        let salt = *header[32..].first_chunk().ok_or_else(damaged)?;
        Ok(Self { number, id, pages: pages_of(number), salt, file })
    }

    pub(crate) fn id(&self) -> KeyringId {
        self.id
    }

    pub(crate) fn pages(&self) -> u32 {
        self.pages
    }

    /// The only page of this table that may hold the name.
    pub(crate) fn home_of(&self, name: &Name) -> u32 {
        // The number of pages is a power of two.
        (name.hash(&self.salt) & u64::from(self.pages - 1)) as u32
    }

    pub(crate) fn read(&self, page: u32) -> io::Result<Page> {
        let mut bytes = Box::new([0; PAGE_BYTES]);
        self.file.read_exact_at(bytes.as_mut_slice(), page_offset(page))?;
        Ok(Page { table: self.number, page, bytes })
    }

    /// Overwrites one slot in place; durable with the next sync only.
    pub(crate) fn write(&self, place: Place, slot: &Slot) -> io::Result<()> {
        self.file.write_all_at(&slot.encode(), page_offset(place.page) + (place.slot * SLOT_BYTES) as u64)
    }

    /// Writes a page as it was read.
    pub(crate) fn rewrite(&self, page: &Page) -> io::Result<()> {
        self.file.write_all_at(page.bytes.as_slice(), page_offset(page.page))
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

fn pages_of(table: u32) -> u32 {
    FIRST_PAGES << (2 * table.min(MAX_TABLES - 1))
}

fn len_of(pages: u32) -> u64 {
    page_offset(pages)
}

fn page_offset(page: u32) -> u64 {
    (u64::from(page) + 1) * PAGE_BYTES as u64
}

/// A page as it was read.
pub(crate) struct Page {
    table: u32,
    page: u32,
    bytes: Box<[u8; PAGE_BYTES]>,
}

impl Page {
    /// Its slots in order, each with its place; `None` is a damaged one.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (Place, Option<Slot>)> {
        self.bytes.chunks_exact(SLOT_BYTES).enumerate().map(|(slot, bytes)| {
            let place = Place { table: self.table, page: self.page, slot };
            (place, SlotBytes::try_from(bytes).ok().and_then(|bytes| Slot::parse(&bytes)))
        })
    }

    pub(crate) fn is_free(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }
}

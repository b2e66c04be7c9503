use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use allmende_eventlog::Known;

use super::filter;
use super::format::{CRC, Checksums, ENTRIES_IN_PAGE, ENTRY, Entry, IDS_IN_PAGE, Id, LINE, Listed, MAGIC, PAGE, take};

/// Pages of entries that are read at once when all are.
const PAGES_AT_ONCE: usize = 32;

/// A file of ids: of its content, one id in some 24,000 is in memory.
pub(crate) struct IdFile {
    pub(crate) listed: Listed,
    checksums: Checksums,
    lowest: Id,
    highest: Id,
    /// The first id of each page of ids.
    first_ids: Box<[Id]>,
    /// Cannot be read throughout and not be made anew either: stays as it is.
    is_broken: AtomicBool,
}

fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

impl IdFile {
    /// Reads what the file says of itself, which must be what is listed.
    pub(super) fn read(file: &File, listed: Listed, index: u64) -> io::Result<Self> {
        let mut bytes = vec![0; listed.tail_len()];
        if file.metadata()?.len() != listed.tail_at() + bytes.len() as u64 {
            return Err(damaged());
        }
        file.read_exact_at(&mut bytes, listed.tail_at())?;
        Self::parse(&bytes, listed, index).ok_or_else(damaged)
    }

    /// `tail`: of the length that follows from what is listed.
    pub(super) fn parse(tail: &[u8], listed: Listed, index: u64) -> Option<Self> {
        let (content, crc) = tail.split_last_chunk::<CRC>()?;
        if *crc != listed.checksum.to_le_bytes() || crc32fast::hash(content) != listed.checksum {
            return None;
        }
        let (ids, mut rest) = content.split_at(listed.id_pages() * 16);
        let rest = &mut rest;
        let is_listed = take(rest) == *MAGIC
            && take(rest) == index.to_le_bytes()
            && take(rest) == listed.number.to_le_bytes()
            && take(rest) == listed.entries.to_le_bytes()
            && take(rest) == listed.lines.to_le_bytes()
            && take(rest) == listed.first.to_le_bytes()
            && take(rest) == listed.last.to_le_bytes();
        let _checksum_of_checksums: [u8; 4] = take(rest);
        let (lowest, highest) = (take(rest), take(rest));
        is_listed.then(|| Self {
            listed,
            checksums: Checksums::of_file(index, listed.number),
            lowest,
            highest,
            first_ids: ids.as_chunks().0.into(),
            is_broken: AtomicBool::new(false),
        })
    }

    /// Whether the id lies in the file's range.
    pub(super) fn may_hold(&self, id: &Id) -> bool {
        (self.lowest..=self.highest).contains(id)
    }

    /// Whether everything in it is lower than `floor`.
    pub(crate) fn is_below(&self, floor: &Id) -> bool {
        self.highest < *floor
    }

    pub(crate) fn set_broken(&self) {
        self.is_broken.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    /// What stands under an id of the file's range: mostly one read if it is not there, three if it is.
    pub(super) fn find(&self, file: &File, id: &Id) -> io::Result<Option<Known>> {
        let (line, probes) = filter::place(id, self.listed.lines as usize);
        let mut bytes = [0; LINE];
        file.read_exact_at(&mut bytes, self.listed.lines_at() + (line * LINE) as u64)?;
        let pages = self.listed.entry_pages() + self.listed.id_pages();
        let content = self.checksums.checked(pages + line, &bytes).ok_or_else(damaged)?;
        if !filter::may_hold(content, probes) {
            return Ok(None);
        }
        let mut page = [0; PAGE];
        let Some(id_page) = self.first_ids.partition_point(|first| first <= id).checked_sub(1) else { return Ok(None) };
        let ids = self.page(file, self.listed.entry_pages() + id_page, &mut page)?;
        let count = (self.listed.entry_pages() - id_page * IDS_IN_PAGE).min(IDS_IN_PAGE);
        let firsts = &ids.as_chunks::<16>().0[..count];
        let Some(at) = firsts.partition_point(|first| first <= id).checked_sub(1) else { return Ok(None) };
        let number = id_page * IDS_IN_PAGE + at;
        let entries = self.entries_in(number, self.page(file, number, &mut page)?);
        let found = entries.binary_search_by(|entry| entry[..16].cmp(id));
        Ok(found.ok().map(|at| Entry::decode(&entries[at]).known))
    }

    fn page<'a>(&self, file: &File, number: usize, page: &'a mut [u8; PAGE]) -> io::Result<&'a [u8]> {
        file.read_exact_at(page, (number * PAGE) as u64)?;
        self.checksums.checked(number, page).ok_or_else(damaged)
    }

    fn entries_in<'a>(&self, number: usize, page: &'a [u8]) -> &'a [[u8; ENTRY]] {
        let count = (self.listed.entries as usize - number * ENTRIES_IN_PAGE).min(ENTRIES_IN_PAGE);
        &page.as_chunks().0[..count]
    }

    /// All entries in order.
    pub(super) fn entries(&self, file: File) -> Entries<'_> {
        Entries { of: self, file, next_page: 0, read: Vec::new(), entries: Vec::new().into_iter() }
    }
}

/// Reads a file from its beginning to its end.
pub(super) struct Entries<'a> {
    pub(super) of: &'a IdFile,
    file: File,
    next_page: usize,
    read: Vec<u8>,
    entries: std::vec::IntoIter<Entry>,
}

impl Entries<'_> {
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        if self.entries.len() == 0 {
            self.read_on()?;
        }
        Ok(self.entries.next())
    }

    fn read_on(&mut self) -> io::Result<()> {
        let pages = (self.of.listed.entry_pages() - self.next_page).min(PAGES_AT_ONCE);
        self.read.resize(pages * PAGE, 0);
        self.file.read_exact_at(&mut self.read, (self.next_page * PAGE) as u64)?;
        let mut entries = Vec::with_capacity(pages * ENTRIES_IN_PAGE);
        for page in self.read.chunks(PAGE) {
            let content = self.of.checksums.checked(self.next_page, page).ok_or_else(damaged)?;
            entries.extend(self.of.entries_in(self.next_page, content).iter().map(Entry::decode));
            self.next_page += 1;
        }
        self.entries = entries.into_iter();
        Ok(())
    }
}

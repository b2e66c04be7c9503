use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::file::IdFile;
use super::filter::Filter;
use super::format::{CRC, Checksums, ENTRIES_IN_PAGE, ENTRY, Entry, IDS_IN_PAGE, Id, Listed, MAGIC, PAGE};

const BUFFER: usize = 256 << 10;

/// Writes a file of ids from its beginning to its end. Without [`finish`](Self::finish) there is none.
pub(super) struct Writer {
    path: PathBuf,
    out: Option<BufWriter<File>>,
    index: u64,
    number: u64,
    checksums: Checksums,
    page: Vec<u8>,
    pages: usize,
    entries: u32,
    /// The first id of each page of entries.
    firsts: Vec<Id>,
    last: Option<Id>,
    filter: Filter,
    /// Of the checksums written so far.
    checksum: crc32fast::Hasher,
}

impl Writer {
    /// For at most `most` entries.
    pub(super) fn create(path: &Path, index: u64, number: u64, most: usize) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            out: Some(BufWriter::with_capacity(BUFFER, File::create(path)?)),
            index,
            number,
            checksums: Checksums::of_file(index, number),
            page: Vec::with_capacity(PAGE),
            pages: 0,
            entries: 0,
            firsts: Vec::new(),
            last: None,
            filter: Filter::for_ids(most),
            checksum: crc32fast::Hasher::new(),
        })
    }

    /// Adds the next entry in order. Of several with one id the first one wins, whatever a damaged log repeats.
    pub(super) fn push(&mut self, entry: &Entry) -> io::Result<()> {
        if self.last == Some(entry.id) {
            return Ok(());
        }
        if self.page.is_empty() {
            self.firsts.push(entry.id);
        }
        entry.encode(&mut self.page);
        self.filter.add(&entry.id);
        self.last = Some(entry.id);
        self.entries += 1;
        if self.page.len() == ENTRIES_IN_PAGE * ENTRY { self.end_page() } else { Ok(()) }
    }

    fn end_page(&mut self) -> io::Result<()> {
        if self.page.is_empty() {
            return Ok(());
        }
        self.page.resize(PAGE - CRC, 0);
        let crc = self.checksums.at(self.pages, &self.page).to_le_bytes();
        self.page.extend_from_slice(&crc);
        self.checksum.update(&crc);
        self.pages += 1;
        let page = std::mem::take(&mut self.page);
        let written = self.write(&page);
        self.page = page;
        self.page.clear();
        written
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), |out| out.write_all(bytes))
    }

    /// Completes the file, whose entries come from the given groups. `None` if there are none.
    pub(super) fn finish(mut self, groups: RangeInclusive<u64>) -> io::Result<Option<IdFile>> {
        self.end_page()?;
        let firsts = std::mem::take(&mut self.firsts);
        let (Some(lowest), Some(highest)) = (firsts.first(), self.last) else { return Ok(None) };
        let mut tail = Vec::new();
        for ids in firsts.chunks(IDS_IN_PAGE) {
            tail.extend_from_slice(&ids[0]);
            self.page.extend_from_slice(ids.as_flattened());
            self.end_page()?;
        }
        let filter = std::mem::replace(&mut self.filter, Filter::for_ids(0));
        let lines = filter.lines() as u32;
        let filter = filter.finish(self.checksums, self.pages);
        self.checksum.update(&filter);
        self.write(&filter)?;

        let (first, last) = groups.into_inner();
        tail.extend_from_slice(MAGIC);
        tail.extend_from_slice(&self.index.to_le_bytes());
        tail.extend_from_slice(&self.number.to_le_bytes());
        tail.extend_from_slice(&self.entries.to_le_bytes());
        tail.extend_from_slice(&lines.to_le_bytes());
        tail.extend_from_slice(&first.to_le_bytes());
        tail.extend_from_slice(&last.to_le_bytes());
        tail.extend_from_slice(&self.checksum.clone().finalize().to_le_bytes());
        tail.extend_from_slice(lowest);
        tail.extend_from_slice(&highest);
        let checksum = crc32fast::hash(&tail);
        tail.extend_from_slice(&checksum.to_le_bytes());
        self.write(&tail)?;
        let Some(mut out) = self.out.take() else { return Ok(None) };
        if let Err(error) = out.flush() {
            self.out = Some(out);
            return Err(error);
        }
        let listed = Listed { number: self.number, entries: self.entries, lines, first, last, checksum };
        Ok(IdFile::parse(&tail, listed, self.index))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(out) = self.out.take() {
            // What it holds is not written: the file goes.
            drop(out.into_parts());
            let _ = fs::remove_file(&self.path);
        }
    }
}

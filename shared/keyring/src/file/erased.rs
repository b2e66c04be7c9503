//! The list of the erased: what must stay erased when an older copy of the keys is put back. Append-only; one record is
//! durable before the next is written, so only the last one can be unfinished, and then its end was never written.
//!
//! ```text
//! 0    "ALMERA01", keyring id, zeros, CRC-32 at 60
//! 64   records of 64 bytes: name, number from 1 on (8 bytes), zeros, CRC-32 at 60
//! ```

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::file::disk;
use crate::file::error::FileError;
use crate::file::name::{KeyringId, Name};

const RECORD: usize = 64;
const CRC: usize = 60;
const MAGIC: &[u8; 8] = b"ALMERA01";

type Record = [u8; RECORD];

pub(crate) struct ErasedList {
    file: File,
    records: u64,
}

/// What a list holds.
pub(crate) struct Scan {
    pub(crate) id: KeyringId,
    pub(crate) records: u64,
    last: Record,
}

/// Checks the whole list, also beside a process that adds to it, and tells `each` name in it, in order.
pub(crate) fn scan(path: &Path, mut each: impl FnMut(Name)) -> Result<Scan, FileError> {
    let io = |error| FileError::at(path)(error);
    let damaged = || FileError::Damaged(path.display().to_string());
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(io)?);
    let mut last = [0; RECORD];
    let read = read_record(&mut file, &mut last).map_err(io)?;
    let id = *last[8..].first_chunk().ok_or_else(damaged)?;
    if read < RECORD || last != header(id) {
        return Err(damaged());
    }
    let mut records = 0;
    let mut record = [0; RECORD];
    while read_record(&mut file, &mut record).map_err(io)? == RECORD {
        let Some(name) = parse(&record, records + 1) else {
            // Only an end that was never written makes it unfinished, and only at the end of the list.
            let unwritten = record[CRC..] == [0; 4];
            return match file.read(&mut [0]).map_err(io)? {
                0 if unwritten => Ok(Scan { id, records, last }),
                _ => Err(damaged()),
            };
        };
        records += 1;
        last = record;
        each(name);
    }
    Ok(Scan { id, records, last })
}

impl ErasedList {
    pub(crate) fn create(path: &Path, id: KeyringId) -> io::Result<()> {
        Self::create_with(path, id, &[])
    }

    /// Makes a list that holds these names.
    pub(crate) fn create_with(path: &Path, id: KeyringId, names: &[Name]) -> io::Result<()> {
        disk::create_file(path, |file| {
            let mut file = BufWriter::new(file);
            file.write_all(&header(id))?;
            for (name, number) in names.iter().zip(1..) {
                file.write_all(&encode(name, number))?;
            }
            file.flush()
        })
    }

    /// Opens the list to be added to. An unfinished record at its end is cut off.
    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        let Scan { records, last, .. } = scan(path, |_| {})?;
        let file = disk::open_file(path).map_err(FileError::at(path))?;
        let settle = || {
            file.set_len(RECORD as u64 * (records + 1))?;
            // After a failed sync the system's memory calls a record clean that is not on the disk.
            file.write_all_at(&last, RECORD as u64 * records)?;
            file.sync_all()
        };
        settle().map_err(FileError::at(path))?;
        Ok(Self { file, records })
    }

    /// Adds a name; it is durable when this returns.
    pub(crate) fn append(&mut self, name: &Name) -> io::Result<()> {
        let number = self.records + 1;
        self.file.write_all_at(&encode(name, number), RECORD as u64 * number)?;
        self.file.sync_data()?;
        self.records = number;
        Ok(())
    }
}

/// Fills the record as far as there are bytes, and tells how far that was.
fn read_record(from: &mut impl io::Read, record: &mut Record) -> io::Result<usize> {
    let mut filled = 0;
    while filled < RECORD {
        match from.read(&mut record[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

fn header(id: KeyringId) -> Record {
    let mut bytes = [0; RECORD];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..24].copy_from_slice(&id);
    checked(bytes)
}

fn encode(name: &Name, number: u64) -> Record {
    let mut bytes = [0; RECORD];
    bytes[..32].copy_from_slice(&name.0);
    bytes[32..40].copy_from_slice(&number.to_le_bytes());
    checked(bytes)
}

fn checked(mut bytes: Record) -> Record {
    let crc = crc32fast::hash(&bytes[..CRC]);
    bytes[CRC..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

fn parse(bytes: &Record, number: u64) -> Option<Name> {
    let name = Name(*bytes.first_chunk()?);
    (*bytes == encode(&name, number)).then_some(name)
}

//! Copies of the keys: without the erased, and without the master key, which is copied on its own, so that destroying
//! it reaches every copy of the keys.
//!
//! ```text
//! keys      "ALMKBK01", keyring id, generation of the master key (4 bytes), zeros up to 128;
//!           slots as in a table; SHA-256 over the bytes before
//! erased    the list of the erased, as it was then
//! ```

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Write};
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::file::erased::{self, ErasedList};
use crate::file::error::FileError;
use crate::file::master::Masters;
use crate::file::name::{KeyringId, Name};
use crate::file::slot::{SLOT_BYTES, Slot, SlotBytes};
use crate::file::store::{Search, Store};
use crate::file::table::{Page, Table, table_path};
use crate::file::{Places, disk, open};

const MAGIC: &[u8; 8] = b"ALMKBK01";
const KEYS: &str = "keys";
const ERASED: &str = "erased";
const HASH_BYTES: u64 = 32;

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupReport {
    /// Keys.
    pub keys: u64,
    /// Ids that are erased for ever.
    pub erased: u64,
    /// Generation of the master key that is needed to use it.
    pub generation: u32,
}

/// Copies the keys to the folder `target`, also beside a process that has the keyring open, in place of the copy that
/// was there. To be made after the log's backup: a key is durable before what it seals.
pub fn backup(places: &Places, target: &Path) -> Result<BackupReport, FileError> {
    let generation = settled_generation(places)?;
    let store = Store::open(&places.keys)?;
    disk::create_folder(target).map_err(FileError::at(target))?;
    let mut report = BackupReport { keys: 0, erased: 0, generation };
    let path = target.join(KEYS);
    let mut refused = None;
    disk::create_file(&path, |file| {
        let mut out = Hashed { out: BufWriter::with_capacity(1 << 20, file), hash: Sha256::new() };
        out.write_all(&header(store.id(), generation))?;
        for table in store.tables() {
            for page in 0..table.pages() {
                match copy_page(table, page, &mut report, &mut out)? {
                    Ok(()) => {}
                    Err(error) => {
                        refused = Some(error);
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                }
            }
        }
        let hash = out.hash.finalize();
        out.out.write_all(&hash)?;
        out.out.flush()
    })
    .map_err(|error| refused.unwrap_or_else(|| FileError::at(&path)(error)))?;
    // After the keys: who was erased meanwhile is on it.
    let mut names = Vec::new();
    let id = erased::scan(&places.erased, |name| names.push(name))?.id;
    ErasedList::create_with(&target.join(ERASED), id, &names).map_err(FileError::at(target))?;
    Ok(report)
}

/// Copies the master key to the file `target`. It opens every copy of the keys that it wraps, so it is kept apart from
/// them, and thrown away when it has been rotated.
pub fn copy_master(places: &Places, target: &Path) -> Result<(), FileError> {
    settled_generation(places)?;
    let bytes = zeroize::Zeroizing::new(fs::read(&places.master).map_err(FileError::at(&places.master))?);
    disk::create_file(target, |file| file.write_all(&bytes)).map_err(FileError::at(target))
}

/// Puts a copy back where there are no keys. The list of the erased that is there stays, if it goes on from the copy's;
/// if there is none the copy's is taken, and whoever was erased since the copy was made is not on it. `master` is a copy
/// of the master key, needed if there is none at its place.
pub fn restore(source: &Path, places: &Places, master: Option<&Path>) -> Result<BackupReport, FileError> {
    let _lock = open::lock(places)?;
    let first = table_path(&places.keys, 0);
    if first.exists() {
        return Err(FileError::Occupied(places.keys.clone()));
    }
    let copy = source.join(KEYS);
    check_hash(&copy)?;
    restore_master(places, master)?;
    restore_list(&source.join(ERASED), places)?;
    let staging = places.keys.join("restoring");
    let restage = || match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => disk::create_folder(&staging),
    };
    restage().map_err(FileError::at(&staging))?;
    let report = fill_tables(&copy, places, &staging)?;
    let move_tables = || {
        // The first one last: without it there is no keyring yet.
        for number in (0..report.1).rev() {
            fs::rename(table_path(&staging, number), table_path(&places.keys, number))?;
            disk::sync_folder(&places.keys)?;
        }
        fs::remove_dir_all(&staging)
    };
    move_tables().map_err(FileError::at(&places.keys))?;
    Ok(report.0)
}

/// The master key's generation, unless there are two.
fn settled_generation(places: &Places) -> Result<u32, FileError> {
    let masters = Masters::open(&places.master)?;
    if masters.is_rotating() { Err(FileError::Rotating) } else { Ok(masters.current()) }
}

/// Writes what is in a page. A slot that seems damaged may just be written by another process.
fn copy_page(
    table: &Table,
    number: u32,
    report: &mut BackupReport,
    out: &mut impl Write,
) -> io::Result<Result<(), FileError>> {
    let mut page = table.read(number)?;
    for _ in 0..20 {
        if page.slots().all(|(_, slot)| slot.is_some()) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
        page = table.read(number)?;
    }
    copy_slots(&page, report, out)
}

fn copy_slots(page: &Page, report: &mut BackupReport, out: &mut impl Write) -> io::Result<Result<(), FileError>> {
    for (place, slot) in page.slots() {
        match slot {
            Some(Slot::Free | Slot::Lost) => continue,
            Some(Slot::Key(_, ref wrapped)) if wrapped.generation != report.generation => {
                return Ok(Err(FileError::Rotating));
            }
            Some(Slot::Key(..)) => report.keys += 1,
            Some(Slot::Erased(_)) => report.erased += 1,
            None => return Ok(Err(FileError::Damaged(place.to_string()))),
        }
        if let Some(slot) = slot {
            out.write_all(&slot.encode())?;
        }
    }
    Ok(Ok(()))
}

fn header(id: KeyringId, generation: u32) -> SlotBytes {
    let mut bytes = [0; SLOT_BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..24].copy_from_slice(&id);
    bytes[24..28].copy_from_slice(&generation.to_le_bytes());
    bytes
}

fn check_hash(copy: &Path) -> Result<(), FileError> {
    let file = File::open(copy).map_err(FileError::at(copy))?;
    let len = file.metadata().map_err(FileError::at(copy))?.len();
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut sink = Hashed { out: io::sink(), hash: Sha256::new() };
    let mut expected = Vec::new();
    io::copy(&mut (&mut file).take(len.saturating_sub(HASH_BYTES)), &mut sink)
        .and_then(|_| file.read_to_end(&mut expected))
        .map_err(FileError::at(copy))?;
    if sink.hash.finalize().as_slice() == expected {
        Ok(())
    } else {
        Err(FileError::Damaged(copy.display().to_string()))
    }
}

fn restore_master(places: &Places, copy: Option<&Path>) -> Result<(), FileError> {
    if places.master.exists() {
        return Ok(());
    }
    let copy = copy.ok_or_else(|| FileError::Missing(places.master.clone()))?;
    let bytes = zeroize::Zeroizing::new(fs::read(copy).map_err(FileError::at(copy))?);
    disk::create_file(&places.master, |file| file.write_all(&bytes)).map_err(FileError::at(&places.master))
}

/// One list must be the beginning of the other; the longer one stands.
fn restore_list(copy: &Path, places: &Places) -> Result<(), FileError> {
    let mut names = Vec::new();
    let copied = erased::scan(copy, |name| names.push(name))?;
    if places.erased.exists() {
        let mut here = Vec::new();
        let id = erased::scan(&places.erased, |name| here.push(name))?.id;
        let both = here.len().min(names.len());
        if id != copied.id || here[..both] != names[..both] {
            return Err(FileError::Foreign(places.erased.clone()));
        }
        if here.len() >= names.len() {
            return Ok(());
        }
    }
    let folder = disk::parent_of(&places.erased);
    disk::create_folder(folder)
        .and_then(|()| ErasedList::create_with(&places.erased, copied.id, &names))
        .map_err(FileError::at(&places.erased))
}

/// Makes tables of a copy whose bytes are known to be whole, opening each key on the way. Tells how many tables.
fn fill_tables(copy: &Path, places: &Places, staging: &Path) -> Result<(BackupReport, u32), FileError> {
    let damaged = || FileError::Damaged(copy.display().to_string());
    let io = |error| FileError::at(copy)(error);
    let masters = Masters::open(&places.master)?;
    let mut file = BufReader::with_capacity(1 << 20, File::open(copy).map_err(io)?);
    let mut bytes = [0; SLOT_BYTES];
    file.read_exact(&mut bytes).map_err(io)?;
    let id: KeyringId = *bytes[8..].first_chunk().ok_or_else(damaged)?;
    let generation = u32::from_le_bytes(*bytes[24..].first_chunk().ok_or_else(damaged)?);
    if bytes != header(id, generation) {
        return Err(damaged());
    }
    if masters.id() != id {
        return Err(FileError::Foreign(places.master.clone()));
    }
    if !masters.has(generation) {
        return Err(FileError::OtherMaster(generation));
    }
    Table::create(staging, id, 0).map_err(FileError::at(staging))?;
    let mut store = Store::open(staging)?;
    let mut report = BackupReport { keys: 0, erased: 0, generation };
    let len = fs::metadata(copy).map_err(io)?.len();
    for _ in 0..(len - HASH_BYTES) / SLOT_BYTES as u64 - 1 {
        file.read_exact(&mut bytes).map_err(io)?;
        let slot = Slot::parse(&bytes).ok_or_else(damaged)?;
        let name = match &slot {
            Slot::Key(name, wrapped) => {
                masters.unwrap(name, wrapped).ok_or_else(damaged)?;
                report.keys += 1;
                *name
            }
            Slot::Erased(name) => {
                report.erased += 1;
                *name
            }
            Slot::Free | Slot::Lost => return Err(damaged()),
        };
        put(&mut store, &name, &slot)?;
    }
    store.sync().map_err(FileError::at(staging))?;
    Ok((report, store.tables().len() as u32))
}

fn put(store: &mut Store, name: &Name, slot: &Slot) -> Result<(), FileError> {
    loop {
        match store.search(name).map_err(|error| FileError::at(Path::new(KEYS))(error))? {
            Search::Free(place) => {
                return store.write(place, slot).map_err(|error| FileError::at(Path::new(KEYS))(error));
            }
            Search::Full => {
                let table = store.next_table()?;
                store.add(table);
            }
            Search::Found(place, _) | Search::Damaged(place) => return Err(FileError::Damaged(place.to_string())),
        }
    }
}

struct Hashed<W> {
    out: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

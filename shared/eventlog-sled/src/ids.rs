//! Request ids that are remembered: sorted, immutable files in `ids/`, which leave as a whole when the window has passed.
//!
//! Every new request asks for its id and mostly finds nothing, so a miss must be cheap however many ids there are: a
//! file whose range of ids does not hold it is passed over without being read, in another one a line of its filter
//! answers. Ids begin with the time of their minting, so that the ranges of old files are old.
//!
//! A batch of the index adds a file; eight of one size become one of the next size, up to a size at which they stay as
//! they are. That bounds their number by about one for each quarter of a million ids, and what they take in memory by
//! about a kilobyte each. Which files count stands with the index's checkpoint, in one value: what is not listed there
//! is removed when the log is opened, what is listed and cannot be read is made anew from the segments.

mod file;
mod filter;
mod format;
mod merge;
mod writer;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allmende_eventlog::{Known, OriginKey};
use allmende_kernel::Timestamp;
use lru::LruCache;
use parking_lot::{Mutex, RwLock};

pub(crate) use file::IdFile;
pub(crate) use format::{Entry, Id, Listed};
pub(crate) use merge::due;
use writer::Writer;

/// Files kept open.
const OPEN_FILES: NonZeroUsize = NonZeroUsize::new(32).unwrap();
const EXTENSION: &str = "ids";

/// The files that count, oldest first.
pub(crate) type Files = Arc<[Arc<IdFile>]>;

/// All files of ids of one index.
pub(crate) struct Ids {
    folder: PathBuf,
    /// The index that they belong to.
    index: u64,
    files: RwLock<Files>,
    open: Mutex<LruCache<u64, Arc<File>>>,
    next: AtomicU64,
}

/// A file could not be read, or holds something else than was written.
pub(crate) struct Unreadable(pub(crate) Arc<IdFile>);

impl Ids {
    /// Takes the listed files and removes all others. Tells which of those listed are missing or are not what they
    /// were.
    pub(crate) fn open(folder: PathBuf, index: u64, listed: &[Listed]) -> io::Result<(Self, Vec<Listed>)> {
        crate::layout::create_folder(&folder)?;
        let numbers: HashSet<u64> = listed.iter().map(|listed| listed.number).collect();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if number_of(&path).is_none_or(|number| !numbers.contains(&number)) {
                remove(&path)?;
            }
        }
        let (mut files, mut unreadable) = (Vec::new(), Vec::new());
        for listed in listed {
            let file = File::open(path_of(&folder, listed.number)).and_then(|file| IdFile::read(&file, *listed, index));
            match file {
                Ok(file) => files.push(Arc::new(file)),
                Err(_) => unreadable.push(*listed),
            }
        }
        let ids = Self {
            folder,
            index,
            files: RwLock::new(files.into()),
            open: Mutex::new(LruCache::new(OPEN_FILES)),
            next: AtomicU64::new(numbers.into_iter().max().unwrap_or(0) + 1),
        };
        Ok((ids, unreadable))
    }

    /// The files that count now.
    pub(crate) fn files(&self) -> Files {
        Arc::clone(&self.files.read())
    }

    /// Where the commit of a request stands.
    pub(crate) fn find(&self, id: &Id) -> Result<Option<Known>, Unreadable> {
        let files = self.files();
        // Those who ask for something old mostly ask for something recent.
        for file in files.iter().rev().filter(|file| file.may_hold(id)) {
            let found = self.handle(file.listed.number).and_then(|handle| file.find(&handle, id));
            match found {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(_) => return Err(Unreadable(Arc::clone(file))),
            }
        }
        Ok(None)
    }

    fn handle(&self, number: u64) -> io::Result<Arc<File>> {
        if let Some(handle) = self.open.lock().get(&number) {
            return Ok(Arc::clone(handle));
        }
        let handle = Arc::new(File::open(path_of(&self.folder, number))?);
        self.open.lock().put(number, Arc::clone(&handle));
        Ok(handle)
    }

    /// Writes a file of these entries, which come from the given groups. It does not count yet.
    pub(crate) fn write(&self, mut entries: Vec<Entry>, groups: RangeInclusive<u64>) -> io::Result<Option<IdFile>> {
        entries.sort_unstable();
        let mut writer = self.writer(entries.len())?;
        for entry in &entries {
            writer.push(entry)?;
        }
        writer.finish(groups)
    }

    /// Writes one file of several, without what was minted before `floor`. It does not count yet.
    pub(crate) fn merge(&self, files: &[Arc<IdFile>], floor: &Id) -> Result<Option<IdFile>, MergeError> {
        let most = files.iter().map(|file| file.listed.entries as usize).sum();
        let writer = self.writer(most).map_err(MergeError::Write)?;
        merge::merge(files, |file| File::open(path_of(&self.folder, file.listed.number)), floor, writer)
    }

    fn writer(&self, most: usize) -> io::Result<Writer> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Writer::create(&path_of(&self.folder, number), self.index, number, most)
    }

    /// From now on these files count. Those that counted before and do not any more are removed.
    pub(crate) fn replace(&self, files: Files) -> io::Result<()> {
        let before = std::mem::replace(&mut *self.files.write(), Arc::clone(&files));
        let kept: HashSet<u64> = files.iter().map(|file| file.listed.number).collect();
        for file in before.iter().filter(|file| !kept.contains(&file.listed.number)) {
            self.open.lock().pop(&file.listed.number);
            remove(&path_of(&self.folder, file.listed.number))?;
        }
        Ok(())
    }
}

/// Why files did not become one.
pub(crate) enum MergeError {
    Read(Unreadable),
    Write(io::Error),
}

/// The id of a request's key.
pub(crate) fn request_of(key: &OriginKey) -> Option<Id> {
    key.as_bytes().strip_prefix(b"r").and_then(|id| id.try_into().ok())
}

/// The lowest id that is not minted before `floor`.
pub(crate) fn lowest_from(floor: Timestamp) -> Id {
    request_of(&OriginKey::requests_from(floor)).unwrap_or_default()
}

fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:020}.{EXTENSION}"))
}

fn number_of(path: &Path) -> Option<u64> {
    let has_extension = path.extension().is_some_and(|extension| extension == EXTENSION);
    let number = path.file_stem()?.to_str()?.parse().ok()?;
    (has_extension && path_of(path.parent()?, number) == path).then_some(number)
}

/// Somebody may have removed it before.
fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;

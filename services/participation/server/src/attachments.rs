//! Sealed files that go with contributions, outside the log: `{data}/attachments/{sha256 of the sealed file}`.
//!
//! A file is durable before the commit that names it, and does not stay if none does: it goes when nothing comes of the
//! commit, or with the next start if nobody was left to see to that.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

/// A file's name: SHA-256 of what is in it.
pub(crate) type Name = [u8; 32];

/// How many bytes files may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) all: u64,
    pub(crate) of_tenant: u64,
}

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotKept {
    #[error("files take as much room as they may")]
    Full,
    #[error("a file cannot be written")]
    Io(#[from] io::Error),
}

/// The files, with a bound on what they take.
#[derive(Clone)]
pub(crate) struct Attachments {
    folder: PathBuf,
    used: Arc<AtomicU64>,
    bounds: Bounds,
    /// What was there at the start and was not looked at yet.
    unswept: Arc<Mutex<Vec<Name>>>,
}

/// A file that no commit names. It goes with this, unless it was [`named`](Self::named).
pub(crate) struct Unnamed {
    files: Attachments,
    name: Name,
    size: u64,
    named: bool,
}

impl Unnamed {
    /// The file's name, for the commit.
    pub(crate) fn name(&self) -> Name {
        self.name
    }

    /// Leaves the file alone: from here on a commit may name it.
    pub(crate) fn named(mut self) -> Name {
        self.named = true;
        self.name
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        if self.named {
            return;
        }
        let path = self.files.path(&self.name);
        for path in [path.with_extension(UNFINISHED), path] {
            if let Err(error) = fs::remove_file(path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(error = &error as &dyn std::error::Error, "a file that nobody needs is left over");
            }
        }
        self.files.used.fetch_sub(self.size, Ordering::Relaxed);
    }
}

const UNFINISHED: &str = "unfinished";

impl Attachments {
    /// Opens the folder, counts what is in it and removes what was not written to its end. Blocks on the disk.
    pub(crate) fn open(folder: &Path, bounds: Bounds) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (mut used, mut unswept) = (0, Vec::new());
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                fs::remove_file(path)?;
                continue;
            }
            used += entry.metadata()?.len();
            unswept.extend(entry.file_name().to_str().and_then(parse));
        }
        let (used, unswept) = (Arc::new(AtomicU64::new(used)), Arc::new(Mutex::new(unswept)));
        Ok(Self { folder: folder.to_owned(), used, bounds, unswept })
    }

    /// Whether a tenant may have as many bytes of files.
    pub(crate) fn has_room(&self, bytes_of_tenant: u64) -> bool {
        bytes_of_tenant <= self.bounds.of_tenant
    }

    /// Keeps a sealed file. Durable when it returns.
    pub(crate) fn put(&self, sealed: &[u8]) -> Result<Unnamed, NotKept> {
        let (name, size) = (Sha256::digest(sealed).into(), sealed.len() as u64);
        if self.used.fetch_add(size, Ordering::Relaxed) + size > self.bounds.all {
            self.used.fetch_sub(size, Ordering::Relaxed);
            return Err(NotKept::Full);
        }
        // Gives the room back if this fails.
        let unnamed = Unnamed { files: self.clone(), name, size, named: false };
        let path = self.path(&name);
        let unfinished = path.with_extension(UNFINISHED);
        let mut file = File::create(&unfinished)?;
        file.write_all(sealed)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(unnamed)
    }

    /// A sealed file.
    pub(crate) fn get(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        fs::read(self.path(name))
    }

    /// Removes a file; one that is not there is gone already.
    pub(crate) fn remove(&self, name: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let size = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        fs::remove_file(&path)?;
        self.used.fetch_sub(size, Ordering::Relaxed);
        File::open(&self.folder)?.sync_all()
    }

    /// Removes what was there at the start and is not among `named`; tells how many that were. Blocks on the disk.
    pub(crate) fn sweep(&self, named: &HashSet<Name>) -> io::Result<usize> {
        let unnamed: Vec<_> = self.unswept.lock().drain(..).filter(|name| !named.contains(name)).collect();
        unnamed.iter().try_for_each(|name| self.remove(name))?;
        Ok(unnamed.len())
    }

    fn path(&self, name: &[u8]) -> PathBuf {
        let name = name.iter().fold(String::new(), |mut name, byte| {
            // Writing to a String does not fail.
            let _ = write!(name, "{byte:02x}");
            name
        });
        self.folder.join(name)
    }
}

/// A name as a file has it.
fn parse(text: &str) -> Option<Name> {
    let mut name = [0; 32];
    if text.len() != 2 * name.len() {
        return None;
    }
    for (index, byte) in name.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Attachments {
        Attachments::open(folder, Bounds { all: 10, of_tenant: 8 }).unwrap()
    }

    #[test]
    fn what_is_kept_is_read_until_it_is_removed_and_there_is_a_bound() {
        let data = tempfile::tempdir().unwrap();
        let files = open(data.path());
        let name = files.put(b"sealed").unwrap().named();
        assert_eq!(files.get(&name).unwrap(), b"sealed");
        assert!(matches!(files.put(b"larger"), Err(NotKept::Full)));
        assert!(files.has_room(8) && !files.has_room(9));
        let reopened = open(data.path());
        assert!(reopened.put(b"larger").is_err());
        files.remove(&name).unwrap();
        files.remove(&name).unwrap();
        assert_eq!(files.get(&name).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(files.put(b"larger").is_ok());
    }

    #[test]
    fn what_nobody_names_goes_and_gives_its_room_back() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("attachments");
        let files = open(&folder);
        let unnamed = files.put(b"sealed").unwrap();
        let name = unnamed.name();
        drop(unnamed);
        assert!(files.get(&name).is_err());
        fs::remove_dir(&folder).unwrap();
        assert!(matches!(files.put(b"sealed"), Err(NotKept::Io(_))));
        fs::create_dir(&folder).unwrap();
        assert!(files.put(&[7; 10]).is_ok(), "all of the room is there");
    }

    #[test]
    fn a_start_sweeps_what_was_left_and_nothing_that_is_named_or_new() {
        let data = tempfile::tempdir().unwrap();
        let files = open(data.path());
        let (named, left) = (files.put(b"nam").unwrap().named(), files.put(b"lef").unwrap().named());
        fs::write(files.path(&left).with_extension(UNFINISHED), b"half").unwrap();
        let files = open(data.path());
        let new = files.put(b"new").unwrap().named();
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 3);
        assert_eq!(files.sweep(&HashSet::from([named])).unwrap(), 1);
        assert_eq!(files.sweep(&HashSet::new()).unwrap(), 0, "once a start");
        assert!(files.get(&named).is_ok() && files.get(&new).is_ok() && files.get(&left).is_err());
    }
}

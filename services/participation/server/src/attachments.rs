//! Sealed files that go with contributions, outside the log: on the shelf `attachments`, by the SHA-256 of the sealed file.
//!
//! A file is durable before the commit that names it, and does not stay if none does: it goes when nothing comes of the
//! commit, or with the next start if nobody was left to see to that.

use std::collections::HashSet;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allmende_files::{Files, Form, Shelf, Shelves};
use parking_lot::Mutex;

/// A file's name: SHA-256 of what is in it.
pub(crate) type Name = [u8; 32];

/// Where attachments lie, each of far more bytes at most than a request may bring.
pub const SHELF: Shelf = Shelf { name: "attachments", form: Form::Plain, largest: 1 << 30 };

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

/// The files, with a bound on what they take. Everything here blocks.
#[derive(Clone)]
pub(crate) struct Attachments {
    files: Arc<dyn Files>,
    /// What those take that are being written.
    coming: Arc<AtomicU64>,
    bounds: Bounds,
    /// What was there at the start and was not looked at yet.
    unswept: Arc<Mutex<Vec<allmende_files::Name>>>,
}

/// A file that no commit names. It goes with this, unless it was [`named`](Self::named).
pub(crate) struct Unnamed {
    files: Attachments,
    name: Name,
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
        if let Err(error) = self.files.remove(&self.name) {
            tracing::warn!(error = &error as &dyn std::error::Error, "a file that nobody needs is left over");
        }
    }
}

impl Attachments {
    /// Opens the shelf and looks what is on it.
    pub(crate) fn open(shelves: &dyn Shelves, bounds: Bounds) -> io::Result<Self> {
        let files = shelves.open(SHELF)?;
        let unswept = Arc::new(Mutex::new(files.settled()?));
        Ok(Self { files, coming: Arc::default(), bounds, unswept })
    }

    /// Whether a tenant may have as many bytes of files.
    pub(crate) fn has_room(&self, bytes_of_tenant: u64) -> bool {
        bytes_of_tenant <= self.bounds.of_tenant
    }

    /// Keeps a sealed file. Durable when it returns.
    pub(crate) fn put(&self, sealed: &[u8]) -> Result<Unnamed, NotKept> {
        let size = sealed.len() as u64;
        let coming = self.coming.fetch_add(size, Ordering::Relaxed) + size;
        let kept = self.keep(sealed, coming);
        self.coming.fetch_sub(size, Ordering::Relaxed);
        Ok(Unnamed { files: self.clone(), name: kept?, named: false })
    }

    fn keep(&self, sealed: &[u8], coming: u64) -> Result<Name, NotKept> {
        if self.files.used()?.saturating_add(coming) > self.bounds.all {
            return Err(NotKept::Full);
        }
        let mut file = Arc::clone(&self.files).begin()?;
        file.write_all(sealed)?;
        Ok(file.keep()?.name.0)
    }

    /// A sealed file.
    pub(crate) fn get(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        let mut sealed = Vec::new();
        self.files.read(&parse(name)?)?.read_to_end(&mut sealed)?;
        Ok(sealed)
    }

    /// Removes a file; one that is not there is gone already.
    pub(crate) fn remove(&self, name: &[u8]) -> io::Result<()> {
        self.files.remove(&parse(name)?)
    }

    /// Removes what was there at the start and is not among `named`; tells how many that were.
    pub(crate) fn sweep(&self, named: &HashSet<Name>) -> io::Result<usize> {
        let unnamed: Vec<_> = self.unswept.lock().drain(..).filter(|name| !named.contains(&name.0)).collect();
        unnamed.iter().try_for_each(|name| self.files.remove(name))?;
        Ok(unnamed.len())
    }
}

/// A name as texts have it.
fn parse(name: &[u8]) -> io::Result<allmende_files::Name> {
    name.try_into().map(allmende_files::Name).map_err(|_| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use allmende_files::FolderShelves;

    use super::*;

    fn open(data: &Path) -> Attachments {
        Attachments::open(&FolderShelves::new(data), Bounds { all: 10, of_tenant: 8 }).unwrap()
    }

    fn count(data: &Path) -> usize {
        fs::read_dir(data.join("attachments")).unwrap().count()
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
        let files = open(data.path());
        let unnamed = files.put(b"sealed").unwrap();
        let name = unnamed.name();
        drop(unnamed);
        assert!(files.get(&name).is_err());
        let folder = data.path().join("attachments");
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
        let files = open(data.path());
        let new = files.put(b"new").unwrap().named();
        assert_eq!(count(data.path()), 3);
        assert_eq!(files.sweep(&HashSet::from([named])).unwrap(), 1);
        assert_eq!(files.sweep(&HashSet::new()).unwrap(), 0, "once a start");
        assert!(files.get(&named).is_ok() && files.get(&new).is_ok() && files.get(&left).is_err());
    }
}

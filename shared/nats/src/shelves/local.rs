use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use allmende_files::{Content, Files as _, FolderFiles, Incoming, Keeps, Name, Shelf, Staged, Unfinished};
use lru::LruCache;
use parking_lot::Mutex;

/// Files of a shelf in a folder, those used last, up to a bound.
pub(super) struct Local {
    files: FolderFiles,
    used: Mutex<LruCache<Name, ()>>,
    bytes: u64,
}

impl Local {
    /// Opens the folder; what is in it may have been removed from the shelf since.
    pub(super) fn open(folder: &Path, shelf: Shelf, bytes: u64) -> io::Result<Self> {
        let files = FolderFiles::open(folder, shelf)?;
        let mut there = Vec::new();
        for (name, _) in files.all()? {
            there.push((fs::metadata(files.path(&name))?.modified()?, name));
        }
        there.sort_unstable();
        let mut used = LruCache::unbounded();
        for (_, name) in there {
            used.put(name, ());
        }
        Ok(Self { files, used: Mutex::new(used), bytes })
    }

    pub(super) fn incoming(&self) -> io::Result<Incoming> {
        self.files.incoming()
    }

    pub(super) fn begin(&self, keeps: Arc<dyn Keeps>) -> io::Result<Unfinished> {
        self.files.stage(keeps)
    }

    /// Takes a file that the store has.
    pub(super) fn keep(&self, staged: Staged) -> io::Result<()> {
        let name = staged.name();
        self.files.keep(staged)?;
        let mut used = self.used.lock();
        used.put(name, ());
        self.make_room(&mut used)
    }

    /// Takes a file that came from the store, if it is what its name says; its content.
    pub(super) fn take(&self, name: &Name, incoming: Incoming) -> io::Result<Content> {
        // Nobody makes room for another file before this one is open.
        let mut used = self.used.lock();
        self.files.take(name, incoming)?;
        used.put(*name, ());
        let content = self.files.read(name);
        self.make_room(&mut used)?;
        content
    }

    pub(super) fn read(&self, name: &Name) -> io::Result<Content> {
        let content = self.files.read(name)?;
        self.used.lock().promote(name);
        Ok(content)
    }

    pub(super) fn remove(&self, name: &Name) -> io::Result<()> {
        self.used.lock().pop(name);
        self.files.remove(name)
    }

    pub(super) fn all(&self) -> io::Result<Vec<Name>> {
        self.files.settled()
    }

    /// Removes those that were not used for the longest time. Whoever reads one goes on reading it.
    fn make_room(&self, used: &mut LruCache<Name, ()>) -> io::Result<()> {
        while self.files.used()? > self.bytes {
            match used.pop_lru() {
                Some((name, ())) => self.files.remove(&name)?,
                None => break,
            }
        }
        Ok(())
    }
}

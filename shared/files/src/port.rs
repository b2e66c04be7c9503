use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::name::Name;
use crate::staging::{Staged, Staging};

/// The bytes of a file, from its beginning.
pub type Content = Box<dyn Read + Send>;

/// Files of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shelf {
    /// What it is called wherever it lies: lower-case letters.
    pub name: &'static str,
    /// How its files lie there. For ever: what was kept in one form is not found in the other.
    pub form: Form,
    /// Bytes that a file may have at most.
    pub largest: u64,
}

/// How files are stored. Their name and length are those of what was put in, in every form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As they are.
    Plain,
    /// Compressed with zstd.
    Compressed,
}

/// What was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: Name,
    /// How long it is.
    pub bytes: u64,
}

/// Where shelves are.
pub trait Shelves: Send + Sync + 'static {
    /// The shelf, made if there is none. Each is opened once a process.
    fn open(&self, shelf: Shelf) -> io::Result<Arc<dyn Files>>;
}

/// The files of a shelf. What cannot be reached is an error, and never taken for a file that is not there.
pub trait Files: Send + Sync + 'static {
    /// Begins a file.
    fn begin(self: Arc<Self>) -> io::Result<Unfinished>;

    /// What was kept under this name; an error of the kind `NotFound`, if there is nothing.
    fn read(&self, name: &Name) -> io::Result<Content>;

    /// Whether there is a file of this name.
    fn contains(&self, name: &Name) -> io::Result<bool>;

    /// Removes a file; one that is not there is gone already. Durable when it returns.
    fn remove(&self, name: &Name) -> io::Result<()>;

    /// When a file of this name was kept or removed last, as a number of the shelf's own. To be asked before finding out
    /// whether something names the file. Of a process that is alone with its files it is always the same: it knows by itself
    /// what it is about to name.
    fn last_change(&self, _name: &Name) -> io::Result<u64> {
        Ok(0)
    }

    /// Removes a file, unless it was kept again since: then somebody is about to name it, and it stays.
    fn remove_unchanged(&self, name: &Name, _last_change: u64) -> io::Result<()> {
        self.remove(name)
    }

    /// Files that may be removed if nothing names them: all of which whoever kept them has said by now what becomes of
    /// them. Of a process that is alone with them these are all of them, and it knows by itself what it is about to name;
    /// where others keep files too, those that were kept long ago.
    fn settled(&self) -> io::Result<Vec<Name>>;

    /// Bytes that all of them take.
    fn used(&self) -> io::Result<u64>;
}

/// Where an unfinished file becomes one of the shelf's: what an adapter does for [`Unfinished::keep`].
pub trait Keeps: Send + Sync + 'static {
    /// Makes a finished file durable under its name; one of that name is replaced by the same.
    fn keep(&self, staged: Staged) -> io::Result<()>;
}

/// A file in the making; dropped, it is gone.
pub struct Unfinished {
    staging: Staging,
    shelf: Arc<dyn Keeps>,
}

impl Unfinished {
    /// A file of `shelf` that is written to `staging`.
    pub(crate) fn new(staging: Staging, shelf: Arc<dyn Keeps>) -> Self {
        Self { staging, shelf }
    }

    /// Makes it durable under its content's name.
    pub fn keep(self) -> io::Result<Kept> {
        let staged = self.staging.finish()?;
        let kept = Kept { name: staged.name(), bytes: staged.bytes() };
        self.shelf.keep(staged)?;
        Ok(kept)
    }

    /// The same, if it is what was announced; otherwise it is gone. Whether it was kept.
    pub fn keep_if(self, is_announced: impl FnOnce(&Kept) -> bool) -> io::Result<bool> {
        let staged = self.staging.finish()?;
        if !is_announced(&Kept { name: staged.name(), bytes: staged.bytes() }) {
            return Ok(false);
        }
        self.shelf.keep(staged)?;
        Ok(true)
    }
}

/// Fails with `FileTooLarge` beyond what the shelf takes.
impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.staging.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

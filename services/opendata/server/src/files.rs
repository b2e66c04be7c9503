//! The datasets' files, kept by their content on the shelf `datasets`, where they are compressed; hash and length are those
//! of what was put in.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use allmende_files::{Content, Form, Name, Shelf, Shelves};
use allmende_opendata_domain::Sha256;
use sha2::Digest as _;
use tokio::sync::RwLock;

const BUFFER_BYTES: usize = 64 << 10;

/// Where files of datasets lie. A dataset in a format has at most so many bytes: more than the disks of those who would read
/// it take.
pub const SHELF: Shelf = Shelf { name: "datasets", form: Form::Compressed, largest: 1 << 40 };

/// The shelf of files. Everything here blocks.
pub(crate) struct Files {
    shelf: Arc<dyn allmende_files::Files>,
    /// Held to read while a file is kept and named in the log, and to write while files are removed: what is about to be
    /// named must not go.
    pub(crate) naming: RwLock<()>,
    /// Whether there may be files that nobody named nor will: at the start, and after work that broke off.
    pub(crate) unswept: AtomicBool,
}

/// What was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) bytes: u64,
    pub(crate) sha256: Sha256,
}

impl Files {
    /// Opens the shelf.
    pub(crate) fn open(shelves: &dyn Shelves) -> io::Result<Self> {
        Ok(Self { shelf: shelves.open(SHELF)?, naming: RwLock::new(()), unswept: AtomicBool::new(true) })
    }

    /// Begins a file.
    pub(crate) fn begin(&self) -> io::Result<Unfinished> {
        Arc::clone(&self.shelf).begin().map(Unfinished)
    }

    /// To be held by whoever keeps files that the log is to name.
    pub(crate) fn unnamed(self: &Arc<Self>) -> Unnamed {
        Unnamed { files: Arc::clone(self), settled: false }
    }

    /// The content of a file, from its beginning.
    pub(crate) fn read(&self, sha256: Sha256) -> io::Result<Content> {
        self.shelf.read(&Name(sha256.0))
    }

    /// Whether the file is there and is what it says.
    pub(crate) fn is_sound(&self, kept: Kept) -> bool {
        let mut checking = match self.read(kept.sha256) {
            Ok(file) => Checking::new(BufReader::with_capacity(BUFFER_BYTES, file), kept),
            Err(_) => return false,
        };
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match checking.read(&mut buffer) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    /// When a file was kept last; to be asked before whether something names it.
    pub(crate) fn last_change(&self, sha256: Sha256) -> io::Result<u64> {
        self.shelf.last_change(&Name(sha256.0))
    }

    /// Removes a file, if it is there and was not kept again since.
    pub(crate) fn remove(&self, sha256: Sha256, last_change: u64) -> io::Result<()> {
        self.shelf.remove_unchanged(&Name(sha256.0), last_change)
    }

    /// Everything that goes if nothing names it.
    pub(crate) fn settled(&self) -> io::Result<Vec<Sha256>> {
        Ok(self.shelf.settled()?.into_iter().map(|name| Sha256(name.0)).collect())
    }
}

/// Files that were kept and are not named yet. Dropped before that is settled, they are left to be swept.
pub(crate) struct Unnamed {
    files: Arc<Files>,
    settled: bool,
}

impl Unnamed {
    /// Each of them was named, or removed.
    pub(crate) fn settled(mut self) {
        self.settled = true;
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        if !self.settled {
            self.files.unswept.store(true, Ordering::Release);
        }
    }
}

/// A file in the making; dropped, it is gone.
pub(crate) struct Unfinished(allmende_files::Unfinished);

impl Unfinished {
    /// Makes it durable under its content's name.
    pub(crate) fn keep(self) -> io::Result<Kept> {
        let kept = self.0.keep()?;
        Ok(Kept { bytes: kept.bytes, sha256: Sha256(kept.name.0) })
    }

    /// The same, if it is what was announced; otherwise it is gone. Whether it was kept.
    pub(crate) fn keep_if(self, announced: Kept) -> io::Result<bool> {
        self.0.keep_if(|kept| Kept { bytes: kept.bytes, sha256: Sha256(kept.name.0) } == announced)
    }
}

impl io::Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Reads a file and is an error in place of its end, if it was not what was kept.
pub(crate) struct Checking<R> {
    from: R,
    kept: Kept,
    hash: sha2::Sha256,
    bytes: u64,
}

impl<R: Read> Checking<R> {
    pub(crate) fn new(from: R, kept: Kept) -> Self {
        Self { from, kept, hash: sha2::Sha256::new(), bytes: 0 }
    }
}

impl<R: Read> Read for Checking<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        let damaged = self.bytes > self.kept.bytes
            || (read == 0
                && !buffer.is_empty()
                && (self.bytes != self.kept.bytes || self.hash.clone().finalize()[..] != self.kept.sha256.0));
        if damaged {
            Err(io::Error::new(io::ErrorKind::InvalidData, "the file is not what was kept"))
        } else {
            Ok(read)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::path::Path;

    use allmende_files::FolderShelves;

    use super::*;

    fn open(data: &Path) -> Arc<Files> {
        Arc::new(Files::open(&FolderShelves::new(data)).unwrap())
    }

    fn content(files: &Files, kept: Kept) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        Checking::new(files.read(kept.sha256)?, kept).read_to_end(&mut content)?;
        Ok(content)
    }

    fn keep(files: &Arc<Files>, content: &[u8]) -> Kept {
        let mut file = files.begin().unwrap();
        file.write_all(content).unwrap();
        file.keep().unwrap()
    }

    #[test]
    fn a_file_is_kept_under_its_content_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = open(folder.path());
        let kept = keep(&files, b"time,result\n");
        assert_eq!(kept.sha256.0[..], sha2::Sha256::digest(b"time,result\n")[..]);
        assert_eq!((keep(&files, b"time,result\n"), kept.bytes), (kept, 12));
        assert_eq!(content(&files, kept).unwrap(), b"time,result\n");
        assert!(files.is_sound(kept));
        for _ in 0..2 {
            let last_change = files.last_change(kept.sha256).unwrap();
            files.remove(kept.sha256, last_change).unwrap();
        }
        assert!(!files.is_sound(kept) && content(&files, kept).is_err());
    }

    #[test]
    fn a_damaged_file_ends_in_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let files = open(folder.path());
        let kept = keep(&files, &b"0123456789".repeat(10_000));
        let name = kept.sha256.to_string();
        let path = folder.path().join("datasets").join(&name[..2]).join(format!("{name}.zst"));
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(content(&files, kept).is_err() && !files.is_sound(kept));
        fs::write(&path, zstd::encode_all(&b"something else"[..], 1).unwrap()).unwrap();
        assert!(content(&files, kept).is_err() && !files.is_sound(kept));
        fs::write(&path, whole).unwrap();
        assert!(files.is_sound(kept));
    }
}

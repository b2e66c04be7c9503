//! The datasets' files, kept by their content: a file that is there is whole, and what is in it never changes.
//!
//! A file is written under a passing name, hashed on the way, synced and only then given its name, so that a half-written
//! one is never found. On the disk it is compressed; hash and length are those of what was put in.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use allmende_opendata_domain::Sha256;
use sha2::Digest as _;
use tokio::sync::RwLock;
use zstd::stream::{read::Decoder, write::Encoder};

/// CSV of a month takes a twelfth at this level, at 200 MB/s.
const LEVEL: i32 = 3;
const UNFINISHED: &str = "unfinished";
const BUFFER_BYTES: usize = 64 << 10;

/// The folder of files.
pub(crate) struct Files {
    folder: PathBuf,
    next: AtomicU64,
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
    /// Opens the folder, or makes it. What was not finished before is gone.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let unfinished = folder.join(UNFINISHED);
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(&unfinished)?;
        Ok(Self {
            folder: folder.to_owned(),
            next: AtomicU64::new(0),
            naming: RwLock::new(()),
            unswept: AtomicBool::new(true),
        })
    }

    /// Begins a file.
    pub(crate) fn begin(self: &Arc<Self>) -> io::Result<Unfinished> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(UNFINISHED).join(number.to_string());
        let encoder = Encoder::new(BufWriter::with_capacity(BUFFER_BYTES, File::create_new(&path)?), LEVEL)?;
        Ok(Unfinished { files: Arc::clone(self), path, encoder: Some(encoder), hash: sha2::Sha256::new(), bytes: 0 })
    }

    /// To be held by whoever keeps files that the log is to name.
    pub(crate) fn unnamed(self: &Arc<Self>) -> Unnamed {
        Unnamed { files: Arc::clone(self), settled: false }
    }

    /// The content of a file, from its beginning.
    pub(crate) fn read(&self, sha256: Sha256) -> io::Result<impl Read + Send + use<>> {
        Decoder::new(File::open(self.path(sha256))?)
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

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, sha256: Sha256) -> io::Result<()> {
        let path = self.path(sha256);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => sync_folder(path.parent().unwrap_or(&self.folder)),
        }
    }

    /// Everything that is kept.
    pub(crate) fn all(&self) -> io::Result<Vec<Sha256>> {
        let mut all = Vec::new();
        for shelf in fs::read_dir(&self.folder)? {
            let shelf = shelf?;
            if shelf.file_name() == UNFINISHED || !shelf.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(shelf.path())? {
                let name = file?.file_name();
                all.extend(name.to_str().and_then(|name| name.strip_suffix(".zst")).and_then(Sha256::parse));
            }
        }
        Ok(all)
    }

    fn path(&self, sha256: Sha256) -> PathBuf {
        let name = sha256.to_string();
        self.folder.join(&name[..2]).join(format!("{name}.zst"))
    }
}

/// A name is durable once its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
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
pub(crate) struct Unfinished {
    files: Arc<Files>,
    path: PathBuf,
    encoder: Option<Encoder<'static, BufWriter<File>>>,
    hash: sha2::Sha256,
    bytes: u64,
}

impl Unfinished {
    /// Makes it durable under its content's name.
    pub(crate) fn keep(mut self) -> io::Result<Kept> {
        let encoder = self.encoder.take().ok_or_else(|| io::Error::other("a file was kept twice"))?;
        let file = encoder.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let hash = std::mem::take(&mut self.hash).finalize();
        let kept = Kept { bytes: self.bytes, sha256: Sha256(hash.into()) };
        let path = self.files.path(kept.sha256);
        let folder = path.parent().unwrap_or(&self.files.folder);
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            sync_folder(&self.files.folder)?;
        }
        fs::rename(&self.path, &path)?;
        sync_folder(folder)?;
        Ok(kept)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let encoder = self.encoder.as_mut().ok_or_else(|| io::Error::other("the file is finished"))?;
        encoder.write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        drop(self.encoder.take());
        // Kept, it has another name; left behind, it goes at the next start.
        let _ = fs::remove_file(&self.path);
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
    use super::*;

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
        let files = Arc::new(Files::open(folder.path()).unwrap());
        let kept = keep(&files, b"time,result\n");
        assert_eq!(kept.sha256.0[..], sha2::Sha256::digest(b"time,result\n")[..]);
        assert_eq!((keep(&files, b"time,result\n"), kept.bytes), (kept, 12));
        assert_eq!(content(&files, kept).unwrap(), b"time,result\n");
        assert!(files.is_sound(kept));
        files.remove(kept.sha256).unwrap();
        files.remove(kept.sha256).unwrap();
        assert!(!files.is_sound(kept) && content(&files, kept).is_err());
    }

    #[test]
    fn what_is_not_finished_is_never_found() {
        let folder = tempfile::tempdir().unwrap();
        let files = Arc::new(Files::open(folder.path()).unwrap());
        let mut file = files.begin().unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(folder.path().join(UNFINISHED)).unwrap().count(), 0);
        let left = files.begin().unwrap();
        std::mem::forget(left);
        Files::open(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path().join(UNFINISHED)).unwrap().count(), 0);
    }

    #[test]
    fn a_damaged_file_ends_in_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let files = Arc::new(Files::open(folder.path()).unwrap());
        let kept = keep(&files, &b"0123456789".repeat(10_000));
        let path = files.path(kept.sha256);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(content(&files, kept).is_err() && !files.is_sound(kept));
        fs::write(&path, zstd::encode_all(&b"something else"[..], 1).unwrap()).unwrap();
        assert!(content(&files, kept).is_err() && !files.is_sound(kept));
        fs::write(&path, whole).unwrap();
        assert!(files.is_sound(kept));
    }
}

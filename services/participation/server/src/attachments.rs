//! Sealed files that go with contributions, outside the log: `{data}/attachments/{sha256 of the sealed file}`.
//!
//! A file is durable before the commit that names it. One that no commit names, because that was refused, stays as an
//! unreadable rest: its key belongs to no contribution.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

/// The files, with a bound on what they take.
#[derive(Clone)]
pub(crate) struct Attachments {
    folder: PathBuf,
    used: Arc<AtomicU64>,
    max_bytes: u64,
}

impl Attachments {
    /// Opens the folder and counts what is in it. Blocks on the disk.
    pub(crate) fn open(folder: &Path, max_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut used = 0;
        for entry in fs::read_dir(folder)? {
            used += entry?.metadata()?.len();
        }
        Ok(Self { folder: folder.to_owned(), used: Arc::new(AtomicU64::new(used)), max_bytes })
    }

    /// Keeps a sealed file and tells its name. Durable when it returns.
    pub(crate) fn put(&self, sealed: &[u8]) -> io::Result<[u8; 32]> {
        let name: [u8; 32] = Sha256::digest(sealed).into();
        let size = sealed.len() as u64;
        if self.used.fetch_add(size, Ordering::Relaxed) + size > self.max_bytes {
            self.used.fetch_sub(size, Ordering::Relaxed);
            return Err(io::ErrorKind::StorageFull.into());
        }
        let path = self.path(&name);
        let unfinished = path.with_extension("unfinished");
        let mut file = File::create(&unfinished)?;
        file.write_all(sealed)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(name)
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

    fn path(&self, name: &[u8]) -> PathBuf {
        let name = name.iter().fold(String::new(), |mut name, byte| {
            // Writing to a String does not fail.
            let _ = write!(name, "{byte:02x}");
            name
        });
        self.folder.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_until_it_is_removed_and_there_is_a_bound() {
        let data = tempfile::tempdir().unwrap();
        let files = Attachments::open(data.path(), 10).unwrap();
        let name = files.put(b"sealed").unwrap();
        assert_eq!(files.get(&name).unwrap(), b"sealed");
        assert_eq!(files.put(b"larger").unwrap_err().kind(), io::ErrorKind::StorageFull);
        let reopened = Attachments::open(data.path(), 10).unwrap();
        assert!(reopened.put(b"larger").is_err());
        files.remove(&name).unwrap();
        files.remove(&name).unwrap();
        assert_eq!(files.get(&name).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(files.put(b"larger").is_ok());
    }
}

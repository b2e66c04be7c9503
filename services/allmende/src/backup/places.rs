//! Folders and files of backups on the disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

const LOCK: &str = "BACKUP.lock";
/// What an empty folder may hold.
const NOTHING: [&str; 2] = ["lost+found", "LOCK"];

/// Takes a folder of backups for this process as long as the file lives. A new one is made for its owner only; one that
/// holds something else is refused, because what does not belong to a backup is removed from it.
pub(super) fn lock(target: &Path) -> anyhow::Result<File> {
    let lock = target.join(LOCK);
    if !target.is_dir() {
        create_private(target).with_context(|| format!("cannot create {}", target.display()))?;
    }
    if !lock.exists() && !is_empty(target)? {
        bail!("{} holds something else than backups", target.display());
    }
    let file = File::create(&lock).with_context(|| format!("cannot write to {}", target.display()))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)
        .with_context(|| format!("another backup is being made in {}", target.display()))?;
    Ok(file)
}

/// Whether a folder holds nothing of anybody's. The lock of a data folder is what a start that failed may leave.
pub(super) fn is_empty(folder: &Path) -> anyhow::Result<bool> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let name = entry.with_context(|| folder.display().to_string())?.file_name();
        if !NOTHING.iter().any(|nothing| name == *nothing) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Creates a folder, and those above it that are missing, for their owner only.
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A name is durable once its folder is.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that a path is in.
pub(super) fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path without links and detours; what is not there yet is taken as it is said.
pub(super) fn resolved(path: &Path) -> anyhow::Result<PathBuf> {
    let said = std::path::absolute(path).with_context(|| path.display().to_string())?;
    for above in said.ancestors() {
        if let (Ok(real), Ok(rest)) = (above.canonicalize(), said.strip_prefix(above)) {
            return Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) });
        }
    }
    Ok(said)
}

/// Copies a file and makes it durable under its new name, for its owner only if it is a secret; tells its length.
pub(super) fn copy_file(from: &Path, to: &Path, secret: bool, mut copied: impl FnMut(u64)) -> anyhow::Result<u64> {
    let mut input = File::open(from).with_context(|| from.display().to_string())?;
    let mut writing = OpenOptions::new();
    writing.write(true).create(true).truncate(true).mode(if secret { 0o600 } else { 0o644 });
    let mut output = writing.open(to).with_context(|| to.display().to_string())?;
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        let read = input.read(&mut buffer).with_context(|| from.display().to_string())?;
        if read == 0 {
            break;
        }
        output.write_all(&buffer[..read]).with_context(|| to.display().to_string())?;
        bytes += read as u64;
        copied(read as u64);
    }
    output.sync_all().with_context(|| to.display().to_string())?;
    Ok(bytes)
}

/// Whether an error is that a file is not there.
pub(super) fn is_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_folder_of_backups_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("new/backup");
        let held = lock(&target).unwrap();
        assert!(lock(&target).unwrap_err().to_string().contains("another backup"));
        drop(held);
        lock(&target).unwrap();
        fs::write(folder.path().join("letter"), "").unwrap();
        assert!(lock(folder.path()).unwrap_err().to_string().contains("something else"));
    }

    #[test]
    fn a_path_is_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(&real, real.join("link")).unwrap();
        assert_eq!(resolved(&real.join("link/new/one")).unwrap(), real.join("new/one"));
        assert_eq!(resolved(&real.join("link")).unwrap(), real);
    }
}

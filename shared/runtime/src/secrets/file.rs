use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::SecretError;

/// What a file is called by its extension until it is complete.
pub(super) const UNFINISHED: &str = "new";

/// Reads the secret, or creates it with what `fresh` gives, readable by its owner only. Whoever sees the new secret
/// sees it after it is durable, so nothing can depend on one that a crash takes away.
///
/// The caller holds the data directory's lock: of two processes that create at once one would be left with a secret
/// that is not on disk.
pub fn read_or_create(path: &Path, fresh: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, SecretError> {
    let attempt = || match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = fresh();
            create(path, &secret)?;
            Ok(secret)
        }
        other => other,
    };
    attempt().map_err(|source| SecretError::Io { path: path.to_owned(), source })
}

/// Writes the secret, in place of what is there.
pub(super) fn create(path: &Path, secret: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let unfinished = path.with_extension(UNFINISHED);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(secret)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_is_created_once_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").join("a.key");
        assert_eq!(read_or_create(&path, || b"first".to_vec()).unwrap(), b"first");
        assert_eq!(read_or_create(&path, || b"second".to_vec()).unwrap(), b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_crash_left_half_written_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        fs::write(path.with_extension(UNFINISHED), b"fi").unwrap();
        assert_eq!(read_or_create(&path, || b"first".to_vec()).unwrap(), b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

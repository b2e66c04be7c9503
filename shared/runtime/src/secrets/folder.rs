use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tokio::sync::watch;

use super::file::{self, UNFINISHED};
use super::{SecretError, Secrets};

/// Secrets as files of a data folder, readable by their owner only. The process holds the folder's lock.
pub struct FolderSecrets {
    data: PathBuf,
    changes: watch::Sender<u64>,
}

impl FolderSecrets {
    /// Those of this data folder.
    pub fn new(data: &Path) -> Self {
        Self { data: data.to_owned(), changes: watch::Sender::new(0) }
    }

    fn changed(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }
}

impl Secrets for FolderSecrets {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        let path = self.data.join(name);
        match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|source| SecretError::Io { path, source }),
        }
    }

    fn create(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, SecretError> {
        let secret = file::read_or_create(&self.data.join(name), || fresh)?;
        self.changed();
        Ok(secret)
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, SecretError> {
        let path = self.data.join(folder);
        let names = match fs::read_dir(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.and_then(names),
        };
        names.map_err(|source| SecretError::Io { path, source })
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        let path = self.data.join(name);
        let removed = fs::remove_file(&path).and_then(|()| match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        });
        match removed {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(source) => Err(SecretError::Io { path, source }),
            Ok(()) => {
                self.changed();
                Ok(())
            }
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

fn names(entries: fs::ReadDir) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let is_finished = Path::new(&name).extension().is_none_or(|extension| extension != UNFINISHED);
        names.extend(name.to_str().filter(|_| is_finished).map(str::to_owned));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::secrets::contract;

    #[test]
    fn a_folder_keeps_the_contract() {
        for promise in contract::ALL {
            let data = tempfile::tempdir().unwrap();
            promise(&|| Arc::new(FolderSecrets::new(data.path())));
        }
    }

    #[test]
    fn a_copy_takes_the_place_of_what_is_not_the_secret() {
        let (kept, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secrets = FolderSecrets::new(kept.path());
        let copy = || super::super::copy_to(&secrets, "a.token", copied.path());
        assert!(matches!(copy(), Err(SecretError::Missing(_))));
        secrets.create("a.token", b"secret".to_vec()).unwrap();
        fs::write(copied.path().join("a.token"), b"another").unwrap();
        for _ in 0..2 {
            copy().unwrap();
            assert_eq!(fs::read(copied.path().join("a.token")).unwrap(), b"secret");
        }
    }

    #[test]
    fn a_secret_is_a_file_of_its_name() {
        let data = tempfile::tempdir().unwrap();
        let secrets = FolderSecrets::new(data.path());
        secrets.create("tokens/a.key", b"seed".to_vec()).unwrap();
        assert_eq!(fs::read(data.path().join("tokens/a.key")).unwrap(), b"seed");
        fs::write(data.path().join("tokens/b.new"), b"half").unwrap();
        assert_eq!(secrets.names("tokens").unwrap(), ["a.key"]);
    }
}

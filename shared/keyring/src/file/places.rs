use std::path::{Path, PathBuf};

/// Where a keyring's parts lie. They are apart so that each can be kept, backed up and thrown away on its own.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder of the keys, each wrapped by the master key.
    pub keys: PathBuf,
    /// The file of the master key. It belongs on a file system that overwrites in place.
    pub master: PathBuf,
    /// The file with the list of the erased. It is never older than any copy of the keys that is put back.
    pub erased: PathBuf,
}

impl Places {
    /// In an installation's data folder: `keyring/`, `keyring/master` and `erased/keys`.
    pub fn under(data: &Path) -> Self {
        let keys = data.join("keyring");
        Self { master: keys.join("master"), keys, erased: data.join("erased").join("keys") }
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.keys.join("LOCK")
    }

    /// There if a write of the process before may not have reached the disk although the system's memory has it.
    pub(crate) fn unsynced(&self) -> PathBuf {
        self.keys.join("UNSYNCED")
    }
}

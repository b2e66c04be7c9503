//! The list of what belongs to a backup: a line of JSON, then its SHA-256.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use allmende_kernel::PartitionName;
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::files;
use super::places::{hex, sync_folder};

const NAME: &str = "BACKUP";
const FORMAT: &str = "allmende-backup-2";

/// What belongs to a backup.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct List {
    format: String,
    /// When it was made, RFC 3339.
    pub(super) made_at: String,
    /// Tells the installation's key from others without giving it away.
    pub(super) installation: String,
    pub(super) logs: Vec<Log>,
    pub(super) files: Vec<StoredFile>,
    /// Generation of the master key that opens the keys.
    pub(super) generation: u32,
}

/// A log's part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Log {
    pub(super) partition: String,
    /// The last group.
    pub(super) head: u64,
    pub(super) bytes: u64,
    /// The log's own list of its segments.
    pub(super) list: String,
}

/// A file that is named for its content.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredFile {
    /// From the backup's folder on.
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

impl List {
    pub(super) fn new(
        made_at: String,
        installation: String,
        logs: Vec<Log>,
        files: Vec<StoredFile>,
        generation: u32,
    ) -> Self {
        Self { format: FORMAT.to_owned(), made_at, installation, logs, files, generation }
    }

    /// The list in a folder of backups; nothing if none was completed there.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join(NAME);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).with_context(|| path.display().to_string()).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let whole = text.strip_suffix('\n').and_then(|text| text.split_once('\n'));
        let Some((json, _)) = whole.filter(|(json, hash)| hex(&Sha256::digest(json)) == *hash) else {
            bail!("the list is damaged");
        };
        let list: Self = serde_json::from_str(json).context("the list is of another version")?;
        if list.format != FORMAT {
            bail!("the list is of another version: {}", list.format);
        }
        let leads_out = |path: &Path| !path.components().all(|part| matches!(part, Component::Normal(_)));
        if list.logs.iter().any(|log| PartitionName::parse(&log.partition).is_err())
            || list.files.iter().any(|file| leads_out(&file.path) || files::shelf_of(&file.path).is_none())
        {
            bail!("the list names what is in no backup");
        }
        Ok(list)
    }

    /// Takes the place of the list that was there. From then on this is the last complete backup.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let json = serde_json::to_string(self)?;
        let text = format!("{json}\n{}\n", hex(&Sha256::digest(&json)));
        let (path, unfinished) = (folder.join(NAME), folder.join("BACKUP.new"));
        let replace = || {
            let mut file = File::create(&unfinished)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            sync_folder(folder)
        };
        replace().with_context(|| path.display().to_string())
    }

    /// Bytes of logs and files.
    pub(super) fn bytes(&self) -> u64 {
        self.logs.iter().map(|log| log.bytes).chain(self.files.iter().map(|file| file.bytes)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn list(path: &str) -> List {
        let log = Log { partition: "gateway-0".into(), head: 7, bytes: 10, list: "title\n".into() };
        let file = StoredFile { path: path.into(), bytes: 5 };
        List::new("2026-11-24T10:00:00Z".into(), "ab".into(), vec![log], vec![file], 1)
    }

    #[test]
    fn what_was_written_is_read_and_a_damaged_list_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(List::read(folder.path()).unwrap().is_none());
        list(&format!("attachments/{NAMED}")).write(folder.path()).unwrap();
        let read = List::read(folder.path()).unwrap().unwrap();
        assert_eq!((read.bytes(), read.logs[0].head), (15, 7));
        let path = folder.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 2] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&path, flipped).unwrap();
            let refused = format!("{:#}", List::read(folder.path()).unwrap_err());
            assert!(refused.contains("BACKUP"), "{refused}");
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(List::read(folder.path()).is_err());
    }

    #[test]
    fn a_list_leads_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        for way in ["../attachments", "/attachments", "attachments/../..", "elsewhere"] {
            list(&format!("{way}/{NAMED}")).write(folder.path()).unwrap();
            assert!(List::read(folder.path()).is_err(), "{way}");
        }
    }
}

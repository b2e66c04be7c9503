//! What whoever copies this service's log and files has to know: which files versions that stand have, where a file lies,
//! and whether it is what its name says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use allmende_eventlog::{Aggregate as _, EventView, UnknownEvent};
use allmende_opendata_domain::Sha256;
use allmende_opendata_domain::dataset::Event;
use sha2::Digest as _;
use zstd::stream::read::Decoder;

use crate::wire::{Dataset, names};

const BUFFER_BYTES: usize = 64 << 10;

/// The files of all versions that are not withdrawn, told from the service's log. A file is durable before the log names
/// it, and gone only after the log has withdrawn the last version that has it.
#[derive(Debug, Default)]
pub struct StandingFiles {
    versions: BTreeMap<(String, u32), Vec<Sha256>>,
}

impl StandingFiles {
    /// Takes the next event of the log; those that are not about files change nothing.
    pub fn apply(&mut self, event: &EventView<'_>) -> Result<(), UnknownEvent> {
        if !matches!(event.event_type(), names::DISTRIBUTION_ADDED | names::VERSION_WITHDRAWN) {
            return Ok(());
        }
        let of = |version| (event.stream().to_owned(), version);
        match Dataset::decode(event.event_type(), event.payload())? {
            Event::DistributionAdded { version, distribution } => {
                self.versions.entry(of(version)).or_default().push(distribution.sha256);
            }
            Event::VersionWithdrawn { version, .. } => {
                self.versions.remove(&of(version));
            }
            _ => {}
        }
        Ok(())
    }

    /// Where they lie in the folder of files, each once.
    pub fn places(&self) -> BTreeSet<PathBuf> {
        self.versions.values().flatten().map(|sha256| place(*sha256)).collect()
    }
}

/// Where a content lies in the folder of files.
fn place(sha256: Sha256) -> PathBuf {
    let name = sha256.to_string();
    Path::new(&name[..2]).join(format!("{name}.zst"))
}

/// The content that a file says it has by its name; nothing for what is no finished file.
fn content_of(path: &Path) -> Option<Sha256> {
    path.file_name()?.to_str()?.strip_suffix(".zst").and_then(Sha256::parse)
}

/// Whether it is the name of a finished file.
pub fn is_dataset_file(path: &Path) -> bool {
    content_of(path).is_some()
}

/// Whether a file has the content that its name says. Reads all of it; an error is one of the system.
pub fn is_sound_dataset_file(path: &Path) -> io::Result<bool> {
    let Some(wanted) = content_of(path) else { return Ok(false) };
    let mut from = Decoder::new(File::open(path)?)?;
    let mut hash = sha2::Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize()[..] == wanted.0),
            Ok(read) => hash.update(&buffer[..read]),
            // The system's errors have its number; these are the decoder's.
            Err(error) if error.raw_os_error().is_none() => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use allmende_files::FolderShelves;

    use super::*;
    use crate::files::Files;

    #[test]
    fn a_kept_file_is_where_it_is_said_to_be_and_damage_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(&FolderShelves::new(folder.path())).unwrap();
        let mut file = files.begin().unwrap();
        file.write_all(&b"time,result\n".repeat(1_000)).unwrap();
        let path = folder.path().join("datasets").join(place(file.keep().unwrap().sha256));
        assert!(is_dataset_file(&path) && is_sound_dataset_file(&path).unwrap());
        let whole = fs::read(&path).unwrap();
        for damaged in [&whole[..whole.len() / 2], b"", &zstd::encode_all(&b"something else"[..], 1).unwrap()] {
            fs::write(&path, damaged).unwrap();
            assert!(!is_sound_dataset_file(&path).unwrap());
        }
        assert!(!is_dataset_file(&folder.path().join("unfinished/0")));
        assert!(is_sound_dataset_file(&folder.path().join(place(Sha256([7; 32])))).is_err(), "it is not there");
    }
}

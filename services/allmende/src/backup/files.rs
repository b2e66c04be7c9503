//! Files that lie outside the logs and are named for their content: what is there never changes, so that one of a name
//! is copied once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use allmende_opendata::{is_dataset_file, is_sound_dataset_file};
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::list::StoredFile;
use super::places::{copy_file, create_private, hex, is_missing, parent_of, sync_folder};

const UNFINISHED: &str = "unfinished";

/// A folder of such files.
#[derive(Debug)]
pub(super) struct Shelf {
    /// Its name, in a data folder and in a backup.
    pub(super) name: &'static str,
    /// Whether a path is a finished file's.
    is_file: fn(&Path) -> bool,
    /// Whether a file has the content that its name says.
    is_sound: fn(&Path) -> io::Result<bool>,
}

/// Files of datasets.
pub(super) const DATASETS: Shelf =
    Shelf { name: "datasets", is_file: is_dataset_file, is_sound: is_sound_dataset_file };
/// Files that go with contributions.
pub(super) const ATTACHMENTS: Shelf =
    Shelf { name: "attachments", is_file: is_attachment, is_sound: is_sound_attachment };
/// All of them.
pub(super) const SHELVES: [&Shelf; 2] = [&DATASETS, &ATTACHMENTS];

/// The shelf of a file that a list names.
pub(super) fn shelf_of(path: &Path) -> Option<&'static Shelf> {
    SHELVES.into_iter().find(|shelf| path.starts_with(shelf.name) && (shelf.is_file)(path))
}

fn is_attachment(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_sound_attachment(path: &Path) -> io::Result<bool> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(path.file_name().is_some_and(|name| name == hex(&hash.finalize()).as_str())),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// What was copied of a shelf.
#[derive(Debug, Default)]
pub(super) struct Copied {
    /// By their path on the shelf, all that are in the backup now.
    pub(super) files: BTreeMap<PathBuf, u64>,
    pub(super) copied: u64,
    pub(super) copied_bytes: u64,
    /// What is not what its name says in the data folder, and in no earlier backup.
    pub(super) damaged: BTreeSet<PathBuf>,
}

impl Copied {
    /// What came of a later look at the same shelf.
    pub(super) fn add(&mut self, later: Self) {
        let (copied, copied_bytes) = (self.copied + later.copied, self.copied_bytes + later.copied_bytes);
        *self = Self { copied, copied_bytes, ..later };
    }

    /// As a list names them.
    pub(super) fn listed(&self, shelf: &Shelf) -> impl Iterator<Item = StoredFile> {
        let of = |(path, bytes): (&PathBuf, &u64)| StoredFile { path: Path::new(shelf.name).join(path), bytes: *bytes };
        self.files.iter().map(of)
    }
}

impl Shelf {
    /// Paths of all files, from the shelf on.
    pub(super) fn paths(&self, root: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
        let shelf = root.join(self.name);
        let mut paths = BTreeSet::new();
        let mut folders = vec![shelf.clone()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.with_context(|| folder.display().to_string())?,
            };
            for entry in entries {
                let path = entry.with_context(|| folder.display().to_string())?.path();
                if (self.is_file)(&path) {
                    paths.extend(path.strip_prefix(&shelf).map(Path::to_owned));
                } else if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        Ok(paths)
    }

    /// Bytes of the files that a backup in `target` does not have.
    pub(super) fn new_bytes(&self, data: &Path, target: &Path) -> anyhow::Result<u64> {
        let there = self.paths(target)?;
        let new = self.paths(data)?.into_iter().filter(|path| !there.contains(path));
        Ok(new.filter_map(|path| fs::metadata(data.join(self.name).join(path)).ok()).map(|file| file.len()).sum())
    }

    /// Copies what is new from a data folder to a backup. What is removed meanwhile is not missed.
    pub(super) fn save(&self, data: &Path, target: &Path, mut told: impl FnMut(u64)) -> anyhow::Result<Copied> {
        let unfinished = target.join(UNFINISHED);
        create_private(&unfinished).with_context(|| unfinished.display().to_string())?;
        let mut copied = Copied::default();
        let mut folders = BTreeSet::new();
        for path in self.paths(data)? {
            let (from, to) = (data.join(self.name).join(&path), target.join(self.name).join(&path));
            if let Ok(there) = fs::metadata(&to) {
                copied.files.insert(path, there.len());
                continue;
            }
            let Some(name) = path.file_name() else { continue };
            let passing = unfinished.join(name);
            let bytes = match copy_file(&from, &passing, false, &mut told) {
                Err(error) if is_missing(&error) => continue,
                bytes => bytes?,
            };
            if !(self.is_sound)(&passing).with_context(|| passing.display().to_string())? {
                fs::remove_file(&passing).with_context(|| passing.display().to_string())?;
                copied.damaged.insert(path);
                continue;
            }
            create_private(parent_of(&to))
                .and_then(|()| fs::rename(&passing, &to))
                .with_context(|| to.display().to_string())?;
            folders.extend(to.ancestors().skip(1).take_while(|folder| *folder != target).map(Path::to_owned));
            copied.copied += 1;
            copied.copied_bytes += bytes;
            copied.files.insert(path, bytes);
        }
        folders.insert(target.to_owned());
        for folder in &folders {
            sync_folder(folder).with_context(|| folder.display().to_string())?;
        }
        Ok(copied)
    }

    /// Removes from a backup what does not belong to it: what the platform has removed must not stay in its backups.
    pub(super) fn prune(&self, target: &Path, belongs: &BTreeMap<PathBuf, u64>) -> anyhow::Result<u64> {
        let mut removed = 0;
        for path in self.paths(target)?.into_iter().filter(|path| !belongs.contains_key(path)) {
            let path = target.join(self.name).join(path);
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
            removed += 1;
        }
        Ok(removed)
    }
}

/// Removes what an interrupted backup left.
pub(super) fn clear_unfinished(target: &Path) -> anyhow::Result<()> {
    let unfinished = target.join(UNFINISHED);
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| unfinished.display().to_string())
        }
        _ => Ok(()),
    }
}

/// Puts a file of a backup into a data folder, if it is what its name and the list say.
pub(super) fn put_back(file: &StoredFile, source: &Path, data: &Path, told: impl FnMut(u64)) -> anyhow::Result<()> {
    let (from, to) = (source.join(&file.path), data.join(&file.path));
    fs::create_dir_all(parent_of(&to)).with_context(|| to.display().to_string())?;
    let bytes = copy_file(&from, &to, false, told)?;
    let sound = match shelf_of(&file.path) {
        Some(shelf) => (shelf.is_sound)(&to).with_context(|| to.display().to_string())?,
        None => false,
    };
    anyhow::ensure!(sound && bytes == file.bytes, "{} is damaged", from.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(data: &Path, content: &[u8]) -> PathBuf {
        let name = PathBuf::from(hex(&Sha256::digest(content)));
        fs::create_dir_all(data.join("attachments")).unwrap();
        fs::write(data.join("attachments").join(&name), content).unwrap();
        name
    }

    #[test]
    fn files_are_copied_once_and_go_when_they_are_gone() {
        let (data, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let save = || ATTACHMENTS.save(data.path(), target.path(), |_| {}).unwrap();
        assert!(save().files.is_empty());
        let (one, two) = (put(data.path(), b"one"), put(data.path(), b"two"));
        fs::write(data.path().join("attachments").join(&two).with_extension("unfinished"), "half").unwrap();
        let first = save();
        assert_eq!((first.copied, first.copied_bytes, first.files.len()), (2, 6, 2));
        fs::remove_file(data.path().join("attachments").join(&one)).unwrap();
        let second = save();
        assert_eq!((second.copied, second.files.len()), (0, 1));
        assert_eq!(ATTACHMENTS.prune(target.path(), &second.files).unwrap(), 1);
        assert_eq!(ATTACHMENTS.paths(target.path()).unwrap(), BTreeSet::from([two]));
    }

    #[test]
    fn a_damaged_file_is_not_copied_over_a_whole_one_nor_put_back() {
        let (data, target, other) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = put(data.path(), b"whole");
        let save = || ATTACHMENTS.save(data.path(), target.path(), |_| {}).unwrap();
        let [file] = &save().listed(&ATTACHMENTS).collect::<Vec<_>>()[..] else { panic!("one file") };
        put_back(file, target.path(), other.path(), |_| {}).unwrap();
        fs::write(data.path().join("attachments").join(&name), b"wrong").unwrap();
        assert_eq!((save().copied, save().files.len(), save().damaged.len()), (0, 1, 0));
        fs::write(target.path().join(&file.path), b"wrong").unwrap();
        let refused = put_back(file, target.path(), other.path(), |_| {}).unwrap_err().to_string();
        assert!(refused.contains(name.to_str().unwrap()) && refused.contains("damaged"), "{refused}");
        fs::remove_file(target.path().join(&file.path)).unwrap();
        assert_eq!((save().copied, save().damaged), (0, BTreeSet::from([name])));
    }
}

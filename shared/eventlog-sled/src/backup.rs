//! Backups: the segment files of a partition, and a list of them with their checksums. The index is not part of one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use allmende_eventlog::Head;
use sha2::{Digest, Sha256};

use crate::layout::{self, LOCK, SEGMENTS, STATE};
use crate::segments::read_some;
use crate::{Damage, OfflineLog, VerifyReport, verify};

/// The list: a title line, then a line for each file: SHA-256, length, name.
const MANIFEST: &str = "MANIFEST";
const TITLE: &str = "allmende-backup-1";

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A file of the log, or of the copy, cannot be read or written.
    #[error("{}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The restored copy is damaged; see the report.
    #[error("the restored log is damaged")]
    Damaged(Box<VerifyReport>),
    /// The log to be backed up is damaged; what was backed up before is as it was.
    #[error("groups {} to {} are damaged; see `allmende log verify`", .0.first, .0.last)]
    Groups(Damage),
    /// The folder holds no complete backup.
    #[error("no complete backup: {0}")]
    Incomplete(&'static str),
    /// A file differs from what was backed up.
    #[error("{} differs from what was backed up", .0.display())]
    Differs(PathBuf),
    /// What was backed up there before is another log's, or reaches further than the log does now.
    #[error("the folder holds a backup of another log, or of more than this one holds")]
    OtherLog,
    /// There is a log at the place of the restored one.
    #[error("the folder holds a log already")]
    Occupied,
}

/// What a backup holds.
#[derive(Debug, Clone)]
pub struct BackupReport {
    /// The last group in it.
    pub head: Head,
    /// Files copied this time.
    pub copied: u64,
    /// Files that were there already.
    pub kept: u64,
    /// Bytes copied.
    pub bytes: u64,
    /// Bytes in it, those that were there already too.
    pub total_bytes: u64,
    /// What is in it: the list that it was left with, for [`restore_listed`].
    pub list: String,
}

/// Copies a log to `target`, also beside a process that writes it. Segments that were sealed at the last backup are not
/// copied again, so that a daily backup copies what is new and later damage does not reach it. The last backup stays
/// whole until this one is.
pub fn backup(folder: &Path, target: &Path) -> Result<BackupReport, BackupError> {
    backup_telling(folder, target, |_| {})
}

/// The same; `copied` is told of bytes as they are copied.
pub fn backup_telling(folder: &Path, target: &Path, mut copied: impl FnMut(u64)) -> Result<BackupReport, BackupError> {
    let log = OfflineLog::open(folder)?;
    let files = target.join(SEGMENTS);
    layout::create_folder(&files)?;
    let mut known = match fs::read_to_string(target.join(MANIFEST)) {
        Ok(text) => {
            let manifest = Manifest::parse(&text)?;
            if !manifest.is_of(&log) {
                return Err(BackupError::OtherLog);
            }
            manifest.files
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    // The last one was being written.
    known.pop();
    let mut report =
        BackupReport { head: log.head(), copied: 0, kept: 0, bytes: 0, total_bytes: 0, list: String::new() };
    let mut manifest = Manifest {
        partition: log.partition().to_string(),
        group: log.head().group,
        hash: log.head().hash.to_string(),
        files: Vec::new(),
    };
    for (index, first) in log.firsts().iter().enumerate() {
        let source = layout::segment_path(log.folder(), *first);
        let name = file_name(&source);
        let copy = files.join(&name);
        if let Some(entry) = known.iter().find(|entry| entry.name == name && copy.exists()) {
            report.kept += 1;
            report.total_bytes += entry.len;
            manifest.files.push(entry.clone());
            continue;
        }
        check_groups(&log, *first, log.firsts().get(index + 1).copied())?;
        let open = index + 1 == log.firsts().len();
        let len = if open { log.end() } else { fs::metadata(&source)?.len() };
        // A longer copy in place of a shorter one: the list that is there still fits its beginning.
        let unfinished = copy.with_extension("new");
        let sha256 = copy_prefix(&source, &unfinished, len, &mut copied)?;
        fs::rename(&unfinished, &copy).map_err(at(&copy))?;
        report.copied += 1;
        report.bytes += len;
        report.total_bytes += len;
        manifest.files.push(Entry { sha256, len, name });
    }
    layout::sync_folder(&files)?;
    report.list = manifest.render();
    layout::replace_file(&target.join(MANIFEST), report.list.as_bytes())?;
    Ok(report)
}

/// What is damaged is not copied over what is not: the backup before stays as it is.
fn check_groups(log: &OfflineLog, first: u64, next: Option<u64>) -> Result<(), BackupError> {
    for group in log.groups(first - 1) {
        match group? {
            Ok(group) if next.is_some_and(|next| group.header().number >= next) => break,
            Ok(_) => {}
            Err(damage) if next.is_some_and(|next| damage.first >= next) => break,
            Err(damage) => return Err(BackupError::Groups(damage)),
        }
    }
    Ok(())
}

/// Makes a log in `folder`, which holds none, of the backup in `source`, and checks all of it. After an error the folder
/// holds no log.
pub fn restore(source: &Path, folder: &Path) -> Result<VerifyReport, BackupError> {
    let list = fs::read_to_string(source.join(MANIFEST)).map_err(|_| BackupError::Incomplete("no manifest"))?;
    restore_listed(source, &list, folder, |_| {})
}

/// The same of what a [list](BackupReport::list) says, which may be that of an earlier backup in the same place: files
/// there only get longer. `copied` is told of bytes as they are copied.
pub fn restore_listed(
    source: &Path,
    list: &str,
    folder: &Path,
    copied: impl FnMut(u64),
) -> Result<VerifyReport, BackupError> {
    if folder.join(SEGMENTS).exists() || folder.join(STATE).exists() || folder.join(LOCK).exists() {
        return Err(BackupError::Occupied);
    }
    let manifest = Manifest::parse(list)?;
    let staging = folder.join("restoring");
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    layout::create_folder(&staging.join(SEGMENTS))?;
    let restored = copy_all(source, &manifest, &staging, copied);
    if restored.is_ok() {
        fs::rename(staging.join(SEGMENTS), folder.join(SEGMENTS))?;
    }
    fs::remove_dir_all(&staging)?;
    layout::sync_folder(folder)?;
    restored
}

fn copy_all(
    source: &Path,
    manifest: &Manifest,
    staging: &Path,
    mut copied: impl FnMut(u64),
) -> Result<VerifyReport, BackupError> {
    let files = staging.join(SEGMENTS);
    for entry in &manifest.files {
        let kept = source.join(SEGMENTS).join(&entry.name);
        let sha256 = copy_prefix(&kept, &files.join(&entry.name), entry.len, &mut copied)?;
        if sha256 != entry.sha256 {
            return Err(BackupError::Differs(kept));
        }
    }
    layout::sync_folder(&files)?;
    let report = verify(staging, |_| {})?;
    let complete = report.head.group == manifest.group && report.head.hash.to_string() == manifest.hash;
    if report.is_intact() && complete { Ok(report) } else { Err(BackupError::Damaged(Box::new(report))) }
}

#[derive(Clone)]
struct Entry {
    sha256: String,
    len: u64,
    name: String,
}

struct Manifest {
    partition: String,
    group: u64,
    hash: String,
    files: Vec<Entry>,
}

impl Manifest {
    /// Whether the log is the one that was backed up, further on. What is damaged in it by now is no reason against it.
    fn is_of(&self, log: &OfflineLog) -> bool {
        let head = match log.groups(self.group.saturating_sub(1)).next() {
            _ if self.group > log.head().group => return false,
            Some(Ok(Ok(group))) if group.header().number == self.group => Some(group.header().hash),
            _ => None,
        };
        self.partition == log.partition().as_str() && head.is_none_or(|hash| hash.to_string() == self.hash)
    }

    fn render(&self) -> String {
        let mut text = format!("{TITLE} {} {} {}\n", self.partition, self.group, self.hash);
        for Entry { sha256, len, name } in &self.files {
            text.push_str(&format!("{sha256} {len} {name}\n"));
        }
        text
    }

    fn parse(text: &str) -> Result<Self, BackupError> {
        let unreadable = BackupError::Incomplete("the manifest is not readable");
        let mut lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let title = lines.next().unwrap_or_default();
        let [TITLE, partition, group, hash] = title.as_slice() else { return Err(unreadable) };
        let mut files = Vec::new();
        for line in lines {
            let [sha256, len, name] = line.as_slice() else { return Err(unreadable) };
            // A name is a file's, never a way out of the folder.
            let (Ok(len), false) = (len.parse(), name.contains('/')) else { return Err(unreadable) };
            files.push(Entry { sha256: (*sha256).to_owned(), len, name: (*name).to_owned() });
        }
        let Ok(group) = group.parse() else { return Err(unreadable) };
        Ok(Self { partition: (*partition).to_owned(), group, hash: (*hash).to_owned(), files })
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Copies the first `len` bytes, makes them durable, and tells their SHA-256.
fn copy_prefix(source: &Path, target: &Path, len: u64, copied: &mut impl FnMut(u64)) -> Result<String, BackupError> {
    let input = File::open(source).map_err(at(source))?;
    let mut output = File::create(target).map_err(at(target))?;
    let mut hash = Sha256::new();
    let mut buffer = Vec::new();
    let mut done = 0;
    while done < len {
        read_some(&input, done, (len - done).min(1 << 20) as usize, &mut buffer).map_err(at(source))?;
        if buffer.is_empty() {
            return Err(at(source)(io::ErrorKind::UnexpectedEof.into()));
        }
        hash.update(&buffer);
        output.write_all(&buffer).map_err(at(target))?;
        done += buffer.len() as u64;
        copied(buffer.len() as u64);
    }
    output.sync_all().map_err(at(target))?;
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// With the path that an error of the system leaves out.
fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File(path, source)
}

//! Several files become one, so that their number stays small. A file is written anew once for each size it passes.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::file::IdFile;
use super::format::{Entry, Id};
use super::writer::Writer;
use super::{MergeError, Unreadable};

/// As many of one size become one.
const TOGETHER: usize = 8;
/// Entries at which a size ends. Files above the last one stay as they are until the window has passed them: merging
/// keeps the index waiting, which it may for a fraction of a second.
const SIZES: [u32; 3] = [4 << 10, 32 << 10, 256 << 10];

/// Files that should become one, if there are any.
pub(crate) fn due(files: &[Arc<IdFile>]) -> Option<Vec<Arc<IdFile>>> {
    let mut from = 0;
    for to in SIZES {
        let of_size = |file: &&Arc<IdFile>| (from..to).contains(&file.listed.entries) && !file.is_broken();
        let together: Vec<_> = files.iter().filter(of_size).take(TOGETHER).cloned().collect();
        if together.len() == TOGETHER {
            return Some(together);
        }
        from = to;
    }
    None
}

/// Writes the entries of all files in order, without those below `floor`.
pub(super) fn merge(
    files: &[Arc<IdFile>],
    open: impl Fn(&IdFile) -> io::Result<File>,
    floor: &Id,
    mut writer: Writer,
) -> Result<Option<IdFile>, MergeError> {
    let unreadable = |at: usize| move |_| MergeError::Read(Unreadable(Arc::clone(&files[at])));
    let mut readers = Vec::with_capacity(files.len());
    let mut heads: Vec<Option<Entry>> = Vec::with_capacity(files.len());
    for (at, file) in files.iter().enumerate() {
        let mut entries = file.entries(open(file).map_err(unreadable(at))?);
        heads.push(entries.next().map_err(unreadable(at))?);
        readers.push(entries);
    }
    // Few enough to look at them all.
    while let Some((at, next)) = lowest(&heads) {
        if next.id >= *floor {
            writer.push(&next).map_err(MergeError::Write)?;
        }
        heads[at] = readers[at].next().map_err(unreadable(at))?;
    }
    let first = files.iter().map(|file| file.listed.first).min().unwrap_or(0);
    let last = files.iter().map(|file| file.listed.last).max().unwrap_or(0);
    writer.finish(first..=last).map_err(MergeError::Write)
}

fn lowest(heads: &[Option<Entry>]) -> Option<(usize, Entry)> {
    heads.iter().enumerate().filter_map(|(at, head)| head.map(|entry| (at, entry))).min_by_key(|(_, entry)| *entry)
}

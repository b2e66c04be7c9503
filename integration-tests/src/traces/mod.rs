//! Looks for a text in everything that an installation has on disk, the way somebody would who wants to find it: what is
//! compressed is decompressed, what is encoded is decoded, what is deleted and still there counts.
//!
//! A privacy test plants words that occur nowhere else, shows that [`search`] finds them where they may be, erases, and
//! shows that it finds them no more. [`Report::decoded`] says what was opened on the way, so that a test sees that its
//! silence means something.

mod compressed;
mod log;
mod marker;
mod parquet;
mod report;
mod search_index;
mod tables;

use std::fs;
use std::io;
use std::path::Path;

pub use marker::{Form, Marker};
pub use report::{Layer, Report, Trace};

/// Decompressed within compressed within compressed: deeper than anything is meant to be.
const DEPTH: usize = 4;

/// Searches every file under `folder`, also while a platform writes there. A file that cannot be read or decoded is in
/// the report, as it may hold anything.
pub fn search(folder: &Path, marker: &Marker) -> Report {
    let mut report = Report::default();
    walk(folder, marker, &mut report);
    report
}

/// Searches what a process said, for one: its log lines, an answer, a page.
pub fn search_bytes(name: &Path, bytes: &[u8], marker: &Marker) -> Report {
    let mut report = Report::default();
    look(name, Layer::Bytes, bytes, marker, &mut report, 0);
    report
}

fn walk(folder: &Path, marker: &Marker, report: &mut Report) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return report.unread(folder, &error),
    };
    for entry in entries {
        match entry {
            Ok(entry) if entry.path().is_dir() => walk(&entry.path(), marker, report),
            Ok(entry) => search_file(&entry.path(), marker, report),
            Err(error) => report.unread(folder, &error),
        }
    }
    if log::is_one(folder) {
        log::search(folder, marker, report);
    }
    if search_index::is_one(folder) {
        search_index::search(folder, marker, report);
    }
}

fn search_file(path: &Path, marker: &Marker, report: &mut Report) {
    // A name is content, too.
    let name = path.file_name().map(|name| name.as_encoded_bytes()).unwrap_or_default();
    report.found(path, Layer::Name, marker.find(name));
    match fs::read(path) {
        Ok(bytes) => look(path, Layer::Bytes, &bytes, marker, report, 0),
        // A running platform removes files; what was in them is in others, or gone.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => report.unread(path, &error),
    }
}

/// Looks at the bytes, and at whatever they are when they are decoded.
fn look(path: &Path, layer: Layer, bytes: &[u8], marker: &Marker, report: &mut Report, depth: usize) {
    report.decoded(layer, bytes.len());
    report.found(path, layer, marker.find(bytes));
    if depth == DEPTH {
        return;
    }
    let mut inner = |layer, decoded: &[u8]| look(path, layer, decoded, marker, report, depth + 1);
    compressed::zstd_frames(bytes, &mut inner);
    compressed::deflated(bytes, &mut inner);
    if let Err(error) = parquet::rows(bytes, &mut inner) {
        report.unread(path, &error);
        return;
    }
    // Both are parts of a file, and never of what was compressed.
    if layer == Layer::Bytes {
        tables::lsm_blocks(bytes, &mut inner);
        tables::journal_values(bytes, &mut inner);
    }
}

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::Form;

/// What had to be undone to see the marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Nothing: it is a file's name.
    Name,
    /// Nothing: it stands in the file.
    Bytes,
    /// A Zstandard frame: pieces of a group, pages of Parquet, exports.
    Zstd,
    /// gzip or zlib: pages, documents.
    Deflate,
    /// A block of a view's table.
    LsmBlock,
    /// A value in the journal of a view's database.
    Journal,
    /// A commit, or its outcome, as the log reads it.
    Commit,
    /// A row of a Parquet file.
    Parquet,
    /// A document or a word of a search index.
    SearchIndex,
}

/// A place where the marker is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// The file, or the log's folder.
    pub file: PathBuf,
    /// How it is kept there.
    pub layer: Layer,
    /// How it is written there.
    pub form: Form,
}

/// What a search found, and what it looked at.
#[derive(Debug, Default)]
pub struct Report {
    found: BTreeSet<Trace>,
    decoded: BTreeMap<Layer, u64>,
    unread: Vec<(PathBuf, String)>,
}

impl Report {
    /// Where the marker is.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> {
        self.found.iter()
    }

    /// Whether it is below `folder` in any form.
    pub fn is_in(&self, folder: &Path) -> bool {
        self.found.iter().any(|trace| trace.file.starts_with(folder))
    }

    /// Bytes that were seen in a layer.
    pub fn bytes_of(&self, layer: Layer) -> u64 {
        self.decoded.get(&layer).copied().unwrap_or(0)
    }

    /// What could not be looked into, and why.
    pub fn not_searched(&self) -> &[(PathBuf, String)] {
        &self.unread
    }

    /// # Panics
    /// If the marker is anywhere, or may be, as something could not be searched.
    pub fn assert_nothing(&self, when: &str) {
        assert!(self.unread.is_empty(), "{when}: not searched: {:#?}", self.unread);
        assert!(self.found.is_empty(), "{when}: {self}");
    }

    pub(super) fn found(&mut self, file: &Path, layer: Layer, forms: impl Iterator<Item = Form>) {
        self.found.extend(forms.map(|form| Trace { file: file.to_owned(), layer, form }));
    }

    pub(super) fn decoded(&mut self, layer: Layer, bytes: usize) {
        *self.decoded.entry(layer).or_default() += bytes as u64;
    }

    pub(super) fn unread(&mut self, path: &Path, error: &dyn fmt::Display) {
        self.unread.push((path.to_owned(), error.to_string()));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Trace { file, layer, form } in &self.found {
            writeln!(f, "{} ({layer:?}, {form:?})", file.display())?;
        }
        Ok(())
    }
}

//! Walking the tree.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Files below `root`/`folder` whose name ends in `.{extension}`, as sorted paths relative to `root`. Build output and
/// hidden folders are left out.
pub(crate) fn with_extension(root: &Path, folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(root, folder, extension, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(root: &Path, folder: &Path, extension: &str, found: &mut Vec<PathBuf>) -> Result<()> {
    let absolute = root.join(folder);
    for entry in fs::read_dir(&absolute).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let path = folder.join(&name);
        if entry.file_type()?.is_dir() {
            if name != "target" && !name.as_encoded_bytes().starts_with(b".") {
                collect(root, &path, extension, found)?;
            }
        } else if path.extension().is_some_and(|found_extension| found_extension == extension) {
            found.push(path);
        }
    }
    Ok(())
}

/// The text of `root`/`file`; the error names `file`.
pub(crate) fn read(root: &Path, file: &Path) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {}", file.display()))
}

//! Looking for bytes in whatever servers store.

use std::fs;
use std::path::{Path, PathBuf};

/// Files below `folder` in which the bytes stand.
pub(crate) fn holding(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    assert!(bytes.len() >= 16, "fewer could be there by chance");
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // What is removed meanwhile holds nothing.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read(&path).is_ok_and(|content| is_in(&content, bytes)) {
                found.push(path);
            }
        }
    }
    found
}

fn is_in(content: &[u8], bytes: &[u8]) -> bool {
    let first = bytes[0];
    let starts = content.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.map(|(at, _)| at).any(|at| content[at..].starts_with(bytes))
}

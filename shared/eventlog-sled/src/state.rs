//! The file `STATE`: how the log was closed, which decides whether the index may be trusted.

use std::fs;
use std::io;
use std::path::Path;

use allmende_eventlog::Hash;

use crate::layout;

/// How the process before ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastEnd {
    /// There was none.
    Never,
    /// The log was closed; this was its head.
    Closed { group: u64, hash: Hash },
    /// The process ended without closing, the machine went on: what it wrote is whole, synced or not.
    ProcessCrashed,
    /// The machine restarted: what was not synced may be lost in any order.
    MachineCrashed,
}

/// Changes with every start of the machine. Where it cannot be read every crash counts as one of the machine.
fn boot_id() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned())
}

pub(crate) fn read(folder: &Path) -> io::Result<LastEnd> {
    let text = match fs::read_to_string(folder.join(layout::STATE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LastEnd::Never),
        Err(error) => return Err(error),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(match words.as_slice() {
        ["closed", group, hash] => match (group.parse(), parse_hash(hash)) {
            (Ok(group), Some(hash)) => LastEnd::Closed { group, hash },
            _ => LastEnd::MachineCrashed,
        },
        ["open", boot] if boot_id().as_deref() == Some(boot) => LastEnd::ProcessCrashed,
        _ => LastEnd::MachineCrashed,
    })
}

pub(crate) fn write_open(folder: &Path) -> io::Result<()> {
    let boot = boot_id().unwrap_or_else(|| "unknown".to_owned());
    layout::replace_file(&folder.join(layout::STATE), format!("open {boot}\n").as_bytes())
}

pub(crate) fn write_closed(folder: &Path, group: u64, hash: Hash) -> io::Result<()> {
    layout::replace_file(&folder.join(layout::STATE), format!("closed {group} {hash}\n").as_bytes())
}

pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Hash(hash))
}

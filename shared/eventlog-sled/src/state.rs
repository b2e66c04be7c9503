//! The file `STATE`: how the log ended, which decides whether the index may be trusted, and a group that is known to
//! be durable, which tells damage at the end of the log from an unfinished write.
//!
//! One line: `closed` or `open` with the machine's boot id, then group and hash, the index's id, and a CRC-32 over what
//! is before it.

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
    /// The log was closed.
    Closed,
    /// The process ended without closing, the machine went on: what it wrote is whole, synced or not.
    ProcessCrashed,
    /// The machine restarted: what was not synced may be lost in any order.
    MachineCrashed,
}

/// A group that was durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Durable {
    pub(crate) group: u64,
    pub(crate) hash: Hash,
}

/// What the process before noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) last_end: LastEnd,
    /// The head when the log was closed, or else when it was opened; a replica's when it began its last segment.
    pub(crate) durable: Option<Durable>,
    /// The only index that may be trusted.
    pub(crate) index: Option<u64>,
}

/// Changes with every start of the machine. Where it cannot be read every crash counts as one of the machine.
fn boot_id() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned())
}

pub(crate) fn read(folder: &Path) -> io::Result<State> {
    let bytes = match fs::read(folder.join(layout::STATE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(State { last_end: LastEnd::Never, durable: None, index: None });
        }
        Err(error) => return Err(error),
    };
    let unreadable = State { last_end: LastEnd::MachineCrashed, durable: None, index: None };
    Ok(parse(&String::from_utf8_lossy(&bytes)).unwrap_or(unreadable))
}

fn parse(text: &str) -> Option<State> {
    let (line, crc) = text.trim_end().rsplit_once(' ')?;
    if u32::from_str_radix(crc, 16) != Ok(crc32fast::hash(line.as_bytes())) {
        return None;
    }
    let words: Vec<&str> = line.split(' ').collect();
    let (last_end, group, hash, index) = match words.as_slice() {
        ["closed", group, hash, index] => (LastEnd::Closed, group, hash, index),
        ["open", boot, group, hash, index] if boot_id().as_deref() == Some(boot) => {
            (LastEnd::ProcessCrashed, group, hash, index)
        }
        ["open", _, group, hash, index] => (LastEnd::MachineCrashed, group, hash, index),
        _ => return None,
    };
    let durable = Durable { group: group.parse().ok()?, hash: parse_hash(hash)? };
    Some(State { last_end, durable: Some(durable), index: u64::from_str_radix(index, 16).ok() })
}

/// `index`: `None` if the index is to be built anew at the next start.
pub(crate) fn write_open(folder: &Path, durable: Durable, index: Option<u64>) -> io::Result<()> {
    let boot = boot_id().unwrap_or_else(|| "unknown".to_owned());
    write(folder, &format!("open {boot}"), durable, index)
}

/// See [`write_open`].
pub(crate) fn write_closed(folder: &Path, durable: Durable, index: Option<u64>) -> io::Result<()> {
    write(folder, "closed", durable, index)
}

fn write(folder: &Path, end: &str, Durable { group, hash }: Durable, index: Option<u64>) -> io::Result<()> {
    let index = index.map_or_else(|| "none".to_owned(), |index| format!("{index:016x}"));
    let line = format!("{end} {group} {hash} {index}");
    let crc = crc32fast::hash(line.as_bytes());
    layout::replace_file(&folder.join(layout::STATE), format!("{line} {crc:08x}\n").as_bytes())
}

fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Hash(hash))
}

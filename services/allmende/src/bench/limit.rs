//! The limit that a durable log is held against: a plain preallocated file, written and synced.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes that compress no better than those of the log would, so that storage below cannot cheat.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

/// What a plain file is before anything is appended to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    /// They are the file's, and the first write to each changes its map.
    Allocated,
    /// They were written before: all that a write and a sync have to do is the data.
    Written,
}

/// A preallocated file that blocks are appended to.
pub(super) struct PlainFile {
    file: File,
    at: u64,
    capacity: u64,
    bytes: Vec<u8>,
}

impl PlainFile {
    /// Creates the file.
    pub(super) fn create(path: &Path, capacity: u64, blocks: Blocks) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, capacity)?;
        if blocks == Blocks::Written {
            io::copy(&mut io::repeat(0).take(capacity), &mut file)?;
        }
        file.sync_all()?;
        Ok(Self { file, at: 0, capacity, bytes: Vec::new() })
    }

    /// Writes a block of `len` bytes and syncs it; tells what that took.
    pub(super) fn append(&mut self, len: usize) -> io::Result<Duration> {
        if self.bytes.len() < len {
            self.bytes = noise(len);
        }
        if self.at + len as u64 > self.capacity {
            self.at = 0;
        }
        let begun = Instant::now();
        self.file.write_all_at(&self.bytes[..len], self.at)?;
        self.file.sync_data()?;
        self.at += len as u64;
        Ok(begun.elapsed())
    }
}

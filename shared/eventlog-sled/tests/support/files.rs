//! Segment files as a test sees them: what stands where, by a reader of the format of its own.

use std::fs::{self, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub const FILE_HEADER: usize = 128;
pub const FRAME_HEADER: usize = 24;

/// A group's frame.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub group: u64,
    pub at: usize,
    pub payload: usize,
}

impl Frame {
    /// Header and payload, without the padding.
    pub fn bytes(&self) -> Range<usize> {
        self.at..self.at + FRAME_HEADER + self.payload
    }

    pub fn end(&self) -> usize {
        (self.at + FRAME_HEADER + self.payload).next_multiple_of(8)
    }
}

/// A segment file.
#[derive(Debug, Clone)]
pub struct Segment {
    pub path: PathBuf,
    pub frames: Vec<Frame>,
    /// Where its seal stands.
    pub seal: Option<usize>,
    pub len: usize,
}

impl Segment {
    pub fn first(&self) -> u64 {
        self.frames[0].group
    }

    pub fn last(&self) -> u64 {
        self.frames.last().unwrap().group
    }

    /// Behind the last frame, the seal included.
    pub fn end(&self) -> usize {
        self.seal.map_or_else(|| self.frames.last().unwrap().end(), |at| at + FRAME_HEADER + 32)
    }
}

/// All segments of the log in `folder`, in order.
pub fn segments(folder: &Path) -> Vec<Segment> {
    let mut paths: Vec<_> = fs::read_dir(folder.join("segments"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "segment"))
        .collect();
    paths.sort();
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Segment {
    let bytes = fs::read(&path).unwrap();
    let mut segment = Segment { path, frames: Vec::new(), seal: None, len: bytes.len() };
    let mut at = FILE_HEADER;
    loop {
        match bytes.get(at..at + 4) {
            Some(b"ALGR") => {
                let payload = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
                let group = u64::from_le_bytes(bytes[at + 8..at + 16].try_into().unwrap());
                let frame = Frame { group, at, payload };
                at = frame.end();
                segment.frames.push(frame);
            }
            Some(b"ALSE") => {
                segment.seal = Some(at);
                return segment;
            }
            _ => return segment,
        }
    }
}

/// Turns every bit of these bytes.
pub fn flip(path: &Path, range: Range<usize>) {
    let mut bytes = fs::read(path).unwrap();
    bytes[range.clone()].iter_mut().for_each(|byte| *byte = !*byte);
    write_at(path, &bytes[range.clone()], range.start);
}

/// Overwrites in place: whoever has the file open sees it.
pub fn write_at(path: &Path, bytes: &[u8], at: usize) {
    OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, at as u64).unwrap();
}

pub fn cut(path: &Path, len: usize) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(len as u64).unwrap();
}

/// Copies a folder with all below it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

//! A file under a passing name, hashed on its way, until it is one of a shelf's.

use std::fs::{self, File};
use std::io::{self, BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zstd::stream::write::Encoder;

use crate::name::Name;
use crate::port::{Form, Shelf};

/// CSV of a month takes a twelfth at this level, at 200 MB/s.
const LEVEL: i32 = 3;
const BUFFER_BYTES: usize = 64 << 10;

/// Removes the file when it is dropped.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        // Kept, it has another name; left behind, it goes at the next start.
        let _ = fs::remove_file(&self.0);
    }
}

/// A file that is being written.
pub(crate) struct Staging {
    path: Passing,
    sink: Sink,
    hash: Sha256,
    bytes: u64,
    largest: u64,
}

enum Sink {
    Plain(BufWriter<File>),
    Compressed(Encoder<'static, BufWriter<File>>),
}

impl Staging {
    pub(crate) fn begin(path: PathBuf, shelf: Shelf) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER_BYTES, File::create_new(&path)?);
        let path = Passing(path);
        let sink = match shelf.form {
            Form::Plain => Sink::Plain(file),
            Form::Compressed => Sink::Compressed(Encoder::new(file, LEVEL)?),
        };
        Ok(Self { path, sink, hash: Sha256::new(), bytes: 0, largest: shelf.largest })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.largest - self.bytes < bytes.len() as u64 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        match &mut self.sink {
            Sink::Plain(file) => file.write_all(bytes)?,
            Sink::Compressed(encoder) => encoder.write_all(bytes)?,
        }
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    /// Ends the file and syncs its content. Its passing name need not outlive a crash.
    pub(crate) fn finish(self) -> io::Result<Staged> {
        let file = match self.sink {
            Sink::Plain(file) => file,
            Sink::Compressed(encoder) => encoder.finish()?,
        };
        let file = file.into_inner().map_err(IntoInnerError::into_error)?;
        file.sync_all()?;
        let stored_bytes = file.metadata()?.len();
        Ok(Staged { path: self.path, name: Name(self.hash.finalize().into()), bytes: self.bytes, stored_bytes })
    }
}

/// A finished file that has no name on a shelf yet; dropped, it is gone.
pub struct Staged {
    path: Passing,
    name: Name,
    bytes: u64,
    stored_bytes: u64,
}

impl Staged {
    /// Where it lies, in the shelf's form.
    pub fn path(&self) -> &Path {
        &self.path.0
    }

    /// What it is to be called.
    pub fn name(&self) -> Name {
        self.name
    }

    /// How long it is.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What it takes in the shelf's form.
    pub fn stored_bytes(&self) -> u64 {
        self.stored_bytes
    }
}

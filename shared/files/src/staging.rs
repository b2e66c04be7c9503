//! A file under a passing name, hashed on its way, until it is one of a shelf's.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, IntoInnerError, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use crate::name::Name;
use crate::port::{Content, Form, Shelf};

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

/// A file that comes from elsewhere in the shelf's form; dropped, it is gone.
pub struct Incoming {
    path: Passing,
    file: File,
}

impl Incoming {
    pub(crate) fn begin(path: PathBuf) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        Ok(Self { path: Passing(path), file })
    }

    /// To be written to.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Syncs it, if it is the file of this name.
    pub(crate) fn finish(mut self, name: &Name, form: Form) -> io::Result<Staged> {
        self.file.rewind()?;
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; BUFFER_BYTES]);
        let mut content = content(self.file.try_clone()?, form)?;
        loop {
            match content.read(&mut buffer)? {
                0 => break,
                read => {
                    hash.update(&buffer[..read]);
                    bytes += read as u64;
                }
            }
        }
        if hash.finalize()[..] != name.0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is not what its name says"));
        }
        self.file.sync_all()?;
        Ok(Staged { path: self.path, name: *name, bytes, stored_bytes: self.file.metadata()?.len() })
    }
}

/// The content of a file in a form.
pub(crate) fn content(file: File, form: Form) -> io::Result<Content> {
    Ok(match form {
        Form::Plain => Box::new(BufReader::with_capacity(BUFFER_BYTES, file)),
        Form::Compressed => Box::new(Decoder::new(file)?),
    })
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

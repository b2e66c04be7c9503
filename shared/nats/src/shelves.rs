//! Shelves that all members share, each an object store with a part of it in a folder.
//!
//! ```text
//! allmende_{shelf}           the object store (stream `OBJ_allmende_{shelf}`): a file's bytes in the shelf's form, in pieces
//!                            of 512 KiB, under SHA-256 of its content
//! {data}/cache/{shelf}       the files that this member kept or read last; 4 GiB of them, and it may be emptied
//! ```
//!
//! A file is in the store, on its replicas, before whoever keeps it is answered. Whoever reads gets it through the folder:
//! it is brought there whole, checked against its name, and then read as any file. What is removed is overwritten in the
//! store, piece by piece, and goes from the other members' folders as soon as they hear of it, or when they start.

mod local;
mod shelf;
mod store;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use allmende_files::{Files, Shelf, Shelves};
use tokio::runtime::Handle;

use crate::blocking;
use crate::connection::Connection;
use shelf::SharedShelf;
pub(crate) use store::{differences, needed};

/// How much of a shelf a member has in its folder.
const LOCAL_BYTES: u64 = 4 << 30;

/// Shelves in object stores.
pub struct ObjectShelves {
    connection: Connection,
    replicas: usize,
    cache: PathBuf,
    local_bytes: u64,
    runtime: Handle,
}

impl ObjectShelves {
    /// Shelves with this many replicas, parts of which lie in the folder `cache`: what is in it and not in the stores goes.
    /// Needs a runtime with several threads.
    pub fn new(connection: &Connection, replicas: usize, cache: &Path) -> Self {
        let (connection, cache) = (connection.clone(), cache.to_owned());
        Self { connection, replicas, cache, local_bytes: LOCAL_BYTES, runtime: Handle::current() }
    }

    /// The same, with so many bytes of each shelf in the folder, the largest file apart.
    pub fn with_local_bytes(self, local_bytes: u64) -> Self {
        Self { local_bytes, ..self }
    }
}

impl Shelves for ObjectShelves {
    fn open(&self, shelf: Shelf) -> io::Result<Arc<dyn Files>> {
        let (connection, replicas, local_bytes) = (self.connection.clone(), self.replicas, self.local_bytes);
        let folder = self.cache.join(shelf.name);
        let opening = async move { SharedShelf::open(&connection, replicas, shelf, &folder, local_bytes).await };
        let opened = blocking::wait(&self.runtime, opening);
        opened.unwrap_or_else(|| Err(io::ErrorKind::Interrupted.into()))
    }
}

//! The only thread that changes the files. It takes all that waits, writes it, syncs once, and answers: what arrives
//! during one sync goes into the next. As it is the only one, an id gets one key however many ask at once.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use allmende_kernel::TenantId;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use crate::file::erased::ErasedList;
use crate::file::error::FileError;
use crate::file::name::Name;
use crate::file::rotation::Rotation;
use crate::file::shared::{Shared, damaged};
use crate::file::slot::Slot;
use crate::file::store::Search;
use crate::file::table::Place;
use crate::key::{Key, KeyId, fresh_secret};
use crate::port::KeyringError;

/// Requests that one sync makes durable.
const BATCH: usize = 1024;

pub(crate) type Reply<T> = oneshot::Sender<Result<T, KeyringError>>;

pub(crate) enum Request {
    Ensure(TenantId, KeyId, Reply<Key>),
    Erase(TenantId, KeyId, Reply<()>),
    Rotate(Reply<u32>),
}

/// What is told once everything before it is durable.
enum Answer {
    Ensured(Reply<Key>, Result<Key, KeyringError>),
    Erased(Reply<()>, Result<(), KeyringError>),
}

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) list: ErasedList,
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) rotation: Option<Rotation>,
    /// See [`Places::unsynced`](crate::file::Places).
    pub(crate) unsynced: PathBuf,
    /// Tables that were written to and not synced, by their bits.
    pub(crate) dirty: u32,
}

impl Writer {
    /// Runs until nobody can ask any more, or until a write fails. Whoever waits then is told that it stopped, as their
    /// replies are dropped.
    pub(crate) fn run(mut self) {
        while let Some(batch) = self.next_batch() {
            if let Err(error) = self.commit(batch).and_then(|()| self.rotate_some()) {
                self.shared.stop(error.kind());
                // If it cannot be written either, nothing more can be done for the next process.
                let _ = File::create(&self.unsynced).and_then(|file| file.sync_all());
                return;
            }
        }
    }

    /// What waits. Waits itself unless there is a rotation to go on with, which it must not hold up.
    fn next_batch(&mut self) -> Option<Vec<Request>> {
        let mut batch = Vec::new();
        if self.rotation.is_none() {
            batch.push(self.requests.blocking_recv()?);
        }
        while batch.len() < BATCH {
            match self.requests.try_recv() {
                Ok(request) => batch.push(request),
                Err(TryRecvError::Disconnected) if batch.is_empty() => return None,
                Err(_) => break,
            }
        }
        Some(batch)
    }

    fn commit(&mut self, batch: Vec<Request>) -> io::Result<()> {
        let mut answers = Vec::with_capacity(batch.len());
        for request in batch {
            match request {
                Request::Ensure(tenant, id, reply) => {
                    answers.push(Answer::Ensured(reply, self.ensure(&tenant, id)?));
                }
                Request::Erase(tenant, id, reply) => {
                    answers.push(Answer::Erased(reply, self.erase(Name::new(&tenant, id))?));
                }
                Request::Rotate(reply) => self.begin_rotation(reply)?,
            }
        }
        self.sync()?;
        for answer in answers {
            // Who does not wait any more has lost nothing but the answer.
            match answer {
                Answer::Ensured(reply, key) => drop(reply.send(key)),
                Answer::Erased(reply, done) => drop(reply.send(done)),
            }
        }
        Ok(())
    }

    fn ensure(&mut self, tenant: &TenantId, id: KeyId) -> io::Result<Result<Key, KeyringError>> {
        let name = Name::new(tenant, id);
        let place = match self.search(&name)? {
            Search::Found(place, Slot::Key(_, wrapped)) => {
                let secret = self.shared.disk.read().unwrap(&name, place, &wrapped);
                return Ok(secret.map(|secret| Key::new(tenant.clone(), id, secret)));
            }
            Search::Found(..) => return Ok(Err(KeyringError::Erased(id))),
            Search::Damaged(place) => return Ok(Err(damaged(place))),
            Search::Free(place) => place,
            Search::Full => return Err(io::ErrorKind::StorageFull.into()),
        };
        let secret = match fresh_secret() {
            Ok(secret) => secret,
            Err(error) => return Ok(Err(error)),
        };
        let disk = self.shared.disk.write();
        let wrapped = disk.masters.wrap(&name, &secret)?;
        disk.store.write(place, &Slot::Key(name, wrapped))?;
        self.dirty |= 1 << place.table;
        Ok(Ok(Key::new(tenant.clone(), id, secret)))
    }

    /// The list first: from then on the key is erased, whatever happens to its place.
    fn erase(&mut self, name: Name) -> io::Result<Result<(), KeyringError>> {
        let search = self.search(&name)?;
        if matches!(search, Search::Found(_, Slot::Erased(_))) {
            return Ok(Ok(()));
        }
        self.list.append(&name)?;
        match search {
            Search::Found(place, _) | Search::Free(place) => self.overwrite(place, name).map(Ok),
            Search::Damaged(place) => Ok(Err(damaged(place))),
            Search::Full => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    /// Erases again what the list says: an older copy of the keys may have been put back. Tells how much that was.
    pub(crate) fn apply(&mut self, listed: Name) -> io::Result<bool> {
        match self.search(&listed)? {
            Search::Found(_, Slot::Erased(_)) => Ok(false),
            Search::Found(place, _) | Search::Free(place) => self.overwrite(place, listed).map(|()| true),
            // Neither can be found anyway.
            Search::Damaged(_) | Search::Full => Ok(false),
        }
    }

    fn overwrite(&mut self, place: Place, name: Name) -> io::Result<()> {
        self.dirty |= 1 << place.table;
        self.shared.overwrite(place, name)
    }

    /// Finds the name or its place, for which a table is added if need be.
    fn search(&self, name: &Name) -> io::Result<Search> {
        loop {
            let search = self.shared.disk.read().store.search(name)?;
            if search != Search::Full {
                return Ok(search);
            }
            let table = self.shared.disk.read().store.next_table().map_err(|error| match error {
                FileError::Io { source, .. } => source,
                _ => io::ErrorKind::InvalidData.into(),
            })?;
            self.shared.disk.write().store.add(table);
        }
    }

    pub(crate) fn sync(&mut self) -> io::Result<()> {
        let disk = self.shared.disk.read();
        for table in 0..u32::BITS {
            if self.dirty & 1 << table != 0 {
                disk.store.sync_table(table)?;
            }
        }
        self.dirty = 0;
        Ok(())
    }
}

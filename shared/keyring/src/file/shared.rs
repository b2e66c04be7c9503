use std::io;
use std::num::NonZeroUsize;

use allmende_kernel::TenantId;
use lru::LruCache;
use parking_lot::{Mutex, RwLock};

use crate::file::master::Masters;
use crate::file::name::Name;
use crate::file::slot::{Slot, Wrapped};
use crate::file::store::{Search, Store};
use crate::file::table::Place;
use crate::key::{Key, KeyId, Secret};
use crate::port::{Found, KeyringError};

/// What readers and the writer have in common.
pub(crate) struct Shared {
    /// Whoever writes a slot holds it alone: nobody reads half a slot, and nobody caches what is being erased.
    pub(crate) disk: RwLock<Disk>,
    /// Keys that were used lately, unwrapped. Taken while `disk` is held, never the other way round.
    cache: Mutex<LruCache<Name, Key>>,
    /// Why the writer stopped.
    stopped: Mutex<Option<io::ErrorKind>>,
}

/// The keys and what they are wrapped by.
pub(crate) struct Disk {
    pub(crate) store: Store,
    pub(crate) masters: Masters,
}

impl Disk {
    pub(crate) fn unwrap(&self, name: &Name, place: Place, wrapped: &Wrapped) -> Result<Secret, KeyringError> {
        match self.masters.unwrap(name, wrapped) {
            Some(secret) => Ok(secret),
            None if self.masters.has(wrapped.generation) => Err(damaged(place)),
            None => Err(KeyringError::OtherMaster(wrapped.generation)),
        }
    }
}

pub(crate) fn damaged(place: Place) -> KeyringError {
    KeyringError::Damaged { place: place.to_string() }
}

impl Shared {
    pub(crate) fn new(disk: Disk, cache_keys: NonZeroUsize) -> Self {
        Self { disk: RwLock::new(disk), cache: Mutex::new(LruCache::new(cache_keys)), stopped: Mutex::new(None) }
    }

    pub(crate) fn find(&self, tenant: &TenantId, id: KeyId) -> Result<Found, KeyringError> {
        let name = Name::new(tenant, id);
        let disk = self.disk.read();
        if let Some(key) = self.cache.lock().get(&name) {
            return Ok(Found::Key(key.clone()));
        }
        match disk.store.search(&name).map_err(|error| KeyringError::Io(error.kind()))? {
            Search::Found(place, Slot::Key(_, wrapped)) => {
                let key = Key::new(tenant.clone(), id, disk.unwrap(&name, place, &wrapped)?);
                self.cache.lock().put(name, key.clone());
                Ok(Found::Key(key))
            }
            Search::Found(..) => Ok(Found::Erased),
            Search::Free(_) | Search::Full => Ok(Found::Unknown),
            Search::Damaged(place) => Err(damaged(place)),
        }
    }

    /// Overwrites a key with the trace that it is erased, and forgets it.
    pub(crate) fn overwrite(&self, place: Place, name: Name) -> io::Result<()> {
        let disk = self.disk.write();
        self.cache.lock().pop(&name);
        disk.store.write(place, &Slot::Erased(name))
    }

    #[cfg(test)]
    pub(crate) fn cached(&self) -> usize {
        self.cache.lock().len()
    }

    pub(crate) fn stop(&self, kind: io::ErrorKind) {
        *self.stopped.lock() = Some(kind);
    }

    pub(crate) fn stopped(&self) -> KeyringError {
        KeyringError::Stopped(*self.stopped.lock())
    }
}

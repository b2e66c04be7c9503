use std::collections::{HashMap, HashSet};

use allmende_kernel::TenantId;
use async_trait::async_trait;
use parking_lot::Mutex;

use crate::key::{Key, KeyId, fresh_secret};
use crate::port::{Found, Keyring, KeyringError};

type Name = (TenantId, KeyId);

/// A keyring that lives as long as its process: for tests.
#[derive(Default)]
pub struct MemoryKeyring(Mutex<Held>);

#[derive(Default)]
struct Held {
    keys: HashMap<Name, Key>,
    erased: HashSet<Name>,
}

impl MemoryKeyring {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys as they are, for [`restore`](Self::restore): what a backup would be. The erased are not part of it.
    pub fn copy_keys(&self) -> Vec<Key> {
        self.0.lock().keys.values().cloned().collect()
    }

    /// Goes back to an older copy of the keys. What was erased since stays so.
    pub fn restore(&self, copy: Vec<Key>) {
        let mut held = self.0.lock();
        let Held { keys, erased } = &mut *held;
        let named = copy.into_iter().map(|key| ((key.tenant().clone(), key.id()), key));
        *keys = named.filter(|(name, _)| !erased.contains(name)).collect();
    }
}

#[async_trait]
impl Keyring for MemoryKeyring {
    async fn ensure(&self, tenant: &TenantId, id: KeyId) -> Result<Key, KeyringError> {
        let name = (tenant.clone(), id);
        let mut held = self.0.lock();
        if held.erased.contains(&name) {
            return Err(KeyringError::Erased(id));
        }
        if let Some(key) = held.keys.get(&name) {
            return Ok(key.clone());
        }
        let key = Key::new(tenant.clone(), id, fresh_secret()?);
        held.keys.insert(name, key.clone());
        Ok(key)
    }

    fn find(&self, tenant: &TenantId, id: KeyId) -> Result<Found, KeyringError> {
        let name = (tenant.clone(), id);
        let held = self.0.lock();
        Ok(match held.keys.get(&name) {
            Some(key) => Found::Key(key.clone()),
            None if held.erased.contains(&name) => Found::Erased,
            None => Found::Unknown,
        })
    }

    async fn erase(&self, tenant: &TenantId, id: KeyId) -> Result<(), KeyringError> {
        let name = (tenant.clone(), id);
        let mut held = self.0.lock();
        held.keys.remove(&name);
        held.erased.insert(name);
        Ok(())
    }
}

//! The embedded keyring: keys in files, of which an erased one's bytes are really gone.
//!
//! ```text
//! keyring/LOCK          held while it is open
//! keyring/master        the master key
//! keyring/keys.00 …     tables of slots of 128 bytes, one a key, wrapped by the master key
//! erased/keys           the list of the erased
//! ```
//!
//! See the crate's page for what holds.

mod backup;
mod carrying;
mod disk;
mod erased;
mod error;
mod master;
mod name;
mod open;
mod places;
mod repair;
mod rotation;
mod shared;
mod slot;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::fs::File;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::JoinHandle;

use allmende_kernel::TenantId;
use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

pub use backup::{BackupReport, backup, copy_master, restore};
pub use carrying::{Carried, carry};
pub use error::FileError;
pub(crate) use name::Name;
pub use places::Places;
pub use repair::{RepairReport, repair};
pub use verify::{VerifyReport, verify};

use crate::key::{Key, KeyId};
use crate::port::{Found, Keyring, KeyringError};
use shared::Shared;
use writer::Request;

/// Memory of a keyring.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Keys that are kept unwrapped in memory, those used last.
    pub cache_keys: NonZeroUsize,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_keys: const { NonZeroUsize::new(4096).unwrap() } }
    }
}

/// A keyring in files, open for this process alone. Dropping it closes it: what was asked before is done first.
pub struct FileKeyring {
    shared: Arc<Shared>,
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
    erased_again: u64,
    _lock: File,
}

impl FileKeyring {
    /// Opens the keyring, or makes an empty one if there is not a trace of one. The list of the erased is applied
    /// before this returns. Blocks on the disk.
    pub fn open(places: &Places, options: Options) -> Result<Self, FileError> {
        open::open(places, options)
    }

    /// Ids of the list that had a key, or no trace of erasure, when the keyring was opened: more than a few say that an
    /// older copy of the keys was put back.
    pub fn erased_again(&self) -> u64 {
        self.erased_again
    }

    /// Changes the master key: wraps every key by a new one and destroys the old one, while keys are asked for and
    /// made. From then on no older copy of the keys' files opens: not a block that the disk kept, nor a backup, of
    /// which a new one is to be made. Tells the new generation.
    ///
    /// What cannot be unwrapped is told, and keeps both master keys.
    pub async fn rotate(&self) -> Result<u32, KeyringError> {
        self.ask(Request::Rotate).await
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, KeyringError>>) -> Request,
    ) -> Result<T, KeyringError> {
        let (reply, answer) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or_else(|| self.shared.stopped())?;
        requests.send(request(reply)).await.map_err(|_| self.shared.stopped())?;
        answer.await.map_err(|_| self.shared.stopped())?
    }
}

#[async_trait]
impl Keyring for FileKeyring {
    async fn ensure(&self, tenant: &TenantId, id: KeyId) -> Result<Key, KeyringError> {
        self.ask(|reply| Request::Ensure(tenant.clone(), id, reply)).await
    }

    fn find(&self, tenant: &TenantId, id: KeyId) -> Result<Found, KeyringError> {
        self.shared.find(tenant, id)
    }

    async fn erase(&self, tenant: &TenantId, id: KeyId) -> Result<(), KeyringError> {
        self.ask(|reply| Request::Erase(tenant.clone(), id, reply)).await
    }
}

impl Drop for FileKeyring {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(writer) = self.writer.take() {
            // A panic there has been printed, and whoever waited was told.
            let _ = writer.join();
        }
    }
}

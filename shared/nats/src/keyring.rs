//! A keyring that all members share, in buckets.
//!
//! ```text
//! allmende_keys      a tenant's key under SHA-256 of tenant and id, as 64 hexadecimal digits:
//!                    1, then the key as `WrappingKey` wraps it; or 2 alone: erased, for ever
//!                    `applied`: how far the list of the erased was applied; `asked`: nothing
//! allmende_erased    the list of the erased: the same names, each with nothing
//! ```
//!
//! **A key is made once.** It is stored only where nothing is; of several members that make one at once, one does, and the
//! others read it. So nobody seals with a key that is not durable on the replicas.
//!
//! **An erasure** is noted on the list, then in the key's place, and then the key's message is overwritten on the servers'
//! disks. Whatever is cut off in between goes on when it is asked for again, and at the latest when the next member starts.
//! A member keeps in memory only what it would be told of: while it hears what others erase.
//!
//! **What may remain.** Servers overwrite a message in its block. Where a stream has replicas, the protocol between them has
//! a log of its own, in which the wrapped key stays until that log is compacted (six minutes when it was measured, and its file is
//! deleted and not overwritten), and a replica that was away may be brought up to date without overwriting. So may what a solid-state
//! drive or a snapshot below keeps. All that is the key wrapped by a key that no server has.

mod cache;
mod entry;
mod erasing;
mod listening;
mod taking;

use std::num::NonZeroUsize;
use std::sync::Arc;

use allmende_eventlog_nats::stream::StreamError;
use allmende_kernel::TenantId;
use allmende_keyring::{Found, Key, KeyId, Keyring, KeyringError, WrappingKey};
use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::values::Values;
use crate::{backoff, blocking};
use cache::{Cache, Cached};
use entry::Entry;
pub use taking::{TakeError, Taken};

const KEYS: &str = "allmende_keys";
const ERASED: &str = "allmende_erased";
/// Keys that are kept unwrapped in memory, those used last.
const CACHE_KEYS: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// Why a shared keyring does not open.
#[derive(Debug, thiserror::Error)]
pub enum KeyringOpenError {
    /// A bucket cannot be reached, or is set up otherwise than needed.
    #[error(transparent)]
    Bucket(#[from] StreamError),
    /// What was cut off could not be brought to its end.
    #[error("erasures that were cut off cannot be finished: {0}")]
    Erasing(String),
    /// The list of the erased ends before what was applied of it: an older copy was put back, or it was lost. Whoever was
    /// erased since would come back with the next older copy of the keys.
    #[error("the list of the erased ({0}) is older than what was applied of it ({1}): restore the newest copy of it")]
    OlderList(u64, u64),
}

/// A keyring in the buckets `allmende_keys` and `allmende_erased`.
pub struct BucketKeyring {
    inner: Arc<Inner>,
    runtime: Handle,
    listening: JoinHandle<()>,
}

struct Inner {
    keys: Values,
    list: Values,
    wrapping: WrappingKey,
    cache: Cache,
}

impl BucketKeyring {
    /// The keyring with this many replicas, made if there is none. Erasures that were cut off are brought to their end, and
    /// the list of the erased is applied, before this returns. Needs a runtime with several threads.
    pub async fn open(
        connection: &Connection,
        replicas: usize,
        wrapping: WrappingKey,
    ) -> Result<Self, KeyringOpenError> {
        if !blocking::can_wait() {
            return Err(StreamError::Unfit("the runtime has one thread".to_owned()).into());
        }
        let keys = Values::open(connection, KEYS, replicas).await?;
        let list = Values::open(connection, ERASED, replicas).await?;
        let inner = Arc::new(Inner { keys, list, wrapping, cache: Cache::new(CACHE_KEYS) });
        inner.finish_erasures().await?;
        let listening = tokio::spawn(listening::listen(Arc::clone(&inner)));
        Ok(Self { inner, runtime: Handle::current(), listening })
    }
}

impl Drop for BucketKeyring {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

#[async_trait]
impl Keyring for BucketKeyring {
    async fn ensure(&self, tenant: &TenantId, id: KeyId) -> Result<Key, KeyringError> {
        let name = WrappingKey::name(tenant, id);
        match self.inner.cache.get(&name) {
            Some(Cached::Key(key)) => return Ok(key),
            Some(Cached::Erased) => return Err(KeyringError::Erased(id)),
            None => {}
        }
        let (inner, tenant) = (Arc::clone(&self.inner), tenant.clone());
        let making = self.runtime.spawn(async move { inner.ensure(&tenant, id, &name).await });
        making.await.unwrap_or_else(|_| Err(ended()))
    }

    fn find(&self, tenant: &TenantId, id: KeyId) -> Result<Found, KeyringError> {
        let name = WrappingKey::name(tenant, id);
        match self.inner.cache.get(&name) {
            Some(Cached::Key(key)) => return Ok(Found::Key(key)),
            Some(Cached::Erased) => return Ok(Found::Erased),
            // Whoever reads many texts would wait for each key in turn, and keep a thread for it.
            None if !self.inner.keys.is_connected() => {
                return Err(KeyringError::Unavailable("there is no connection to NATS".to_owned()));
            }
            None => {}
        }
        let (inner, tenant) = (Arc::clone(&self.inner), tenant.clone());
        let looking = blocking::wait(&self.runtime, async move { inner.find(&tenant, id, &name).await });
        looking.unwrap_or_else(|| Err(ended()))
    }

    async fn erase(&self, tenant: &TenantId, id: KeyId) -> Result<(), KeyringError> {
        let (inner, name) = (Arc::clone(&self.inner), WrappingKey::name(tenant, id));
        let erasing = self.runtime.spawn(async move { inner.erase(&name).await });
        match erasing.await {
            Ok(erased) => erased.map_err(KeyringError::Unavailable),
            Err(_) => Err(ended()),
        }
    }
}

fn ended() -> KeyringError {
    KeyringError::Unavailable("the process is ending".to_owned())
}

impl Inner {
    /// Reads or makes the key. Whether one was made is never taken from an answer alone: what is read counts.
    async fn ensure(&self, tenant: &TenantId, id: KeyId, name: &str) -> Result<Key, KeyringError> {
        let until = Instant::now() + self.keys.within();
        let mut attempt = 0;
        loop {
            let tried = match self.look(tenant, id, name).await {
                Ok(Found::Key(key)) => return Ok(key),
                Ok(Found::Erased) => return Err(KeyringError::Erased(id)),
                Ok(Found::Unknown) => self.make(tenant, id, name).await,
                Err(error) => Err(error),
            };
            match tried {
                Ok(Some(key)) => return Ok(key),
                // Somebody else did: it can be read, as soon as whoever answers for the bucket knows it.
                Ok(None) if attempt == 0 => {}
                Ok(None) if Instant::now() < until => {}
                Err(KeyringError::Unavailable(_)) if Instant::now() < until => {}
                Ok(None) => return Err(KeyringError::Unavailable("the answers contradict each other".to_owned())),
                Err(error) => return Err(error),
            }
            if attempt > 0 {
                sleep(backoff::before(attempt)).await;
            }
            attempt += 1;
        }
    }

    async fn make(&self, tenant: &TenantId, id: KeyId, name: &str) -> Result<Option<Key>, KeyringError> {
        let moment = self.cache.moment();
        let (key, wrapped) = self.wrapping.fresh_key(tenant, id)?;
        let stored = self.keys.store(name, Entry::encode_key(&wrapped), Some(0)).await;
        Ok(stored.map_err(KeyringError::Unavailable)?.map(|_| {
            self.cache.keep(name, &key, moment);
            key
        }))
    }

    /// What there is of the id, for sure.
    async fn find(&self, tenant: &TenantId, id: KeyId, name: &str) -> Result<Found, KeyringError> {
        let found = self.look(tenant, id, name).await?;
        if !matches!(found, Found::Unknown) {
            return Ok(found);
        }
        match self.keys.is_surely_absent(name).await.map_err(KeyringError::Unavailable)? {
            true => Ok(Found::Unknown),
            // It came meanwhile, or whoever answered first was behind.
            false => self.look(tenant, id, name).await,
        }
    }

    async fn look(&self, tenant: &TenantId, id: KeyId, name: &str) -> Result<Found, KeyringError> {
        let moment = self.cache.moment();
        let Some(value) = self.keys.last(name).await.map_err(KeyringError::Unavailable)? else {
            return Ok(Found::Unknown);
        };
        match Entry::decode(&value.bytes) {
            Some(Entry::Key(wrapped)) => {
                let key = self.wrapping.key(tenant, id, wrapped).ok_or_else(|| damaged(name))?;
                self.cache.keep(name, &key, moment);
                Ok(Found::Key(key))
            }
            Some(Entry::Erased) => {
                self.cache.erased(name);
                Ok(Found::Erased)
            }
            None => Err(damaged(name)),
        }
    }
}

fn damaged(name: &str) -> KeyringError {
    KeyringError::Damaged { place: format!("{KEYS}/{name}") }
}

use std::io;

use allmende_kernel::TenantId;
use async_trait::async_trait;

use crate::key::{Key, KeyId};

/// What a keyring knows of an id.
#[derive(Debug, Clone)]
pub enum Found {
    /// Its key.
    Key(Key),
    /// It had a key, or never will: for ever.
    Erased,
    /// Nothing: no key was ever made for it here, or the keyring is an older copy from before it was.
    Unknown,
}

/// Why a keyring did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The id was erased; it never gets a key again.
    #[error("key {0} was erased")]
    Erased(KeyId),
    /// What the id's key may be kept in is damaged. Nothing is guessed: neither is there no key, nor is a new one made.
    #[error("{place} of the keyring is damaged")]
    Damaged {
        /// File and slot.
        place: String,
    },
    /// The key is wrapped by a master key that was destroyed, or that is another's: an older copy of keys or master was
    /// put back.
    #[error("the key is wrapped by generation {0} of the master key, which is not at hand")]
    OtherMaster(u32),
    /// The keyring takes nothing any more: it was closed, or a write failed. It may be opened anew.
    #[error("the keyring has stopped{}", .0.map(|kind| format!(": {kind}")).unwrap_or_default())]
    Stopped(Option<io::ErrorKind>),
    /// A file could not be read.
    #[error("reading the keyring: {0}")]
    Io(io::ErrorKind),
    /// The keyring cannot be reached at present, or its answer did not come in time. Nothing is known of the key: neither
    /// that there is none, nor that it was erased; what was asked for may be done all the same.
    #[error("the keyring cannot be reached: {0}")]
    Unavailable(String),
    /// The operating system gave no random bytes.
    #[error("no random bytes")]
    NoRandomness,
}

/// Keys by tenant and id: one for each data subject and one for each contribution.
///
/// An id has at most one key, ever. Whoever holds a [`Key`] can use it until it is dropped, so keys are asked for when
/// they are needed and not kept.
#[async_trait]
pub trait Keyring: Send + Sync + 'static {
    /// The id's key, made if there is none. It is durable before this returns: what is sealed with it can be stored.
    ///
    /// Once asked it is done, also if nobody waits any more.
    async fn ensure(&self, tenant: &TenantId, id: KeyId) -> Result<Key, KeyringError>;

    /// What there is of the id. To open boxes with, not to seal: the key may not be durable yet. May block on the disk
    /// for a moment.
    fn find(&self, tenant: &TenantId, id: KeyId) -> Result<Found, KeyringError>;

    /// Erases the id for ever, whether it had a key or not. When this returns, the key's bytes are gone from wherever
    /// the keyring had them, [`find`](Self::find) and [`ensure`](Self::ensure) say so, and both last. Erasing again
    /// changes nothing.
    async fn erase(&self, tenant: &TenantId, id: KeyId) -> Result<(), KeyringError>;
}

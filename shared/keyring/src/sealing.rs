//! The box.
//!
//! ```text
//! 0    version            1
//! 1    key id             16 bytes
//! 17   nonce              24 random bytes
//! 41   XChaCha20-Poly1305 of the content; its last 16 bytes are the tag
//! ```
//!
//! Associated data: version and key id as they stand, then tenant and context, each behind its length.

use allmende_kernel::{Sealed, TenantId};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};

use crate::key::{Key, KeyId};
use crate::port::{Found, Keyring, KeyringError};

const VERSION: u8 = 1;
const NONCE: usize = 17;
const CIPHERTEXT: usize = NONCE + 24;
const TAG_BYTES: usize = 16;

/// What an opened box gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened<T> {
    /// What was put into it.
    Content(T),
    /// Nothing, for ever: its key was erased.
    Erased,
}

impl<T> Opened<T> {
    /// The content, unless it was erased.
    pub fn content(self) -> Option<T> {
        match self {
            Self::Content(content) => Some(content),
            Self::Erased => None,
        }
    }
}

/// Why a box did not open although it was not erased.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoxError {
    /// It is no box, not as it was made, or belongs to another tenant or context.
    #[error("the sealed content is damaged or belongs elsewhere")]
    Damaged,
    /// No such key was ever in this keyring: an older copy of it was restored.
    #[error("the keyring does not know key {0}")]
    UnknownKey(KeyId),
    /// The key could not be looked up.
    #[error("the key could not be looked up")]
    Keyring(#[from] KeyringError),
}

/// The key that opens a box, if it is one.
pub fn key_of(sealed: &Sealed) -> Option<KeyId> {
    parts(sealed.as_bytes()).map(|parts| parts.id)
}

/// Opens a box of `tenant` as the content of `context`.
pub fn open(
    keyring: &dyn Keyring,
    tenant: &TenantId,
    context: &str,
    sealed: &Sealed,
) -> Result<Opened<Vec<u8>>, BoxError> {
    let parts = parts(sealed.as_bytes()).ok_or(BoxError::Damaged)?;
    match keyring.find(tenant, parts.id)? {
        Found::Key(key) => decrypt(&key, context, &parts).map(Opened::Content),
        Found::Erased => Ok(Opened::Erased),
        Found::Unknown => Err(BoxError::UnknownKey(parts.id)),
    }
}

/// Opens a box that holds a text.
pub fn open_text(
    keyring: &dyn Keyring,
    tenant: &TenantId,
    context: &str,
    sealed: &Sealed,
) -> Result<Opened<String>, BoxError> {
    match open(keyring, tenant, context, sealed)? {
        Opened::Content(bytes) => String::from_utf8(bytes).map(Opened::Content).map_err(|_| BoxError::Damaged),
        Opened::Erased => Ok(Opened::Erased),
    }
}

pub(crate) fn seal(key: &Key, context: &str, content: &[u8]) -> Result<Sealed, KeyringError> {
    let mut nonce = [0; 24];
    getrandom::fill(&mut nonce).map_err(|_| KeyringError::NoRandomness)?;
    let aad = associated_data(key.tenant(), key.id(), context);
    let ciphertext = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: content, aad: &aad })
        .expect("the content is shorter than the 256 GiB that the cipher takes");
    let mut sealed = Vec::with_capacity(CIPHERTEXT + ciphertext.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(key.id().as_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ciphertext);
    Ok(Sealed::from_bytes(sealed))
}

struct Parts<'a> {
    id: KeyId,
    nonce: [u8; 24],
    ciphertext: &'a [u8],
}

fn parts(sealed: &[u8]) -> Option<Parts<'_>> {
    if sealed.len() < CIPHERTEXT + TAG_BYTES || sealed[0] != VERSION {
        return None;
    }
    Some(Parts {
        id: KeyId::from_bytes(*sealed[1..].first_chunk()?),
        nonce: *sealed[NONCE..].first_chunk()?,
        ciphertext: &sealed[CIPHERTEXT..],
    })
}

fn decrypt(key: &Key, context: &str, parts: &Parts<'_>) -> Result<Vec<u8>, BoxError> {
    let aad = associated_data(key.tenant(), key.id(), context);
    let payload = Payload { msg: parts.ciphertext, aad: &aad };
    cipher(key).decrypt(&XNonce::from(parts.nonce), payload).map_err(|_| BoxError::Damaged)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&CipherKey::from(*key.secret()))
}

fn associated_data(tenant: &TenantId, id: KeyId, context: &str) -> Vec<u8> {
    let mut data = vec![VERSION];
    data.extend_from_slice(id.as_bytes());
    for part in [tenant.as_str(), context] {
        data.extend_from_slice(&(part.len() as u64).to_le_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

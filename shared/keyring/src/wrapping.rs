//! Keys and secrets sealed for a place where others may read them: a server's disk, its backups.
//!
//! ```text
//! 0    version            1
//! 1    nonce              24 random bytes
//! 25   XChaCha20-Poly1305 of the content; its last 16 bytes are the tag
//! ```
//!
//! Associated data: the version and what it is of.

use std::fmt;

use allmende_kernel::TenantId;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::file::Name;
use crate::key::{Key, KeyId, Secret, fresh_secret};
use crate::port::KeyringError;

const VERSION: u8 = 1;
const CIPHERTEXT: usize = 25;

/// A key that others are wrapped by, and that is not kept where they are.
pub struct WrappingKey(Zeroizing<[u8; 32]>);

impl WrappingKey {
    /// The key of these bytes.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// What a tenant's key is called where it is kept: SHA-256 of tenant and id, as 64 hexadecimal digits.
    pub fn name(tenant: &TenantId, id: KeyId) -> String {
        Name::new(tenant, id).to_string()
    }

    /// Makes a key, and wraps it.
    pub fn fresh_key(&self, tenant: &TenantId, id: KeyId) -> Result<(Key, Vec<u8>), KeyringError> {
        let secret = fresh_secret()?;
        let wrapped = self.wrap(&of_key(&Name::new(tenant, id)), secret.as_slice())?;
        Ok((Key::new(tenant.clone(), id, secret), wrapped))
    }

    /// The key that was wrapped; nothing, if it is damaged, another one's, or was wrapped by another key.
    pub fn key(&self, tenant: &TenantId, id: KeyId, wrapped: &[u8]) -> Option<Key> {
        let secret = self.unwrap(&of_key(&Name::new(tenant, id)), wrapped)?;
        let secret = Secret::new(Zeroizing::new(secret.as_slice().try_into().ok()?));
        Some(Key::new(tenant.clone(), id, secret))
    }

    /// Wraps content, to be unwrapped as the content of `of` only. It is 41 bytes longer then.
    pub fn wrap(&self, of: &str, content: &[u8]) -> Result<Vec<u8>, KeyringError> {
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce).map_err(|_| KeyringError::NoRandomness)?;
        let payload = Payload { msg: content, aad: &associated_data(of) };
        // It fails for content of 256 GiB only.
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| KeyringError::NoRandomness)?;
        let mut wrapped = Vec::with_capacity(CIPHERTEXT + sealed.len());
        wrapped.push(VERSION);
        wrapped.extend_from_slice(&nonce);
        wrapped.extend_from_slice(&sealed);
        Ok(wrapped)
    }

    /// What was wrapped as the content of `of`; nothing, if it is damaged or was not.
    pub fn unwrap(&self, of: &str, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = (wrapped.get(1..)?.first_chunk::<24>()?, wrapped.get(CIPHERTEXT..)?);
        if wrapped[0] != VERSION {
            return None;
        }
        let payload = Payload { msg: sealed, aad: &associated_data(of) };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&CipherKey::from(*self.0))
    }
}

/// Shows nothing of it.
impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappingKey(***)")
    }
}

/// What a key of this name is wrapped as.
pub(crate) fn of_key(name: &Name) -> String {
    format!("key/{name}")
}

fn associated_data(of: &str) -> Vec<u8> {
    [&[VERSION], of.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> KeyId {
        KeyId::contribution(Uuid::from_u128(number))
    }

    #[test]
    fn a_key_is_unwrapped_as_itself_only() {
        let (koeln, bonn) = (TenantId::parse("koeln").unwrap(), TenantId::parse("bonn").unwrap());
        let (wrapping, other) = (WrappingKey::new([7; 32]), WrappingKey::new([8; 32]));
        let (key, wrapped) = wrapping.fresh_key(&koeln, id(1)).unwrap();
        let unwrapped = wrapping.key(&koeln, id(1), &wrapped).unwrap();
        assert_eq!((unwrapped.secret(), unwrapped.id(), unwrapped.tenant()), (key.secret(), id(1), &koeln));
        assert!(wrapping.key(&bonn, id(1), &wrapped).is_none());
        assert!(wrapping.key(&koeln, id(2), &wrapped).is_none());
        assert!(other.key(&koeln, id(1), &wrapped).is_none());
        assert!(!wrapped.windows(8).any(|bytes| key.secret().windows(8).any(|secret| secret == bytes)));
    }

    #[test]
    fn whichever_byte_is_changed_or_missing_is_noticed() {
        let wrapping = WrappingKey::new([7; 32]);
        let wrapped = wrapping.wrap("secret/a.token", b"content").unwrap();
        assert_eq!(wrapping.unwrap("secret/a.token", &wrapped).unwrap().as_slice(), b"content");
        assert!(wrapping.unwrap("secret/b.token", &wrapped).is_none());
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert!(wrapping.unwrap("secret/a.token", &changed).is_none(), "{at}");
            assert!(wrapping.unwrap("secret/a.token", &wrapped[..at]).is_none(), "{at}");
        }
    }

    /// What is wrapped is stored: it is to be opened by every later version.
    #[test]
    fn what_was_wrapped_before_is_unwrapped() {
        let wrapped = [1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9];
        let sealed = WrappingKey::new([7; 32])
            .cipher()
            .encrypt(&XNonce::from([9; 24]), Payload { msg: b"content", aad: b"\x01secret/a.token" })
            .unwrap();
        let wrapped = [wrapped.as_slice(), &sealed].concat();
        let hex: String = wrapped[CIPHERTEXT..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "dd1d8cfe19c40dfa006a60b9e696056b7531ced26dad99");
        assert_eq!(WrappingKey::new([7; 32]).unwrap("secret/a.token", &wrapped).unwrap().as_slice(), b"content");
    }
}

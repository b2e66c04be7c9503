//! The installation's own secret, and what is derived from it.

use std::io::ErrorKind;
use std::path::Path;
use std::{fmt, fs};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use crate::secrets::{SecretError, read_or_create};

const FILE: &str = "installation.key";
const KEY_BYTES: usize = 32;

/// The key in `{data}/installation.key`. Losing it makes repeated requests look changed and upstream stations look
/// new, so it belongs into every backup.
///
/// Each use has a sub-key of its own: HMAC-SHA256 under the key over the use's name.
#[derive(Clone)]
pub struct Installation {
    request_digests: [u8; 32],
    ids: [u8; 32],
    hashes: [u8; 32],
    wrapping: [u8; 32],
    fingerprint: [u8; 32],
}

impl Installation {
    /// Reads the key, or creates it at the first start.
    pub fn open(data: &Path) -> Result<Self, SecretError> {
        let path = data.join(FILE);
        let key = read_or_create(&path, || {
            let mut key = vec![0; KEY_BYTES];
            getrandom::fill(&mut key).expect("the operating system gives random bytes");
            key
        })?;
        parse(key, &path)
    }

    /// Reads the key from a file of its own, as every member of a cluster is given one. It is never created here: each
    /// member would have another.
    pub fn read(path: &Path) -> Result<Self, SecretError> {
        match fs::read(path) {
            Ok(key) => parse(key, path),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(SecretError::Missing(path.to_owned())),
            Err(source) => Err(SecretError::Io { path: path.to_owned(), source }),
        }
    }

    /// An installation with a given key, for tests and tools.
    pub fn from_key(key: &[u8; KEY_BYTES]) -> Self {
        Self {
            request_digests: mac(key, &[b"allmende request digest v1"]),
            ids: mac(key, &[b"allmende derived id v1"]),
            hashes: mac(key, &[b"allmende keyed hash v1"]),
            wrapping: mac(key, &[b"allmende wrapping key v1"]),
            fingerprint: mac(key, &[b"allmende fingerprint v1"]),
        }
    }

    /// Tells a repeated request from another one under the same id without giving its content away: the first 16
    /// bytes of an HMAC-SHA256 over the method's path and the request's bytes.
    pub fn request_digest(&self, method: &str, request: &[u8]) -> [u8; 16] {
        first_half(mac(&self.request_digests, &[method.as_bytes(), request]))
    }

    /// An id for what others know under ids of their own (an upstream's station number): the same parts give the same
    /// UUID (version 8) here, and without the key nobody can tell which parts an id came from.
    pub fn derive_id(&self, namespace: &str, parts: &[&str]) -> Uuid {
        let all: Vec<_> = std::iter::once(namespace).chain(parts.iter().copied()).map(str::as_bytes).collect();
        uuid::Builder::from_custom_bytes(first_half(mac(&self.ids, &all))).into_uuid()
    }

    /// What a value is known by here that must not be readable from what is stored: an address, a code, a token. The
    /// same parts give the same hash, and without the key nobody can try values out. `namespace` keeps uses apart.
    pub fn keyed_hash(&self, namespace: &str, parts: &[&[u8]]) -> [u8; 32] {
        let all: Vec<_> = std::iter::once(namespace.as_bytes()).chain(parts.iter().copied()).collect();
        mac(&self.hashes, &all)
    }
}

impl Installation {
    /// What keys and secrets are sealed under that are kept where others may read them.
    pub fn wrapping_key(&self) -> [u8; 32] {
        self.wrapping
    }

    /// Tells installations apart and nothing of their keys: whoever has the same key has the same fingerprint.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Installation(***)")
    }
}

fn parse(key: Vec<u8>, path: &Path) -> Result<Installation, SecretError> {
    match <[u8; KEY_BYTES]>::try_from(key) {
        Ok(key) => Ok(Installation::from_key(&key)),
        Err(_) => Err(SecretError::Damaged(path.display().to_string())),
    }
}

/// Each part goes in behind its length, so that no two lists of parts give the same bytes.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn first_half(bytes: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|index| bytes[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_kept_over_a_restart_and_differs_between_installations() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let digest = |data: &Path| Installation::open(data).unwrap().request_digest("/a.B/C", b"request");
        assert_eq!(digest(here.path()), digest(here.path()));
        assert_ne!(digest(here.path()), digest(there.path()));
    }

    #[test]
    fn a_damaged_key_is_refused_not_replaced() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join(FILE), b"short").unwrap();
        assert!(matches!(Installation::open(data.path()), Err(SecretError::Damaged(_))));
        assert!(matches!(Installation::read(&data.path().join(FILE)), Err(SecretError::Damaged(_))));
        assert_eq!(std::fs::read(data.path().join(FILE)).unwrap(), b"short");
    }

    #[test]
    fn a_key_that_others_have_is_read_and_never_made() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("given.key");
        assert!(matches!(Installation::read(&path), Err(SecretError::Missing(_))) && !path.exists());
        let fingerprint = Installation::open(data.path()).unwrap().fingerprint();
        std::fs::rename(data.path().join(FILE), &path).unwrap();
        assert_eq!(Installation::read(&path).unwrap().fingerprint(), fingerprint);
        assert_ne!(Installation::open(data.path()).unwrap().fingerprint(), fingerprint);
    }

    #[test]
    fn digests_depend_on_method_and_content_and_nothing_runs_together() {
        let installation = Installation::from_key(&[7; 32]);
        let digest = installation.request_digest("/a.B/C", b"x");
        assert_eq!(digest, installation.request_digest("/a.B/C", b"x"));
        assert_ne!(digest, installation.request_digest("/a.B/Cx", b""));
        assert_ne!(digest, installation.request_digest("/a.B/C", b"y"));
    }

    #[test]
    fn keyed_hashes_depend_on_key_use_and_value() {
        let installation = Installation::from_key(&[7; 32]);
        let hash = installation.keyed_hash("address", &[b"a@b.c"]);
        assert_eq!(hash, installation.keyed_hash("address", &[b"a@b.c"]));
        assert_ne!(hash, installation.keyed_hash("code", &[b"a@b.c"]));
        assert_ne!(hash, installation.keyed_hash("address", &[b"a@b", b".c"]));
        assert_ne!(hash, Installation::from_key(&[8; 32]).keyed_hash("address", &[b"a@b.c"]));
    }

    #[test]
    fn derived_ids_are_stable_and_of_version_8() {
        let installation = Installation::from_key(&[7; 32]);
        let id = installation.derive_id("airrohr", &["12", "3"]);
        assert_eq!(id.get_version_num(), 8);
        assert_eq!(id, installation.derive_id("airrohr", &["12", "3"]));
        assert_ne!(id, installation.derive_id("airrohr", &["1", "23"]));
        assert_ne!(id, installation.derive_id("ttn", &["12", "3"]));
        assert_ne!(id, Installation::from_key(&[8; 32]).derive_id("airrohr", &["12", "3"]));
    }
}

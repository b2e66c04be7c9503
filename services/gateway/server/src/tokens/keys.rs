use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use allmende_kernel::{Clock, Duration, Timestamp};
use allmende_runtime::{SecretFileError, read_or_create_secret};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use parking_lot::RwLock;
use uuid::{NoContext, Uuid};

const FOLDER: &str = "tokens";
const SEED_BYTES: usize = 32;
/// What stands before the seed in an Ed25519 key as PKCS #8 (RFC 8410, section 7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// How long a key signs.
const SIGNS_FOR: Duration = Duration::from_secs(90 * 86_400);
/// How long it is believed after that: longer than any token that it has signed is good.
const BELIEVED_FOR: Duration = Duration::from_secs(86_400);

/// Why signing keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A key cannot be read or made.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// The folder cannot be read.
    #[error("cannot read {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key is not one.
    #[error("a signing key cannot be used")]
    Key(#[from] jsonwebtoken::errors::Error),
}

/// A key that signs, or has signed, tokens.
pub(crate) struct SigningKey {
    /// Its name in a token's header; tells when it was made.
    pub(crate) id: String,
    pub(crate) made_at: Timestamp,
    pub(crate) signs: EncodingKey,
    pub(crate) verifies: DecodingKey,
    jwk: Jwk,
}

/// The installation's Ed25519 keys, each a file of its own in `{data}/tokens`. The newest signs for ninety days, the
/// one before is believed for another day.
pub(crate) struct SigningKeys {
    folder: PathBuf,
    /// The newest first; never empty.
    keys: RwLock<Arc<[SigningKey]>>,
}

impl SigningKeys {
    /// Reads the keys, and makes one if none is to sign.
    pub(crate) fn open(data: &Path, clock: &dyn Clock) -> Result<Self, KeysError> {
        let keys = Self { folder: data.join(FOLDER), keys: RwLock::new(Arc::new([])) };
        keys.rotate(clock)?;
        Ok(keys)
    }

    /// Makes a new key when it is time, and forgets those that are no longer believed. To be called once in a while.
    pub(crate) fn rotate(&self, clock: &dyn Clock) -> Result<(), KeysError> {
        let now = clock.now();
        let mut keys = Vec::new();
        for (id, made_at) in self.files()? {
            let path = self.folder.join(format!("{id}.key"));
            if now > made_at + SIGNS_FOR + BELIEVED_FOR {
                let removed = fs::remove_file(&path);
                removed.map_err(|source| KeysError::Folder { path, source })?;
            } else {
                keys.push(load(&path, id, made_at)?);
            }
        }
        keys.sort_by_key(|key| std::cmp::Reverse(key.made_at));
        if keys.first().is_none_or(|newest| now > newest.made_at + SIGNS_FOR) {
            let id = fresh_id(now).to_string();
            keys.insert(0, load(&self.folder.join(format!("{id}.key")), id, now)?);
        }
        *self.keys.write() = keys.into();
        Ok(())
    }

    /// Those that are believed, the one that signs first.
    pub(crate) fn all(&self) -> Arc<[SigningKey]> {
        Arc::clone(&self.keys.read())
    }

    /// The public halves (RFC 7517), for whoever checks tokens elsewhere.
    pub(crate) fn public(&self) -> JwkSet {
        JwkSet { keys: self.all().iter().map(|key| key.jwk.clone()).collect() }
    }

    fn files(&self) -> Result<Vec<(String, Timestamp)>, KeysError> {
        let failed = |source| KeysError::Folder { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".key"));
            files.extend(id.and_then(|id| Some((id.to_owned(), made_at(id)?))));
        }
        Ok(files)
    }
}

fn load(path: &Path, id: String, made_at: Timestamp) -> Result<SigningKey, KeysError> {
    let seed = read_or_create_secret(path, || {
        let mut seed = vec![0; SEED_BYTES];
        getrandom::fill(&mut seed).expect("the operating system gives random bytes");
        seed
    })?;
    if seed.len() != SEED_BYTES {
        return Err(SecretFileError::Damaged { path: path.to_owned() }.into());
    }
    let signs = EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), &seed].concat());
    let mut jwk = Jwk::from_encoding_key(&signs, Algorithm::EdDSA)?;
    jwk.common.key_id = Some(id.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(SigningKey { id, made_at, verifies: DecodingKey::from_jwk(&jwk)?, signs, jwk })
}

fn fresh_id(now: Timestamp) -> Uuid {
    let micros = u64::try_from(now.as_micros()).unwrap_or_default();
    let nanos = (micros % 1_000_000) as u32 * 1_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, micros / 1_000_000, nanos))
}

fn made_at(id: &str) -> Option<Timestamp> {
    let (secs, nanos) = Uuid::try_parse(id).ok()?.get_timestamp()?.to_unix();
    Some(Timestamp::from_micros(i64::try_from(secs).ok()? * 1_000_000 + i64::from(nanos / 1_000)))
}

#[cfg(test)]
mod tests {
    use allmende_testkit::ManualClock;

    use super::*;

    #[test]
    fn keys_stay_are_replaced_and_go() {
        let data = tempfile::tempdir().unwrap();
        let day = |days: i64| Duration::from_secs(days * 86_400);
        let start = Timestamp::from_secs(1_790_000_000);
        let ids = |at: Timestamp| -> Vec<String> {
            let keys = SigningKeys::open(data.path(), &ManualClock::at(at)).unwrap();
            keys.all().iter().map(|key| key.id.clone()).collect()
        };
        let first = ids(start);
        assert_eq!(first.len(), 1);
        assert_eq!(ids(start + day(89)), first);
        let both = ids(start + day(91) - Duration::from_secs(60));
        assert_eq!((both.len(), &both[1]), (2, &first[0]));
        assert_eq!(ids(start + day(92)), both[..1]);
    }

    #[test]
    fn public_halves_tell_nothing_of_the_seeds() {
        let data = tempfile::tempdir().unwrap();
        let keys = SigningKeys::open(data.path(), &ManualClock::at(Timestamp::from_secs(1_790_000_000))).unwrap();
        let text = serde_json::to_value(keys.public()).unwrap();
        let key = text["keys"][0].as_object().unwrap();
        assert_eq!((key["kty"].as_str(), key["crv"].as_str()), (Some("OKP"), Some("Ed25519")));
        assert!(key.contains_key("x") && key.contains_key("kid") && !key.contains_key("d"));
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_secs(1_790_000_000));
        let id = SigningKeys::open(data.path(), &clock).unwrap().all()[0].id.clone();
        fs::write(data.path().join(FOLDER).join(format!("{id}.key")), b"short").unwrap();
        assert!(matches!(SigningKeys::open(data.path(), &clock), Err(KeysError::File(_))));
    }
}

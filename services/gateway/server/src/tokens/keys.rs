use std::sync::Arc;
use std::time::Instant;

use allmende_kernel::{Clock, Duration, Timestamp};
use allmende_runtime::secrets::{SecretError, Secrets, get_or_create};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;
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
/// How often it is looked for a key that a token names and nobody knows, at most: anybody can name one.
const LOOKED_FOR_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// Why signing keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A key cannot be read or made.
    #[error(transparent)]
    Secret(#[from] SecretError),
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

/// The installation's Ed25519 keys, each a secret of its own in `tokens`. The newest signs for ninety days, the one
/// before is believed for another day.
pub(crate) struct SigningKeys {
    secrets: Arc<dyn Secrets>,
    /// The newest first; never empty.
    keys: RwLock<Arc<[SigningKey]>>,
    /// Held by who reads the secrets, so that none puts back what another found before; when a key was looked for last.
    reading: Mutex<Option<Instant>>,
}

impl SigningKeys {
    /// Reads the keys, and makes one if none is to sign.
    pub(crate) fn open(secrets: Arc<dyn Secrets>, clock: &dyn Clock) -> Result<Self, KeysError> {
        let keys = Self { secrets, keys: RwLock::new(Arc::new([])), reading: Mutex::default() };
        keys.rotate(clock)?;
        Ok(keys)
    }

    /// Makes a new key when it is time, takes over those that others made, and removes those that are no longer believed.
    /// To be called once in a while and when the secrets have [changed](Self::changes), where nobody else does.
    pub(crate) fn rotate(&self, clock: &dyn Clock) -> Result<(), KeysError> {
        let _turn = self.reading.lock();
        let now = clock.now();
        let (over, believed): (Vec<_>, Vec<_>) =
            self.names()?.into_iter().partition(|(_, made_at)| is_over(*made_at, now));
        for (id, _) in over {
            self.secrets.remove(&name_of(&id))?;
        }
        let mut keys = self.read(believed)?;
        if keys.first().is_none_or(|newest| now > newest.made_at + SIGNS_FOR) {
            let id = fresh_id(now).to_string();
            let seed = get_or_create(self.secrets.as_ref(), &name_of(&id), fresh_seed)?;
            keys.insert(0, signing_key(&seed, id, now)?);
        }
        *self.keys.write() = keys.into();
        Ok(())
    }

    /// Takes over the keys that others made, and forgets those that they removed or that are no longer believed. Makes
    /// and removes none. To be called as [`rotate`](Self::rotate) is, where somebody else does that.
    pub(crate) fn take_over(&self, clock: &dyn Clock) -> Result<(), KeysError> {
        let _turn = self.reading.lock();
        self.read_anew(clock.now())
    }

    /// Those that are believed, the one that signs first.
    pub(crate) fn all(&self) -> Arc<[SigningKey]> {
        Arc::clone(&self.keys.read())
    }

    /// Changes when others may have made a key.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.secrets.changes()
    }

    /// Those that are believed, for a token that names none of [`all`](Self::all): where several members sign, another one
    /// may have made its key just now. Anybody can ask for this, so it [takes over](Self::take_over) only, and nobody
    /// waits for who looks already: they are told what is known.
    pub(crate) fn look_for_others(&self, clock: &dyn Clock) -> Arc<[SigningKey]> {
        if let Some(mut looked_for) = self.reading.try_lock()
            && looked_for.is_none_or(|at| at.elapsed() >= LOOKED_FOR_EVERY)
        {
            if let Err(error) = self.read_anew(clock.now()) {
                tracing::error!(error = &error as &dyn std::error::Error, "signing keys cannot be looked for");
            }
            *looked_for = Some(Instant::now());
        }
        self.all()
    }

    /// The public halves (RFC 7517), for whoever checks tokens elsewhere.
    pub(crate) fn public(&self) -> JwkSet {
        JwkSet { keys: self.all().iter().map(|key| key.jwk.clone()).collect() }
    }

    /// In one's turn.
    fn read_anew(&self, now: Timestamp) -> Result<(), KeysError> {
        let believed = self.names()?.into_iter().filter(|(_, made_at)| !is_over(*made_at, now)).collect();
        let keys = self.read(believed)?;
        // There is one to sign with, until whoever makes them has made another.
        if !keys.is_empty() {
            *self.keys.write() = keys.into();
        }
        Ok(())
    }

    /// The keys of these names that are still there, the newest first.
    fn read(&self, names: Vec<(String, Timestamp)>) -> Result<Vec<SigningKey>, KeysError> {
        let mut keys = Vec::new();
        for (id, made_at) in names {
            if let Some(seed) = self.secrets.get(&name_of(&id))? {
                keys.push(signing_key(&seed, id, made_at)?);
            }
        }
        keys.sort_by_key(|key| std::cmp::Reverse(key.made_at));
        Ok(keys)
    }

    fn names(&self) -> Result<Vec<(String, Timestamp)>, KeysError> {
        let id_of = |name: String| name.strip_suffix(".key").and_then(|id| Some((id.to_owned(), made_at(id)?)));
        Ok(self.secrets.names(FOLDER)?.into_iter().filter_map(id_of).collect())
    }
}

/// Whether a key is no longer believed.
fn is_over(made_at: Timestamp, now: Timestamp) -> bool {
    now > made_at + SIGNS_FOR + BELIEVED_FOR
}

fn name_of(id: &str) -> String {
    format!("{FOLDER}/{id}.key")
}

fn fresh_seed() -> Vec<u8> {
    let mut seed = vec![0; SEED_BYTES];
    getrandom::fill(&mut seed).expect("the operating system gives random bytes");
    seed
}

fn signing_key(seed: &[u8], id: String, made_at: Timestamp) -> Result<SigningKey, KeysError> {
    if seed.len() != SEED_BYTES {
        return Err(SecretError::Damaged(name_of(&id)).into());
    }
    let signs = EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), seed].concat());
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
    use std::fs;
    use std::path::Path;

    use allmende_runtime::secrets::FolderSecrets;
    use allmende_testkit::ManualClock;

    use super::*;

    fn open(data: &Path, clock: &ManualClock) -> Result<SigningKeys, KeysError> {
        SigningKeys::open(Arc::new(FolderSecrets::new(data)), clock)
    }

    #[test]
    fn keys_stay_are_replaced_and_go() {
        let data = tempfile::tempdir().unwrap();
        let day = |days: i64| Duration::from_secs(days * 86_400);
        let start = Timestamp::from_secs(1_790_000_000);
        let ids = |at: Timestamp| -> Vec<String> {
            let keys = open(data.path(), &ManualClock::at(at)).unwrap();
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
    fn a_key_that_somebody_else_made_is_found_and_not_looked_for_all_the_time() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_secs(1_790_000_000));
        let keys = open(data.path(), &clock).unwrap();
        let later = ManualClock::at(clock.now() + SIGNS_FOR + Duration::from_secs(1));
        let other = open(data.path(), &later).unwrap();
        assert_eq!((keys.all().len(), other.all().len()), (1, 2));
        assert_eq!(keys.look_for_others(&later)[0].id, other.all()[0].id);
        let third = ManualClock::at(later.now() + SIGNS_FOR + Duration::from_secs(1));
        let newest = open(data.path(), &third).unwrap().all()[0].id.clone();
        assert_ne!(keys.look_for_others(&third)[0].id, newest, "just now it was looked for");
    }

    #[test]
    fn looking_makes_and_removes_no_key_and_does_not_wait_for_who_looks() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_secs(1_790_000_000));
        let keys = open(data.path(), &clock).unwrap();
        let first = keys.all()[0].id.clone();
        let later = ManualClock::at(clock.now() + SIGNS_FOR + BELIEVED_FOR + Duration::from_secs(1));
        let known = |keys: &[SigningKey]| keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>();
        assert_eq!(known(&keys.look_for_others(&later)), [first.as_str()]);
        assert_eq!(fs::read_dir(data.path().join(FOLDER)).unwrap().count(), 1, "anybody can have it looked");
        let looking = keys.reading.lock();
        assert_eq!(known(&keys.look_for_others(&later)), [first.as_str()]);
        drop(looking);
    }

    #[test]
    fn who_makes_no_keys_follows_who_does() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_secs(1_790_000_000));
        let (leads, follows) = (open(data.path(), &clock).unwrap(), open(data.path(), &clock).unwrap());
        let signs_until = clock.now() + SIGNS_FOR + Duration::from_secs(1);
        for (at, believed) in [(signs_until, 2), (signs_until + BELIEVED_FOR, 1)] {
            let later = ManualClock::at(at);
            leads.rotate(&later).unwrap();
            follows.take_over(&later).unwrap();
            assert_eq!((follows.all().len(), &follows.all()[0].id), (believed, &leads.all()[0].id));
        }
    }

    #[test]
    fn public_halves_tell_nothing_of_the_seeds() {
        let data = tempfile::tempdir().unwrap();
        let keys = open(data.path(), &ManualClock::at(Timestamp::from_secs(1_790_000_000))).unwrap();
        let text = serde_json::to_value(keys.public()).unwrap();
        let key = text["keys"][0].as_object().unwrap();
        assert_eq!((key["kty"].as_str(), key["crv"].as_str()), (Some("OKP"), Some("Ed25519")));
        assert!(key.contains_key("x") && key.contains_key("kid") && !key.contains_key("d"));
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_secs(1_790_000_000));
        let id = open(data.path(), &clock).unwrap().all()[0].id.clone();
        fs::write(data.path().join(FOLDER).join(format!("{id}.key")), b"short").unwrap();
        assert!(matches!(open(data.path(), &clock), Err(KeysError::Secret(_))));
    }
}

use std::sync::Arc;

use allmende_kernel::{Duration, Timestamp};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, Header};
use parking_lot::RwLock;
use tokio::sync::{Mutex, Notify};

use super::fetch::{Fetch, FetchError};

/// Further keys of a set are left out.
const MAX_KEYS: usize = 100;
/// An address is asked for its keys this often at most, whoever shows tokens with unknown ones.
const AT_MOST_EVERY: Duration = Duration::from_secs(30);

/// Why keys could not be read anew.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("the keys' address does not answer")]
    Fetch(#[from] FetchError),
    #[error("what is at the keys' address is no set of keys")]
    Set(#[source] serde_json::Error),
}

/// Public keys of an issuer outside. Those that could be read last count, for as long as it takes.
#[derive(Default)]
pub(crate) struct KeySet {
    /// Absent before any were read.
    keys: RwLock<Option<Arc<[Jwk]>>>,
    /// When it was asked last. Whoever comes while it is being asked waits for the answer.
    asked_at: Mutex<Option<Timestamp>>,
    missed: Notify,
}

impl KeySet {
    /// Takes a set (RFC 7517) in place of the one before. Keys that are of no use here are left out.
    pub(crate) fn put(&self, json: &[u8]) -> Result<(), serde_json::Error> {
        let mut value: serde_json::Value = serde_json::from_slice(json)?;
        // One key of a kind that is unknown here must not make the others unreadable.
        if let Some(keys) = value.get_mut("keys").and_then(serde_json::Value::as_array_mut) {
            keys.retain(|key| serde_json::from_value::<Jwk>(key.clone()).is_ok());
            keys.truncate(MAX_KEYS);
        }
        let set: JwkSet = serde_json::from_value(value)?;
        *self.keys.write() = Some(set.keys.into());
        Ok(())
    }

    /// Whether any set was ever read.
    pub(crate) fn is_known(&self) -> bool {
        self.keys.read().is_some()
    }

    /// The key that a token says it is signed with, if it is one for that algorithm. A token that names none is signed
    /// with the only one that fits.
    pub(crate) fn find(&self, header: &Header) -> Option<Jwk> {
        let keys = self.keys.read().clone()?;
        let mut fitting = keys.iter().filter(|key| fits(key, header.alg));
        match &header.kid {
            Some(id) => fitting.find(|key| key.common.key_id.as_ref() == Some(id)).cloned(),
            None => fitting.next().filter(|_| fitting.next().is_none()).cloned(),
        }
    }

    /// Reads the set at an address, unless it was asked a short while ago; whether it was asked.
    pub(crate) async fn fetch(&self, fetch: &Fetch, address: &str, now: Timestamp) -> Result<bool, Unread> {
        let mut asked_at = self.asked_at.lock().await;
        if asked_at.is_some_and(|before| now.since(before) < AT_MOST_EVERY && now >= before) {
            return Ok(false);
        }
        *asked_at = Some(now);
        let json = fetch.get(address).await?;
        self.put(&json).map_err(Unread::Set)?;
        // What was missed before is there now, or nowhere.
        tokio::select! {
            biased;
            () = self.missed.notified() => {}
            () = std::future::ready(()) => {}
        }
        Ok(true)
    }

    /// Says that a token named a key that is not there: there may be newer ones.
    pub(crate) fn note_missed(&self) {
        self.missed.notify_one();
    }

    /// Waits until a key was missed.
    pub(crate) async fn missed(&self) {
        self.missed.notified().await;
    }
}

/// Whether a key is for that algorithm. Secrets shared with the issuer are never keys: whoever can check could forge.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    match (&key.algorithm, algorithm) {
        (AlgorithmParameters::OctetKeyPair(pair), Algorithm::EdDSA) => pair.curve == EllipticCurve::Ed25519,
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES256) => curve.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES384) => curve.curve == EllipticCurve::P384,
        (
            AlgorithmParameters::RSA(_),
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512,
        ) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(keys: &[&str]) -> Vec<u8> {
        format!("{{\"keys\":[{}]}}", keys.join(",")).into_bytes()
    }

    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const OTHER: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"b","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const SECRET: &str = r#"{"kty":"oct","kid":"c","k":"c2VjcmV0"}"#;
    const STRANGE: &str = r#"{"kty":"LATTICE","kid":"d"}"#;

    fn header(algorithm: Algorithm, kid: Option<&str>) -> Header {
        Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) }
    }

    #[test]
    fn a_key_is_found_by_name_and_kind() {
        let keys = KeySet::default();
        assert!(!keys.is_known());
        keys.put(&set(&[ED, SECRET, STRANGE])).unwrap();
        assert!(keys.is_known() && keys.find(&header(Algorithm::EdDSA, Some("a"))).is_some());
        assert!(keys.find(&header(Algorithm::EdDSA, None)).is_some(), "the only one that fits");
        assert!(keys.find(&header(Algorithm::EdDSA, Some("x"))).is_none());
        assert!(keys.find(&header(Algorithm::RS256, Some("a"))).is_none());
        assert!(keys.find(&header(Algorithm::HS256, Some("c"))).is_none(), "who can check could forge");
        keys.put(&set(&[ED, OTHER])).unwrap();
        assert!(keys.find(&header(Algorithm::EdDSA, None)).is_none(), "it could be either");
    }

    #[test]
    fn what_is_no_set_changes_nothing() {
        let keys = KeySet::default();
        keys.put(&set(&[ED])).unwrap();
        assert!(keys.put(b"<html>").is_err() && keys.put(b"{}").is_err());
        assert!(keys.find(&header(Algorithm::EdDSA, Some("a"))).is_some());
    }
}

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use allmende_kernel::{Level, SubjectId, Timestamp};
use allmende_runtime::authorize::Denied;
use allmende_runtime::installation::Installation;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use super::claims::{AccessToken, level_of};

/// An issuer outside, whose tokens are believed: an identity provider, or another installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideIssuer {
    /// What its tokens call it (`iss`).
    pub issuer: String,
    /// Whom its tokens for us are for (`aud`).
    pub audience: String,
    /// File with its public keys (RFC 7517). It is read again when it changes.
    pub jwks_file: PathBuf,
    /// How surely it knows people: `none`, `email`, `substantial` or `high`.
    #[serde(default = "none")]
    pub level: String,
    /// The same by the value of `acr`, where a token has one.
    #[serde(default)]
    pub levels: BTreeMap<String, String>,
}

fn none() -> String {
    "none".to_owned()
}

/// Why an issuer outside cannot be believed.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// Its keys cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its keys are none.
    #[error("{path} holds no set of keys")]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A level that there is not.
    #[error("{0:?} is none of the levels none, email, substantial, high")]
    Level(String),
}

/// Reads the tokens of one issuer outside.
pub(crate) struct Outside {
    issuer: String,
    audience: String,
    file: PathBuf,
    level: Level,
    levels: BTreeMap<String, Level>,
    keys: RwLock<Arc<JwkSet>>,
}

/// What a token from outside says that counts here.
#[derive(Debug, Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    iat: i64,
    #[serde(default)]
    acr: Option<String>,
}

impl Outside {
    pub(crate) fn open(config: &OutsideIssuer) -> Result<Self, OutsideError> {
        let level = |text: &String| level_of(text).ok_or_else(|| OutsideError::Level(text.clone()));
        let levels = config.levels.iter().map(|(acr, text)| Ok((acr.clone(), level(text)?)));
        let outside = Self {
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            file: config.jwks_file.clone(),
            level: level(&config.level)?,
            levels: levels.collect::<Result<_, OutsideError>>()?,
            keys: RwLock::new(Arc::new(JwkSet { keys: Vec::new() })),
        };
        outside.reload()?;
        Ok(outside)
    }

    /// Reads the keys anew. To be called once in a while; until it succeeds, those from before count.
    pub(crate) fn reload(&self) -> Result<(), OutsideError> {
        let path = || self.file.clone();
        let text = std::fs::read(&self.file).map_err(|source| OutsideError::File { path: path(), source })?;
        let keys = serde_json::from_slice(&text).map_err(|source| OutsideError::Keys { path: path(), source })?;
        *self.keys.write() = Arc::new(keys);
        Ok(())
    }

    /// What its tokens call it.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Reads a token; its times are the caller's to check.
    pub(super) fn read(
        &self,
        installation: &Installation,
        header: &Header,
        token: &str,
    ) -> Result<AccessToken, Denied> {
        let refused = || Denied::Unauthenticated;
        let keys = Arc::clone(&self.keys.read());
        let key = header.kid.as_ref().and_then(|id| keys.find(id)).ok_or_else(refused)?;
        if !fits(key, header.alg) {
            return Err(refused());
        }
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // By our own clock.
        validation.validate_exp = false;
        let verifies = DecodingKey::from_jwk(key).map_err(|_| refused())?;
        let claims = decode::<Claims>(token, &verifies, &validation).map_err(|_| refused())?.claims;
        let level = claims.acr.as_ref().and_then(|acr| self.levels.get(acr)).copied().unwrap_or(self.level);
        Ok(AccessToken {
            subject: subject(installation, &self.issuer, &claims.sub),
            level,
            session: None,
            issued_at: Timestamp::from_secs(claims.iat),
            expires: Timestamp::from_secs(claims.exp),
        })
    }
}

/// The opaque id of whom an issuer outside calls `sub`. Nobody can look up who is behind it.
pub(crate) fn subject(installation: &Installation, issuer: &str, sub: &str) -> SubjectId {
    SubjectId::new(installation.derive_id("person vouched for elsewhere", &[issuer, sub]))
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

use std::collections::BTreeMap;
use std::path::PathBuf;

use allmende_kernel::{Level, SubjectId, Timestamp};
use allmende_runtime::authorize::Denied;
use allmende_runtime::installation::Installation;
use jsonwebtoken::{DecodingKey, Header, Validation, decode};
use serde::{Deserialize, Serialize};

use super::claims::{AccessToken, level_of};
use crate::providers::{Fetch, FetchError, KeySet, ProvidersError, Unread};

/// An issuer outside, whose tokens are believed: an identity provider, or another installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideIssuer {
    /// What its tokens call it (`iss`).
    pub issuer: String,
    /// Whom its tokens for us are for (`aud`).
    pub audience: String,
    /// File with its public keys (RFC 7517). It is read again when it changes.
    #[serde(default)]
    pub jwks_file: PathBuf,
    /// Where they are to be had, instead of in a file. They are fetched every quarter of an hour, and when a token names
    /// one that is not there; the last ones count while nothing answers.
    #[serde(default)]
    pub jwks_url: String,
    /// Address of an HTTP proxy that they are fetched through (`http://proxy.example:3128`); empty: none.
    #[serde(default)]
    pub proxy: String,
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
    /// Neither a file nor an address, or both.
    #[error("issuer {0:?}: one of jwks_file and jwks_url must be set")]
    Where(String),
    /// Neither https nor on this machine.
    #[error("issuer {0:?}: jwks_url must begin with https://")]
    Address(String),
    /// TLS cannot be used.
    #[error("connections to issuers cannot be made")]
    Tls(#[from] ProvidersError),
    /// A level that there is not.
    #[error("{0:?} is none of the levels none, email, substantial, high")]
    Level(String),
}

/// Where an issuer's keys are.
enum Source {
    File(PathBuf),
    Address(String, Box<Fetch>),
}

/// Reads the tokens of one issuer outside.
pub(crate) struct Outside {
    issuer: String,
    audience: String,
    source: Source,
    level: Level,
    levels: BTreeMap<String, Level>,
    keys: KeySet,
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
    /// Reads keys that are in a file; others are fetched later, so that an issuer that is away keeps nobody from
    /// starting.
    pub(crate) fn open(config: &OutsideIssuer) -> Result<Self, OutsideError> {
        let level = |text: &String| level_of(text).ok_or_else(|| OutsideError::Level(text.clone()));
        let levels = config.levels.iter().map(|(acr, text)| Ok((acr.clone(), level(text)?)));
        let (file, address) = (&config.jwks_file, &config.jwks_url);
        let source = match (file.as_os_str().is_empty(), address.is_empty()) {
            (false, true) => Source::File(file.clone()),
            (true, false) if !Fetch::may_ask(address) => return Err(OutsideError::Address(config.issuer.clone())),
            (true, false) => {
                let whom = format!("issuer {:?}", config.issuer);
                Source::Address(address.clone(), Box::new(Fetch::new(&whom, None, &config.proxy)?))
            }
            _ => return Err(OutsideError::Where(config.issuer.clone())),
        };
        let outside = Self {
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            source,
            level: level(&config.level)?,
            levels: levels.collect::<Result<_, OutsideError>>()?,
            keys: KeySet::default(),
        };
        outside.reload()?;
        Ok(outside)
    }

    /// Reads the keys in a file anew. To be called once in a while; until it succeeds, those from before count.
    pub(crate) fn reload(&self) -> Result<(), OutsideError> {
        let Source::File(file) = &self.source else { return Ok(()) };
        let path = || file.clone();
        let text = std::fs::read(file).map_err(|source| OutsideError::File { path: path(), source })?;
        self.keys.put(&text).map_err(|source| OutsideError::Keys { path: path(), source })
    }

    /// Whether its keys are to be fetched.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self.source, Source::Address(..))
    }

    /// Fetches the keys, unless that was done a short while ago; whether it was.
    pub(crate) async fn fetch(&self, now: Timestamp) -> Result<bool, Unread> {
        match &self.source {
            Source::Address(address, fetch) => self.keys.fetch(fetch, address, now).await,
            Source::File(_) => Err(Unread::Fetch(FetchError::Address)),
        }
    }

    /// Waits until a token named a key that is not there.
    pub(crate) async fn missed(&self) {
        self.keys.missed().await;
    }

    /// Whether it has the key that a token says it is signed with.
    #[cfg(test)]
    pub(crate) fn knows(&self, header: &Header) -> bool {
        self.keys.find(header).is_some()
    }

    /// What its tokens call it.
    pub(crate) fn issuer(&self) -> &str {
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
        let Some(key) = header.kid.as_ref().and_then(|_| self.keys.find(header)) else {
            self.keys.note_missed();
            return Err(if self.keys.is_known() { Denied::Unauthenticated } else { Denied::NotReady });
        };
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // By our own clock.
        validation.validate_exp = false;
        let verifies = DecodingKey::from_jwk(&key).map_err(|_| refused())?;
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

use std::sync::Arc;

use allmende_gateway_domain::SessionId;
use allmende_kernel::{Clock, Duration, Level, SubjectId, TenantId, Timestamp};
use allmende_runtime::authorize::Denied;
use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::SigningKeys;

/// Whom tokens are for.
pub(super) const AUDIENCE: &str = "allmende";

/// What a token of our own says (RFC 7519).
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    /// The same in microseconds: within a second a password may be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat_us: Option<i64>,
    exp: i64,
    /// The session.
    sid: Uuid,
    /// How surely the person is known.
    acr: String,
    /// Where the account is.
    home: String,
}

/// An access token's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AccessToken {
    pub(crate) subject: SubjectId,
    pub(crate) level: Level,
    /// Absent for sessions of issuers outside.
    pub(crate) session: Option<SessionId>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires: Timestamp,
}

/// Signs access tokens, and reads them.
pub(crate) struct Issuer {
    name: String,
    lifetime: Duration,
    keys: Arc<SigningKeys>,
    clock: Arc<dyn Clock>,
}

impl Issuer {
    /// `name` is what tokens call it; `lifetime` is how long each is good.
    pub(crate) fn new(name: String, lifetime: Duration, keys: Arc<SigningKeys>, clock: Arc<dyn Clock>) -> Self {
        Self { name, lifetime, keys, clock }
    }

    /// A token for a session, good from `now` on, and when it ends.
    pub(crate) fn issue(
        &self,
        subject: SubjectId,
        home: &TenantId,
        session: SessionId,
        level: Level,
        now: Timestamp,
    ) -> Result<(String, Timestamp), jsonwebtoken::errors::Error> {
        let issued = now.as_micros().div_euclid(1_000_000);
        let expires = issued + self.lifetime.as_micros() / 1_000_000;
        let claims = Claims {
            iss: self.name.clone(),
            aud: AUDIENCE.to_owned(),
            sub: Uuid::from_bytes(*subject.as_bytes()),
            iat: issued,
            iat_us: Some(now.as_micros()),
            exp: expires,
            sid: session.as_uuid(),
            acr: level_text(level).to_owned(),
            home: home.to_string(),
        };
        let keys = self.keys.all();
        let key = &keys[0];
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::EdDSA) };
        Ok((encode(&header, &claims, &key.signs)?, Timestamp::from_secs(expires)))
    }

    /// Reads a token that this installation signed; its times are the caller's to check.
    pub(super) fn read(&self, header: &Header, token: &str) -> Result<AccessToken, Denied> {
        let id = header.kid.as_ref().ok_or(Denied::Unauthenticated)?;
        let mut keys = self.keys.all();
        if keys.iter().all(|key| key.id != *id) {
            keys = self.keys.look_for_others(self.clock.as_ref());
        }
        let key = keys.iter().find(|key| key.id == *id).ok_or(Denied::Unauthenticated)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.name]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // By our own clock.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &key.verifies, &validation).map_err(|_| Denied::Unauthenticated)?.claims;
        Ok(AccessToken {
            subject: SubjectId::new(claims.sub),
            level: level_of(&claims.acr).ok_or(Denied::Unauthenticated)?,
            session: Some(SessionId::new(claims.sid)),
            issued_at: claims.iat_us.map_or(Timestamp::from_secs(claims.iat), Timestamp::from_micros),
            expires: Timestamp::from_secs(claims.exp),
        })
    }
}

/// A level as tokens and configuration spell it.
pub(super) fn level_text(level: Level) -> &'static str {
    match level {
        Level::None => "none",
        Level::Email => "email",
        Level::Substantial => "substantial",
        Level::High => "high",
    }
}

pub(crate) fn level_of(text: &str) -> Option<Level> {
    [Level::None, Level::Email, Level::Substantial, Level::High].into_iter().find(|level| level_text(*level) == text)
}

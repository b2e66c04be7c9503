use allmende_kernel::{Duration, Timestamp};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Header, Validation, decode};
use serde_json::{Map, Value};

use super::Doubt;

/// How far the provider's clock may be from ours.
const TOLERANCE: Duration = Duration::from_secs(30);
/// As OpenID Connect Core 1.0 has it.
const MAX_SUB: usize = 255;

/// What an ID token says.
pub(super) struct Claims(Map<String, Value>);

/// What an ID token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

impl Claims {
    /// Checks an ID token by OpenID Connect Core 1.0, section 3.1.3.7.
    pub(super) fn read(token: &str, header: &Header, key: &Jwk, expected: &Expected<'_>) -> Result<Self, Doubt> {
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[expected.issuer]);
        validation.set_audience(&[expected.client_id]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // By our own clock.
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(key).map_err(|_| Doubt::Key)?;
        let decoded = decode::<Map<String, Value>>(token, &key, &validation).map_err(|_| Doubt::Signature)?;
        let claims = Self(decoded.claims);
        let party = claims.text("azp");
        let several = claims.0.get("aud").and_then(Value::as_array).is_some_and(|audience| audience.len() > 1);
        if party.map_or(several, |party| party != expected.client_id) {
            return Err(Doubt::Party);
        }
        let (expires, issued) = (claims.moment("exp").ok_or(Doubt::Time)?, claims.moment("iat").ok_or(Doubt::Time)?);
        if expected.now >= expires + TOLERANCE || issued > expected.now + TOLERANCE {
            return Err(Doubt::Time);
        }
        if claims.text("nonce") != Some(expected.nonce) {
            return Err(Doubt::Nonce);
        }
        if claims.text("sub").is_none_or(|sub| sub.is_empty() || sub.len() > MAX_SUB) {
            return Err(Doubt::Token);
        }
        Ok(claims)
    }

    /// A claim that is text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Whether a claim is true. Some providers write it as text.
    pub(super) fn is_true(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Value::Bool(true))) || self.text(name) == Some("true")
    }

    fn moment(&self, name: &str) -> Option<Timestamp> {
        let number = self.0.get(name)?;
        let secs = number.as_i64().or_else(|| number.as_f64().map(|secs| secs as i64))?;
        // Within some thousand years of ours.
        (0..100_000_000_000).contains(&secs).then(|| Timestamp::from_secs(secs))
    }
}

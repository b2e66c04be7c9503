use std::num::NonZeroUsize;
use std::sync::Arc;

use allmende_kernel::{Clock, Duration, TenantId};
use allmende_runtime::authorize::{Authenticator, Denied, LocalTokens, Principal};
use allmende_runtime::installation::Installation;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::decode_header;
use lru::LruCache;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use super::claims::{AccessToken, Issuer};
use super::outside::Outside;
use super::standings::Standings;

/// Longer ones are not looked at: none that is believed is that long.
const MAX_TOKEN_BYTES: usize = 8 * 1_024;
/// Checked tokens that are remembered; further ones are checked again. Checking one takes some fifty microseconds.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();
/// How far the clock of an issuer may be ahead.
const AHEAD: Duration = Duration::from_secs(60);

/// Believes the operator token, tokens of this installation, and those of the issuers outside that it is told to
/// believe.
///
/// A signature is checked once and remembered by the token's digest; what the holder may do is looked up at every call.
pub struct Tokens {
    local: LocalTokens,
    issuer: Arc<Issuer>,
    outside: Vec<Arc<Outside>>,
    installation: Arc<Installation>,
    clock: Arc<dyn Clock>,
    standings: Arc<Standings>,
    checked: Mutex<LruCache<[u8; 32], AccessToken>>,
}

impl Tokens {
    pub(crate) fn new(
        local: LocalTokens,
        issuer: Arc<Issuer>,
        outside: Vec<Arc<Outside>>,
        installation: Arc<Installation>,
        clock: Arc<dyn Clock>,
        standings: Arc<Standings>,
    ) -> Self {
        let checked = Mutex::new(LruCache::new(REMEMBERED));
        Self { local, issuer, outside, installation, clock, standings, checked }
    }

    fn checked(&self, token: &str) -> Result<AccessToken, Denied> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(known) = self.checked.lock().get(&digest) {
            return Ok(*known);
        }
        let read = self.check(token)?;
        self.checked.lock().put(digest, read);
        Ok(read)
    }

    fn check(&self, token: &str) -> Result<AccessToken, Denied> {
        let header = decode_header(token).map_err(|_| Denied::Unauthenticated)?;
        let claimed = claimed_issuer(token).ok_or(Denied::Unauthenticated)?;
        match self.outside.iter().find(|outside| outside.issuer() == claimed) {
            Some(outside) => outside.read(&self.installation, &header, token),
            None => self.issuer.read(&header, token),
        }
    }
}

/// Who a token says has signed it: tells which keys to check it with, and is checked with them.
fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Claimed {
        iss: String,
    }
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Claimed>(&payload).ok().map(|claimed| claimed.iss)
}

impl Authenticator for Tokens {
    fn authenticate(&self, token: &str) -> Result<Principal, Denied> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Denied::Unauthenticated);
        }
        if LocalTokens::is_local(token) {
            return self.local.authenticate(token);
        }
        let token = self.checked(token)?;
        let now = self.clock.now();
        if now >= token.expires {
            return Err(Denied::Expired);
        }
        if token.issued_at > now + AHEAD {
            return Err(Denied::Unauthenticated);
        }
        let grants = self.standings.grants(token.subject, token.session, token.issued_at)?;
        Ok(Principal { subject: Some(token.subject), level: token.level, grants })
    }

    fn has_tenant(&self, tenant: &TenantId) -> Result<bool, Denied> {
        self.standings.has_tenant(tenant)
    }
}

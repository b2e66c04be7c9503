use std::fmt;

use allmende_gateway_domain::{SessionId, TokenHash};
use allmende_kernel::TenantId;
use allmende_runtime::installation::Installation;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::random;

const TAG_BYTES: usize = 16;
const MAX_TEXT: usize = 256;

/// What a session goes on with: its stream, sixteen random bytes, and a tag that only this installation can make.
/// Forged tokens are told by the tag, so nobody can end a session by inventing some.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    /// As it is given out.
    pub(crate) text: String,
    /// As it is kept.
    pub(crate) hash: TokenHash,
}

impl RefreshToken {
    /// A new one for a session.
    pub(crate) fn fresh(installation: &Installation, home: &TenantId, session: SessionId) -> Self {
        let secret = random();
        let tag = tag(installation, home, session, &secret);
        let bytes = [session.as_bytes().as_slice(), &secret, &tag].concat();
        let text = format!("{home}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
        Self { text, hash: hash(installation, session, &secret) }
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(***)")
    }
}

/// Which session a token was made for, and what it is known by; nothing for one that was not made here.
pub(crate) fn parse_refresh_token(installation: &Installation, text: &str) -> Option<(TenantId, SessionId, TokenHash)> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let (home, rest) = text.trim().split_once('.')?;
    let home = TenantId::parse(home).ok()?;
    let bytes: [u8; 48] = BASE64_URL_SAFE_NO_PAD.decode(rest).ok()?.try_into().ok()?;
    let (session, rest) = bytes.split_first_chunk::<16>()?;
    let (secret, shown) = rest.split_first_chunk::<16>()?;
    let session = SessionId::from_bytes(*session);
    let made = tag(installation, &home, session, secret);
    let difference = made.iter().zip(shown).fold(0, |difference, (a, b)| difference | (a ^ b));
    (difference == 0).then(|| (home, session, hash(installation, session, secret)))
}

fn tag(installation: &Installation, home: &TenantId, session: SessionId, secret: &[u8]) -> [u8; TAG_BYTES] {
    let parts = [home.as_str().as_bytes(), session.as_bytes().as_slice(), secret];
    let tag = installation.keyed_hash("refresh token tag", &parts);
    std::array::from_fn(|index| tag[index])
}

fn hash(installation: &Installation, session: SessionId, secret: &[u8]) -> TokenHash {
    TokenHash::from_bytes(installation.keyed_hash("refresh token", &[session.as_bytes(), secret]))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_what_was_made_here_is_a_token() {
        let installation = Installation::from_key(&[7; 32]);
        let (home, session) = (TenantId::parse("koeln").unwrap(), SessionId::new(Uuid::from_u128(5)));
        let token = RefreshToken::fresh(&installation, &home, session);
        let parsed = parse_refresh_token(&installation, &token.text);
        assert_eq!(parsed, Some((home.clone(), session, token.hash)));
        let elsewhere = RefreshToken::fresh(&Installation::from_key(&[8; 32]), &home, session);
        let other_home = token.text.replace("koeln", "bonn");
        for wrong in ["", ".", "koeln.", &elsewhere.text, &other_home, &"a.".repeat(200), &token.text[..40]] {
            assert_eq!(parse_refresh_token(&installation, wrong), None, "{wrong}");
        }
    }
}

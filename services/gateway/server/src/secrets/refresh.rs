use std::fmt;

use allmende_gateway_domain::{SessionId, TokenHash};
use allmende_kernel::TenantId;
use allmende_runtime::installation::Installation;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::random;

const TAG_BYTES: usize = 16;
/// Tokens that a token that was replaced leads on over at most: more than are replaced while it may be used again.
const MAX_STEPS: usize = 32;
const MAX_TEXT: usize = 256;

/// What a session goes on with: its stream, sixteen bytes that nobody can guess, and a tag that only this installation
/// can make. Forged tokens are told by the tag, so nobody can end a session by inventing some.
///
/// The first one's bytes are random, those of each further one follow from the one before, for the installation alone:
/// whoever shows the same token is given the same next one, and nothing of either has to be kept but a hash.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    /// Where the session's account is.
    pub(crate) home: TenantId,
    /// Which session it was made for.
    pub(crate) session: SessionId,
    /// As it is kept.
    pub(crate) hash: TokenHash,
    secret: [u8; 16],
}

impl RefreshToken {
    /// The first one of a session.
    pub(crate) fn fresh(installation: &Installation, home: &TenantId, session: SessionId) -> Self {
        Self::of(installation, home.clone(), session, random())
    }

    fn of(installation: &Installation, home: TenantId, session: SessionId, secret: [u8; 16]) -> Self {
        let hash = installation.keyed_hash("refresh token", &[session.as_bytes(), &secret]);
        Self { home, session, hash: TokenHash::from_bytes(hash), secret }
    }

    /// A token as it was given out; nothing for one that was not made here.
    pub(crate) fn parse(installation: &Installation, text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let (home, rest) = text.trim().split_once('.')?;
        let home = TenantId::parse(home).ok()?;
        let bytes: [u8; 48] = BASE64_URL_SAFE_NO_PAD.decode(rest).ok()?.try_into().ok()?;
        let (session, rest) = bytes.split_first_chunk::<16>()?;
        let (secret, shown) = rest.split_first_chunk::<16>()?;
        let token = Self::of(installation, home, SessionId::from_bytes(*session), *secret);
        let made = token.tag(installation);
        let difference = made.iter().zip(shown).fold(0, |difference, (a, b)| difference | (a ^ b));
        (difference == 0).then_some(token)
    }

    /// As it is given out.
    pub(crate) fn text(&self, installation: &Installation) -> String {
        let bytes = [self.session.as_bytes().as_slice(), &self.secret, &self.tag(installation)].concat();
        format!("{}.{}", self.home, BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The one that comes after it.
    pub(crate) fn next(&self, installation: &Installation) -> Self {
        let parts = [self.session.as_bytes().as_slice(), &self.secret];
        let next = installation.keyed_hash("refresh token after another", &parts);
        Self::of(installation, self.home.clone(), self.session, std::array::from_fn(|index| next[index]))
    }

    /// The one of this hash, if it is among those that come after.
    pub(crate) fn later(&self, installation: &Installation, hash: TokenHash) -> Option<Self> {
        let after = std::iter::successors(Some(self.next(installation)), |token| Some(token.next(installation)));
        after.take(MAX_STEPS).find(|token| token.hash == hash)
    }

    fn tag(&self, installation: &Installation) -> [u8; TAG_BYTES] {
        let parts = [self.home.as_str().as_bytes(), self.session.as_bytes().as_slice(), &self.secret];
        let tag = installation.keyed_hash("refresh token tag", &parts);
        std::array::from_fn(|index| tag[index])
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(***)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session() -> (TenantId, SessionId) {
        (TenantId::parse("koeln").unwrap(), SessionId::new(Uuid::from_u128(5)))
    }

    #[test]
    fn only_what_was_made_here_is_a_token() {
        let (here, (home, session)) = (Installation::from_key(&[7; 32]), session());
        let token = RefreshToken::fresh(&here, &home, session);
        let text = token.text(&here);
        let parsed = RefreshToken::parse(&here, &text).unwrap();
        assert_eq!((&parsed.home, parsed.session, parsed.hash), (&home, session, token.hash));
        let there = Installation::from_key(&[8; 32]);
        let elsewhere = RefreshToken::fresh(&there, &home, session).text(&there);
        let other_home = text.replace("koeln", "bonn");
        for wrong in ["", ".", "koeln.", &elsewhere, &other_home, &"a.".repeat(200), &text[..40]] {
            assert!(RefreshToken::parse(&here, wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_token_leads_on_to_those_that_come_after_it_and_not_back() {
        let (here, (home, session)) = (Installation::from_key(&[7; 32]), session());
        let first = RefreshToken::fresh(&here, &home, session);
        let (second, third) = (first.next(&here), first.next(&here).next(&here));
        assert_eq!(first.next(&here).text(&here), second.text(&here));
        assert_eq!(first.later(&here, third.hash).unwrap().text(&here), third.text(&here));
        assert_eq!(RefreshToken::parse(&here, &third.text(&here)).unwrap().hash, third.hash);
        assert!(second.later(&here, first.hash).is_none() && first.later(&here, first.hash).is_none());
        assert_ne!(first.next(&Installation::from_key(&[8; 32])).hash, second.hash);
    }
}

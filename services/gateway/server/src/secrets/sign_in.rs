use std::fmt;

use allmende_kernel::{Duration, SubjectId, TenantId, Timestamp};
use allmende_runtime::installation::Installation;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::random;

/// How long a person may take at the provider.
const GOOD_FOR: Duration = Duration::from_secs(600);
const TAG_BYTES: usize = 16;
const MAX_TEXT: usize = 256;
/// What stands behind the tenant in the state of an account to be linked. A state's secret part has no dot.
pub(crate) const LINK_MARK: &str = "link.";

/// What a person goes to a provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To sign in.
    SignIn,
    /// To sign in to this account from then on, too: for its holder, and for nobody who is sent back in their stead.
    Link(SubjectId),
}

/// A sign-in that was begun with an identity provider: what the person's browser keeps of it. State, nonce and verifier
/// follow from it by the installation's key, so that nothing is stored, and who reads it cannot tell them.
#[derive(Clone)]
pub(crate) struct ProviderSignIn {
    /// Where the person wants to sign in.
    pub(crate) tenant: TenantId,
    /// With whom.
    pub(crate) provider: String,
    /// What for.
    pub(crate) purpose: Purpose,
    secret: [u8; 16],
    expires_s: i64,
}

impl ProviderSignIn {
    /// A new one.
    pub(crate) fn fresh(tenant: &TenantId, provider: &str, purpose: Purpose, now: Timestamp) -> Self {
        let expires_s = (now + GOOD_FOR).as_micros().div_euclid(1_000_000);
        Self { tenant: tenant.clone(), provider: provider.to_owned(), purpose, secret: random(), expires_s }
    }

    /// As the browser keeps it.
    pub(crate) fn text(&self, installation: &Installation) -> String {
        let tag = self.derive(installation, "provider sign-in tag");
        let bytes = [self.secret.as_slice(), &self.expires_s.to_be_bytes(), &tag[..TAG_BYTES]].concat();
        let holder = match self.purpose {
            Purpose::SignIn => String::new(),
            Purpose::Link(subject) => format!("{subject}."),
        };
        format!("{}.{}.{holder}{}", self.tenant, self.provider, BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads it back; nothing for what was not made here, or is too old.
    pub(crate) fn parse(installation: &Installation, text: &str, now: Timestamp) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let (tenant, rest) = text.split_once('.')?;
        let (provider, rest) = rest.split_once('.')?;
        let (purpose, rest) = match rest.split_once('.') {
            Some((holder, rest)) => (Purpose::Link(SubjectId::new(holder.parse().ok()?)), rest),
            None => (Purpose::SignIn, rest),
        };
        let bytes: [u8; 16 + 8 + TAG_BYTES] = BASE64_URL_SAFE_NO_PAD.decode(rest).ok()?.try_into().ok()?;
        let (secret, rest) = bytes.split_first_chunk::<16>()?;
        let (expires, tag) = rest.split_first_chunk::<8>()?;
        let sign_in = Self {
            tenant: TenantId::parse(tenant).ok()?,
            provider: provider.to_owned(),
            purpose,
            secret: *secret,
            expires_s: i64::from_be_bytes(*expires),
        };
        let made = sign_in.derive(installation, "provider sign-in tag");
        let fresh = now.as_micros().div_euclid(1_000_000) < sign_in.expires_s;
        (same(&made[..TAG_BYTES], tag) && fresh).then_some(sign_in)
    }

    /// What the provider sends along, so that a code goes to whoever began. Begins with the tenant and, for an account to
    /// be linked, with [`LINK_MARK`], so that one address leads back to all pages.
    pub(crate) fn state(&self, installation: &Installation) -> String {
        let mark = match self.purpose {
            Purpose::SignIn => "",
            Purpose::Link(_) => LINK_MARK,
        };
        format!("{}.{mark}{}", self.tenant, self.secret_text(installation, "provider sign-in state"))
    }

    /// Whether it is this sign-in's.
    pub(crate) fn has_state(&self, installation: &Installation, shown: &str) -> bool {
        same(self.state(installation).as_bytes(), shown.as_bytes())
    }

    /// What the ID token must say, so that it is for this sign-in.
    pub(crate) fn nonce(&self, installation: &Installation) -> String {
        self.secret_text(installation, "provider sign-in nonce")
    }

    /// What a code is exchanged with (RFC 7636).
    pub(crate) fn verifier(&self, installation: &Installation) -> String {
        self.secret_text(installation, "provider sign-in verifier")
    }

    /// What the provider is told of the verifier beforehand.
    pub(crate) fn challenge(&self, installation: &Installation) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier(installation).as_bytes()))
    }

    fn secret_text(&self, installation: &Installation, purpose: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.derive(installation, purpose))
    }

    fn derive(&self, installation: &Installation, purpose: &str) -> [u8; 32] {
        let expires = self.expires_s.to_be_bytes();
        let (tenant, provider) = (self.tenant.as_str().as_bytes(), self.provider.as_bytes());
        match &self.purpose {
            Purpose::SignIn => installation.keyed_hash(purpose, &[tenant, provider, &self.secret, &expires]),
            Purpose::Link(subject) => {
                installation.keyed_hash(purpose, &[tenant, provider, &self.secret, &expires, subject.as_bytes()])
            }
        }
    }
}

/// Found out in constant time.
fn same(made: &[u8], shown: &[u8]) -> bool {
    made.len() == shown.len() && made.iter().zip(shown).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

impl fmt::Debug for ProviderSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderSignIn(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_read_back_where_it_was_made_and_in_time() {
        let (here, there) = (Installation::from_key(&[1; 32]), Installation::from_key(&[2; 32]));
        let (tenant, now) = (TenantId::parse("koeln").unwrap(), Timestamp::from_secs(1_790_000_000));
        let begun = ProviderSignIn::fresh(&tenant, "bund", Purpose::SignIn, now);
        let text = begun.text(&here);
        let read = ProviderSignIn::parse(&here, &text, now).unwrap();
        assert_eq!((read.tenant.as_str(), read.provider.as_str()), ("koeln", "bund"));
        assert!(read.has_state(&here, &begun.state(&here)) && begun.state(&here).starts_with("koeln."));
        assert!(!read.has_state(&here, &ProviderSignIn::fresh(&tenant, "bund", Purpose::SignIn, now).state(&here)));
        assert!(ProviderSignIn::parse(&there, &text, now).is_none());
        assert!(ProviderSignIn::parse(&here, &text.replace("bund", "bank"), now).is_none());
        assert!(ProviderSignIn::parse(&here, &text.replace("koeln", "bonn"), now).is_none());
        assert!(ProviderSignIn::parse(&here, &text, now + GOOD_FOR).is_none());
        let secrets = [begun.state(&here), begun.nonce(&here), begun.verifier(&here), begun.challenge(&here)];
        for (index, secret) in secrets.iter().enumerate() {
            assert!(secret.len() >= 43 && !text.contains(secret.as_str()));
            assert!(secrets.iter().skip(index + 1).all(|other| other != secret));
        }
    }

    #[test]
    fn what_was_begun_to_link_an_account_is_for_its_holder() {
        let here = Installation::from_key(&[1; 32]);
        let (tenant, now) = (TenantId::parse("koeln").unwrap(), Timestamp::from_secs(1_790_000_000));
        let [maria, paul] = [1, 2].map(|number| SubjectId::new(uuid::Uuid::from_u128(number)));
        let begun = ProviderSignIn::fresh(&tenant, "bund", Purpose::Link(maria), now);
        let text = begun.text(&here);
        let read = ProviderSignIn::parse(&here, &text, now).unwrap();
        assert_eq!(read.purpose, Purpose::Link(maria));
        assert!(read.has_state(&here, &begun.state(&here)) && begun.state(&here).starts_with("koeln.link."));
        // Neither another person's, nor a sign-in.
        assert!(ProviderSignIn::parse(&here, &text.replace(&maria.to_string(), &paul.to_string()), now).is_none());
        assert!(ProviderSignIn::parse(&here, &text.replace(&format!("{maria}."), ""), now).is_none());
        let sign_in = ProviderSignIn::fresh(&tenant, "bund", Purpose::SignIn, now).text(&here);
        let (place, secret) = sign_in.rsplit_once('.').unwrap();
        assert!(ProviderSignIn::parse(&here, &format!("{place}.{maria}.{secret}"), now).is_none());
    }
}

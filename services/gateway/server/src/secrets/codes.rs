use std::fmt;

use allmende_gateway_domain::CodeHash;
use allmende_kernel::SubjectId;
use allmende_runtime::installation::Installation;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::random;

/// A code that goes out by mail: whose it is, and sixteen random bytes, as base64url.
#[derive(Clone)]
pub(crate) struct OneTimeCode {
    /// As it stands in the mail.
    pub(crate) text: String,
    /// As it is kept.
    pub(crate) hash: CodeHash,
}

impl OneTimeCode {
    /// A new one.
    pub(crate) fn fresh(installation: &Installation, subject: SubjectId) -> Self {
        let secret = random();
        let text = BASE64_URL_SAFE_NO_PAD.encode([subject.as_bytes().as_slice(), &secret].concat());
        Self { text, hash: hash(installation, subject, &secret) }
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(***)")
    }
}

/// Whose code it is and what it is known by; nothing for what is no code.
pub(crate) fn parse_code(installation: &Installation, text: &str) -> Option<(SubjectId, CodeHash)> {
    let bytes: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(text.trim()).ok()?.try_into().ok()?;
    let (subject, secret) = bytes.split_first_chunk::<16>()?;
    let subject = SubjectId::new(Uuid::from_bytes(*subject));
    Some((subject, hash(installation, subject, secret)))
}

fn hash(installation: &Installation, subject: SubjectId, secret: &[u8]) -> CodeHash {
    CodeHash::from_bytes(installation.keyed_hash("one-time code", &[subject.as_bytes(), secret]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_leads_back_to_its_person_and_hash() {
        let installation = Installation::from_key(&[7; 32]);
        let subject = SubjectId::new(Uuid::from_u128(5));
        let code = OneTimeCode::fresh(&installation, subject);
        assert_eq!(parse_code(&installation, &code.text), Some((subject, code.hash)));
        assert_ne!(OneTimeCode::fresh(&installation, subject).hash, code.hash);
        for wrong in ["", "x", "!!", &code.text[1..], &"A".repeat(100_000)] {
            assert_ne!(parse_code(&installation, wrong), Some((subject, code.hash)), "{wrong}");
        }
    }
}

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::{Authenticator, Denied, Principal};
use crate::secrets::{SecretError, Secrets, get_or_create};

const NAME: &str = "operator.token";
const TOKEN_BYTES: usize = 32;

/// What every token begins with: found by scanners for leaked secrets, and never taken for a flag on a command line.
const PREFIX: &str = "allmende_";

/// Tokens that this installation made itself: the operator's, the secret `operator.token`.
///
/// Only its SHA-256 digest is kept in memory.
#[derive(Clone)]
pub struct LocalTokens {
    operator: [u8; 32],
}

impl LocalTokens {
    /// Reads the operator token, or creates it at the first start: 256 random bits as base64url behind `allmende_`.
    pub fn open(secrets: &dyn Secrets) -> Result<Self, SecretError> {
        let content = get_or_create(secrets, NAME, || {
            let mut token = [0; TOKEN_BYTES];
            getrandom::fill(&mut token).expect("the operating system gives random bytes");
            format!("{PREFIX}{}\n", BASE64_URL_SAFE_NO_PAD.encode(token)).into_bytes()
        })?;
        let token = content.trim_ascii();
        let random = token.strip_prefix(PREFIX.as_bytes()).unwrap_or_default();
        match BASE64_URL_SAFE_NO_PAD.decode(random) {
            Ok(bytes) if bytes.len() == TOKEN_BYTES => Ok(Self { operator: Sha256::digest(token).into() }),
            _ => Err(SecretError::Damaged(NAME.to_owned())),
        }
    }

    /// Whether the token has the form of those made here: what has is nobody else's to judge.
    pub fn is_local(token: &str) -> bool {
        token.starts_with(PREFIX)
    }
}

impl Authenticator for LocalTokens {
    fn authenticate(&self, token: &str) -> Result<Principal, Denied> {
        match same(&Sha256::digest(token.as_bytes()).into(), &self.operator) {
            true => Ok(Principal::platform_operator()),
            false => Err(Denied::Unauthenticated),
        }
    }
}

impl fmt::Debug for LocalTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalTokens(***)")
    }
}

/// Takes the same time wherever the two differ.
fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.iter().zip(other).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::FolderSecrets;

    #[test]
    fn the_token_in_the_file_is_the_operators_and_stays_so() {
        let data = tempfile::tempdir().unwrap();
        LocalTokens::open(&FolderSecrets::new(data.path())).unwrap();
        let token = std::fs::read_to_string(data.path().join(NAME)).unwrap();
        let tokens = LocalTokens::open(&FolderSecrets::new(data.path())).unwrap();
        let operator = tokens.authenticate(token.trim()).unwrap();
        assert_eq!(operator, Principal::platform_operator());
        assert!(operator.subject.is_some());
    }

    #[test]
    fn another_token_is_nobodys() {
        let data = tempfile::tempdir().unwrap();
        let tokens = LocalTokens::open(&FolderSecrets::new(data.path())).unwrap();
        let token = std::fs::read_to_string(data.path().join(NAME)).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        assert_eq!(
            LocalTokens::open(&FolderSecrets::new(elsewhere.path())).unwrap().authenticate(token.trim()),
            Err(Denied::Unauthenticated)
        );
        assert_eq!(tokens.authenticate(""), Err(Denied::Unauthenticated));
        assert_eq!(tokens.authenticate(&token.trim()[1..]), Err(Denied::Unauthenticated));
    }

    #[test]
    fn an_empty_token_file_does_not_open_the_door() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join(NAME), "\n").unwrap();
        assert!(matches!(LocalTokens::open(&FolderSecrets::new(data.path())), Err(SecretError::Damaged(_))));
    }
}

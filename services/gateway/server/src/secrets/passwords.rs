use std::fmt;
use std::sync::{Arc, OnceLock};

use allmende_gateway_domain::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

/// Hashes computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Requests that wait for one; more are turned away.
const WAITING: usize = 64;

/// A password as it was typed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl Password {
    /// Takes what a request holds.
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// Too many hashes are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being looked at")]
pub(crate) struct Busy;

/// Hashes passwords by argon2id with 19 MiB, two passes and one lane, as OWASP's Password Storage Cheat Sheet asks
/// for. A hash names its own costs, so that others can follow.
pub(crate) struct Passwords {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { running: Arc::new(Semaphore::new(AT_ONCE)), waiting: Semaphore::new(WAITING) }
    }

    /// The hash to keep.
    pub(crate) async fn hash(&self, password: &Password) -> Result<PasswordHash, Busy> {
        let password = password.clone();
        self.compute(move || PasswordHash::new(hash(&password))).await
    }

    /// Whether it is the password of this hash. Without one it is not, and takes as long to say so: nobody learns from
    /// the time whether there is an account.
    pub(crate) async fn matches(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<bool, Busy> {
        let (password, hash) = (password.clone(), hash.cloned());
        self.compute(move || {
            let against = match &hash {
                Some(hash) => hash.as_str(),
                None => nobodys(),
            };
            hasher().verify_password(password.0.as_bytes(), against).is_ok() && hash.is_some()
        })
        .await
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Busy)?;
        let computing = tokio::task::spawn_blocking(move || {
            // Held until it is computed, also if nobody waits for it any more.
            let _turn = turn;
            work()
        });
        computing.await.map_err(|_| Busy)
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(19 * 1_024, 2, 1, None).expect("the costs are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &Password) -> String {
    hasher().hash_password(password.0.as_bytes()).expect("the operating system gives random bytes").to_string()
}

/// The hash of a password that nobody has.
fn nobodys() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash(&Password(format!("{:?}", super::random()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let (passwords, right) = (Passwords::new(), Password::new("Hecke am Mühlbach".to_owned()));
        let hash = passwords.hash(&right).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert_eq!(passwords.matches(&right, Some(&hash)).await, Ok(true));
        assert_eq!(passwords.matches(&Password::new("Hecke".to_owned()), Some(&hash)).await, Ok(false));
        assert_eq!(passwords.matches(&right, None).await, Ok(false));
        assert_ne!(passwords.hash(&right).await.unwrap(), hash);
    }

    #[test]
    fn a_password_is_not_printed() {
        assert_eq!(format!("{:?}", Password::new("geheim".to_owned())), "Password(***)");
    }
}

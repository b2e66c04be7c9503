use std::fmt;
use std::sync::{Arc, OnceLock};

use allmende_gateway_domain::PasswordHash;
use allmende_runtime::limits::{Origin, Shares};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

/// Hashes computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Requests that wait for one; more are turned away.
const WAITING: usize = 64;
/// What one caller may have of these, however they call: what others wait for is not theirs alone.
const WAITING_EACH: usize = 8;

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
    shares: Shares<Origin>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { running: Arc::new(Semaphore::new(AT_ONCE)), waiting: Semaphore::new(WAITING), shares: Shares::new() }
    }

    /// The hash to keep.
    pub(crate) async fn hash(&self, password: &Password, by: Origin) -> Result<PasswordHash, Busy> {
        let password = password.clone();
        self.compute(by, move || PasswordHash::new(hash(&password))).await
    }

    /// Whether it is the password of this hash. Without one it is not, and takes as long to say so: nobody learns from
    /// the time whether there is an account.
    pub(crate) async fn matches(
        &self,
        password: &Password,
        hash: Option<&PasswordHash>,
        by: Origin,
    ) -> Result<bool, Busy> {
        let (password, hash) = (password.clone(), hash.cloned());
        self.compute(by, move || {
            let against = match &hash {
                Some(hash) => hash.as_str(),
                None => nobodys(),
            };
            hasher().verify_password(password.0.as_bytes(), against).is_ok() && hash.is_some()
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        by: Origin,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let _share = match by {
            // For nobody else: pages tell whom they ask for.
            Origin::Own => None,
            by => Some(self.shares.take(by, WAITING_EACH).ok_or(Busy)?),
        };
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
    use std::task::{Context, Waker};

    use allmende_runtime::limits::Network;

    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let (passwords, right) = (Passwords::new(), Password::new("Hecke am Mühlbach".to_owned()));
        let hash = passwords.hash(&right, Origin::Own).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert_eq!(passwords.matches(&right, Some(&hash), Origin::Own).await, Ok(true));
        assert_eq!(passwords.matches(&Password::new("Hecke".to_owned()), Some(&hash), Origin::Own).await, Ok(false));
        assert_eq!(passwords.matches(&right, None, Origin::Own).await, Ok(false));
        assert_ne!(passwords.hash(&right, Origin::Own).await.unwrap(), hash);
    }

    #[tokio::test]
    async fn one_caller_does_not_have_all_that_others_wait_for() {
        let (passwords, password) = (Passwords::new(), Password::new("Hecke am Mühlbach".to_owned()));
        let [one, other] = [1, 2].map(|host| Origin::Address(Network::of([192, 0, 2, host].into())));
        let turns = Arc::clone(&passwords.running).acquire_many_owned(AT_ONCE as u32).await.unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting: Vec<_> = (0..WAITING_EACH).map(|_| Box::pin(passwords.hash(&password, one))).collect();
        assert!(waiting.iter_mut().all(|hash| hash.as_mut().poll(&mut context).is_pending()));
        assert_eq!(passwords.hash(&password, one).await, Err(Busy));
        let mut others = Box::pin(passwords.hash(&password, other));
        assert!(others.as_mut().poll(&mut context).is_pending());
        waiting.clear();
        drop(turns);
        others.await.unwrap();
        passwords.hash(&password, one).await.unwrap();
    }

    #[test]
    fn a_password_is_not_printed() {
        assert_eq!(format!("{:?}", Password::new("geheim".to_owned())), "Password(***)");
    }
}

//! Small secrets of the installation: tokens and keys that it made itself and must not lose.

pub mod contract;
mod file;
mod folder;

use std::path::{Path, PathBuf};

use tokio::sync::watch;

pub use file::read_or_create;
pub use folder::FolderSecrets;

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Its file cannot be read or written.
    #[error("cannot read or write {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It does not hold what it should. It is never made anew: what depends on it would silently change.
    #[error("{0} is damaged: restore it from a backup")]
    Damaged(String),
    /// There is none, and none is made: others have one that this process must have too.
    #[error("{0} is missing")]
    Missing(PathBuf),
    /// Where secrets are kept cannot be reached at present. Nothing is known of the secret.
    #[error("the secrets cannot be reached: {0}")]
    Unavailable(String),
}

/// Secrets by name, the same for all processes of the installation. A name is a path with `/`: `operator.token`,
/// `tokens/….key`.
///
/// What a secret is does not change: it is made once, by one of those who try, and may be removed. It is durable before
/// anybody sees it, so that nothing can depend on one that a crash takes away. Calls may block for a moment.
pub trait Secrets: Send + Sync + 'static {
    /// The secret, if there is one.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError>;

    /// Makes the secret, unless there is one. Tells the one that stands from now on: `fresh`, or what somebody else made.
    fn create(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, SecretError>;

    /// The names of all secrets that lie in a folder (`tokens`), in it.
    fn names(&self, folder: &str) -> Result<Vec<String>, SecretError>;

    /// Removes the secret, if there is one.
    fn remove(&self, name: &str) -> Result<(), SecretError>;

    /// Changes whenever a secret was made or removed, here or elsewhere; now and then without a reason.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// Writes a secret that is kept elsewhere to the file of its name in a folder, for those who look for it there.
pub fn copy_to(secrets: &dyn Secrets, name: &str, folder: &Path) -> Result<(), SecretError> {
    let path = folder.join(name);
    let secret = secrets.get(name)?.ok_or_else(|| SecretError::Missing(path.clone()))?;
    match std::fs::read(&path) {
        Ok(there) if there == secret => Ok(()),
        _ => file::create(&path, &secret).map_err(|source| SecretError::Io { path, source }),
    }
}

/// The secret, made of what `fresh` gives if there is none.
pub fn get_or_create(
    secrets: &dyn Secrets,
    name: &str,
    fresh: impl FnOnce() -> Vec<u8>,
) -> Result<Vec<u8>, SecretError> {
    match secrets.get(name)? {
        Some(secret) => Ok(secret),
        None => secrets.create(name, fresh()),
    }
}

use std::path::Path;
use std::sync::Arc;

use allmende_files::Shelves;
use allmende_keyring::{Keyring, WrappingKey};
use allmende_runtime::installation::Installation;
use allmende_runtime::secrets::Secrets;

use crate::connection::Connection;
use crate::keyring::{BucketKeyring, KeyringOpenError};
use crate::secrets::{BucketSecrets, SecretsOpenError};
use crate::shelves::ObjectShelves;

/// What the members of a cluster have in common beside the logs.
#[derive(Clone)]
pub struct Shared {
    /// Keys that seal what people write.
    pub keyring: Arc<dyn Keyring>,
    /// Tokens and keys that the installation made itself.
    pub secrets: Arc<dyn Secrets>,
    /// Files that events name.
    pub files: Arc<dyn Shelves>,
}

/// Why what members share does not open.
#[derive(Debug, thiserror::Error)]
pub enum SharedOpenError {
    /// The secrets.
    #[error("the shared secrets do not open")]
    Secrets(#[from] SecretsOpenError),
    /// The keyring.
    #[error("the shared keyring does not open")]
    Keyring(#[from] KeyringOpenError),
}

/// Opens what members share, with this many replicas: the buckets `allmende_secrets`, `allmende_keys` and
/// `allmende_erased` at once, and an object store when a shelf is opened. What is missing is created.
///
/// Every member has the same `installation`; one with another key is refused before it reads or makes anything. Files that
/// were used last lie in `cache` in the folder `data`. Needs a runtime with several threads.
pub async fn open_shared(
    connection: &Connection,
    replicas: usize,
    installation: &Installation,
    data: &Path,
) -> Result<Shared, SharedOpenError> {
    let wrapping = || WrappingKey::new(installation.wrapping_key());
    let secrets = BucketSecrets::open(connection, replicas, wrapping(), installation.fingerprint()).await?;
    let keyring = BucketKeyring::open(connection, replicas, wrapping()).await?;
    let files = ObjectShelves::new(connection, replicas, &data.join("cache"));
    Ok(Shared { keyring: Arc::new(keyring), secrets: Arc::new(secrets), files: Arc::new(files) })
}

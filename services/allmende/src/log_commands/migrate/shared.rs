//! What members share beside the logs goes to where they keep it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use allmende_keyring::WrappingKey;
use allmende_nats::{BucketKeyring, BucketSecrets, Connection};
use allmende_runtime::installation::Installation;
use anyhow::Context as _;

use super::{files, keys, secrets};
use crate::cli::MigrateOptions;

/// What a data folder may have of it.
const PARTS: [&str; 6] = ["keyring", "erased", "operator.token", "tokens", "attachments", "datasets"];

/// What a data folder has of it, checked as far as it can be here.
pub(super) struct Folder {
    data: PathBuf,
    installation: Installation,
    keys: Option<keys::Source>,
}

impl Folder {
    /// Nothing, if there is only logs.
    pub(super) fn look(options: &MigrateOptions) -> anyhow::Result<Option<Self>> {
        let data = &options.data;
        let key = options.installation_key_file.clone().unwrap_or_else(|| data.join("installation.key"));
        if options.installation_key_file.is_none()
            && !key.exists()
            && !PARTS.iter().any(|part| data.join(part).exists())
        {
            return Ok(None);
        }
        let installation = Installation::read(&key).context("the members' secrets are sealed by the folder's key")?;
        Ok(Some(Self { data: data.clone(), installation, keys: keys::Source::look(data)? }))
    }

    /// Where it goes. Refused, if the cluster is another installation's; nothing was changed there then.
    pub(super) async fn to(self, connection: &Connection, replicas: usize) -> anyhow::Result<Shared> {
        let Self { data, installation, keys } = self;
        let wrapping = || WrappingKey::new(installation.wrapping_key());
        let secrets = BucketSecrets::open(connection, replicas, wrapping(), installation.fingerprint()).await?;
        let keyring = BucketKeyring::open(connection, replicas, wrapping()).await?;
        let connection = connection.clone();
        Ok(Shared { data, keys, keyring: Arc::new(keyring), secrets, connection, replicas })
    }
}

/// A data folder, and where the members of a cluster keep what they share.
pub(super) struct Shared {
    data: PathBuf,
    keys: Option<keys::Source>,
    keyring: Arc<BucketKeyring>,
    secrets: BucketSecrets,
    connection: Connection,
    replicas: usize,
}

impl Shared {
    /// Takes over what is not there, and reads it back: keys first, as whatever else there is is sealed by them. Whether
    /// everything was what its name says; what was not was told.
    pub(super) async fn take_over(&self) -> anyhow::Result<bool> {
        if let Some(keys) = &self.keys {
            keys.carry(&self.keyring).await.context("the keyring")?;
        }
        secrets::carry(&self.data, &self.secrets).context("the secrets")?;
        let mut is_sound = true;
        for shelf in files::SHELVES {
            let carried = files::carry(&self.data, shelf, &self.connection, self.replicas);
            is_sound &= carried.with_context(|| format!("the {}", shelf.name))?;
        }
        Ok(is_sound)
    }
}

/// A folder in the data folder for files on their way, which goes with the last of them.
pub(super) fn passing(data: &Path) -> PathBuf {
    data.join("migrating")
}

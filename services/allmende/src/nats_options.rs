//! How commands reach a NATS cluster.

use std::path::{Path, PathBuf};

use allmende_nats::{Credentials, Identity, Settings, Tls};
use anyhow::Context as _;
use clap::Args;

/// Where the servers are, and who asks.
#[derive(Debug, Clone, Args)]
pub struct NatsOptions {
    /// Address of a NATS server; may be given several times.
    #[arg(long, required = true)]
    pub nats: Vec<String>,
    /// File with the platform's credentials for NATS: as `nsc` writes it, or an nkey's seed, `user:password` or a token
    /// alone.
    #[arg(long)]
    pub nats_creds: Option<PathBuf>,
    /// PEM file with the authorities that are trusted, instead of the system's.
    #[arg(long)]
    pub nats_ca: Option<PathBuf>,
    /// PEM file with our own certificate for NATS.
    #[arg(long, requires = "nats_key")]
    pub nats_cert: Option<PathBuf>,
    /// PEM file with its key.
    #[arg(long, requires = "nats_cert")]
    pub nats_key: Option<PathBuf>,
}

impl NatsOptions {
    /// For the platform, under a name that the servers show.
    pub fn settings(&self, name: &str) -> anyhow::Result<Settings> {
        self.settings_of(name, self.nats_creds.as_deref())
    }

    /// For somebody else at the same servers.
    pub fn settings_of(&self, name: &str, credentials: Option<&Path>) -> anyhow::Result<Settings> {
        let credentials = match credentials {
            Some(path) => Credentials::read(path).with_context(|| format!("reading {}", path.display()))?,
            None => Credentials::None,
        };
        let identity = self.nats_cert.clone().zip(self.nats_key.clone());
        let tls = Tls {
            authorities: self.nats_ca.clone(),
            identity: identity.map(|(certificate, key)| Identity { certificate, key }),
        };
        Ok(Settings { credentials, tls, ..Settings::new(self.nats.clone(), name) })
    }
}

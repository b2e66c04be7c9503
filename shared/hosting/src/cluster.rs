//! A process as a member of a cluster: what its partitions are opened with.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog_nats::cluster::{Leases, Members};
use allmende_eventlog_nats::stream::StreamError;
use allmende_nats::{
    BucketLeases, BucketMembers, ConnectError, Connection, Credentials, Identity, Settings as NatsSettings, Tls,
};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// How a process takes part in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses of the NATS servers, `nats://host:port` or `tls://host:port`. Without any, the process is alone with its
    /// folder.
    pub servers: Vec<String>,
    /// File with the platform's credentials for NATS: as `nsc` writes it, or alone in it an nkey's seed, `user:password`
    /// or a token.
    pub credentials: Option<PathBuf>,
    /// PEM file with the authorities that are trusted, instead of the system's.
    pub ca: Option<PathBuf>,
    /// PEM file with our own certificate for NATS.
    pub certificate: Option<PathBuf>,
    /// PEM file with its key.
    pub key: Option<PathBuf>,
    /// On how many servers everything is kept: three, or one for trying things out.
    pub replicas: usize,
    /// The process's name among the members, which it keeps across restarts [default: the name of its host].
    pub member: Option<String>,
    /// Where other members reach its gRPC port, `host:port` [default: what it listens on].
    pub address: Option<String>,
    /// How long a leader counts that is not heard of, in seconds. The same for all members.
    pub lease_s: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            credentials: None,
            ca: None,
            certificate: None,
            key: None,
            replicas: 3,
            member: None,
            address: None,
            lease_s: 5,
        }
    }
}

/// Why a process did not become a member.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// A setting cannot be used.
    #[error("{0}")]
    Setting(&'static str),
    /// The file of credentials cannot be read.
    #[error("the credentials in {path} cannot be read")]
    Credentials {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The servers cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// What all members share cannot be opened.
    #[error("what the members share cannot be opened")]
    Shared(#[source] StreamError),
}

/// A cluster, as one of its members sees it.
pub struct Cluster {
    pub(crate) connection: Connection,
    pub(crate) replicas: usize,
    pub(crate) leases: Arc<dyn Leases>,
    pub(crate) members: Arc<dyn Members>,
    pub(crate) member: String,
    pub(crate) address: String,
    /// What this version can read, of all services.
    pub(crate) event_types: BTreeSet<String>,
    leaving: watch::Sender<bool>,
}

impl Cluster {
    /// Connects as `config` says. `listens_on` is where others reach this member unless `config` says otherwise;
    /// `descriptors`, a `FileDescriptorSet`, tells which events this version can read.
    pub async fn join(
        config: &Config,
        listens_on: std::net::SocketAddr,
        descriptors: &[u8],
    ) -> Result<Self, JoinError> {
        let member = member_name(config)?;
        let address = match &config.address {
            Some(address) => address.clone(),
            None if listens_on.ip().is_unspecified() => {
                return Err(JoinError::Setting(
                    "nats.address must say where other members reach this one, as its gRPC port listens on all addresses",
                ));
            }
            None => listens_on.to_string(),
        };
        let connection = Connection::open(settings(config, &member)?).await?;
        let lasts = Duration::from_secs(config.lease_s.max(1));
        let leases = BucketLeases::open(&connection, config.replicas, lasts).await.map_err(JoinError::Shared)?;
        let members = BucketMembers::open(&connection, config.replicas, lasts).await.map_err(JoinError::Shared)?;
        Ok(Self {
            connection,
            replicas: config.replicas,
            leases: Arc::new(leases),
            members: Arc::new(members),
            member,
            address,
            event_types: event_types(descriptors),
            leaving: watch::Sender::new(false),
        })
    }

    /// The connection, for what else the members share.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// On how many servers everything is kept.
    pub fn replicas(&self) -> usize {
        self.replicas
    }

    /// Where other members reach this one.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Hands over everything that this member leads. It still answers, and sends commands on to who leads then.
    pub fn leave(&self) {
        self.leaving.send_replace(true);
    }

    pub(crate) fn leaving(&self) -> watch::Receiver<bool> {
        self.leaving.subscribe()
    }
}

fn settings(config: &Config, member: &str) -> Result<NatsSettings, JoinError> {
    let identity = match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => Some(Identity { certificate: certificate.clone(), key: key.clone() }),
        (None, None) => None,
        _ => return Err(JoinError::Setting("nats.certificate and nats.key go together")),
    };
    let credentials = match &config.credentials {
        Some(path) => {
            Credentials::read(path).map_err(|source| JoinError::Credentials { path: path.clone(), source })?
        }
        None => Credentials::None,
    };
    let tls = Tls { authorities: config.ca.clone(), identity };
    let name = format!("allmende {member}");
    Ok(NatsSettings { credentials, tls, ..NatsSettings::new(config.servers.clone(), &name) })
}

/// As configured, or the host's: a pod keeps its own in a stateful set.
fn member_name(config: &Config) -> Result<String, JoinError> {
    let name = match &config.member {
        Some(name) => name.clone(),
        None => rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase(),
    };
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if (1..=63).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(name);
    }
    Err(JoinError::Setting("nats.member must be 1 to 63 of a-z, 0-9 and -, as the name of a host is by default"))
}

/// The messages of all packages `….events.v…`.
fn event_types(descriptors: &[u8]) -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(descriptors).expect("the build made a FileDescriptorSet");
    let events = set.file.iter().filter(|file| file.package().contains(".events.v"));
    events
        .flat_map(|file| file.message_type.iter().map(|message| format!("{}.{}", file.package(), message.name())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_named_as_hosts_are() {
        let named = |name: &str| member_name(&Config { member: Some(name.to_owned()), ..Config::default() });
        assert_eq!(named("allmende-0").unwrap(), "allmende-0");
        for name in ["", "Allmende", "a.b", "a_b", &"a".repeat(64)] {
            assert!(matches!(named(name), Err(JoinError::Setting(_))), "{name}");
        }
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let config = Config { certificate: Some("cert.pem".into()), ..Config::default() };
        assert!(matches!(settings(&config, "a"), Err(JoinError::Setting(_))));
    }

    #[test]
    fn credentials_are_of_any_kind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        let config = Config { credentials: Some(path.clone()), ..Config::default() };
        let missing = settings(&config, "a").unwrap_err();
        assert!(matches!(&missing, JoinError::Credentials { path: named, .. } if *named == path), "{missing:?}");
        std::fs::write(&path, "allmende:hedge-sparrow\n").unwrap();
        assert!(matches!(
            settings(&config, "a").unwrap().credentials,
            Credentials::Password { user, password } if user == "allmende" && password == "hedge-sparrow"
        ));
        assert!(matches!(settings(&Config::default(), "a").unwrap().credentials, Credentials::None));
    }

    #[test]
    fn events_are_told_from_other_messages() {
        let file = |package: &str, message: &str| prost_types::FileDescriptorProto {
            package: Some(package.to_owned()),
            message_type: vec![prost_types::DescriptorProto { name: Some(message.to_owned()), ..Default::default() }],
            ..Default::default()
        };
        let file = vec![file("allmende.test.events.v1", "Happened"), file("allmende.test.v1", "AskRequest")];
        let types = event_types(&FileDescriptorSet { file }.encode_to_vec());
        assert_eq!(types.into_iter().collect::<Vec<_>>(), ["allmende.test.events.v1.Happened"]);
    }
}

//! Who is trusted: servers by their certificates, we by ours, and by what an operator has signed.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use allmende_eventlog_nats::stream::GroupStream as _;
use allmende_nats::{
    ConnectError, Connection, Credentials, Identity, LogStream, Looking, Settings, Severity, Tls, check,
};
use allmende_testkit::nats::{NatsServers, Setup};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use support::{commit, new_partition, texts};

/// An authority of its own, with what it has signed, as PEM files.
struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        fs::write(folder.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A certificate for this name, good for servers and clients.
    fn sign(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let identity =
            Identity { certificate: self.path(&format!("{name}.pem")), key: self.path(&format!("{name}.key")) };
        fs::write(&identity.certificate, certificate.pem()).unwrap();
        fs::write(&identity.key, key.serialize_pem()).unwrap();
        identity
    }

    /// Servers with a certificate for the loopback address.
    fn servers(&self, verify: bool) -> Option<NatsServers> {
        let server = self.sign("127.0.0.1");
        let more = format!(
            "tls {{ cert_file: {:?}, key_file: {:?}, ca_file: {:?}, verify: {verify} }}\n",
            server.certificate,
            server.key,
            self.path("ca.pem")
        );
        NatsServers::start(&Setup { more, ..Setup::default() })
    }
}

fn settings(servers: &NatsServers, authorities: Option<PathBuf>, identity: Option<Identity>) -> Settings {
    let urls = servers.urls().iter().map(|url| url.replace("nats://", "tls://")).collect();
    let timeout = Duration::from_secs(20);
    Settings { tls: Tls { authorities, identity }, timeout, ..Settings::new(urls, "test") }
}

async fn refused(settings: Settings) -> ConnectError {
    match Connection::open(settings).await {
        Ok(_) => panic!("it is trusted"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_trusted_by_its_authority_alone() {
    let (authority, other) = (Authority::new(), Authority::new());
    let Some(servers) = authority.servers(false) else { return };
    let connection = Connection::open(settings(&servers, Some(authority.path("ca.pem")), None)).await.unwrap();
    // Terms have connections of their own, by the same settings.
    let stream = LogStream::open(&connection, &new_partition(), 1).await.unwrap();
    commit(stream.connect().await.unwrap().as_mut(), 0, "encrypted").await;
    assert_eq!(texts(&stream, 1).await, ["encrypted"]);
    let looking = Looking { platform: &connection, replicas: 1, system: None, monitors: &[], others: &[] };
    let findings = check(&looking).await;
    assert!(!findings.iter().any(|finding| finding.text.contains("TLS")), "{findings:?}");

    for wrong in [Some(other.path("ca.pem")), None] {
        let error = refused(settings(&servers, wrong, None)).await;
        assert!(matches!(error, ConnectError::Settings(_) | ConnectError::Unreachable(_)), "{error:?}");
    }
    let error = refused(settings(&servers, Some(authority.path("no such file")), None)).await;
    assert!(matches!(error, ConnectError::Settings(_) | ConnectError::Unreachable(_)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_asked_for() {
    let (authority, other) = (Authority::new(), Authority::new());
    let Some(servers) = authority.servers(true) else { return };
    let ca = || Some(authority.path("ca.pem"));
    let ours = authority.sign("allmende");
    assert!(Connection::open(settings(&servers, ca(), Some(ours))).await.unwrap().is_connected());
    for wrong in [None, Some(other.sign("allmende"))] {
        let error = refused(settings(&servers, ca(), wrong)).await;
        assert!(!matches!(error, ConnectError::Refused), "{error:?}");
    }
}

fn operator(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operator").join(name)
}

/// Servers that believe what an operator has signed, and know no users.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_credentials_signs_in_where_an_operator_gives_them() {
    let more = fs::read_to_string(operator("server.conf")).unwrap();
    let Some(servers) = NatsServers::start(&Setup { more, ..Setup::default() }) else { return };
    let of = |name: &str| {
        let credentials = Credentials::read(&operator(name)).unwrap();
        assert!(matches!(credentials, Credentials::File(_)));
        Settings { credentials, ..Settings::new(servers.urls(), name) }
    };
    let platform = Connection::open(of("platform.creds")).await.unwrap();
    let stream = LogStream::open(&platform, &new_partition(), 1).await.unwrap();
    commit(stream.connect().await.unwrap().as_mut(), 0, "signed").await;
    let without = refused(Settings::new(servers.urls(), "test")).await;
    assert!(matches!(without, ConnectError::Refused), "{without:?}");

    let (system, others) = (Connection::open(of("system.creds")).await.unwrap(), [of("integrator.creds")]);
    let looking = Looking { platform: &platform, replicas: 1, system: Some(&system), monitors: &[], others: &others };
    let findings = check(&looking).await;
    let worse: Vec<_> = findings.iter().filter(|finding| finding.severity > Severity::Unseen).collect();
    assert!(matches!(&worse[..], [one] if one.text.starts_with("TLS is not required")), "{worse:?}");
    let fine = |about: &str| findings.iter().any(|one| one.about == about && one.severity == Severity::Fine);
    assert!(fine("credentials of integrator.creds") && fine("server n0 as the system account is told"), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_asked_for() {
    let more = "authorization { token: hedge }\n".to_owned();
    let Some(servers) = NatsServers::start(&Setup { more, ..Setup::default() }) else { return };
    let with = |token: &str| Settings {
        credentials: Credentials::Token(token.to_owned()),
        ..Settings::new(servers.urls(), "test")
    };
    assert!(Connection::open(with("hedge")).await.unwrap().is_connected());
    assert!(matches!(refused(with("row")).await, ConnectError::Refused));
}

//! The configurations that operators are given are what the servers take, and what the doctor finds nothing wrong with.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use allmende_nats::{Connection, Credentials, Looking, Settings, Severity, check};
use allmende_testkit::nats::{NatsServers, Setup, program};
use rcgen::{CertifiedKey, generate_simple_self_signed};

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats").join(name);
    fs::read_to_string(path).unwrap()
}

/// With every password the same.
fn accounts() -> String {
    let names = ["SYSTEM", "ALLMENDE", "WATCHER", "INTEGRATOR"];
    names.iter().fold(sample("accounts.conf"), |text, name| text.replace(&format!("${name}_PASSWORD"), "hedge"))
}

#[test]
fn both_configurations_are_accepted() {
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| -> PathBuf { folder.path().join(name) };
    fs::create_dir(place("tls")).unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["nats-0.nats".to_owned()]).unwrap();
    for name in ["tls/server.pem", "tls/ca.pem"] {
        fs::write(place(name), cert.pem()).unwrap();
    }
    fs::write(place("tls/server.key"), signing_key.serialize_pem()).unwrap();
    fs::write(place("accounts.conf"), accounts()).unwrap();
    for name in ["one.conf", "three.conf"] {
        let text = sample(name).replace("/etc/nats", folder.path().to_str().unwrap());
        fs::write(place(name), text).unwrap();
        let checked = Command::new(&program).arg("-t").arg("-c").arg(place(name)).output().unwrap();
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_accounts_are_enough_for_the_platform_and_too_little_for_others() {
    let Some(servers) = NatsServers::start(&Setup { more: accounts(), ..Setup::default() }) else { return };
    let of = |user: &str| {
        let credentials = Credentials::Password { user: user.to_owned(), password: "hedge".to_owned() };
        Settings { credentials, ..Settings::new(servers.urls(), user) }
    };
    let platform = Connection::open(of("allmende")).await.unwrap();
    let system = Connection::open(of("system")).await.unwrap();
    let others = [of("watcher"), of("integrator")];
    let looking = Looking { platform: &platform, replicas: 1, system: Some(&system), monitors: &[], others: &others };
    let findings = check(&looking).await;
    let worse: Vec<_> = findings.iter().filter(|finding| finding.severity != Severity::Fine).collect();
    // The sample's TLS is tried elsewhere.
    assert!(matches!(&worse[..], [one] if one.text.starts_with("TLS is not required")), "{worse:?}");
}

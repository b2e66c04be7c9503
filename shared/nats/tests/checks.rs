//! What is said about a cluster that is not as it should be.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use allmende_nats::{Connection, Credentials, Finding, Looking, Settings, Severity, check};
use allmende_testkit::nats::{NatsServers, Setup};
use async_nats::jetstream;

use support::{Cluster, new_partition};

fn faults(findings: &[Finding]) -> Vec<String> {
    let faults = findings.iter().filter(|finding| finding.severity == Severity::Fault);
    faults.map(|finding| format!("{}: {}", finding.about, finding.text)).collect()
}

fn password(user: &str) -> Credentials {
    Credentials::Password { user: user.into(), password: "hedge".into() }
}

async fn connect(servers: &NatsServers, user: &str) -> Connection {
    Connection::open(Settings { credentials: password(user), ..Settings::new(servers.urls(), "test") }).await.unwrap()
}

/// As the platform's own connection sees it, and the monitoring ports.
async fn look(connection: &Connection, replicas: usize, monitors: &[String]) -> Vec<Finding> {
    check(&Looking { platform: connection, replicas, system: None, monitors, others: &[] }).await
}

const ACCOUNTS: &str = "
accounts {
  SYS { users: [{ user: system, password: hedge }] }
  PLATFORM {
    jetstream: enabled
    users: [
      { user: platform, password: hedge }
      { user: trusted, password: hedge }
      { user: integrator, password: hedge, permissions: {
          publish: { deny: [\"allmende.log.>\", \"allmende.body.>\", \"$KV.>\", \"$JS.API.>\"] } } }
    ]
  }
  OTHERS { jetstream: enabled, users: [{ user: elsewhere, password: hedge }] }
}
system_account: SYS
";

/// Both ways to see it tell the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_sync_is_a_fault() {
    for sync_always in [true, false] {
        let setup = Setup { sync_always, more: ACCOUNTS.to_owned(), ..Setup::default() };
        let Some(mut servers) = NatsServers::start(&setup) else { return };
        let (platform, system) = (connect(&servers, "platform").await, connect(&servers, "system").await);
        let monitors = [servers.node(0).monitor_url()];
        let looking = Looking { platform: &platform, replicas: 1, system: None, monitors: &monitors, others: &[] };
        let seen = [check(&looking).await, check(&Looking { system: Some(&system), monitors: &[], ..looking }).await];
        for findings in seen {
            let faults = faults(&findings);
            match sync_always {
                true => assert_eq!(faults, Vec::<String>::new()),
                false => assert!(faults.len() == 1 && faults[0].contains("syncs every 120s"), "{faults:?}"),
            }
            let unremedied = findings.iter().find(|one| one.severity != Severity::Fine && one.remedy.is_empty());
            assert_eq!(unremedied, None, "what is not fine has a remedy");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_system_account_sees_all_servers_their_zones_and_who_is_in_the_account() {
    let more = format!("{ACCOUNTS}\nserver_tags: [\"az:1\"]\n");
    let Some(mut servers) = NatsServers::start(&Setup { servers: 3, more, ..Setup::default() }) else { return };
    let (platform, system) = (connect(&servers, "platform").await, connect(&servers, "system").await);
    let looking = Looking { platform: &platform, replicas: 3, system: Some(&system), monitors: &[], others: &[] };
    let findings = check(&looking).await;
    let about = |name: &str| findings.iter().filter(|one| one.about.starts_with(name)).collect::<Vec<_>>();
    for name in ["server n0 as", "server n1 as", "server n2 as"] {
        assert!(matches!(&about(name)[..], [one] if one.severity == Severity::Fine), "{:?}", about(name));
    }
    assert_eq!(about("placement")[0].severity, Severity::Warning, "{:?}", about("placement"));
    let in_account = about("account PLATFORM");
    assert!(in_account.iter().all(|one| one.severity == Severity::Fine), "{in_account:?}");
    assert!(in_account.iter().any(|one| one.text == "connected to it now: platform"), "{in_account:?}");

    let _other = connect(&servers, "integrator").await;
    servers.node(0).kill();
    loop {
        let findings = check(&looking).await;
        let told =
            |severity, text: &str| findings.iter().any(|one| one.severity == severity && one.text.contains(text));
        if told(Severity::Unseen, "2 of 3 servers") && told(Severity::Warning, "integrator, platform") {
            return;
        }
        // Whoever was connected to the server that is gone connects again to another.
        tokio::time::sleep(support::SHORT).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_publish_to_a_log_is_a_fault_and_nothing_is_stored_by_trying() {
    let Some(servers) = NatsServers::start(&Setup { more: ACCOUNTS.to_owned(), ..Setup::default() }) else { return };
    let platform = connect(&servers, "platform").await;
    let other = |user| Settings { credentials: password(user), ..Settings::new(servers.urls(), user) };
    let others = ["trusted", "integrator", "elsewhere", "nobody"].map(other);
    let looking = Looking { platform: &platform, replicas: 1, system: None, monitors: &[], others: &others };
    let findings = check(&looking).await;
    let of = |name: &str| {
        let about = format!("credentials of {name}");
        findings.iter().filter(|one| one.about == about).map(|one| one.severity).collect::<Vec<_>>()
    };
    assert_eq!(of("trusted"), [Severity::Fault; 4], "{findings:?}");
    assert_eq!(of("integrator"), [Severity::Fine], "{findings:?}");
    assert_eq!(of("elsewhere"), [Severity::Fine], "what it publishes there stays in its account: {findings:?}");
    assert_eq!(of("nobody"), [Severity::Unseen], "{findings:?}");
    assert!(findings.iter().all(|one| !one.about.starts_with("stream ")), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_with_limits_is_a_warning() {
    let more = ACCOUNTS.replacen("jetstream: enabled", "jetstream: { max_file: 1GB, max_streams: 5 }", 1);
    let Some(servers) = NatsServers::start(&Setup { more, ..Setup::default() }) else { return };
    let findings = look(&connect(&servers, "platform").await, 1, &[]).await;
    let limits = findings.iter().find(|one| one.about == "account" && one.severity == Severity::Warning);
    let text = &limits.unwrap_or_else(|| panic!("{findings:?}")).text;
    assert!(text.contains("max_storage is 1073741824") && text.contains("max_streams is 5"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_asks_for_no_credentials_is_a_fault() {
    let Some(cluster) = Cluster::one() else { return };
    let findings = look(&cluster.connection().await, 1, &[]).await;
    let faults = faults(&findings);
    assert!(faults.len() == 1 && faults[0].starts_with("access: no credentials"), "{faults:?}");
    let unseen = findings.iter().find(|finding| finding.severity == Severity::Unseen).unwrap();
    assert!(unseen.text.contains("sync"), "what a client cannot see is said: {unseen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_changed_is_a_fault() {
    let Some(cluster) = Cluster::one() else { return };
    let partition = new_partition();
    cluster.stream(&partition).await;
    let connection = cluster.connection().await;
    let name = format!("ALLMENDE_{}", partition.as_str().to_uppercase().replace('-', "_"));
    let of_stream = |findings: &[Finding]| {
        let found = findings.iter().filter(|finding| finding.about.ends_with(&name));
        found.map(|finding| (finding.severity, finding.text.clone())).collect::<Vec<_>>()
    };
    let before = of_stream(&look(&connection, 1, &[]).await);
    assert!(before.len() == 1 && before[0].0 == Severity::Fine, "{before:?}");

    let context = jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
    let config = context.get_stream(&name).await.unwrap().cached_info().config.clone();
    context.update_stream(jetstream::stream::Config { max_messages: 10, ..config }).await.unwrap();
    let after = of_stream(&look(&connection, 1, &[]).await);
    assert_eq!(after, [(Severity::Fault, "max_msgs is 10, needed no limit".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_gone_is_found() {
    let Some(mut cluster) = Cluster::three() else { return };
    let partition = new_partition();
    cluster.stream(&partition).await;
    let name = format!("ALLMENDE_{}", partition.as_str().to_uppercase().replace('-', "_"));
    let gone = (cluster.servers.stream_leader(&name) + 1) % 3;
    cluster.servers.node(gone).kill();
    let connection = cluster.connection().await;
    loop {
        let findings = look(&connection, 3, &[]).await;
        let about = findings.iter().filter(|finding| finding.about.ends_with(&name));
        let told = format!("n{gone} is");
        if about.into_iter().any(|finding| finding.severity != Severity::Fine && finding.text.contains(&told)) {
            return;
        }
        tokio::time::sleep(support::SHORT).await;
    }
}

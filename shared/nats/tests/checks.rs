//! What is said about a cluster that is not as it should be.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use allmende_nats::{Connection, Credentials, Finding, Settings, Severity, check};
use allmende_testkit::nats::{NatsServers, Setup};
use async_nats::jetstream;

use support::{Cluster, new_partition};

fn faults(findings: &[Finding]) -> Vec<String> {
    let faults = findings.iter().filter(|finding| finding.severity == Severity::Fault);
    faults.map(|finding| format!("{}: {}", finding.about, finding.text)).collect()
}

async fn look(servers: &mut NatsServers) -> Vec<Finding> {
    let credentials = Credentials::Password { user: "platform".into(), password: "hedge".into() };
    let settings = Settings { credentials, ..Settings::new(servers.urls(), "test") };
    let monitors: Vec<_> = servers.nodes().iter().map(|node| node.monitor_url()).collect();
    check(&Connection::open(settings).await.unwrap(), 1, &monitors).await
}

const ACCOUNT: &str = "accounts { PLATFORM { jetstream: enabled, users: [{ user: platform, password: hedge }] } }\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_sync_is_a_fault() {
    for sync_always in [true, false] {
        let setup = Setup { sync_always, more: ACCOUNT.to_owned(), ..Setup::default() };
        let Some(mut servers) = NatsServers::start(&setup) else { return };
        let faults = faults(&look(&mut servers).await);
        match sync_always {
            true => assert_eq!(faults, Vec::<String>::new()),
            false => assert!(faults.len() == 1 && faults[0].contains("syncs every 120s"), "{faults:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_asks_for_no_credentials_is_a_fault() {
    let Some(cluster) = Cluster::one() else { return };
    let findings = check(&cluster.connection().await, 1, &[]).await;
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
    let before = of_stream(&check(&connection, 1, &[]).await);
    assert!(before.len() == 1 && before[0].0 == Severity::Fine, "{before:?}");

    let context = jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
    let config = context.get_stream(&name).await.unwrap().cached_info().config.clone();
    context.update_stream(jetstream::stream::Config { max_messages: 10, ..config }).await.unwrap();
    let after = of_stream(&check(&connection, 1, &[]).await);
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
        let findings = check(&connection, 3, &[]).await;
        let about = findings.iter().filter(|finding| finding.about.ends_with(&name));
        let told = format!("n{gone} is");
        if about.into_iter().any(|finding| finding.severity != Severity::Fine && finding.text.contains(&told)) {
            return;
        }
        tokio::time::sleep(support::SHORT).await;
    }
}

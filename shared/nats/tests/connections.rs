//! Who may connect, and how.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::time::Duration;

use allmende_nats::{ConnectError, Connection, Credentials, Settings};
use allmende_testkit::nats::{NatsServers, Setup};

fn settings(servers: &NatsServers, credentials: Credentials) -> Settings {
    Settings { credentials, ..Settings::new(servers.urls(), "test") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_asked_for() {
    let more = "authorization { user: allmende, password: hedge }\n".to_owned();
    let Some(servers) = NatsServers::start(&Setup { more, ..Setup::default() }) else { return };
    let password = |password: &str| Credentials::Password { user: "allmende".into(), password: password.into() };
    assert!(Connection::open(settings(&servers, password("hedge"))).await.unwrap().is_connected());
    for wrong in [password("wrong"), Credentials::None] {
        let refused = Connection::open(settings(&servers, wrong)).await.map(|_| ());
        assert!(matches!(refused, Err(ConnectError::Refused)), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_nkey_signs_in() {
    // Made for this test alone.
    const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    const KEY: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
    let more = format!("authorization {{ users: [{{ nkey: {KEY} }}] }}\n");
    let Some(servers) = NatsServers::start(&Setup { more, ..Setup::default() }) else { return };
    assert!(Connection::open(settings(&servers, Credentials::Nkey(SEED.into()))).await.unwrap().is_connected());
    assert!(matches!(Connection::open(settings(&servers, Credentials::None)).await, Err(ConnectError::Refused)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_listens_there_is_no_connection() {
    let settings = Settings {
        timeout: Duration::from_secs(2),
        ..Settings::new(vec!["nats://127.0.0.1:1".into(), "nats://127.0.0.1:2".into()], "test")
    };
    let refused = Connection::open(settings).await.map(|_| ());
    assert!(matches!(refused, Err(ConnectError::Unreachable(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_none_is_named() {
    let refused = Connection::open(Settings::new(vec!["nats://not an address".into()], "test")).await.map(|_| ());
    assert!(matches!(refused, Err(ConnectError::Settings(_))), "{refused:?}");
    let credentials = Credentials::File("no/such/file.creds".into());
    let settings = Settings { credentials, ..Settings::new(vec!["nats://127.0.0.1:1".into()], "test") };
    assert!(matches!(Connection::open(settings).await, Err(ConnectError::File { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_comes_back_when_the_server_does() {
    let Some(mut servers) = NatsServers::one() else { return };
    let connection = Connection::open(settings(&servers, Credentials::None)).await.unwrap();
    servers.node(0).kill();
    while connection.is_connected() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    servers.node(0).restart();
    while !connection.is_connected() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

//! The servers that tests are given do what they are told.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use allmende_testkit::nats::{NatsServers, Setup, Wire};

fn lines(url: &str) -> BufReader<TcpStream> {
    BufReader::new(TcpStream::connect(url.strip_prefix("nats://").unwrap()).unwrap())
}

fn next(connection: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    connection.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

#[test]
fn a_server_comes_back_on_its_port_after_a_kill() {
    let Some(mut servers) = NatsServers::one() else { return };
    let url = servers.node(0).url();
    assert!(next(&mut lines(&url)).starts_with("INFO "));

    servers.node(0).kill();
    assert!(!servers.node(0).is_running());
    assert!(TcpStream::connect(url.strip_prefix("nats://").unwrap()).is_err());

    servers.node(0).restart();
    servers.wait_until_ready();
    assert!(next(&mut lines(&url)).starts_with("INFO "));
}

#[test]
fn servers_sync_always_unless_told_otherwise() {
    let Some(servers) = NatsServers::one() else { return };
    let Some(lazy) = NatsServers::start(&Setup { sync_always: false, ..Setup::default() }) else { return };
    for (mut servers, always) in [(servers, true), (lazy, false)] {
        let about = servers.node(0).ask("/varz").unwrap();
        assert_eq!(about["jetstream"]["config"]["sync_always"].as_bool().unwrap_or_default(), always);
    }
}

#[test]
fn three_servers_form_one_cluster_and_again_without_one_of_them() {
    let Some(mut servers) = NatsServers::three() else { return };
    let leader = |servers: &mut NatsServers, number: usize| {
        let jetstream = servers.node(number).ask("/jsz").unwrap();
        jetstream["meta_cluster"]["leader"].as_str().unwrap_or_default().to_owned()
    };
    let first = leader(&mut servers, 0);
    let gone: usize = first[1..].parse().unwrap();
    servers.node(gone).kill();
    let left = (gone + 1) % 3;
    let node = servers.node(left);
    node.wait_for("another leader", || {
        let jetstream = node.ask("/jsz").unwrap_or_default();
        jetstream["meta_cluster"]["leader"].as_str().is_some_and(|name| !name.is_empty() && name != first)
    });

    servers.node(gone).restart();
    servers.wait_until_ready();
}

#[test]
fn a_paused_server_answers_once_it_is_resumed() {
    let Some(mut servers) = NatsServers::one() else { return };
    let mut connection = lines(&servers.node(0).url());
    next(&mut connection);
    servers.node(0).pause();
    connection.get_mut().write_all(b"CONNECT {}\r\nPING\r\n").unwrap();
    assert!(servers.node(0).ask("/varz").is_none(), "a paused server answered");
    servers.node(0).resume();
    assert_eq!(next(&mut connection), "+OK");
    assert_eq!(next(&mut connection), "PONG");
}

#[test]
fn a_wire_delivers_late_what_a_client_sent_that_is_gone() {
    let Some(mut servers) = NatsServers::one() else { return };
    let wire = Wire::to(servers.node(0).port());
    let mut reader = lines(&servers.node(0).url());
    next(&mut reader);
    reader.get_mut().write_all(b"CONNECT {\"verbose\":false}\r\nSUB late 1\r\nPING\r\n").unwrap();
    assert_eq!(next(&mut reader), "PONG");

    let mut client = lines(&wire.url());
    next(&mut client);
    wire.hold_requests();
    client.get_mut().write_all(b"CONNECT {\"verbose\":false}\r\nPUB late 5\r\nhello\r\nPING\r\n").unwrap();
    wire.cut();
    assert_eq!(next(&mut client), "", "the connection is cut");
    reader.get_mut().write_all(b"PING\r\n").unwrap();
    assert_eq!(next(&mut reader), "PONG", "nothing has arrived");

    wire.release();
    assert_eq!(next(&mut reader), "MSG late 1 5");
    assert_eq!(next(&mut reader), "hello");
}

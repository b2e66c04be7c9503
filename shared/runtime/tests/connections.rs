//! Connections are as many as there may be, and end where nobody is at the other end.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use allmende_runtime::limits::{Config as Limits, Most};
use allmende_runtime::serve::Config;
use bytes::Bytes;
use h2::client::SendRequest;
use http::{Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tonic::Code;

use common::{Running, call, start_as};

/// For what is waited for: no machine is so slow.
const LONG: Duration = Duration::from_secs(60);
const PATIENT: &[(&str, &str)] = &[("grpc-timeout", "60S")];

async fn start(config: Config) -> Running {
    start_as(Duration::from_secs(5), config).await
}

fn closed(running: &Running, why: &str) -> bool {
    let series = format!("allmende_connections_closed_total{{allmende_outcome=\"{why}\",allmende_port=\"grpc\"}} ");
    running.metrics.render().lines().any(|line| line.starts_with(&series))
}

/// Waits until the server has closed it.
async fn closes(mut stream: TcpStream) {
    let reading = async {
        let mut read = Vec::new();
        match stream.read_to_end(&mut read).await {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    };
    timeout(LONG, reading).await.expect("it is closed");
}

/// A client of HTTP/2 that lets nothing be sent to it but headers, and tells when its connection is over.
async fn without_a_window(address: SocketAddr) -> (SendRequest<Bytes>, JoinHandle<()>) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) =
        h2::client::Builder::new().initial_window_size(0).handshake::<_, Bytes>(stream).await.unwrap();
    let over = tokio::spawn(async move {
        let _ = connection.await;
    });
    (client.ready().await.unwrap(), over)
}

/// Asks for a trace; the answer's headers come, and nothing of its message.
async fn ask(client: &mut SendRequest<Bytes>) -> Response<h2::RecvStream> {
    let request = Request::post("http://test.invalid/test.Probe/Trace")
        .header("content-type", "application/grpc")
        .header("grpc-timeout", "1S")
        .header("te", "trailers")
        .body(())
        .unwrap();
    let (answer, mut body) = client.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(&[0; 5]), true).unwrap();
    answer.await.unwrap()
}

#[tokio::test]
async fn an_address_has_no_more_connections_than_its_share() {
    let limits = Limits { max_connections_per_address: 2, ..Limits::default() };
    let running = start(Config { limits, ..Config::default() }).await;
    let first = running.channel().await.unwrap();
    let second = running.channel().await.unwrap();
    closes(TcpStream::connect(running.address).await.unwrap()).await;
    assert!(closed(&running, "address_full"));
    for channel in [first.clone(), second] {
        call(channel, "Trace", "", PATIENT).await.unwrap();
    }
    // The second one has ended, and its place is free as soon as the server has noticed.
    let free = async {
        loop {
            if let Ok(channel) = running.channel().await
                && call(channel, "Trace", "", PATIENT).await.is_ok()
            {
                break;
            }
        }
    };
    timeout(LONG, free).await.expect("there is room again");
    call(first, "Trace", "", PATIENT).await.unwrap();
}

#[tokio::test]
async fn a_trusted_proxy_is_not_counted_by_address_but_in_all() {
    let limits = Limits { max_connections: 3, max_connections_per_address: 1, ..Limits::default() };
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let running = start(Config { limits, trusted_proxies, ..Config::default() }).await;
    let mut channels = Vec::new();
    for _ in 0..3 {
        let channel = running.channel().await.unwrap();
        call(channel.clone(), "Trace", "", PATIENT).await.unwrap();
        channels.push(channel);
    }
    closes(TcpStream::connect(running.address).await.unwrap()).await;
    assert!(closed(&running, "full") && !closed(&running, "address_full"));
}

#[tokio::test]
async fn who_does_not_begin_is_closed_and_who_has_begun_is_not() {
    let running = start(Config { hello_s: 1, ..Config::default() }).await;
    let begun = running.channel().await.unwrap();
    call(begun.clone(), "Trace", "", PATIENT).await.unwrap();
    let silent = TcpStream::connect(running.address).await.unwrap();
    let mut halfway = TcpStream::connect(running.address).await.unwrap();
    halfway.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();
    closes(silent).await;
    closes(halfway).await;
    assert!(closed(&running, "silent"));
    call(begun, "Trace", "", PATIENT).await.unwrap();
}

#[tokio::test]
async fn who_opens_no_window_keeps_a_place_until_the_deadline_and_no_longer() {
    let one = Most { calls: 1, deliveries: 1, downloads: 1 };
    let limits = Limits { visitor: one, visitor_burst: 1_000_000, ..Limits::default() };
    let running = start(Config { limits, keepalive_s: 3_600, ..Config::default() }).await;
    let (mut client, over) = without_a_window(running.address).await;
    let answer = ask(&mut client).await;
    let channel = running.channel().await.unwrap();
    let free = async {
        while let Err(refused) = call(channel.clone(), "Trace", "", PATIENT).await {
            assert_eq!(refused.code(), Code::ResourceExhausted);
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, free).await.expect("the place is free");
    // Its connection goes on, and the rest of the answer is still to come.
    assert!(!over.is_finished() && !answer.body().is_end_stream());
}

#[tokio::test]
async fn who_opens_no_window_for_long_after_the_deadline_loses_the_connection() {
    let running = start(Config { keepalive_s: 1, ..Config::default() }).await;
    let (mut client, over) = without_a_window(running.address).await;
    let _answer = ask(&mut client).await;
    timeout(LONG, over).await.expect("the connection ends").unwrap();
    assert!(closed(&running, "stalled"));
}

#[tokio::test]
async fn who_opens_no_window_behind_a_proxy_costs_others_nothing() {
    let one = Most { calls: 1, deliveries: 1, downloads: 1 };
    let limits = Limits { visitor: one, visitor_burst: 1_000_000, ..Limits::default() };
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let running = start(Config { limits, keepalive_s: 1, trusted_proxies, ..Config::default() }).await;
    let (mut client, over) = without_a_window(running.address).await;
    let _answer = ask(&mut client).await;
    let channel = running.channel().await.unwrap();
    let free = async {
        while call(channel.clone(), "Trace", "", PATIENT).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, free).await.expect("the place is free");
    // Somebody's own connection would end in this time.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!over.is_finished() && !closed(&running, "stalled"));
}

#[tokio::test]
async fn forged_tokens_are_counted_by_address() {
    const BURST: usize = 50;
    let limits = Limits { visitor_rate_per_s: 1, visitor_burst: BURST as u32, ..Limits::default() };
    let running = start(Config { limits, ..Config::default() }).await;
    let channel = running.channel().await.unwrap();
    let forged = [("authorization", "Bearer forged"), ("grpc-timeout", "60S")];
    let mut looked_at = 0;
    loop {
        let refused = call(channel.clone(), "Tenant", "koeln", &forged).await.unwrap_err();
        match refused.code() {
            Code::Unauthenticated => looked_at += 1,
            code => break assert_eq!(code, Code::ResourceExhausted),
        }
        assert!(looked_at < 100 * BURST, "nobody is ever refused");
    }
    assert!(looked_at >= BURST, "{looked_at}");
    // Who shows a good one is another caller.
    let good = format!("Bearer {}", running.token);
    assert_eq!(call(channel, "Tenant", "koeln", &[("authorization", &good), PATIENT[0]]).await.unwrap(), "koeln");
}

#[tokio::test]
async fn this_process_says_for_whom_it_asks_and_nobody_else_does() {
    let running = start(Config::default()).await;
    let told = [("x-forwarded-for", "192.0.2.7"), PATIENT[0]];
    let own = |headers| call(running.own.clone(), "Origin", "", headers);
    assert_eq!(own(&told).await.unwrap(), "Address(192.0.2.7/32)");
    assert_eq!(own(PATIENT).await.unwrap(), "Own");
    let channel = running.channel().await.unwrap();
    assert_eq!(call(channel, "Origin", "", &told).await.unwrap(), "Address(127.0.0.1/32)");
}

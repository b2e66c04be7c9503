//! One caller does not have everything.

mod common;

use std::time::Duration;

use allmende_runtime::limits::{Config, Most};
use tonic::Code;
use tonic_types::StatusExt as _;

use common::{call, start_with, ticking};

/// The probe's descriptors tell of no streams, so that one that is not read to its end is a call that goes on.
const ONE: Most = Most { calls: 1, deliveries: 1, downloads: 1 };
/// Calls that no slow machine lets run into the deadline of the probe.
const PATIENT: &[(&str, &str)] = &[("grpc-timeout", "60S")];

#[tokio::test]
async fn a_call_keeps_its_place_until_its_end_and_nobody_takes_all() {
    let limits = Config { person: ONE, visitor: ONE, visitor_burst: 1_000_000, ..Config::default() };
    let running = start_with(Duration::from_secs(5), limits).await;
    let channel = running.channel().await.unwrap();
    let mut open = ticking(channel.clone()).await.unwrap();
    assert_eq!(open.message().await.unwrap().as_deref(), Some("tick"));

    let refused = running.call("Trace", "", &[]).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(refused.get_details_error_info().unwrap().reason, "TOO_MANY_CALLS");
    assert!(refused.get_details_retry_info().unwrap().retry_delay.is_some());
    // Who shows a token is another caller, and so is this process, also without one.
    let bearer = format!("Bearer {}", running.token);
    running.call("Trace", "", &[("authorization", &bearer)]).await.unwrap();
    for _ in 0..3 {
        call(running.own.clone(), "Trace", "", PATIENT).await.unwrap();
    }

    // The server learns of it by a frame on the connection.
    drop(open);
    let free = async {
        while let Err(refused) = call(channel.clone(), "Trace", "", PATIENT).await {
            assert_eq!(refused.code(), Code::ResourceExhausted);
            tokio::task::yield_now().await;
        }
    };
    // Well before the stream would have ended by itself.
    tokio::time::timeout(Duration::from_secs(30), free).await.expect("the place is free again");
}

#[tokio::test]
async fn what_an_address_sends_is_counted_over_all_its_connections() {
    // One more comes back each second; that is no more than is sent meanwhile.
    const BURST: usize = 200;
    let limits = Config { visitor_rate_per_s: 1, visitor_burst: BURST as u32, ..Config::default() };
    let running = start_with(Duration::from_secs(5), limits).await;
    let channels = [running.channel().await.unwrap(), running.channel().await.unwrap()];
    let mut let_in = 0;
    let refused = loop {
        match call(channels[let_in % 2].clone(), "Trace", "", PATIENT).await {
            Ok(_) => let_in += 1,
            Err(refused) => break refused,
        }
        assert!(let_in < 100 * BURST, "nobody is ever refused");
    };
    assert!(let_in >= BURST, "{let_in}");
    assert_eq!(refused.get_details_error_info().unwrap().reason, "TOO_MANY_CALLS");
}

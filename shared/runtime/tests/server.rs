//! What the server does around every rpc, seen by a client over a socket.

mod common;

use std::time::{Duration, Instant};

use common::{call, start, ticks};
use tokio::time::timeout;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ListServiceResponse, ServerReflectionRequest};
use tonic_types::StatusExt as _;

const LONG: Duration = Duration::from_secs(20);
/// For a call that is not to end at its deadline.
const LONG_ENOUGH: [(&str, &str); 1] = [("grpc-timeout", "60S")];

#[tokio::test]
async fn a_call_needs_a_valid_token_unless_the_table_says_otherwise() {
    let server = start(LONG).await;
    let bearer = format!("Bearer {}", server.token);
    let code = |result: Result<String, tonic::Status>| result.map_err(|status| status.code());

    assert_eq!(code(server.call("Tenant", "koeln", &[]).await), Err(Code::Unauthenticated));
    assert_eq!(
        code(server.call("Tenant", "koeln", &[("authorization", "Bearer x")]).await),
        Err(Code::Unauthenticated)
    );
    assert_eq!(code(server.call("Tenant", "koeln", &[("authorization", &bearer)]).await), Ok("koeln".to_owned()));
    assert_eq!(code(server.call("Sleep", "0", &[]).await), Ok("slept".to_owned()));
}

#[tokio::test]
async fn an_rpc_outside_the_table_cannot_be_called() {
    let server = start(LONG).await;
    let status = server.call("Hidden", "", &[]).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(status.get_details_error_info().unwrap().reason, "UNKNOWN_METHOD");
}

#[tokio::test]
async fn a_malformed_tenant_is_a_violation_of_its_field() {
    let server = start(LONG).await;
    let bearer = format!("Bearer {}", server.token);
    let status = server.call("Tenant", "No Tenant", &[("authorization", &bearer)]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let violations = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(violations[0].field, "tenant");
    assert!(!format!("{status:?}").contains("No Tenant"));
}

#[tokio::test]
async fn an_rpc_ends_at_its_deadline() {
    let server = start(LONG).await;
    let began = Instant::now();
    let status = call(server.channel().await.unwrap(), "Sleep", "60000", &[]).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(status.get_details_error_info().unwrap().reason, "DEADLINE_EXCEEDED");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(server.call("Sleep", "0", &[("grpc-timeout", "soon")]).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_streamed_answer_ends_at_its_deadline_too() {
    let server = start(LONG).await;
    let status = timeout(LONG, ticks(server.channel().await.unwrap(), &[])).await.unwrap();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn health_follows_readiness() {
    let server = start(LONG).await;
    let mut client = HealthClient::new(server.channel().await.unwrap());
    for (ready, expected) in [(true, ServingStatus::Serving), (false, ServingStatus::NotServing)] {
        server.ready.send_replace(ready);
        for service in ["", "test.Probe"] {
            let reported = async {
                loop {
                    let request = HealthCheckRequest { service: service.to_owned() };
                    if client.check(request).await.unwrap().into_inner().status() == expected {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            timeout(LONG, reported).await.unwrap();
        }
    }
}

#[tokio::test]
async fn reflection_names_the_services() {
    let server = start(LONG).await;
    let mut client = ServerReflectionClient::new(server.channel().await.unwrap());
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let request = ServerReflectionRequest { host: String::new(), message_request };
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(ListServiceResponse { service })) = answer else { panic!() };
    assert!(service.iter().any(|service| service.name == "grpc.health.v1.Health"), "{service:?}");
}

#[tokio::test]
async fn every_rpc_is_measured_by_path_code_and_reason() {
    let server = start(LONG).await;
    server.call("Sleep", "0", &[]).await.unwrap();
    server.call("Refuse", "", &[]).await.unwrap_err();
    server.call("Hidden", "", &[]).await.unwrap_err();
    // `Hidden` does not get as far as the probe.
    tokio::select! {
        answer = server.call("Sleep", "60000", &LONG_ENOUGH) => panic!("{answer:?}"),
        () = server.called(3) => {}
    }

    let expected = [
        "rpc_server_duration_seconds_count{rpc_grpc_status_code=\"0\",rpc_method=\"/test.Probe/Sleep\"} 1",
        "rpc_server_duration_seconds_count{rpc_grpc_status_code=\"9\",rpc_method=\"/test.Probe/Refuse\"} 1",
        "rpc_server_duration_seconds_count{rpc_grpc_status_code=\"12\",rpc_method=\"unknown\"} 1",
        "rpc_server_duration_seconds_count{rpc_grpc_status_code=\"1\",rpc_method=\"/test.Probe/Sleep\"} 1",
        "allmende_rpc_rejections_total{allmende_reason=\"TOO_LATE\",rpc_method=\"/test.Probe/Refuse\"} 1",
        "allmende_rpc_rejections_total{allmende_reason=\"UNKNOWN_METHOD\",rpc_method=\"unknown\"} 1",
    ];
    let all = async {
        while !expected.iter().all(|line| server.metrics.render().lines().any(|found| found == *line)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(timeout(LONG, all).await.is_ok(), "{}", server.metrics.render());
    assert!(!server.metrics.render().contains("Hidden"));
}

#[tokio::test]
async fn without_a_tracer_the_callers_trace_is_kept() {
    let server = start(LONG).await;
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert_eq!(server.call("Trace", "", &[("traceparent", traceparent)]).await.unwrap(), traceparent);
    assert_eq!(server.call("Trace", "", &[]).await.unwrap(), "");
}

#[tokio::test]
async fn a_drain_lets_running_rpcs_finish_and_takes_no_new_ones() {
    let server = start(LONG).await;
    let channel = server.channel().await.unwrap();
    let running = tokio::spawn(async move { call(channel, "Sleep", "600", &LONG_ENOUGH).await });
    server.called(1).await;
    server.drain.begin();
    let refused = async { while server.channel().await.is_ok() {} };
    timeout(LONG, refused).await.unwrap();
    assert_eq!(running.await.unwrap().unwrap(), "slept");
    timeout(LONG, server.ended).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn what_still_runs_when_the_drain_is_over_is_cut_off() {
    let server = start(Duration::from_millis(100)).await;
    let (sleeping, streaming) = (server.channel().await.unwrap(), server.channel().await.unwrap());
    let sleeping = tokio::spawn(async move { call(sleeping, "Sleep", "60000", &LONG_ENOUGH).await });
    let streaming = tokio::spawn(async move { ticks(streaming, &LONG_ENOUGH).await });
    server.called(2).await;
    server.drain.begin();
    let status = sleeping.await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.get_details_retry_info().is_some());
    assert_eq!(streaming.await.unwrap().code(), Code::Unavailable);
    timeout(LONG, server.ended).await.unwrap().unwrap().unwrap();
}

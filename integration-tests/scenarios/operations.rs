//! What an operator watches: health, readiness and metrics of the running platform, and its end on SIGTERM.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod platform;

use allmende_proto::telemetry::v1 as pb;
use platform::Platform;

fn station(tenant: &str) -> pb::RegisterStationRequest {
    pb::RegisterStationRequest {
        tenant: tenant.into(),
        request_id: uuid::Uuid::now_v7().to_string(),
        station_id: uuid::Uuid::now_v7().to_string(),
        kind: pb::StationKind::Citizen.into(),
        location: Some(pb::GeoPoint { latitude: 50.733_333, longitude: 7.102_222 }),
        cell_size_m: 250,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_readiness_and_metrics_are_answered() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    assert_eq!(platform.get("/livez").0, 200);
    assert_eq!(platform.get("/readyz").0, 200);
    platform.found("watched");
    platform.telemetry().register_station(station("watched")).await.unwrap();
    let (status, metrics) = platform.get("/metrics");
    assert_eq!(status, 200);
    for name in ["allmende_log_sync_duration", "allmende_log_group_bytes", "allmende_log_head", "rpc_server_duration"] {
        assert!(metrics.contains(name), "{name} is missing in\n{metrics}");
    }
    for place in ["50.73", "7.10", "watched"] {
        assert!(!metrics.contains(place), "{place} in\n{metrics}");
    }
    platform.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_the_end_is_there_after_it() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    platform.found("kept");
    let request = station("kept");
    let token = platform.telemetry().register_station(request.clone()).await.unwrap().into_inner().consistency_token;
    platform.stop();

    let platform = Platform::start(data.path());
    let asked = pb::GetStationRequest {
        tenant: "kept".into(),
        station_id: request.station_id.clone(),
        consistency_token: token,
    };
    let found = platform.telemetry().get_station(asked).await.unwrap().into_inner().station.unwrap();
    assert_eq!(found.station_id, request.station_id);
    // The same request once more, after a restart: the first answer, and nothing new in the log.
    let head = |platform: &Platform| platform.get("/metrics").1;
    platform.telemetry().register_station(request).await.unwrap();
    assert!(!head(&platform).contains("allmende_log_group_commits_sum"), "a repetition is not written");
    platform.stop();
}

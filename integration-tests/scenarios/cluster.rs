//! Several processes are one platform, whichever of them is asked: over a real NATS server, as a small town would run it.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod platform;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use allmende_proto::telemetry::v1 as pb;
use allmende_testkit::nats::NatsServers;
use platform::{Platform, python, python_tests};
use tempfile::TempDir;
use tonic::Code;

const MEMBERS: [&str; 3] = ["rathaus-0", "rathaus-1", "rathaus-2"];

/// Everything that members have in common, and where each keeps the rest.
struct Town {
    servers: NatsServers,
    folder: TempDir,
}

impl Town {
    /// `None`, said aloud, where there is no NATS server.
    fn new() -> Option<Self> {
        let (servers, folder) = (NatsServers::one()?, tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("allmende.toml"), "[nats]\nreplicas = 1\n").unwrap();
        Some(Self { servers, folder })
    }

    fn start(&self, member: &str, further: &[&str]) -> Platform {
        let data = self.data(member);
        std::fs::create_dir_all(&data).unwrap();
        let secret = data.join("installation.key");
        if member != MEMBERS[0] && !secret.exists() {
            std::fs::copy(self.data(MEMBERS[0]).join("installation.key"), secret).unwrap();
        }
        let (url, config) = (self.servers.urls().remove(0), self.folder.path().join("allmende.toml"));
        let arguments = ["--nats", &url, "--member", member, "--config", config.to_str().unwrap()];
        Platform::start_with(&data, &[&arguments, further].concat())
    }

    fn data(&self, member: &str) -> PathBuf {
        self.folder.path().join(member)
    }
}

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

fn station(tenant: &str) -> pb::RegisterStationRequest {
    pb::RegisterStationRequest {
        tenant: tenant.into(),
        request_id: id(),
        station_id: id(),
        kind: pb::StationKind::Citizen.into(),
        location: Some(pb::GeoPoint { latitude: 50.733_333, longitude: 7.102_222 }),
        cell_size_m: 250,
    }
}

/// Waits until the member tells a load balancer so, for as long as a slow machine takes.
async fn becomes_ready(member: &Platform, ready: bool) {
    let limit = Instant::now() + Duration::from_secs(180);
    while (member.get("/readyz").0 == 200) != ready {
        assert!(Instant::now() < limit, "never {ready}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the members know a tenant that one of them has registered.
async fn all_know(members: &[Platform], tenant: &str) {
    for member in members {
        let list = || pb::ListStationsRequest { tenant: tenant.into(), ..Default::default() };
        let limit = Instant::now() + Duration::from_secs(180);
        while let Err(refused) = member.telemetry().list_stations(list()).await {
            assert_eq!(refused.code(), Code::NotFound, "{refused}");
            assert!(Instant::now() < limit, "{refused}");
        }
    }
}

async fn read(platform: &Platform, station: &pb::RegisterStationRequest, token: &str) -> pb::GetStationResponse {
    let request = pb::GetStationRequest {
        tenant: station.tenant.clone(),
        station_id: station.station_id.clone(),
        consistency_token: token.to_owned(),
    };
    platform.telemetry().get_station(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_asked_does_it_once_and_all_show_it() {
    let Some(town) = Town::new() else { return };
    let members = MEMBERS.map(|member| town.start(member, &[]));
    members[2].found("viele");
    all_know(&members, "viele").await;
    for asked in 0..members.len() {
        let request = station("viele");
        let first = members[asked].telemetry().register_station(request.clone()).await.unwrap().into_inner();
        // The same request again, at another one.
        let other = &members[(asked + 1) % members.len()];
        let again = other.telemetry().register_station(request.clone()).await.unwrap().into_inner();
        assert_eq!(again.consistency_token, first.consistency_token);
        for member in &members {
            let shown = read(member, &request, &first.consistency_token).await;
            assert_eq!(shown.station.unwrap().station_id, request.station_id);
        }
    }
    members.into_iter().for_each(Platform::stop);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_hands_over_without_an_error() {
    let Some(town) = Town::new() else { return };
    let mut members: Vec<_> = MEMBERS.map(|member| town.start(member, &[])).into();
    let stays = members.pop().unwrap();
    stays.found("bleibt");
    let over = AtomicBool::new(false);
    let asking = async {
        let (mut client, mut stored) = (stays.telemetry(), Vec::new());
        while !over.load(Ordering::SeqCst) {
            let request = station("bleibt");
            let token = client.register_station(request.clone()).await.unwrap().into_inner().consistency_token;
            stored.push((request, token));
        }
        stored
    };
    let leaving = async {
        for member in members {
            tokio::task::spawn_blocking(|| member.stop()).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        over.store(true, Ordering::SeqCst);
    };
    let (stored, ()) = tokio::join!(asking, leaving);
    assert!(!stored.is_empty());
    for (request, token) in &stored {
        assert!(read(&stays, request, token).await.station.is_some());
    }
    stays.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_cut_off_is_not_ready_until_it_hears_again() {
    let Some(mut town) = Town::new() else { return };
    let member = town.start(MEMBERS[0], &[]);
    member.found("fern");
    let first = station("fern");
    let token = member.telemetry().register_station(first.clone()).await.unwrap().into_inner().consistency_token;
    becomes_ready(&member, true).await;
    town.servers.node(0).kill();
    becomes_ready(&member, false).await;
    // What it has is still read, and nothing more is taken.
    assert!(read(&member, &first, &token).await.station.is_some());
    let refused = member.telemetry().register_station(station("fern")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
    town.servers.node(0).restart();
    becomes_ready(&member, true).await;
    let next = station("fern");
    let token = member.telemetry().register_station(next.clone()).await.unwrap().into_inner().consistency_token;
    assert!(read(&member, &next, &token).await.station.is_some());
    member.stop();
}

#[test]
fn the_python_client_walks_the_thread_as_it_does_in_one_process() {
    let (Some(python), Some(town)) = (python(), Town::new()) else { return };
    let first = town.start(MEMBERS[0], &["--demo"]);
    let password = std::fs::read_to_string(town.data(MEMBERS[0]).join("demo.password")).unwrap();
    let settings = [("ALLMENDE_DEMO_PASSWORD", password.trim())];
    let walk = ["test_thread", "test_report_numbers", "test_shared_fields"];
    python_tests(&python, &first, &walk, &settings);
    // Also at one that came later: keys, tokens and files are those of all members.
    let second = town.start(MEMBERS[1], &[]);
    python_tests(&python, &second, &walk, &settings);
    first.stop();
    python_tests(&python, &second, &walk, &settings);
    second.stop();
}

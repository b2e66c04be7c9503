//! What was acknowledged is there after a restart, and what is read can be made anew from the log alone.

use std::path::Path;

use allmende_proto::telemetry::v1 as pb;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use allmende_runtime::drain::Drain;
use tokio::net::TcpListener;

use crate::support::{Running, Station, TENANT, ports, run, start, start_in};

/// Everything that can be read of a station, without positions.
async fn everything(service: &mut Running, station: &Station) -> String {
    let mut told = String::new();
    let list = pb::ListStationsRequest { tenant: TENANT.into(), ..Default::default() };
    told.push_str(&format!("{:#?}", service.client.list_stations(list).await.unwrap().into_inner().stations));
    let latest = pb::GetLatestRequest { tenant: TENANT.into(), station_id: station.id.clone(), ..Default::default() };
    told.push_str(&format!("{:#?}", service.client.get_latest(latest).await.unwrap().into_inner().latest));
    for datastream in [&station.pm10, &station.pm25, &station.humidity, &station.temperature] {
        for selection in [pb::Selection::All, pb::Selection::Dry, pb::Selection::Unflagged] {
            told.push_str(&format!("{:#?}", service.observations(station, datastream, selection).await));
            for period in [pb::Period::Hour, pb::Period::Day, pb::Period::Year] {
                told.push_str(&format!("{:#?}", service.means(station, datastream, period, selection).await));
            }
        }
        let conflicts = service.client.list_conflicts(station.conflicts(datastream)).await.unwrap().into_inner();
        told.push_str(&format!("{:#?}", conflicts.conflicts));
        let limits = service.client.check_limits(station.limits(datastream, 2020)).await.unwrap().into_inner();
        told.push_str(&format!("{:#?}", limits.checks));
    }
    told
}

async fn filled(service: &mut Running) -> Station {
    let station = service.station().await;
    let readings = |step: i64, offset: i64, scale: f64| {
        (0..400).map(|n| (n * step + offset, (n * 31 % 97) as f64 * scale)).collect::<Vec<_>>()
    };
    service.record(&station, &station.pm10, &readings(145, 0, 0.7)).await;
    for reading in readings(145, 2, 0.9).chunks(7) {
        service.record(&station, &station.humidity, reading).await;
    }
    service.record(&station, &station.pm25, &readings(300, 5, 0.3)).await;
    for reading in readings(600, 5, 0.2).iter().take(20) {
        service.record(&station, &station.temperature, &[*reading]).await;
    }
    service.record(&station, &station.pm10, &[(0, 99.0), (145, 98.0), (7, 1.0)]).await;
    let flagged = service.client.flag_observations(station.flag(&station.pm10, 1_000, 9_000)).await.unwrap();
    service.settle(&flagged.into_inner().consistency_token).await;
    station
}

#[test]
fn a_restart_keeps_everything() {
    run(async {
        let mut service = start().await;
        let station = filled(&mut service).await;
        let request = station.readings(&station.pm10, &[(50_000, 1.0)]);
        let first = service.client.record_observations(request.clone()).await.unwrap().into_inner();
        service.settle(&first.consistency_token).await;
        let before = everything(&mut service, &station).await;
        let mut service = service.restart().await;
        assert_eq!(everything(&mut service, &station).await, before);
        assert_eq!(service.client.record_observations(request).await.unwrap().into_inner(), first);
        assert_eq!(service.record(&station, &station.pm10, &[(50_000, 1.0), (50_001, 1.0)]).await, (1, 1, 0));
        service.stop().await;
    });
}

#[test]
fn views_made_anew_are_the_same() {
    run(async {
        let mut service = start().await;
        let station = filled(&mut service).await;
        let before = everything(&mut service, &station).await;
        assert!(before.contains("Manual") && before.contains("Humid") && before.contains("Conflict"));
        let data = service.stop().await;
        std::fs::remove_dir_all(data.path().join("views")).unwrap();
        let mut service = start_in(data).await;
        assert_eq!(everything(&mut service, &station).await, before);
        service.stop().await;
    });
}

#[test]
fn the_service_runs_as_a_process_of_its_own() {
    run(async {
        let data = tempfile::tempdir().unwrap();
        let listeners = allmende_telemetry::Listeners {
            grpc: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            admin: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        };
        let address = listeners.grpc.local_addr().unwrap();
        let drain = Drain::new(std::time::Duration::from_secs(10));
        let process = tokio::spawn(allmende_telemetry::run(
            allmende_telemetry::RunConfig::default(),
            ports(data.path()),
            listeners,
            drain.draining(),
        ));
        let mut visitor = TelemetryServiceClient::connect(format!("http://{address}")).await.unwrap();
        let list = pb::ListStationsRequest { tenant: TENANT.into(), ..Default::default() };
        assert_eq!(visitor.list_stations(list).await.unwrap().into_inner().stations, []);
        drop(visitor);
        drain.begin();
        process.await.unwrap().unwrap();
    });
}

/// Coordinates as text or as doubles, in either byte order, would be found in what was stored last: it is short, so the
/// log keeps it as it is.
#[test]
fn no_file_holds_the_exact_place() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let data = service.stop().await;
        let place = crate::support::place();
        let mut needles: Vec<Vec<u8>> = Vec::new();
        for degrees in [place.latitude, place.longitude] {
            needles.extend([
                degrees.to_le_bytes().to_vec(),
                degrees.to_be_bytes().to_vec(),
                degrees.to_string().into(),
            ]);
        }
        let id = uuid::Uuid::parse_str(&station.id).unwrap().hyphenated().to_string();
        let mut found_id = false;
        visit(data.path(), &mut |content| {
            found_id |= contains(content, id.as_bytes());
            for needle in &needles {
                assert!(!contains(content, needle), "{needle:?}");
            }
        });
        assert!(found_id, "what is stored can be found");
    });
}

fn contains(content: &[u8], needle: &[u8]) -> bool {
    content.windows(needle.len()).any(|window| window == needle)
}

fn visit(folder: &Path, look: &mut impl FnMut(&[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => visit(&path, look),
            false => {
                // Segments are preallocated: what follows the last group is zeros.
                let content = std::fs::read(&path).unwrap();
                let end = content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                look(&content[..end]);
            }
        }
    }
}

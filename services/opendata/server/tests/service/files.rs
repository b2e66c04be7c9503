//! Files over HTTP, and what becomes of damaged ones.

use std::time::{Duration, Instant};

use allmende_proto::opendata::v1 as pb;
use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::support::*;

async fn with_synopsis() -> (Running, pb::Dataset) {
    let world = World::new();
    world.open_procedure(LICENCE).await;
    for number in 0..2_000 {
        world.comment(number, &format!("Anmerkung {number}"), LICENCE).await;
        world.publish(number).await;
    }
    let mut running = world.start().await;
    let synopsis = |dataset: &pb::Dataset| {
        dataset.source.as_ref().is_some_and(|source| matches!(source.kind, Some(pb::source::Kind::Synopsis(_))))
    };
    let datasets = running.datasets_until(|datasets| datasets.iter().any(synopsis)).await;
    let dataset = datasets.into_iter().find(synopsis).unwrap();
    (running, dataset)
}

#[test]
fn a_file_has_its_checksum_as_etag_and_a_schema_beside_it() {
    run(async {
        let (running, dataset) = with_synopsis().await;
        let version = dataset.current.unwrap();
        let file = &version.distributions[0];
        let path = file.download_url.strip_prefix("http://localhost:7480").unwrap();
        let response = running.get(path).await;
        assert_eq!(response.status(), StatusCode::OK);
        let headers = response.headers().clone();
        assert_eq!(headers["etag"], format!("\"{}\"", file.sha256));
        assert_eq!(headers["content-length"], file.bytes.to_string());
        assert_eq!(headers["content-type"], "text/csv; charset=utf-8; header=present");
        assert!(headers["repr-digest"].to_str().unwrap().starts_with("sha-256=:"));
        assert_eq!(body(response).await.unwrap().len() as u64, file.bytes);

        let known = Request::get(path).header("if-none-match", &headers["etag"]).body(Body::empty()).unwrap();
        assert_eq!(running.request(known).await.status(), StatusCode::NOT_MODIFIED);
        let head = running.request(Request::head(path).body(Body::empty()).unwrap()).await;
        assert_eq!(head.headers()["content-length"], file.bytes.to_string());

        let schema = running.get(&format!("{path}.schema.json")).await;
        let schema: serde_json::Value = serde_json::from_slice(&body(schema).await.unwrap()).unwrap();
        assert_eq!(schema["fields"].as_array().unwrap().len(), file.columns.len());
        assert_eq!(
            (&schema["fields"][5]["name"], &schema["fields"][5]["type"]),
            (&"version".into(), &"integer".into())
        );
    });
}

#[test]
fn downloads_that_nobody_reads_hold_up_nothing_else() {
    run(async {
        let (mut running, dataset) = with_synopsis().await;
        let path = dataset.current.unwrap().distributions[1].download_url.clone();
        let path = path.strip_prefix("http://localhost:7480").unwrap();
        let mut unread = Vec::new();
        let mut busy = 0;
        for _ in 0..600 {
            let response = tokio::time::timeout(PATIENCE, running.get(path)).await.unwrap();
            match response.status() {
                StatusCode::OK => unread.push(response),
                status => {
                    assert_eq!(
                        (status, &response.headers()["retry-after"]),
                        (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
                    );
                    busy += 1;
                }
            }
        }
        assert!(!unread.is_empty() && busy > 0, "{} are served, {busy} have to wait", unread.len());
        assert!(!running.datasets(false, "").await.is_empty());
        let full = refusal(running.download(&dataset.dataset_id, 0, "synopsis.csv").await);
        assert_eq!(full, (tonic::Code::ResourceExhausted, "OVERLOADED".into()));
        // Whoever goes away leaves the place to somebody else.
        let whole = body(unread.remove(0)).await.unwrap();
        drop(unread);
        let began = Instant::now();
        let json = loop {
            if let Ok(json) = running.download(&dataset.dataset_id, 0, "synopsis.json").await {
                break json;
            }
            assert!(began.elapsed() < PATIENCE, "no place is free");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(json, whole);
    });
}

#[test]
fn what_is_not_there_is_not_found() {
    run(async {
        let (running, dataset) = with_synopsis().await;
        let id = &dataset.dataset_id;
        for path in [
            format!("/datasets/{id}/versions/9/synopsis.csv"),
            format!("/datasets/{id}/versions/0/synopsis.csv"),
            format!("/datasets/{id}/versions/1/other.csv"),
            format!("/datasets/{id}/versions/one/synopsis.csv"),
            format!("/datasets/{}/versions/1/synopsis.csv", dataset_id()),
            "/datasets/..%2f..%2fetc/versions/1/passwd".to_owned(),
            format!("/datasets/{id}/versions/1/..%2foperator.token"),
        ] {
            assert_eq!(running.get(&path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    });
}

#[test]
fn a_damaged_file_is_never_served_as_a_whole_one() {
    run(async {
        let (mut running, dataset) = with_synopsis().await;
        let file = dataset.current.unwrap().distributions[0].clone();
        let kept =
            running.world.data.path().join("datasets").join(&file.sha256[..2]).join(format!("{}.zst", file.sha256));
        let whole = std::fs::read(&kept).unwrap();
        let content = zstd::decode_all(&whole[..]).unwrap();
        let path = file.download_url.strip_prefix("http://localhost:7480").unwrap().to_owned();
        for damaged in [
            // Half of it; one letter changed; something else altogether.
            whole[..whole.len() / 2].to_vec(),
            zstd::encode_all(&[&content[..100], b"X", &content[101..]].concat()[..], 3).unwrap(),
            zstd::encode_all(&b"something else"[..], 3).unwrap(),
        ] {
            std::fs::write(&kept, damaged).unwrap();
            let status = running.download(&dataset.dataset_id, 1, "synopsis.csv").await.unwrap_err();
            assert_eq!(status.code(), tonic::Code::DataLoss);
            assert!(body(running.get(&path).await).await.is_err());
        }
        std::fs::remove_file(&kept).unwrap();
        let lost = refusal(running.download(&dataset.dataset_id, 1, "synopsis.csv").await);
        assert_eq!(lost, (tonic::Code::DataLoss, "FILE_DAMAGED".into()));
        assert_eq!(running.get(&path).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    });
}

//! The catalogue of what is cleared.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use allmende_proto::opendata::v1 as pb;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use uuid::Uuid;

use crate::support::*;

async fn with_datasets(number: u128) -> Running {
    let world = World::new();
    world.open_procedure(LICENCE).await;
    world.comment(1, "Text", LICENCE).await;
    world.publish(1).await;
    let mut running = world.start().await;
    running.staff.describe_publisher(publisher()).await.unwrap();
    for number in 0..number {
        let id = Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 + number).to_string();
        running.staff.register_dataset(registration(&id)).await.unwrap();
        let content = b"species\r\nTilia\r\n";
        let head = pb::add_distribution_request::Head { dataset_id: id.clone(), ..head(&["species"]) };
        let parts = upload(head, content, Some(end(content)));
        running.staff.add_distribution(tokio_stream::iter(parts)).await.unwrap();
        running
            .staff
            .run_release_check(pb::RunReleaseCheckRequest { dataset_id: id.clone(), ..check(1) })
            .await
            .unwrap();
        let release = pb::PublishRequest { dataset_id: id, ..publish(1, pb::Release::Cleared) };
        running.staff.publish(release).await.unwrap();
    }
    running.datasets_until(|datasets| datasets.len() as u128 >= number.min(48) + 2).await;
    running
}

fn statements(parsed: impl Iterator<Item = String>) -> BTreeSet<String> {
    parsed.collect()
}

#[test]
fn the_three_forms_are_the_same_graph() {
    run(async {
        let running = with_datasets(2).await;
        let turtle = body(running.get("/catalog.ttl").await).await.unwrap();
        let rdf_xml = body(running.get("/catalog.rdf").await).await.unwrap();
        let json_ld = body(running.get("/catalog.jsonld").await).await.unwrap();
        let turtle = oxttl::TurtleParser::new().for_slice(&turtle).map(|triple| triple.unwrap().to_string());
        let turtle = statements(turtle);
        let rdf_xml = oxrdfxml::RdfXmlParser::new().for_slice(&rdf_xml).map(|triple| triple.unwrap().to_string());
        let json_ld = oxjsonld::JsonLdParser::new()
            .for_slice(&json_ld)
            .map(|quad| oxrdf::Triple::from(quad.unwrap()).to_string());
        assert!(turtle.len() > 150, "{}", turtle.len());
        assert_eq!(statements(rdf_xml), turtle);
        assert_eq!(statements(json_ld), turtle);
        assert!(!turtle.iter().any(|statement| statement.contains("_:")), "nothing is without an IRI");
    });
}

#[test]
fn every_address_of_ours_that_it_names_leads_somewhere() {
    run(async {
        let world = World::new();
        world.open_procedure(LICENCE).await;
        let station = Station::numbered(1);
        station.register(&world.telemetry).await;
        station.record(&world.telemetry, station.pm10, &[(0, 11.5)]).await;
        world.clock.advance(allmende_kernel::Duration::from_secs(60));
        let mut running = world.start().await;
        running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
        // The second version of the texts replaces one that stands, the fourth one that is gone.
        for number in 1..=3 {
            running.world.comment(number, "Text", LICENCE).await;
            let mut position = running.world.publish(number).await;
            if number == 3 {
                position = running.world.erase(3).await;
            }
            running.datasets(false, &token_of(&running.world.participation, position)).await;
        }
        running.datasets_until(|datasets| datasets.len() == 3).await;
        let turtle = body(running.get("/catalog.ttl").await).await.unwrap();
        let mut addresses = BTreeSet::new();
        for triple in oxttl::TurtleParser::new().for_slice(&turtle) {
            let triple = triple.unwrap();
            for term in [triple.subject.to_string(), triple.object.to_string()] {
                if let Some(path) = term.strip_prefix("<http://localhost:7480") {
                    addresses.insert(path.trim_end_matches('>').split('#').next().unwrap().to_owned());
                }
            }
        }
        // The portal's.
        assert!(addresses.remove("/"));
        assert!(addresses.iter().any(|path| path.ends_with("/versions/2")), "{addresses:?}");
        for path in addresses {
            let response = running.get(&path).await;
            match response.status() {
                StatusCode::SEE_OTHER => {
                    let id = path.split('/').nth(2).unwrap();
                    assert_eq!(response.headers()["location"], format!("/{TENANT}/daten/{id}"));
                }
                status => assert_eq!(status, StatusCode::OK, "{path}"),
            }
        }
    });
}

#[test]
fn pages_follow_each_other_by_hydra_and_hold_every_dataset_once() {
    run(async {
        let running = with_datasets(203).await;
        let mut datasets = BTreeSet::new();
        let mut next = Some("/catalog.ttl?page=1".to_owned());
        let mut pages = 0;
        while let Some(path) = next.take() {
            let page = body(running.get(&path).await).await.unwrap();
            pages += 1;
            for triple in oxttl::TurtleParser::new().for_slice(&page) {
                let triple = triple.unwrap();
                match triple.predicate.as_str() {
                    "http://www.w3.org/ns/dcat#dataset" => assert!(datasets.insert(triple.object.to_string())),
                    "http://www.w3.org/ns/hydra/core#nextPage" => {
                        let iri = triple.object.to_string();
                        next = iri
                            .strip_prefix("<http://localhost:7480")
                            .and_then(|iri| iri.strip_suffix('>'))
                            .map(str::to_owned);
                    }
                    _ => {}
                }
            }
        }
        assert_eq!((pages, datasets.len()), (3, 205));
    });
}

#[test]
fn a_page_is_asked_for_by_number_tenant_and_form() {
    run(async {
        let running = with_datasets(1).await;
        let first = running.get("/catalog?page=1").await;
        assert_eq!(first.headers()["content-type"], "text/turtle; charset=utf-8");
        let tag = first.headers()["etag"].clone();
        let again = Request::get("/catalog?page=1").header("if-none-match", &tag).body(Body::empty()).unwrap();
        assert_eq!(running.request(again).await.status(), StatusCode::NOT_MODIFIED);
        let as_xml = Request::get("/catalog").header("accept", "application/rdf+xml").body(Body::empty()).unwrap();
        let as_xml = running.request(as_xml).await;
        assert_eq!(as_xml.headers()["content-type"], "application/rdf+xml; charset=utf-8");
        let other = body(running.get("/catalog.ttl?tenant=bonn").await).await.unwrap();
        assert!(!String::from_utf8(other).unwrap().contains("dcat:Dataset"));
        for wrong in
            ["/catalog.ttl?page=0", "/catalog.ttl?page=-1", "/catalog.ttl?page=x", "/catalog.ttl?tenant=Not%20one"]
        {
            assert_eq!(running.get(wrong).await.status(), StatusCode::BAD_REQUEST, "{wrong}");
        }
        // A page behind the last one is the last one.
        assert_eq!(running.get("/catalog.ttl?page=99999999999").await.status(), StatusCode::OK);
    });
}

/// The root of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A Python with pyshacl, and the shapes; `None`, said aloud, without the test data or where no tools were fetched yet.
fn shapes() -> Option<(PathBuf, PathBuf)> {
    let python = std::env::var_os("ALLMENDE_PYTHON").map_or(root().join(".tools/venv/bin/python"), PathBuf::from);
    let data = std::env::var_os("ALLMENDE_TEST_DATA").map_or(root().join("../shared/data"), PathBuf::from);
    let can = Command::new(&python).args(["-c", "import pyshacl, rdflib"]).output();
    let can = can.is_ok_and(|output| output.status.success());
    assert!(
        can || !root().join(".tools").exists(),
        "no pyshacl in {}: run `cargo xtask fetch-tools`",
        python.display()
    );
    if !can || !data.join("opendata/shacl").is_dir() {
        eprintln!("skipped: needs pyshacl (cargo xtask fetch-tools) and the test data (ALLMENDE_TEST_DATA)");
        return None;
    }
    Some((python, data))
}

#[test]
fn it_conforms_to_the_official_shapes_without_a_warning() {
    let Some((python, data)) = shapes() else { return };
    let folder = tempfile::tempdir().unwrap();
    let catalogue = folder.path().to_owned();
    run(async move {
        let world = World::new();
        let station = Station::numbered(1);
        station.register(&world.telemetry).await;
        station.record(&world.telemetry, station.pm10, &[(0, 11.5), (145, 12.0)]).await;
        world.open_procedure(LICENCE).await;
        world.comment(1, "Text", LICENCE).await;
        world.publish(1).await;
        world.clock.advance(allmende_kernel::Duration::from_secs(60));
        let mut running = world.start().await;
        running.staff.describe_publisher(publisher()).await.unwrap();
        running.staff.declare_source_licence(licence_of(station.id)).await.unwrap();
        running.staff.register_dataset(registration(&dataset_id())).await.unwrap();
        let content = b"species\r\nTilia\r\n";
        let parts = upload(head(&["species"]), content, Some(end(content)));
        running.staff.add_distribution(tokio_stream::iter(parts)).await.unwrap();
        running.staff.run_release_check(check(1)).await.unwrap();
        running.staff.publish(publish(1, pb::Release::Cleared)).await.unwrap();
        let request = pb::MarkHvdRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: dataset_id(),
            high_value: Some(pb::HighValue { categories: vec!["http://data.europa.eu/bna/c_dd313021".into()] }),
        };
        running.staff.mark_hvd(request).await.unwrap();
        let released = |dataset: &pb::Dataset| {
            dataset.current.as_ref().is_some_and(|version| version.release() == pb::Release::Cleared)
        };
        running.datasets_until(|datasets| datasets.len() == 4 && datasets.iter().all(released)).await;
        for form in ["ttl", "rdf", "jsonld"] {
            let content = body(running.get(&format!("/catalog.{form}")).await).await.unwrap();
            std::fs::write(catalogue.join(format!("catalog.{form}")), content).unwrap();
        }
    });
    let validated = Command::new(python)
        .args(["-m", "unittest", "test_catalogue_shapes"])
        .current_dir(root().join("integration-tests/clients"))
        .env("ALLMENDE_CATALOGUE_DIR", folder.path())
        .env("ALLMENDE_TEST_DATA", data)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(validated.status.success(), "{}", String::from_utf8_lossy(&validated.stderr));
}

//! What staff upload, and what is looked at before it is public.

use allmende_proto::opendata::v1 as pb;
use tonic::Code;

use crate::support::*;

const TREES: &[u8] = b"species,height\r\nTilia,12\r\n";

async fn registered() -> Running {
    let mut running = World::new().start().await;
    running.staff.register_dataset(registration(&dataset_id())).await.unwrap();
    running
}

async fn send(
    running: &mut Running,
    parts: Vec<pb::AddDistributionRequest>,
) -> Result<pb::AddDistributionResponse, tonic::Status> {
    running.staff.add_distribution(tokio_stream::iter(parts)).await.map(tonic::Response::into_inner)
}

#[test]
fn an_upload_is_checked_released_downloaded_and_withdrawn() {
    run(async {
        let mut running = registered().await;
        let added = send(&mut running, upload(head(&["species", "height"]), TREES, Some(end(TREES)))).await.unwrap();
        let file = added.distribution.unwrap();
        assert_eq!((added.version, file.bytes, file.rows), (1, TREES.len() as u64, 1));
        let unchecked = running.staff.publish(publish(1, pb::Release::Public)).await;
        assert_eq!(refusal(unchecked), (Code::FailedPrecondition, "CHECK_FAILED".into()));
        let checked = running.staff.run_release_check(check(1)).await.unwrap().into_inner();
        assert_eq!(checked.check.unwrap().findings, []);
        running.staff.publish(publish(1, pb::Release::Public)).await.unwrap();
        assert_eq!(running.download(&dataset_id(), 1, "trees.csv").await.unwrap(), TREES);
        // Public is not yet in the catalogue of open data.
        let catalogue = |running: &Running| {
            let mut visitor = running.visitor.clone();
            async move {
                let request = pb::GetCatalogueRequest::default();
                visitor.get_catalogue(request).await.unwrap().into_inner().datasets
            }
        };
        assert_eq!(catalogue(&running).await, 0);
        running.staff.publish(publish(1, pb::Release::Cleared)).await.unwrap();
        assert_eq!(catalogue(&running).await, 1);

        let withdrawn = running.staff.withdraw(withdraw(1)).await.unwrap().into_inner().version.unwrap();
        assert_eq!(withdrawn.tombstone.unwrap().reason(), pb::WithdrawalReason::Incorrect);
        assert_eq!(catalogue(&running).await, 0);
        let gone = refusal(running.download(&dataset_id(), 1, "trees.csv").await);
        assert_eq!(gone, (Code::NotFound, "VERSION_WITHDRAWN".into()));
        running.kept_files_until(<[_]>::is_empty).await;
    });
}

#[test]
fn a_failed_check_names_what_is_missing() {
    run(async {
        let mut running = registered().await;
        // A column that nobody mentioned, and one that points to a person.
        let content = b"species,vorname,note\r\nTilia,Ada,x\r\n";
        send(&mut running, upload(head(&["species", "vorname"]), content, Some(end(content)))).await.unwrap();
        let checked = running.staff.run_release_check(check(1)).await.unwrap().into_inner();
        let findings: Vec<(pb::Requirement, String)> = checked
            .check
            .unwrap()
            .findings
            .into_iter()
            .map(|finding| (finding.requirement(), finding.subject))
            .collect();
        assert_eq!(
            findings,
            [
                (pb::Requirement::NoPersonalData, "trees.csv#vorname".to_owned()),
                (pb::Requirement::Schema, "trees.csv#note".to_owned()),
            ]
        );
        let status = running.staff.publish(publish(1, pb::Release::Cleared)).await.unwrap_err();
        assert!(status.message().contains("trees.csv#vorname"), "{}", status.message());
    });
}

#[test]
fn a_column_that_nobody_mentioned_is_found_in_every_format() {
    run(async {
        let mut running = registered().await;
        let rows = br#"[{"species": "Tilia"}, {"species": "Acer", "vorname": "Ada"}]"#;
        let features = br#"{"type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": null, "properties": {"species": "Tilia", "vorname": "Ada"}}]}"#;
        for (file, format, content) in
            [("trees.json", pb::Format::Json, &rows[..]), ("trees.geojson", pb::Format::Geojson, &features[..])]
        {
            let head =
                pb::add_distribution_request::Head { file: file.into(), format: format.into(), ..head(&["species"]) };
            send(&mut running, upload(head, content, Some(end(content)))).await.unwrap();
        }
        let checked = running.staff.run_release_check(check(1)).await.unwrap().into_inner().check.unwrap();
        let subjects: Vec<&str> = checked.findings.iter().map(|finding| finding.subject.as_str()).collect();
        let personal = ["trees.json#vorname", "trees.json#vorname", "trees.geojson#vorname", "trees.geojson#vorname"];
        assert_eq!(subjects, personal);
    });
}

#[test]
fn an_upload_that_was_cut_or_is_not_what_it_says_adds_nothing() {
    run(async {
        let mut running = registered().await;
        let cut = send(&mut running, upload(head(&["species", "height"]), TREES, None)).await.unwrap_err();
        assert_eq!((cut.code(), fields(&cut)), (Code::InvalidArgument, vec!["part".to_owned()]));
        let other = upload(head(&["species", "height"]), &TREES[..10], Some(end(TREES)));
        let refused = refusal(send(&mut running, other).await);
        assert_eq!(refused, (Code::FailedPrecondition, "UPLOAD_INCOMPLETE".into()));
        assert!(running.kept_files().is_empty());
        let dataset = running.staff.get_dataset(get(&dataset_id())).await.unwrap().into_inner().dataset.unwrap();
        assert_eq!(dataset.versions, 0);
    });
}

#[test]
fn a_dataset_that_fills_itself_takes_no_upload() {
    run(async {
        let world = World::new();
        world.open_procedure(LICENCE).await;
        world.comment(1, "Text", LICENCE).await;
        world.publish(1).await;
        let mut running = world.start().await;
        let filled = running.datasets_until(|datasets| datasets.len() == 2).await.remove(0);
        let mut head = head(&["species", "height"]);
        head.dataset_id = filled.dataset_id;
        let refused = refusal(send(&mut running, upload(head, TREES, Some(end(TREES)))).await);
        assert_eq!(refused, (Code::FailedPrecondition, "DATASET_FILLED".into()));
        let unknown = refusal(send(&mut running, upload(crate::support::head(&[]), TREES, Some(end(TREES)))).await);
        assert_eq!(unknown, (Code::NotFound, "DATASET_UNKNOWN".into()));
        assert_eq!(running.kept_files().len(), 6);
    });
}

#[test]
fn a_repeated_request_is_answered_as_the_first_time() {
    run(async {
        let mut running = registered().await;
        let parts = upload(head(&["species", "height"]), TREES, Some(end(TREES)));
        let first = send(&mut running, parts.clone()).await.unwrap();
        assert_eq!(send(&mut running, parts).await.unwrap().version, first.version);
        let registration = pb::RegisterDatasetRequest { terms: odbl(), ..registration(&dataset_id()) };
        let refused = refusal(running.staff.register_dataset(registration).await);
        assert_eq!(refused, (Code::FailedPrecondition, "DATASET_DIFFERS".into()));
    });
}

#[test]
fn high_value_and_deprecation_are_told() {
    run(async {
        let mut running = registered().await;
        let high_value = Some(pb::HighValue { categories: vec!["http://data.europa.eu/bna/c_dd313021".into()] });
        let request = pb::MarkHvdRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: dataset_id(),
            high_value: high_value.clone(),
        };
        let dataset = running.staff.mark_hvd(request).await.unwrap().into_inner().dataset.unwrap();
        assert_eq!(dataset.high_value, high_value);
        let request = pb::DeprecateRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: dataset_id(),
            successor_id: String::new(),
        };
        let dataset = running.staff.deprecate(request).await.unwrap().into_inner().dataset.unwrap();
        assert_eq!(dataset.deprecation.unwrap().at_us, NOW.as_micros());
        let late = refusal(send(&mut running, upload(head(&["species", "height"]), TREES, Some(end(TREES)))).await);
        assert_eq!(late, (Code::FailedPrecondition, "DATASET_DEPRECATED".into()));
    });
}

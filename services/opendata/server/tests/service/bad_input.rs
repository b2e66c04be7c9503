//! Bad input: each rpc names the field, and changes nothing.

use allmende_proto::opendata::v1 as pb;
use allmende_runtime::errors::{Rule, violations};
use tonic::{Code, Status};

use crate::support::*;

fn named<T: std::fmt::Debug>(answer: Result<T, Status>, expected: &[&str]) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert_eq!(fields(&status), expected, "{status:?}");
}

#[test]
fn publishers_and_licences() {
    run(async {
        let mut running = World::new().start().await;
        let staff = &mut running.staff;
        let with = |change: fn(&mut pb::Publisher)| {
            let mut request = publisher();
            change(request.publisher.as_mut().unwrap());
            request
        };
        for (change, field) in [
            ((|p| p.name = text("", "x")) as fn(&mut pb::Publisher), "publisher.name"),
            (|p| p.r#type = "King".into(), "publisher.type"),
            (|p| p.homepage = "javascript:alert(1)".into(), "publisher.homepage"),
            (|p| p.homepage = "https://x/ <script>".into(), "publisher.homepage"),
            (|p| p.contact_name = "\u{7}".into(), "publisher.contact_name"),
            (|p| p.contact_email = "nobody".into(), "publisher.contact_email"),
            (|p| p.contributor_id = "openNRW".into(), "publisher.contributor_id"),
            (|p| p.place = "Köln".into(), "publisher.place"),
        ] {
            named(staff.describe_publisher(with(change)).await, &[field]);
        }
        named(
            staff.describe_publisher(pb::DescribePublisherRequest { publisher: None, ..publisher() }).await,
            &["publisher"],
        );
        let station = Station::numbered(1).id;
        for (terms, fields) in [
            (None, &["terms"][..]),
            (Some(pb::LicenceTerms { licence: 99, attribution: String::new() }), &["terms.licence"]),
            (
                Some(pb::LicenceTerms { licence: pb::Licence::Odbl10.into(), attribution: " ".into() }),
                &["terms.attribution"],
            ),
        ] {
            named(
                staff.declare_source_licence(pb::DeclareSourceLicenceRequest { terms, ..licence_of(station) }).await,
                fields,
            );
        }
        let unknown =
            staff.get_publisher(pb::GetPublisherRequest { tenant: TENANT.into(), ..Default::default() }).await;
        assert_eq!(refusal(unknown), (Code::NotFound, "PUBLISHER_UNKNOWN".into()));
    });
}

#[test]
fn datasets_and_versions() {
    run(async {
        let mut running = World::new().start().await;
        let staff = &mut running.staff;
        let bad = pb::RegisterDatasetRequest {
            request_id: "1".into(),
            dataset_id: "2".into(),
            description: None,
            terms: None,
            ..registration(&dataset_id())
        };
        named(staff.register_dataset(bad).await, &["request_id", "dataset_id", "description", "terms"]);
        let with = |change: fn(&mut pb::Description)| {
            let mut request = registration(&dataset_id());
            change(request.description.as_mut().unwrap());
            request
        };
        for (change, field) in [
            ((|d| d.title = None) as fn(&mut pb::Description), "description.title"),
            (|d| d.title = text("a\u{0}b", ""), "description.title"),
            (|d| d.description = text(&"x".repeat(5_000), ""), "description.description"),
            (|d| d.themes.clear(), "description.themes"),
            (|d| d.themes = vec![99], "description.themes[0]"),
            (|d| d.keywords = vec!["x".repeat(61)], "description.keywords"),
            (|d| d.frequency = 77, "description.frequency"),
            (|d| d.first_day = "2020-02-30".into(), "description.last_day"),
        ] {
            named(staff.register_dataset(with(change)).await, &[field]);
        }
        named(staff.run_release_check(pb::RunReleaseCheckRequest { version: 0, ..check(1) }).await, &["version"]);
        named(staff.publish(publish(1, pb::Release::Draft)).await, &["release"]);
        named(staff.withdraw(pb::WithdrawRequest { reason: 0, ..withdraw(1) }).await, &["reason"]);
        let deprecate = pb::DeprecateRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: dataset_id(),
            successor_id: dataset_id(),
        };
        named(staff.deprecate(deprecate).await, &["successor_id"]);
        let mark = pb::MarkHvdRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: dataset_id(),
            high_value: Some(pb::HighValue { categories: vec!["c_dd313021".into()] }),
        };
        named(staff.mark_hvd(mark).await, &["high_value.categories[0]"]);
        let issue = |id: &str| pb::IssueVersionRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: id.into(),
        };
        named(staff.issue_version(issue("x")).await, &["dataset_id"]);
        for answer in [
            refusal(staff.run_release_check(check(1)).await),
            refusal(staff.publish(publish(1, pb::Release::Public)).await),
            refusal(staff.withdraw(withdraw(1)).await),
            refusal(staff.issue_version(issue(&dataset_id())).await),
            refusal(staff.get_dataset(get(&dataset_id())).await),
            refusal(staff.list_versions(versions(&dataset_id())).await),
        ] {
            assert_eq!(answer, (Code::NotFound, "DATASET_UNKNOWN".into()));
        }
        staff.register_dataset(registration(&dataset_id())).await.unwrap();
        let unknown = refusal(staff.run_release_check(check(1)).await);
        assert_eq!(unknown, (Code::NotFound, "VERSION_UNKNOWN".into()));
        let uploaded = refusal(staff.issue_version(issue(&dataset_id())).await);
        assert_eq!(uploaded, (Code::FailedPrecondition, "DATASET_UPLOADED".into()));
    });
}

/// A violation says which rule was broken: pages have a sentence for each.
#[test]
fn a_violation_is_of_the_rule_that_was_broken() {
    fn broken<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<(String, Rule)> {
        let found = violations(&answer.unwrap_err()).into_iter();
        found.map(|violation| (violation.field, violation.rule)).collect()
    }
    run(async {
        let mut running = World::new().start().await;
        let staff = &mut running.staff;
        let hidden = "a\u{7}b";
        let name = Rule::Length(1, 200);
        for (words, rule) in [("", name), (hidden, Rule::Visible), ("a\nb", Rule::Line), (&"x".repeat(201), name)] {
            let of = |field: &str| vec![(field.to_owned(), rule)];
            let mut described = publisher();
            described.publisher.as_mut().unwrap().name = text(words, "");
            assert_eq!(broken(staff.describe_publisher(described).await), of("publisher.name"), "{words:?}");
            let mut described = publisher();
            described.publisher.as_mut().unwrap().contact_name = words.into();
            assert_eq!(broken(staff.describe_publisher(described).await), of("publisher.contact_name"), "{words:?}");
            let mut registered = registration(&dataset_id());
            registered.description.as_mut().unwrap().title = text(words, "");
            assert_eq!(broken(staff.register_dataset(registered).await), of("description.title"), "{words:?}");
        }
        for (change, field, rule) in [
            ((|it| it.themes.clear()) as fn(&mut pb::Description), "description.themes", Rule::Required),
            (|it| it.themes = vec![it.themes[0]; 2], "description.themes", Rule::Once),
            (|it| it.last_day = String::new(), "description.last_day", Rule::Day),
            (|it| it.last_day = "1999-12-31".into(), "description.last_day", Rule::Order),
        ] {
            let mut registered = registration(&dataset_id());
            let described = registered.description.as_mut().unwrap();
            described.first_day = "2020-01-01".into();
            described.last_day = "2020-01-31".into();
            change(described);
            assert_eq!(broken(staff.register_dataset(registered).await), [(field.to_owned(), rule)]);
        }
        let mut registered = registration(&dataset_id());
        registered.description.as_mut().unwrap().description = text("x\ny", &"x".repeat(4_001));
        let too_long = ("description.description".to_owned(), Rule::Length(0, 4_000));
        assert_eq!(broken(staff.register_dataset(registered).await), [too_long]);
        let terms = |attribution: &str| pb::DeclareSourceLicenceRequest {
            terms: Some(pb::LicenceTerms { licence: pb::Licence::Odbl10.into(), attribution: attribution.into() }),
            ..licence_of(Station::numbered(1).id)
        };
        for (attribution, rule) in [(" ", Rule::Required), (hidden, Rule::Visible)] {
            let expected = ("terms.attribution".to_owned(), rule);
            assert_eq!(broken(staff.declare_source_licence(terms(attribution)).await), [expected]);
        }
        let category = "http://data.europa.eu/bna/c_dd313021".to_owned();
        let mark = |categories| pb::MarkHvdRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            dataset_id: dataset_id(),
            high_value: Some(pb::HighValue { categories }),
        };
        for (categories, field, rule) in [
            (vec![], "high_value.categories", Rule::Count(1, 10)),
            (vec![category.clone(); 11], "high_value.categories", Rule::Count(1, 10)),
            (vec![category, "http://data.europa.eu/bna/<".into()], "high_value.categories[1]", Rule::Form),
        ] {
            assert_eq!(broken(staff.mark_hvd(mark(categories)).await), [(field.to_owned(), rule)]);
        }
    });
}

#[test]
fn uploads() {
    run(async {
        let mut running = World::new().start().await;
        running.staff.register_dataset(registration(&dataset_id())).await.unwrap();
        let mut send = async |parts: Vec<pb::AddDistributionRequest>| {
            running.staff.add_distribution(tokio_stream::iter(parts)).await
        };
        use pb::add_distribution_request::{Head, Part};
        let part = |part| pb::AddDistributionRequest { part: Some(part) };
        named(send(vec![]).await, &["part"]);
        named(send(vec![pb::AddDistributionRequest::default()]).await, &["part"]);
        named(send(vec![part(Part::End(end(b"")))]).await, &["part"]);
        let bad =
            Head { file: "../x.csv".into(), columns: vec![column("Name"), column("a"), column("a")], ..head(&[]) };
        named(
            send(upload(bad, b"", Some(end(b"")))).await,
            &["head.file", "head.columns[0].name", "head.columns[2].name"],
        );
        // There the schema of another file is found.
        let schema = Head { file: "trees.schema.json".into(), format: pb::Format::Json.into(), ..head(&["species"]) };
        named(send(upload(schema, b"[]", Some(end(b"[]")))).await, &["head.file"]);
        named(send(upload(Head { format: 0, ..head(&[]) }, b"", Some(end(b"")))).await, &["head.format"]);
        let wrong_end = pb::add_distribution_request::End { bytes: 0, sha256: "xyz".into() };
        named(send(upload(head(&[]), b"", Some(wrong_end))).await, &["end.sha256"]);
        let long = vec![part(Part::Head(head(&[]))), part(Part::Chunk(vec![0; (1 << 20) + 1].into()))];
        named(send(long).await, &["chunk"]);
        let twice = vec![part(Part::Head(head(&[]))), part(Part::Head(head(&[])))];
        named(send(twice).await, &["part"]);
    });
}

#[test]
fn reads() {
    run(async {
        let mut running = World::new().start().await;
        let visitor = &mut running.visitor;
        let list = |change: fn(&mut pb::ListDatasetsRequest)| {
            let mut request = pb::ListDatasetsRequest { tenant: TENANT.into(), ..Default::default() };
            change(&mut request);
            request
        };
        for (change, field) in [
            ((|r| r.page_size = 501) as fn(&mut pb::ListDatasetsRequest), "page_size"),
            (|r| r.page_token = "x".into(), "page_token"),
            (|r| r.consistency_token = "!".into(), "consistency_token"),
            (|r| r.at_least = 9, "at_least"),
            (|r| r.theme = 99, "theme"),
            (|r| r.tenant = "Not one".into(), "tenant"),
        ] {
            named(visitor.list_datasets(list(change)).await, &[field]);
        }
        named(visitor.get_dataset(get("x")).await, &["dataset_id"]);
        named(
            visitor.list_versions(pb::ListVersionsRequest { page_size: 999, ..versions(&dataset_id()) }).await,
            &["page_size"],
        );
        let get = pb::GetDistributionRequest { tenant: TENANT.into(), dataset_id: "x".into(), ..Default::default() };
        named(visitor.get_distribution(get).await.map(|_| ()), &["dataset_id", "file"]);
        named(
            visitor.get_catalogue(pb::GetCatalogueRequest { serialisation: 9, ..Default::default() }).await,
            &["serialisation"],
        );
    });
}

#[test]
fn visitors_change_nothing() {
    run(async {
        let mut running = World::new().start().await;
        let visitor = &mut running.visitor;
        for answer in [
            refusal(visitor.describe_publisher(publisher()).await),
            refusal(visitor.declare_source_licence(licence_of(Station::numbered(1).id)).await),
            refusal(visitor.register_dataset(registration(&dataset_id())).await),
            refusal(visitor.publish(publish(1, pb::Release::Public)).await),
            refusal(visitor.withdraw(withdraw(1)).await),
        ] {
            assert_eq!(answer, (Code::Unauthenticated, "UNAUTHENTICATED".into()));
        }
    });
}

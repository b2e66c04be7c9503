//! Open data: a dataset in two versions.

use allmende_proto::opendata::v1 as o;

use super::{DATASET, FILLED, NOON, PROCEDURE};
use crate::fake::Fake;

fn dataset() -> o::Dataset {
    let text = |de: &str, en: &str| Some(o::Text { de: de.to_owned(), en: en.to_owned() });
    let column = o::Column {
        name: "mean".to_owned(),
        r#type: o::ColumnType::Number.into(),
        description: text("Mittelwert", "Mean"),
        unit: "ug/m3".to_owned(),
    };
    let file = |file: &str, format: o::Format| o::Distribution {
        file: file.to_owned(),
        format: format.into(),
        bytes: 1_234_567,
        sha256: "ab".repeat(32),
        rows: 31_000,
        columns: vec![column.clone()],
        download_url: format!("/datasets/{DATASET}/versions/3/{file}"),
    };
    let terms = o::LicenceTerms { licence: o::Licence::DlByDe20.into(), attribution: "Stadt Musterstadt".into() };
    o::Dataset {
        dataset_id: DATASET.to_owned(),
        description: Some(o::Description {
            title: text("Feinstaub, Juli 2019", "Particulates, July 2019"),
            description: text("Messwerte einer Messstelle von Bürgern.", "Observations of a citizens' station."),
            keywords: vec!["Luft".to_owned(), "Feinstaub".to_owned()],
            first_day: "2019-07-01".to_owned(),
            last_day: "2019-07-31".to_owned(),
            ..o::Description::default()
        }),
        current: Some(o::Version {
            number: 3,
            issued_at_us: NOON,
            release: o::Release::Cleared.into(),
            terms: Some(terms),
            distributions: vec![
                file("observations.csv", o::Format::Csv),
                file("observations.parquet", o::Format::Parquet),
            ],
            ..o::Version::default()
        }),
        versions: 3,
        ..o::Dataset::default()
    }
}

pub(super) fn serve(fake: Fake) -> Fake {
    let catalogue = |name: &str| format!("/allmende.opendata.v1.CatalogService/{name}");
    fake.rpc(&catalogue("ListDatasets"), |_, _: o::ListDatasetsRequest| {
        Ok(o::ListDatasetsResponse { datasets: vec![dataset()], ..o::ListDatasetsResponse::default() })
    })
    .rpc(&catalogue("GetDataset"), |_, asked: o::GetDatasetRequest| {
        let procedure = o::ContributionsSource { procedure_id: PROCEDURE.to_owned() };
        let source = o::Source { kind: Some(o::source::Kind::Contributions(procedure)) };
        let filled = o::Dataset { dataset_id: FILLED.to_owned(), source: Some(source), ..dataset() };
        let found = if asked.dataset_id == FILLED { filled } else { dataset() };
        Ok(o::GetDatasetResponse { dataset: Some(found), ..o::GetDatasetResponse::default() })
    })
    .rpc(&catalogue("ListVersions"), |_, _: o::ListVersionsRequest| {
        let stone = o::Tombstone { reason: o::WithdrawalReason::Erasure.into(), at_us: NOON, reissued_as: 3 };
        let gone = o::Version { number: 2, issued_at_us: NOON, tombstone: Some(stone), ..o::Version::default() };
        let versions = dataset().current.into_iter().chain([gone]).collect();
        Ok(o::ListVersionsResponse { versions, ..o::ListVersionsResponse::default() })
    })
    .rpc(&catalogue("GetPublisher"), |_, _: o::GetPublisherRequest| {
        Ok(o::GetPublisherResponse { publisher: Some(publisher()), ..o::GetPublisherResponse::default() })
    })
}

fn publisher() -> o::Publisher {
    o::Publisher {
        name: Some(o::Text { de: "Stadt Musterstadt".to_owned(), en: "City of Musterstadt".to_owned() }),
        r#type: "LocalAuthority".to_owned(),
        contact_name: "Statistikstelle".to_owned(),
        contact_email: "offenedaten@example.org".to_owned(),
        ..o::Publisher::default()
    }
}

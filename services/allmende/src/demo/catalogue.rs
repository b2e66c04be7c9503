//! Open data of a tenant: who publishes it, licences of the stations, and a table that staff upload. Datasets of
//! observations, contributions and the synopsis come by themselves.

use allmende_proto::gateway::v1::TenantKind;
use allmende_proto::opendata::v1 as pb;
use allmende_proto::opendata::v1::add_distribution_request::{End, Head, Part};
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::clients::Clients;
use super::seed::Seed;
use super::texts::{Municipality, Table};

/// Describes, licenses and uploads.
pub(super) async fn fill(
    town: &Municipality,
    seed: &Seed,
    steward: &Clients,
    stations: &[String],
) -> anyhow::Result<()> {
    describe_publisher(town, seed, steward).await.context("the publisher")?;
    for station in stations {
        let request = pb::DeclareSourceLicenceRequest {
            tenant: seed.tenant(),
            request_id: seed.request_id(&format!("licence {station}")),
            station_id: station.clone(),
            terms: terms(town),
        };
        steward.catalogue().declare_source_licence(request).await.context("the licence of a station")?;
    }
    upload(town, seed, steward).await.context("the uploaded dataset")
}

/// Waits until the datasets of texts show everything that the token stands for. The number of those there.
pub(super) async fn wait_for_texts(seed: &Seed, operator: &Clients, token: &str) -> anyhow::Result<usize> {
    let request = pb::ListDatasetsRequest {
        tenant: seed.tenant(),
        page_size: 500,
        consistency_token: token.to_owned(),
        ..Default::default()
    };
    let listed = operator.catalogue().list_datasets(request).await.context("waiting for datasets")?;
    Ok(listed.into_inner().datasets.len())
}

async fn describe_publisher(town: &Municipality, seed: &Seed, steward: &Clients) -> anyhow::Result<()> {
    let place = match (town.regional_key, town.kind == TenantKind::County) {
        ("", _) => String::new(),
        (key, true) => format!("http://dcat-ap.de/def/politicalGeocoding/districtKey/{}", &key[..5]),
        // The official municipality key leaves out the digits of the association of municipalities.
        (key, false) => {
            format!("http://dcat-ap.de/def/politicalGeocoding/municipalityKey/{}{}", &key[..5], &key[9..])
        }
    };
    let request = pb::DescribePublisherRequest {
        tenant: seed.tenant(),
        request_id: seed.request_id("publisher"),
        publisher: Some(pb::Publisher {
            name: text(&publisher(town)),
            r#type: "LocalAuthority".to_owned(),
            homepage: format!("https://{}.example/", town.key),
            contact_name: "Offene Daten (Demonstration)".to_owned(),
            contact_email: format!("offene-daten@{}.example", town.key),
            contributor_id: String::new(),
            place,
        }),
    };
    steward.catalogue().describe_publisher(request).await?;
    Ok(())
}

async fn upload(town: &Municipality, seed: &Seed, steward: &Clients) -> anyhow::Result<()> {
    let (mut catalogue, dataset_id) = (steward.catalogue(), seed.id("table"));
    catalogue
        .register_dataset(pb::RegisterDatasetRequest {
            tenant: seed.tenant(),
            request_id: seed.request_id("table"),
            dataset_id: dataset_id.clone(),
            description: Some(pb::Description {
                title: text(town.table.title),
                description: text(&format!("{} Erzeugte Daten einer Demonstration.", town.table.description)),
                themes: vec![pb::Theme::Gove.into()],
                keywords: vec!["Demodaten".to_owned()],
                frequency: pb::Frequency::Annual.into(),
                first_day: String::new(),
                last_day: String::new(),
            }),
            terms: terms(town),
        })
        .await?;
    let content = csv(&town.table)?;
    let column = |number: usize, (name, description): &(&str, &str)| pb::Column {
        name: (*name).to_owned(),
        r#type: match number + 1 == town.table.columns.len() {
            true => pb::ColumnType::Number.into(),
            false => pb::ColumnType::String.into(),
        },
        description: text(description),
        unit: String::new(),
    };
    let head = Head {
        tenant: seed.tenant(),
        request_id: seed.request_id("table file"),
        dataset_id: dataset_id.clone(),
        file: "tabelle.csv".to_owned(),
        format: pb::Format::Csv.into(),
        columns: town.table.columns.iter().enumerate().map(|(number, each)| column(number, each)).collect(),
    };
    let sha256 = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let end = End { bytes: content.len() as u64, sha256 };
    let parts = [Part::Head(head), Part::Chunk(content.into()), Part::End(end)];
    let parts: Vec<_> = parts.into_iter().map(|part| pb::AddDistributionRequest { part: Some(part) }).collect();
    let version = catalogue.add_distribution(tokio_stream::iter(parts)).await?.into_inner().version;
    catalogue
        .run_release_check(pb::RunReleaseCheckRequest {
            tenant: seed.tenant(),
            request_id: seed.request_id("table check"),
            dataset_id: dataset_id.clone(),
            version,
        })
        .await?;
    let request = pb::PublishRequest {
        tenant: seed.tenant(),
        request_id: seed.request_id("table release"),
        dataset_id,
        version,
        release: pb::Release::Cleared.into(),
    };
    catalogue.publish(request).await?;
    Ok(())
}

fn csv(table: &Table) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|(name, _)| name))?;
    for row in table.rows {
        writer.write_record(*row)?;
    }
    Ok(writer.into_inner()?)
}

fn publisher(town: &Municipality) -> String {
    format!("{} (Demodaten)", town.name)
}

fn terms(town: &Municipality) -> Option<pb::LicenceTerms> {
    Some(pb::LicenceTerms { licence: pb::Licence::DlByDe20.into(), attribution: publisher(town) })
}

fn text(de: &str) -> Option<pb::Text> {
    Some(pb::Text { de: de.to_owned(), en: String::new() })
}

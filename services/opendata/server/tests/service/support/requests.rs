//! Requests that are right unless a test changes them.

use std::sync::atomic::{AtomicU64, Ordering};

use allmende_proto::opendata::v1 as pb;
use allmende_proto::opendata::v1::add_distribution_request::{End, Head, Part};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{NOW, TENANT};

/// A fresh id, minted when the tests take place.
pub(crate) fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let millis = (NOW.as_micros() / 1_000) as u128;
    let version_and_variant = 0x7000_8000_0000_0000_0000u128;
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    Uuid::from_u128(millis << 80 | version_and_variant | number).to_string()
}

pub(crate) fn text(de: &str, en: &str) -> Option<pb::Text> {
    Some(pb::Text { de: de.into(), en: en.into() })
}

pub(crate) fn odbl() -> Option<pb::LicenceTerms> {
    Some(pb::LicenceTerms { licence: pb::Licence::Odbl10.into(), attribution: "sensor.community".into() })
}

pub(crate) fn zero() -> Option<pb::LicenceTerms> {
    Some(pb::LicenceTerms { licence: pb::Licence::DlZeroDe20.into(), attribution: String::new() })
}

pub(crate) fn licence_of(station: Uuid) -> pb::DeclareSourceLicenceRequest {
    pb::DeclareSourceLicenceRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        station_id: station.to_string(),
        terms: odbl(),
    }
}

pub(crate) fn publisher() -> pb::DescribePublisherRequest {
    pb::DescribePublisherRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        publisher: Some(pb::Publisher {
            name: text("Stadt Köln", "City of Cologne"),
            r#type: "LocalAuthority".into(),
            homepage: "https://www.example.org/".into(),
            contact_name: "Offene Daten".into(),
            contact_email: "offenedaten@example.org".into(),
            contributor_id: "http://dcat-ap.de/def/contributors/openNRW".into(),
            place: "http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05315000".into(),
        }),
    }
}

pub(crate) fn registration(id: &str) -> pb::RegisterDatasetRequest {
    pb::RegisterDatasetRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        dataset_id: id.into(),
        description: Some(pb::Description {
            title: text("Baumkataster", "Trees"),
            description: text("Alle Bäume der Stadt.", ""),
            themes: vec![pb::Theme::Envi.into()],
            keywords: vec!["Bäume".into()],
            frequency: pb::Frequency::Annual.into(),
            first_day: String::new(),
            last_day: String::new(),
        }),
        terms: zero(),
    }
}

pub(crate) fn dataset_id() -> String {
    "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".into()
}

pub(crate) fn column(name: &str) -> pb::Column {
    pb::Column {
        name: name.into(),
        r#type: pb::ColumnType::String.into(),
        description: text("Spalte", ""),
        unit: String::new(),
    }
}

pub(crate) fn head(columns: &[&str]) -> Head {
    Head {
        tenant: TENANT.into(),
        request_id: request_id(),
        dataset_id: dataset_id(),
        file: "trees.csv".into(),
        format: pb::Format::Csv.into(),
        columns: columns.iter().map(|name| column(name)).collect(),
    }
}

pub(crate) fn end(content: &[u8]) -> End {
    let sha256 = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    End { bytes: content.len() as u64, sha256 }
}

pub(crate) fn upload(head: Head, content: &[u8], end: Option<End>) -> Vec<pb::AddDistributionRequest> {
    let part = |part| pb::AddDistributionRequest { part: Some(part) };
    let chunks = content.chunks(1_000).map(|chunk| part(Part::Chunk(chunk.to_vec().into())));
    std::iter::once(part(Part::Head(head))).chain(chunks).chain(end.map(|end| part(Part::End(end)))).collect()
}

pub(crate) fn check(version: u32) -> pb::RunReleaseCheckRequest {
    pb::RunReleaseCheckRequest { tenant: TENANT.into(), request_id: request_id(), dataset_id: dataset_id(), version }
}

pub(crate) fn publish(version: u32, release: pb::Release) -> pb::PublishRequest {
    pb::PublishRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        dataset_id: dataset_id(),
        version,
        release: release.into(),
    }
}

pub(crate) fn withdraw(version: u32) -> pb::WithdrawRequest {
    pb::WithdrawRequest {
        tenant: TENANT.into(),
        request_id: request_id(),
        dataset_id: dataset_id(),
        version,
        reason: pb::WithdrawalReason::Incorrect.into(),
    }
}

pub(crate) fn get(id: &str) -> pb::GetDatasetRequest {
    pb::GetDatasetRequest { tenant: TENANT.into(), dataset_id: id.into(), ..Default::default() }
}

pub(crate) fn versions(id: &str) -> pb::ListVersionsRequest {
    pb::ListVersionsRequest { tenant: TENANT.into(), dataset_id: id.into(), ..Default::default() }
}

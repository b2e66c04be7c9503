//! What the use cases tell, as messages.

use allmende_kernel::Timestamp;
use allmende_opendata_domain::dataset::{Release, WithdrawalReason};
use allmende_opendata_domain::publisher::Publisher;
use allmende_opendata_domain::{
    Column, ColumnType, DatasetId, Description, Distribution, Finding, Format, Frequency, Licence, LicenceTerms,
    Requirement, Source, Text, Theme,
};
use allmende_proto::opendata::v1 as pb;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::app::{Dataset, Version};
use crate::config::Config;

fn text(text: &Text) -> Option<pb::Text> {
    Some(pb::Text { de: text.de.clone(), en: text.en.clone() })
}

pub(super) fn terms(terms: &LicenceTerms) -> pb::LicenceTerms {
    let licence = match terms.licence {
        Licence::DlByDe2 => pb::Licence::DlByDe20,
        Licence::DlZeroDe2 => pb::Licence::DlZeroDe20,
        Licence::CcBy4 => pb::Licence::CcBy40,
        Licence::CcBySa4 => pb::Licence::CcBySa40,
        Licence::CcZero => pb::Licence::CcZero10,
        Licence::Odbl => pb::Licence::Odbl10,
        Licence::OfficialWork => pb::Licence::OfficialWork,
    };
    pb::LicenceTerms { licence: licence.into(), attribution: terms.attribution.clone() }
}

pub(super) fn publisher(publisher: &Publisher) -> pb::Publisher {
    pb::Publisher {
        name: text(&publisher.name),
        r#type: publisher.kind.code().to_owned(),
        homepage: publisher.homepage.clone(),
        contact_name: publisher.contact_name.clone(),
        contact_email: publisher.contact_email.clone(),
        contributor_id: publisher.contributor_id.clone(),
        place: publisher.place.clone(),
    }
}

pub(super) fn dataset(config: &Config, dataset: &Dataset) -> pb::Dataset {
    let Dataset { id, row, current } = dataset;
    pb::Dataset {
        dataset_id: id.to_string(),
        source: Some(source(row.source)),
        description: Some(description(&row.description)),
        registered_at_us: row.registered_at.as_micros(),
        current: current.as_ref().map(|current| version(config, *id, current)),
        versions: row.versions,
        high_value: (!row.hvd_categories.is_empty()).then(|| pb::HighValue { categories: row.hvd_categories.clone() }),
        deprecation: row.deprecated.map(|(successor, at)| pb::Deprecation {
            at_us: at.as_micros(),
            successor_id: successor.map(|id| id.to_string()).unwrap_or_default(),
        }),
        url: format!("{}/datasets/{id}", config.public_url),
    }
}

fn source(source: Source) -> pb::Source {
    use pb::source::Kind;
    let kind = match source {
        Source::Manual => Kind::Manual(pb::ManualSource {}),
        Source::Observations { station, month } => {
            Kind::Observations(pb::ObservationsSource { station_id: station.to_string(), month: month.to_string() })
        }
        Source::Contributions { procedure } => {
            Kind::Contributions(pb::ContributionsSource { procedure_id: procedure.to_string() })
        }
        Source::Synopsis { document } => Kind::Synopsis(pb::SynopsisSource { document_id: document.to_string() }),
    };
    pb::Source { kind: Some(kind) }
}

fn description(description: &Description) -> pb::Description {
    let wording = description.wording();
    pb::Description {
        title: text(&wording.title),
        description: text(&wording.description),
        themes: wording.themes.iter().map(|of| theme(*of).into()).collect(),
        keywords: wording.keywords.clone(),
        frequency: frequency(wording.frequency).into(),
        first_day: wording.days.0.clone(),
        last_day: wording.days.1.clone(),
    }
}

fn theme(theme: Theme) -> pb::Theme {
    match theme {
        Theme::Agriculture => pb::Theme::Agri,
        Theme::Economy => pb::Theme::Econ,
        Theme::Education => pb::Theme::Educ,
        Theme::Energy => pb::Theme::Ener,
        Theme::Environment => pb::Theme::Envi,
        Theme::Government => pb::Theme::Gove,
        Theme::Health => pb::Theme::Heal,
        Theme::International => pb::Theme::Intr,
        Theme::Justice => pb::Theme::Just,
        Theme::Regions => pb::Theme::Regi,
        Theme::Society => pb::Theme::Soci,
        Theme::Technology => pb::Theme::Tech,
        Theme::Transport => pb::Theme::Tran,
    }
}

fn frequency(frequency: Option<Frequency>) -> pb::Frequency {
    match frequency {
        None => pb::Frequency::Unspecified,
        Some(Frequency::Continuous) => pb::Frequency::Continuous,
        Some(Frequency::Daily) => pb::Frequency::Daily,
        Some(Frequency::Weekly) => pb::Frequency::Weekly,
        Some(Frequency::Monthly) => pb::Frequency::Monthly,
        Some(Frequency::Annual) => pb::Frequency::Annual,
        Some(Frequency::Irregular) => pb::Frequency::Irregular,
        Some(Frequency::Never) => pb::Frequency::Never,
    }
}

pub(super) fn version(config: &Config, id: DatasetId, version: &Version) -> pb::Version {
    let Version { row, reissued_as } = version;
    let withdrawn = row.withdrawn;
    // What a withdrawn version held is gone: nothing is told of its files.
    let files = if withdrawn.is_some() { &[][..] } else { &row.distributions[..] };
    pb::Version {
        number: row.number,
        issued_at_us: row.issued_at.as_micros(),
        release: match row.release {
            Release::Draft => pb::Release::Draft,
            Release::Public => pb::Release::Public,
            Release::Cleared => pb::Release::Cleared,
        }
        .into(),
        terms: row.terms.as_ref().map(terms),
        source_position: row.source.as_ref().map(|source| pb::SourcePosition {
            partition: source.partition.to_string(),
            group: source.position.group,
            index: source.position.index,
        }),
        distributions: files.iter().map(|file| distribution(config, id, row.number, file)).collect(),
        check: row.check.as_ref().map(|check| pb::ReleaseCheck {
            at_us: check.at.as_micros(),
            findings: check.findings.iter().map(finding).collect(),
        }),
        tombstone: withdrawn.map(|withdrawn| tombstone(withdrawn, *reissued_as)),
    }
}

fn tombstone((why, at): (WithdrawalReason, Timestamp), reissued_as: u32) -> pb::Tombstone {
    pb::Tombstone { reason: reason(why).into(), at_us: at.as_micros(), reissued_as }
}

fn reason(reason: WithdrawalReason) -> pb::WithdrawalReason {
    match reason {
        WithdrawalReason::Erasure => pb::WithdrawalReason::Erasure,
        WithdrawalReason::Incorrect => pb::WithdrawalReason::Incorrect,
        WithdrawalReason::Rights => pb::WithdrawalReason::Rights,
    }
}

fn finding(finding: &Finding) -> pb::Finding {
    let requirement = match finding.requirement {
        Requirement::Licence => pb::Requirement::Licence,
        Requirement::Attribution => pb::Requirement::Attribution,
        Requirement::Distribution => pb::Requirement::Distribution,
        Requirement::Schema => pb::Requirement::Schema,
        Requirement::NoPersonalData => pb::Requirement::NoPersonalData,
        Requirement::Checksum => pb::Requirement::Checksum,
    };
    pb::Finding { requirement: requirement.into(), subject: finding.subject.clone() }
}

pub(super) fn distribution(
    config: &Config,
    id: DatasetId,
    number: u32,
    distribution: &Distribution,
) -> pb::Distribution {
    pb::Distribution {
        file: distribution.file.to_string(),
        format: match distribution.format {
            Format::Csv => pb::Format::Csv,
            Format::Json => pb::Format::Json,
            Format::Parquet => pb::Format::Parquet,
            Format::GeoJson => pb::Format::Geojson,
        }
        .into(),
        bytes: distribution.bytes,
        sha256: distribution.sha256.to_string(),
        rows: distribution.rows,
        columns: distribution.columns.iter().map(column).collect(),
        download_url: format!("{}/datasets/{id}/versions/{number}/{}", config.public_url, distribution.file),
    }
}

fn column(column: &Column) -> pb::Column {
    let kind = match column.kind {
        None => pb::ColumnType::Unspecified,
        Some(ColumnType::String) => pb::ColumnType::String,
        Some(ColumnType::Integer) => pb::ColumnType::Integer,
        Some(ColumnType::Number) => pb::ColumnType::Number,
        Some(ColumnType::Boolean) => pb::ColumnType::Boolean,
        Some(ColumnType::Date) => pb::ColumnType::Date,
        Some(ColumnType::DateTime) => pb::ColumnType::Datetime,
    };
    pb::Column {
        name: column.name.to_string(),
        r#type: kind.into(),
        description: text(&column.description),
        unit: column.unit.clone(),
    }
}

/// What is left of a withdrawn version, as an error: it says why, since when, and what replaces it.
pub(super) fn withdrawn(version: &Version) -> Status {
    let mut metadata = std::collections::HashMap::new();
    if let Some((why, at)) = version.row.withdrawn {
        metadata.insert("reason".to_owned(), reason(why).as_str_name().to_owned());
        metadata.insert("at_us".to_owned(), at.as_micros().to_string());
    }
    if version.reissued_as > 0 {
        metadata.insert("reissued_as".to_owned(), version.reissued_as.to_string());
    }
    let details = ErrorDetails::with_error_info("VERSION_WITHDRAWN", "opendata.allmende", metadata);
    Status::with_error_details(Code::NotFound, "the version was withdrawn", details)
}

//! Every stored event of every version, as bytes that were written once.

use allmende_eventlog::Aggregate as _;
use allmende_kernel::{PartitionName, Position, Timestamp};
use allmende_opendata_domain::dataset::{Event, Release, WithdrawalReason};
use allmende_opendata_domain::publisher::{Described, Kind};
use allmende_opendata_domain::source_licence::Declared;
use allmende_opendata_domain::{
    Column, ColumnName, ColumnType, DatasetId, Description, Distribution, FileName, Finding, Format, Frequency,
    Licence, LicenceTerms, Month, Requirement, Sha256, Source, SourcePosition, Text, Theme, Wording, publisher,
};
use allmende_testkit::Golden;
use uuid::Uuid;

use super::{Dataset, Publisher, SourceLicence};

const GOLDEN: Golden = Golden::of(env!("CARGO_MANIFEST_DIR"));

fn at() -> Timestamp {
    Timestamp::from_secs(1_532_769_600)
}

fn terms(licence: Licence) -> LicenceTerms {
    let attribution = if licence.needs_attribution() { "Stadt Köln" } else { "" };
    LicenceTerms { licence, attribution: attribution.into() }
}

fn description() -> Description {
    Description::new(Wording {
        title: Text::new("Messwerte Juli 2018", "Observations of July 2018"),
        description: Text::new("Alle Messwerte einer Station.", ""),
        themes: vec![Theme::Environment, Theme::Health],
        keywords: vec!["Feinstaub".into()],
        frequency: Some(Frequency::Daily),
        days: ("2018-07-01".into(), "2018-07-31".into()),
    })
    .unwrap()
}

#[test]
fn events_of_publishers_and_licences_are_written_and_read_as_ever() {
    let publisher = publisher::Publisher {
        name: Text::new("Stadt Köln", "City of Cologne"),
        kind: Kind::LocalAuthority,
        homepage: "https://www.stadt-koeln.de/".into(),
        contact_name: "Offene Daten Köln".into(),
        contact_email: "offenedaten@example.org".into(),
        contributor_id: "http://dcat-ap.de/def/contributors/openNRW".into(),
        place: "http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05315000".into(),
    };
    GOLDEN.check::<Publisher>("publisher_described_v1", &Described { publisher, at: at() });
    for licence in Licence::ALL {
        let name =
            format!("source_licence_declared_{}_v1", licence.code().replace(['/', '.', '-'], "_").to_lowercase());
        GOLDEN.check::<SourceLicence>(&name, &Declared { terms: terms(licence), at: at() });
    }
}

#[test]
fn events_of_datasets_are_written_and_read_as_ever() {
    let id = Uuid::from_bytes([7; 16]);
    let sources = [
        ("manual", Source::Manual),
        ("observations", Source::Observations { station: id, month: Month::new(2018, 7).unwrap() }),
        ("contributions", Source::Contributions { procedure: id }),
        ("synopsis", Source::Synopsis { document: id }),
    ];
    for (name, source) in sources {
        let terms = (!source.is_filled()).then(|| terms(Licence::CcBy4));
        let event = Event::Registered { source, description: description(), terms, at: at() };
        GOLDEN.check::<Dataset>(&format!("dataset_registered_{name}_v1"), &event);
    }
    let partition = PartitionName::parse("telemetry-0").unwrap();
    let source = Some(SourcePosition { partition, position: Position::new(12, 3) });
    let kinds = [
        None,
        Some(ColumnType::String),
        Some(ColumnType::Integer),
        Some(ColumnType::Number),
        Some(ColumnType::Boolean),
        Some(ColumnType::Date),
        Some(ColumnType::DateTime),
    ];
    let column = |(number, kind): (usize, Option<ColumnType>)| Column {
        name: ColumnName::parse(&format!("column_{number}")).unwrap(),
        kind,
        description: Text::new("Spalte", "Column"),
        unit: "ug/m3".into(),
    };
    for format in Format::ALL {
        let distribution = Distribution {
            file: FileName::parse(&format!("data{}", format.ending()), format).unwrap(),
            format,
            bytes: 1_234,
            sha256: Sha256([9; 32]),
            rows: 56,
            columns: kinds.into_iter().enumerate().map(column).collect(),
        };
        let name = format!("distribution_added_{}_v1", &format.ending()[1..]);
        GOLDEN.check::<Dataset>(&name, &Event::DistributionAdded { version: 2, distribution });
    }
    let requirements = [
        Requirement::Licence,
        Requirement::Attribution,
        Requirement::Distribution,
        Requirement::Schema,
        Requirement::NoPersonalData,
        Requirement::Checksum,
    ];
    let finding = |requirement| Finding { requirement, subject: "data.csv#column_1".into() };
    let findings = requirements.into_iter().map(finding).collect();
    let withdrawn = |reason| Event::VersionWithdrawn { version: 2, reason, at: at() };
    let released = |release| Event::VersionReleased { version: 2, release, terms: terms(Licence::Odbl), at: at() };
    for (name, event) in [
        ("dataset_described_v1", Event::Described { description: description(), at: at() }),
        ("version_begun_v1", Event::VersionBegun { version: 2, source, at: at() }),
        ("version_begun_manual_v1", Event::VersionBegun { version: 2, source: None, at: at() }),
        ("release_checked_v1", Event::ReleaseChecked { version: 2, findings, at: at() }),
        ("version_released_public_v1", released(Release::Public)),
        ("version_released_cleared_v1", released(Release::Cleared)),
        ("version_withdrawn_erasure_v1", withdrawn(WithdrawalReason::Erasure)),
        ("version_withdrawn_incorrect_v1", withdrawn(WithdrawalReason::Incorrect)),
        ("version_withdrawn_rights_v1", withdrawn(WithdrawalReason::Rights)),
        ("files_removed_v1", Event::FilesRemoved { version: 2, at: at() }),
        ("dataset_deprecated_v1", Event::Deprecated { successor: Some(DatasetId::new(id)), at: at() }),
        ("dataset_deprecated_alone_v1", Event::Deprecated { successor: None, at: at() }),
        (
            "hvd_marked_v1",
            Event::HvdMarked { categories: vec!["http://data.europa.eu/bna/c_dd313021".into()], at: at() },
        ),
    ] {
        GOLDEN.check::<Dataset>(name, &event);
    }
}

#[test]
fn an_event_that_is_not_known_is_named() {
    let error = Dataset::decode("allmende.opendata.events.v9.DatasetLost", b"").unwrap_err();
    assert_eq!(error.event_type, "allmende.opendata.events.v9.DatasetLost");
    for name in ["DatasetRegistered", "DistributionAdded", "VersionReleased", "VersionWithdrawn"] {
        for payload in [&b"\xff"[..], b""] {
            assert!(Dataset::decode(&format!("allmende.opendata.events.v1.{name}"), payload).is_err(), "{name}");
        }
    }
}

//! A dataset of observations and one that was uploaded, and what is done to them.

use allmende_kernel::{PartitionName, Position, Timestamp};
use allmende_opendata_domain::dataset::{Command, Event, Release};
use allmende_opendata_domain::{
    Column, ColumnName, ColumnType, Description, Distribution, FileName, Format, Licence, LicenceTerms, Month, Sha256,
    Source, SourcePosition, Text, Theme, Wording,
};
use uuid::Uuid;

pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

pub(crate) fn description(title: &str) -> Description {
    let wording = Wording {
        title: Text::new(title, ""),
        description: Text::new("Messwerte einer Station.", "Readings of a station."),
        themes: vec![Theme::Environment],
        ..Wording::default()
    };
    Description::new(wording).unwrap()
}

pub(crate) fn odbl() -> LicenceTerms {
    LicenceTerms { licence: Licence::Odbl, attribution: "sensor.community".into() }
}

pub(crate) fn zero() -> LicenceTerms {
    LicenceTerms { licence: Licence::DlZeroDe2, attribution: String::new() }
}

pub(crate) fn observations() -> Source {
    Source::Observations { station: Uuid::from_u128(7), month: Month::new(2018, 7).unwrap() }
}

pub(crate) fn position(group: u64) -> SourcePosition {
    let partition = PartitionName::parse("telemetry-0").unwrap();
    SourcePosition { partition, position: Position::new(group, 0) }
}

pub(crate) fn register(source: Source) -> Command {
    let terms = (!source.is_filled()).then(zero);
    Command::Register { source, description: description("Messwerte"), terms, at: at(1) }
}

pub(crate) fn registered(source: Source) -> Event {
    let terms = (!source.is_filled()).then(zero);
    Event::Registered { source, description: description("Messwerte"), terms, at: at(1) }
}

pub(crate) fn begun(version: u32, group: u64) -> Event {
    Event::VersionBegun { version, source: Some(position(group)), at: at(2) }
}

pub(crate) fn begin(group: u64) -> Command {
    Command::BeginVersion { source: Some(position(group)), at: at(2) }
}

pub(crate) fn column(name: &str) -> Column {
    Column {
        name: ColumnName::parse(name).unwrap(),
        kind: Some(ColumnType::Number),
        description: Text::new("Messwert", ""),
        unit: "ug/m3".into(),
    }
}

pub(crate) fn file(content: u8) -> Distribution {
    Distribution {
        file: FileName::parse("observations.csv", Format::Csv).unwrap(),
        format: Format::Csv,
        bytes: 100,
        sha256: Sha256([content; 32]),
        rows: 3,
        columns: vec![column("result")],
    }
}

pub(crate) fn add(version: u32, distribution: Distribution) -> Command {
    Command::AddDistribution { version, distribution }
}

pub(crate) fn added(version: u32, distribution: Distribution) -> Event {
    Event::DistributionAdded { version, distribution }
}

pub(crate) fn check(version: u32) -> Command {
    Command::Check { version, damaged: Vec::new(), at: at(3) }
}

pub(crate) fn passed(version: u32) -> Event {
    Event::ReleaseChecked { version, findings: Vec::new(), at: at(3) }
}

pub(crate) fn release(version: u32, release: Release) -> Command {
    Command::Release { version, release, at: at(4) }
}

pub(crate) fn released(version: u32, release: Release, terms: LicenceTerms) -> Event {
    Event::VersionReleased { version, release, terms, at: at(4) }
}

/// A dataset of observations whose first version was cleared.
pub(crate) fn cleared() -> Vec<Event> {
    vec![registered(observations()), begun(1, 10), added(1, file(1)), passed(1), released(1, Release::Cleared, odbl())]
}

use allmende_opendata_domain::{
    Column, ColumnName, ColumnType, Distribution, FileName, Finding, Format, Requirement, Sha256,
};
use allmende_proto::opendata::events::v1 as stored;

use super::description::text_message;
use super::{Malformed, text_of};

pub(super) fn distribution_message(version: u32, distribution: &Distribution) -> stored::DistributionAdded {
    stored::DistributionAdded {
        version,
        file: distribution.file.to_string(),
        format: match distribution.format {
            Format::Csv => stored::Format::Csv,
            Format::Json => stored::Format::Json,
            Format::Parquet => stored::Format::Parquet,
            Format::GeoJson => stored::Format::Geojson,
        }
        .into(),
        bytes: distribution.bytes,
        sha256: distribution.sha256.0.to_vec().into(),
        rows: distribution.rows,
        columns: distribution.columns.iter().map(column_message).collect(),
    }
}

fn column_message(column: &Column) -> stored::Column {
    stored::Column {
        name: column.name.to_string(),
        r#type: match column.kind {
            None => stored::ColumnType::Unspecified,
            Some(ColumnType::String) => stored::ColumnType::String,
            Some(ColumnType::Integer) => stored::ColumnType::Integer,
            Some(ColumnType::Number) => stored::ColumnType::Number,
            Some(ColumnType::Boolean) => stored::ColumnType::Boolean,
            Some(ColumnType::Date) => stored::ColumnType::Date,
            Some(ColumnType::DateTime) => stored::ColumnType::Datetime,
        }
        .into(),
        description: Some(text_message(&column.description)),
        unit: column.unit.clone(),
    }
}

/// A stored file.
pub(crate) fn distribution_of(message: &stored::DistributionAdded) -> Result<Distribution, Malformed> {
    let format = match message.format() {
        stored::Format::Csv => Format::Csv,
        stored::Format::Json => Format::Json,
        stored::Format::Parquet => Format::Parquet,
        stored::Format::Geojson => Format::GeoJson,
        stored::Format::Unspecified => return Err(Malformed),
    };
    Ok(Distribution {
        file: FileName::parse(&message.file, format).map_err(|_| Malformed)?,
        format,
        bytes: message.bytes,
        sha256: Sha256(message.sha256.as_ref().try_into().map_err(|_| Malformed)?),
        rows: message.rows,
        columns: message.columns.iter().map(column_of).collect::<Result<_, _>>()?,
    })
}

fn column_of(message: &stored::Column) -> Result<Column, Malformed> {
    let kind = match message.r#type() {
        stored::ColumnType::Unspecified => None,
        stored::ColumnType::String => Some(ColumnType::String),
        stored::ColumnType::Integer => Some(ColumnType::Integer),
        stored::ColumnType::Number => Some(ColumnType::Number),
        stored::ColumnType::Boolean => Some(ColumnType::Boolean),
        stored::ColumnType::Date => Some(ColumnType::Date),
        stored::ColumnType::Datetime => Some(ColumnType::DateTime),
    };
    Ok(Column {
        name: ColumnName::parse(&message.name).map_err(|_| Malformed)?,
        kind,
        description: text_of(message.description.clone()),
        unit: message.unit.clone(),
    })
}

pub(super) fn finding_message(finding: &Finding) -> stored::Finding {
    stored::Finding {
        requirement: match finding.requirement {
            Requirement::Licence => stored::Requirement::Licence,
            Requirement::Attribution => stored::Requirement::Attribution,
            Requirement::Distribution => stored::Requirement::Distribution,
            Requirement::Schema => stored::Requirement::Schema,
            Requirement::NoPersonalData => stored::Requirement::NoPersonalData,
            Requirement::Checksum => stored::Requirement::Checksum,
        }
        .into(),
        subject: finding.subject.clone(),
    }
}

/// Stored findings.
pub(crate) fn findings_of(messages: &[stored::Finding]) -> Result<Vec<Finding>, Malformed> {
    let finding = |message: &stored::Finding| {
        let requirement = match message.requirement() {
            stored::Requirement::Licence => Requirement::Licence,
            stored::Requirement::Attribution => Requirement::Attribution,
            stored::Requirement::Distribution => Requirement::Distribution,
            stored::Requirement::Schema => Requirement::Schema,
            stored::Requirement::NoPersonalData => Requirement::NoPersonalData,
            stored::Requirement::Checksum => Requirement::Checksum,
            stored::Requirement::Unspecified => return Err(Malformed),
        };
        Ok(Finding { requirement, subject: message.subject.clone() })
    };
    messages.iter().map(finding).collect()
}

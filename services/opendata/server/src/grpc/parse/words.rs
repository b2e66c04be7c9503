//! Words: those of the vocabularies, and those that people write.

use std::ops::RangeInclusive;

use allmende_opendata_domain::{Column, ColumnName, ColumnType, Format, Frequency, Licence, LicenceTerms, Text, Theme};
use allmende_proto::opendata::v1 as pb;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields;

use super::UNKNOWN_VALUE;

const MAX_ATTRIBUTION: usize = 300;
const MAX_COLUMN_TEXT: usize = 500;

/// Words of one line in both languages, the German ones of so many characters. There need be no English ones.
pub(super) fn line(message: Option<&pb::Text>, length: RangeInclusive<usize>) -> Result<Text, Problem> {
    both(message, length, fields::line)
}

/// The same of several lines.
pub(super) fn lines(message: Option<&pb::Text>, length: RangeInclusive<usize>) -> Result<Text, Problem> {
    both(message, length, fields::text)
}

fn both(
    message: Option<&pb::Text>,
    length: RangeInclusive<usize>,
    parse: fn(&str, RangeInclusive<usize>) -> Result<String, Problem>,
) -> Result<Text, Problem> {
    let given = message.cloned().unwrap_or_default();
    let max = *length.end();
    Ok(Text { de: parse(&given.de, length)?, en: parse(&given.en, 0..=max)? })
}

/// Whom users have to name.
fn attribution(text: &str, licence: Option<Licence>) -> Result<String, Problem> {
    let attribution = fields::line(text, 0..=MAX_ATTRIBUTION)?;
    match attribution.is_empty() && licence.is_some_and(Licence::needs_attribution) {
        true => Err(Rule::Required.says("must name whom users have to name, as the licence demands it")),
        false => Ok(attribution),
    }
}

pub(super) fn terms(
    violations: &mut Violations,
    field: &str,
    message: Option<&pb::LicenceTerms>,
) -> Option<LicenceTerms> {
    let Some(message) = message else {
        violations.add(field, "must be set");
        return None;
    };
    let licence = match pb::Licence::try_from(message.licence) {
        Ok(pb::Licence::DlByDe20) => Ok(Licence::DlByDe2),
        Ok(pb::Licence::DlZeroDe20) => Ok(Licence::DlZeroDe2),
        Ok(pb::Licence::CcBy40) => Ok(Licence::CcBy4),
        Ok(pb::Licence::CcBySa40) => Ok(Licence::CcBySa4),
        Ok(pb::Licence::CcZero10) => Ok(Licence::CcZero),
        Ok(pb::Licence::Odbl10) => Ok(Licence::Odbl),
        Ok(pb::Licence::OfficialWork) => Ok(Licence::OfficialWork),
        Ok(pb::Licence::Unspecified) | Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let licence = violations.check(format_args!("{field}.licence"), licence);
    let attribution = violations.check(format_args!("{field}.attribution"), attribution(&message.attribution, licence));
    Some(LicenceTerms { licence: licence?, attribution: attribution? })
}

pub(super) fn theme(value: i32) -> Result<Theme, Problem> {
    Ok(match pb::Theme::try_from(value) {
        Ok(pb::Theme::Agri) => Theme::Agriculture,
        Ok(pb::Theme::Econ) => Theme::Economy,
        Ok(pb::Theme::Educ) => Theme::Education,
        Ok(pb::Theme::Ener) => Theme::Energy,
        Ok(pb::Theme::Envi) => Theme::Environment,
        Ok(pb::Theme::Gove) => Theme::Government,
        Ok(pb::Theme::Heal) => Theme::Health,
        Ok(pb::Theme::Intr) => Theme::International,
        Ok(pb::Theme::Just) => Theme::Justice,
        Ok(pb::Theme::Regi) => Theme::Regions,
        Ok(pb::Theme::Soci) => Theme::Society,
        Ok(pb::Theme::Tech) => Theme::Technology,
        Ok(pb::Theme::Tran) => Theme::Transport,
        Ok(pb::Theme::Unspecified) | Err(_) => return Err(Problem::from(UNKNOWN_VALUE)),
    })
}

/// None is said for an unspecified one.
pub(super) fn frequency(value: i32) -> Result<Option<Frequency>, Problem> {
    Ok(Some(match pb::Frequency::try_from(value) {
        Ok(pb::Frequency::Unspecified) => return Ok(None),
        Ok(pb::Frequency::Continuous) => Frequency::Continuous,
        Ok(pb::Frequency::Daily) => Frequency::Daily,
        Ok(pb::Frequency::Weekly) => Frequency::Weekly,
        Ok(pb::Frequency::Monthly) => Frequency::Monthly,
        Ok(pb::Frequency::Annual) => Frequency::Annual,
        Ok(pb::Frequency::Irregular) => Frequency::Irregular,
        Ok(pb::Frequency::Never) => Frequency::Never,
        Err(_) => return Err(Problem::from(UNKNOWN_VALUE)),
    }))
}

pub(super) fn format(value: i32) -> Result<Format, Problem> {
    match pb::Format::try_from(value) {
        Ok(pb::Format::Csv) => Ok(Format::Csv),
        Ok(pb::Format::Json) => Ok(Format::Json),
        Ok(pb::Format::Parquet) => Ok(Format::Parquet),
        Ok(pb::Format::Geojson) => Ok(Format::GeoJson),
        Ok(pb::Format::Unspecified) | Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    }
}

/// A column may lack a type and a description: that is for the release check to find.
pub(super) fn column(violations: &mut Violations, field: &str, message: &pb::Column) -> Option<Column> {
    let name = ColumnName::parse(&message.name).map_err(|error| Problem::new(error.to_string()));
    let name = violations.check(format_args!("{field}.name"), name);
    let kind = match pb::ColumnType::try_from(message.r#type) {
        Ok(pb::ColumnType::Unspecified) => Ok(None),
        Ok(pb::ColumnType::String) => Ok(Some(ColumnType::String)),
        Ok(pb::ColumnType::Integer) => Ok(Some(ColumnType::Integer)),
        Ok(pb::ColumnType::Number) => Ok(Some(ColumnType::Number)),
        Ok(pb::ColumnType::Boolean) => Ok(Some(ColumnType::Boolean)),
        Ok(pb::ColumnType::Date) => Ok(Some(ColumnType::Date)),
        Ok(pb::ColumnType::Datetime) => Ok(Some(ColumnType::DateTime)),
        Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let kind = violations.check(format_args!("{field}.type"), kind);
    let description = line(message.description.as_ref(), 0..=MAX_COLUMN_TEXT);
    let description = violations.check(format_args!("{field}.description"), description);
    if message.unit.len() > 40 || !message.unit.bytes().all(|byte| byte.is_ascii_graphic()) {
        violations.add(format_args!("{field}.unit"), "must be empty or a UCUM code of at most 40 characters");
        return None;
    }
    Some(Column { name: name?, kind: kind?, description: description?, unit: message.unit.clone() })
}

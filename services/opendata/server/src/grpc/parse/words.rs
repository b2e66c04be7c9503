//! Words of the vocabularies.

use allmende_opendata_domain::{Column, ColumnName, ColumnType, Format, Frequency, Licence, LicenceTerms, Text, Theme};
use allmende_proto::opendata::v1 as pb;
use allmende_runtime::errors::{Problem, Violations};

use super::UNKNOWN_VALUE;

const MAX_ATTRIBUTION: usize = 300;
const MAX_COLUMN_TEXT: usize = 500;

pub(super) fn text(message: Option<&pb::Text>) -> Text {
    message.map(|text| Text::new(text.de.as_str(), text.en.as_str())).unwrap_or_default()
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
    let attribution = message.attribution.trim();
    let sound = attribution.chars().count() <= MAX_ATTRIBUTION && !attribution.chars().any(char::is_control);
    let needed = licence.is_some_and(Licence::needs_attribution);
    if !sound || (needed && attribution.is_empty()) {
        violations.add(
            format_args!("{field}.attribution"),
            "must name whom users have to name, in at most 300 characters, where the licence demands it",
        );
        return None;
    }
    Some(LicenceTerms { licence: licence?, attribution: attribution.to_owned() })
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
    let description = text(message.description.as_ref());
    let sound = |text: &str| text.chars().count() <= MAX_COLUMN_TEXT && !text.chars().any(char::is_control);
    if !sound(&description.de) || !sound(&description.en) {
        violations
            .add(format_args!("{field}.description"), "must have at most 500 characters, none a control character");
        return None;
    }
    if message.unit.len() > 40 || !message.unit.bytes().all(|byte| byte.is_ascii_graphic()) {
        violations.add(format_args!("{field}.unit"), "must be empty or a UCUM code of at most 40 characters");
        return None;
    }
    Some(Column { name: name?, kind: kind?, description, unit: message.unit.clone() })
}

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Limit, RuleSet, round_half_up};
use crate::means::{Coverage, Period};
use crate::{AirQualityDay, ObservedProperty};

/// Rule sets that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidRules {
    /// Not TOML, or of another shape.
    #[error("the rules cannot be read")]
    Syntax(#[source] toml::de::Error),
    /// One entry is at fault.
    #[error("{entry}: {fault}")]
    Entry {
        /// The rule set, or the rule set and limit: `eu-2008-50/pm10-day`.
        entry: String,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not a short name.
    #[error("an id has 1 to 60 characters of a-z, 0-9 and '-'")]
    Id,
    /// There before.
    #[error("the id is there twice")]
    Twice,
    /// No law is named.
    #[error("the source is empty")]
    Source,
    /// Not a date.
    #[error("valid_from and valid_until must look like 2018-07-28")]
    Date,
    /// Ends before it begins.
    #[error("valid_until lies before valid_from")]
    Order,
    /// Holds on a day on which another set holds.
    #[error("holds on days of another rule set")]
    Overlap,
    /// A share beyond the whole.
    #[error("coverage needs hour_percent and year_percent of 1 to 100 and day_hours of 1 to 24")]
    Coverage,
    /// Limits nothing.
    #[error("the rule set has no limit")]
    NoLimit,
    /// Not a property.
    #[error("the property is not known")]
    Property,
    /// Another unit than the property's.
    #[error("the unit is not the property's")]
    Unit,
    /// Not positive, or finer than the precision it is compared at.
    #[error("the value must be positive and have no more places than decimals says")]
    Value,
    /// Too fine.
    #[error("decimals must be 0 to 6")]
    Decimals,
    /// A yearly mean is one number.
    #[error("a limit on a year has no allowed exceedances, any other must say how many")]
    Exceedances,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    rule_set: Vec<RawSet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSet {
    id: String,
    source: String,
    valid_from: String,
    valid_until: Option<String>,
    coverage: RawCoverage,
    #[serde(default)]
    limit: Vec<RawLimit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCoverage {
    hour_percent: u32,
    day_hours: u32,
    year_percent: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimit {
    id: String,
    source: String,
    property: String,
    period: RawPeriod,
    value: f64,
    unit: String,
    decimals: u8,
    allowed_exceedances: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawPeriod {
    Hour,
    Day,
    Year,
}

pub(super) fn rule_sets(text: &str) -> Result<Vec<RuleSet>, InvalidRules> {
    let raw: RawFile = toml::from_str(text).map_err(InvalidRules::Syntax)?;
    let mut sets: Vec<RuleSet> = raw.rule_set.into_iter().map(rule_set).collect::<Result<_, _>>()?;
    let mut ids = BTreeSet::new();
    for set in &sets {
        ensure(&set.id, ids.insert(set.id.clone()), Fault::Twice)?;
    }
    sets.sort_by_key(|set| set.valid_from);
    for pair in sets.windows(2) {
        ensure(&pair[1].id, !pair[0].is_in_force_on(pair[1].valid_from), Fault::Overlap)?;
    }
    Ok(sets)
}

fn rule_set(raw: RawSet) -> Result<RuleSet, InvalidRules> {
    let RawSet { id, source, valid_from, valid_until, coverage, limit } = raw;
    ensure(&id, is_slug(&id), Fault::Id)?;
    ensure(&id, !source.trim().is_empty(), Fault::Source)?;
    let date = |text: String| text.parse::<AirQualityDay>().map_err(|_| at(&id, Fault::Date));
    let valid_from = date(valid_from)?;
    let valid_until = valid_until.map(date).transpose()?;
    ensure(&id, valid_until.is_none_or(|last| valid_from <= last), Fault::Order)?;
    let RawCoverage { hour_percent, day_hours, year_percent } = coverage;
    let whole = (1..=100).contains(&hour_percent) && (1..=24).contains(&day_hours) && (1..=100).contains(&year_percent);
    ensure(&id, whole, Fault::Coverage)?;
    ensure(&id, !limit.is_empty(), Fault::NoLimit)?;
    let limits: Vec<Limit> = limit.into_iter().map(|raw| self::limit(&id, raw)).collect::<Result<_, _>>()?;
    let mut ids = BTreeSet::new();
    for limit in &limits {
        ensure(&limit.id, ids.insert(&limit.id), Fault::Twice)?;
    }
    let coverage = Coverage { hour_percent, day_hours, year_percent };
    Ok(RuleSet { id, source, valid_from, valid_until, coverage, limits })
}

fn limit(set: &str, raw: RawLimit) -> Result<Limit, InvalidRules> {
    let id = format!("{set}/{}", raw.id);
    ensure(&id, is_slug(&raw.id), Fault::Id)?;
    ensure(&id, !raw.source.trim().is_empty(), Fault::Source)?;
    let property: ObservedProperty = raw.property.parse().map_err(|_| at(&id, Fault::Property))?;
    ensure(&id, raw.unit == property.unit(), Fault::Unit)?;
    ensure(&id, raw.decimals <= 6, Fault::Decimals)?;
    let sound = raw.value.is_finite() && raw.value > 0.0 && round_half_up(raw.value, raw.decimals) == raw.value;
    ensure(&id, sound, Fault::Value)?;
    let period = match raw.period {
        RawPeriod::Hour => Period::Hour,
        RawPeriod::Day => Period::Day,
        RawPeriod::Year => Period::Year,
    };
    ensure(&id, (period == Period::Year) == raw.allowed_exceedances.is_none(), Fault::Exceedances)?;
    Ok(Limit {
        id,
        source: raw.source,
        property,
        period,
        value: raw.value,
        allowed_exceedances: raw.allowed_exceedances.unwrap_or(0),
        decimals: raw.decimals,
    })
}

fn is_slug(id: &str) -> bool {
    (1..=60).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn ensure(entry: &str, holds: bool, fault: Fault) -> Result<(), InvalidRules> {
    if holds { Ok(()) } else { Err(at(entry, fault)) }
}

fn at(entry: &str, fault: Fault) -> InvalidRules {
    InvalidRules::Entry { entry: entry.to_owned(), fault }
}

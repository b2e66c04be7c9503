//! Limit values as dated data, and what a year of means says about them.

mod check;
mod parse;
mod rounding;

use crate::means::{Coverage, Period};
use crate::{AirQualityDay, ObservedProperty};

pub use check::{LimitCheck, Verdict, YearOfMeans};
pub use parse::{Fault, InvalidRules};
pub use rounding::round_half_up;

/// The rule sets this platform comes with, as TOML; see [`RuleSets::parse`].
pub const AIR_QUALITY_TOML: &str = include_str!("../../rules/air-quality.toml");

/// One limit value.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Rule set and limit, e.g. `eu-2008-50/pm10-day`.
    pub id: String,
    /// Where the limit is written.
    pub source: String,
    /// What is limited.
    pub property: ObservedProperty,
    /// What the mean is taken over.
    pub period: Period,
    /// The value that must not be exceeded, in the property's unit.
    pub value: f64,
    /// How many periods of a year may exceed it; 0 for a yearly mean.
    pub allowed_exceedances: u32,
    /// Decimal places that a mean is rounded to before it is compared.
    pub decimals: u8,
}

/// The limits that one law sets from one day to another.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSet {
    /// E.g. `eu-2008-50`.
    pub id: String,
    /// The law.
    pub source: String,
    /// The first day it holds on.
    pub valid_from: AirQualityDay,
    /// The last one, if it is known.
    pub valid_until: Option<AirQualityDay>,
    /// What must have been observed for a mean to count.
    pub coverage: Coverage,
    /// Its limits, in the order in which they are written.
    pub limits: Vec<Limit>,
}

impl RuleSet {
    /// Whether it holds on that day.
    pub fn is_in_force_on(&self, day: AirQualityDay) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|last| day <= last)
    }

    /// Its limits on a property.
    pub fn limits_on(&self, property: ObservedProperty) -> impl Iterator<Item = &Limit> {
        self.limits.iter().filter(move |limit| limit.property == property)
    }

    /// Holds a year of a property's means against each of the set's limits on it.
    pub fn check(&self, property: ObservedProperty, means: &YearOfMeans<'_>) -> Vec<LimitCheck> {
        self.limits_on(property).map(|limit| limit.check(means, &self.coverage)).collect()
    }
}

/// Dated rule sets, no two of which hold on the same day.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSets(Vec<RuleSet>);

impl RuleSets {
    /// Reads and checks rule sets written in TOML: ids are unique, dates and values make sense, and at most one set
    /// holds on a day. The error names the entry at fault.
    pub fn parse(toml: &str) -> Result<Self, InvalidRules> {
        parse::rule_sets(toml).map(Self)
    }

    /// Every set, in order of date.
    pub fn iter(&self) -> impl Iterator<Item = &RuleSet> {
        self.0.iter()
    }

    /// The set that holds on a day.
    pub fn in_force_on(&self, day: AirQualityDay) -> Option<&RuleSet> {
        self.0.iter().find(|set| set.is_in_force_on(day))
    }

    /// The set of that id.
    pub fn by_id(&self, id: &str) -> Option<&RuleSet> {
        self.0.iter().find(|set| set.id == id)
    }
}

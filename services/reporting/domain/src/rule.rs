use std::fmt;

use crate::Day;

/// The most rules of an indicator.
pub(crate) const MAX_RULES: usize = 50;

/// A rule's name within its indicator: 1 to 60 characters of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(String);

impl RuleId {
    /// Checks and takes the name; nothing for another alphabet or length.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ((1..=60).contains(&text.len()) && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a rule asks of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// A limit: not above.
    AtMost,
    /// An aim: not below.
    AtLeast,
}

/// A limit or an aim, and the days on which it is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// Law, decision or plan that it is written in.
    pub source: String,
    /// The first day it holds on.
    pub valid_from: Day,
    /// The last one; without one it holds until another rule begins.
    pub valid_until: Option<Day>,
    /// What it asks.
    pub comparison: Comparison,
    /// The value it asks it for, in the indicator's unit.
    pub value: f64,
}

impl Rule {
    /// Whether a value does what the rule asks.
    pub fn is_kept_by(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::AtMost => value <= self.value,
            Comparison::AtLeast => value >= self.value,
        }
    }
}

/// Rules in order of their first day, no two of which are in force on the same day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// The rule in force on a day.
    pub fn in_force_on(&self, day: Day) -> Option<&Rule> {
        let begun = self.0.partition_point(|rule| rule.valid_from <= day);
        let latest = self.0[..begun].last()?;
        latest.valid_until.is_none_or(|last| day <= last).then_some(latest)
    }

    /// Every rule, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rule of that name.
    pub fn get(&self, id: &RuleId) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.id == *id)
    }

    /// Whether the rule would be in force on no day on which another one is: one without a last day ends where the
    /// next begins.
    pub(crate) fn has_room_for(&self, new: &Rule) -> bool {
        let at = self.0.partition_point(|rule| rule.valid_from < new.valid_from);
        let before = at.checked_sub(1).map(|before| &self.0[before]);
        let ends_before = before.and_then(|rule| rule.valid_until).is_none_or(|last| last < new.valid_from);
        let begins_after = self.0.get(at).is_none_or(|next| {
            next.valid_from > new.valid_from && new.valid_until.is_none_or(|last| last < next.valid_from)
        });
        ends_before && begins_after
    }

    /// Puts it in its place.
    pub(crate) fn insert(&mut self, rule: Rule) {
        let at = self.0.partition_point(|known| known.valid_from < rule.valid_from);
        self.0.insert(at, rule);
    }
}

impl FromIterator<Rule> for Rules {
    /// Rules that were admitted before, in any order.
    fn from_iter<T: IntoIterator<Item = Rule>>(rules: T) -> Self {
        let mut ordered = Self::default();
        rules.into_iter().for_each(|rule| ordered.insert(rule));
        ordered
    }
}

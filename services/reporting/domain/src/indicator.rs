//! The indicator: what is measured again and again, from what it was before anything was done, and what rules ask of it.
//! Stream `{tenant}/indicator/{indicator_id}`.

use std::collections::BTreeMap;

use allmende_kernel::{Decider, Timestamp};

use crate::rule::MAX_RULES;
use crate::{Day, Rule, RuleId, Rules, Text};

/// The most readings of an indicator: ten years of days, and some.
pub const MAX_READINGS: usize = 4_000;

/// What was so before anything was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// The day it was measured on.
    pub measured_on: Day,
    /// What was measured, in the indicator's unit.
    pub value: f64,
    /// Who measured it and how.
    pub source: String,
}

/// What an indicator is.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// What people read.
    pub title: Text,
    /// As people write it; empty for a mere number.
    pub unit: String,
    /// Decimal places that a value is shown with.
    pub decimals: u8,
    /// Whether it counts persons, so that small values are suppressed.
    pub counts_persons: bool,
    /// First day of the activities whose effect it shows.
    pub activities_begin_on: Day,
}

/// The value of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What was measured.
    pub value: f64,
    /// Who measured it and how.
    pub source: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// Whether it replaced another value.
    pub corrected: bool,
}

/// What somebody wants of an indicator.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Begin to measure it.
    Define {
        /// What it is.
        definition: Definition,
        /// What was so before; the indicator is refused without.
        baseline: Option<Baseline>,
        /// Limits and aims known already.
        rules: Vec<Rule>,
        /// When it was defined.
        at: Timestamp,
    },
    /// Add a limit or an aim.
    AddRule {
        /// The rule.
        rule: Rule,
        /// When it was added.
        at: Timestamp,
    },
    /// Record the value of a day.
    Record {
        /// The day it was measured on.
        measured_on: Day,
        /// What was measured.
        value: f64,
        /// Who measured it and how.
        source: String,
        /// Whether it is to replace the day's value.
        correction: bool,
        /// When it was recorded.
        at: Timestamp,
    },
}

/// What happened to an indicator.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It is measured from now on.
    Defined {
        /// What it is.
        definition: Definition,
        /// What was so before.
        baseline: Baseline,
        /// Limits and aims, in order of their first day.
        rules: Vec<Rule>,
        /// When.
        at: Timestamp,
    },
    /// It got a limit or an aim.
    RuleAdded {
        /// The rule.
        rule: Rule,
        /// When.
        at: Timestamp,
    },
    /// A day got its value.
    ReadingRecorded {
        /// The day.
        measured_on: Day,
        /// The value.
        value: f64,
        /// Who measured it and how.
        source: String,
        /// When it was recorded.
        at: Timestamp,
    },
    /// A day got another value.
    ReadingCorrected {
        /// The day.
        measured_on: Day,
        /// The value.
        value: f64,
        /// Who measured it and how.
        source: String,
        /// When it was corrected.
        at: Timestamp,
    },
}

/// Why a change to an indicator is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Without one nobody can tell what its activities have changed.
    #[error("an indicator needs a baseline measured before its activities begin")]
    BaselineMissing,
    /// What is measured then may be their effect already.
    #[error("the baseline must be measured before the activities begin")]
    BaselineTooLate,
    /// It was defined before as something else.
    #[error("the indicator was defined before with other properties")]
    IndicatorDiffers,
    /// It was never defined.
    #[error("the indicator is not defined")]
    IndicatorUnknown,
    /// Two rules would be in force on one day.
    #[error("another rule is in force on one of the days of rule {0}")]
    RulesOverlap(RuleId),
    /// Rules never change.
    #[error("rule {0} was added before with other content")]
    RuleDiffers(RuleId),
    /// The day has another value.
    #[error("another value was recorded for that day; a correction has to say that it is one")]
    ReadingDiffers,
    /// The day has no value.
    #[error("there is no reading of that day to be corrected")]
    ReadingUnknown,
    /// The indicator begins with its baseline.
    #[error("a reading must be measured after the baseline")]
    ReadingBeforeBaseline,
    /// No room.
    #[error("an indicator has at most {MAX_READINGS} readings and {MAX_RULES} rules")]
    IndicatorFull,
}

/// A defined indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    /// What it is.
    pub definition: Definition,
    /// What was so before.
    pub baseline: Baseline,
    /// Limits and aims.
    pub rules: Rules,
    /// The values by day.
    pub readings: BTreeMap<Day, Reading>,
    /// When it was defined.
    pub defined_at: Timestamp,
}

/// An indicator's state: nothing before it is defined.
pub type State = Option<Indicator>;

/// The indicator's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "indicator";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        None
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Define { definition, baseline, rules, at } => {
                define(state.as_ref(), definition, baseline.as_ref(), rules, *at)
            }
            Command::AddRule { rule, at } => {
                let indicator = state.as_ref().ok_or(Rejection::IndicatorUnknown)?;
                let new = admit(&indicator.rules, rule)?;
                Ok(new.then(|| Event::RuleAdded { rule: rule.clone(), at: *at }).into_iter().collect())
            }
            Command::Record { measured_on, value, source, correction, at } => {
                let indicator = state.as_ref().ok_or(Rejection::IndicatorUnknown)?;
                record(indicator, *measured_on, *value, source, *correction, *at)
            }
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (None, Event::Defined { definition, baseline, rules, at }) => {
                let rules = rules.iter().cloned().collect();
                let (definition, baseline) = (definition.clone(), baseline.clone());
                Some(Indicator { definition, baseline, rules, readings: BTreeMap::new(), defined_at: *at })
            }
            (Some(mut indicator), Event::RuleAdded { rule, .. }) => {
                indicator.rules.insert(rule.clone());
                Some(indicator)
            }
            (Some(mut indicator), Event::ReadingRecorded { measured_on, value, source, at }) => {
                let reading = Reading { value: *value, source: source.clone(), at: *at, corrected: false };
                indicator.readings.insert(*measured_on, reading);
                Some(indicator)
            }
            (Some(mut indicator), Event::ReadingCorrected { measured_on, value, source, at }) => {
                let reading = Reading { value: *value, source: source.clone(), at: *at, corrected: true };
                indicator.readings.insert(*measured_on, reading);
                Some(indicator)
            }
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}

fn define(
    state: Option<&Indicator>,
    definition: &Definition,
    baseline: Option<&Baseline>,
    rules: &[Rule],
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let baseline = baseline.ok_or(Rejection::BaselineMissing)?;
    if baseline.measured_on >= definition.activities_begin_on {
        return Err(Rejection::BaselineTooLate);
    }
    if let Some(known) = state {
        // Rules may have been added since.
        let same_rules = rules.iter().all(|rule| known.rules.get(&rule.id) == Some(rule));
        let same = known.definition == *definition && known.baseline == *baseline && same_rules;
        return if same { Ok(Vec::new()) } else { Err(Rejection::IndicatorDiffers) };
    }
    let mut ordered = Rules::default();
    for rule in rules {
        if admit(&ordered, rule)? {
            ordered.insert(rule.clone());
        }
    }
    let (definition, baseline) = (definition.clone(), baseline.clone());
    Ok(vec![Event::Defined { definition, baseline, rules: ordered.iter().cloned().collect(), at }])
}

/// Whether the rule is to be added: not if the same is there.
fn admit(rules: &Rules, rule: &Rule) -> Result<bool, Rejection> {
    match rules.get(&rule.id) {
        Some(known) if known == rule => Ok(false),
        Some(_) => Err(Rejection::RuleDiffers(rule.id.clone())),
        None if rules.len() >= MAX_RULES => Err(Rejection::IndicatorFull),
        None if !rules.has_room_for(rule) => Err(Rejection::RulesOverlap(rule.id.clone())),
        None => Ok(true),
    }
}

fn record(
    indicator: &Indicator,
    measured_on: Day,
    value: f64,
    source: &str,
    correction: bool,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if measured_on <= indicator.baseline.measured_on {
        return Err(Rejection::ReadingBeforeBaseline);
    }
    let source = source.to_owned();
    match indicator.readings.get(&measured_on) {
        Some(known) if known.value == value && known.source == source => Ok(Vec::new()),
        Some(_) if correction => Ok(vec![Event::ReadingCorrected { measured_on, value, source, at }]),
        Some(_) => Err(Rejection::ReadingDiffers),
        None if correction => Err(Rejection::ReadingUnknown),
        None if indicator.readings.len() >= MAX_READINGS => Err(Rejection::IndicatorFull),
        None => Ok(vec![Event::ReadingRecorded { measured_on, value, source, at }]),
    }
}

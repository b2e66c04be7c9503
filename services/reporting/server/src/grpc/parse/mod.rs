//! Requests into what the use cases take. A refusal names every field at fault.

mod indicators;
mod logics;
mod queries;
mod reports;

use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::{Day, ImpactLogicId, IndicatorId, InvalidText, MAX_TEXT, ReportId, RunId, Text};
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields;

pub(crate) use indicators::{add_indicator_rule, define_indicator, record_reading};
pub(crate) use logics::define_impact_logic;
pub(crate) use queries::{
    Query, list_impact_logics, list_indicators, list_readings, list_reports, list_runs, of_impact_logic, of_indicator,
    of_report, render_report, run_token,
};
pub(crate) use reports::{RunReport, define_report, publish_report, run_report};

const UNKNOWN_VALUE: &str = "must be one of the values of its type";
/// The most characters of a source.
const MAX_SOURCE: usize = 500;

fn indicator_id(text: &str) -> Result<IndicatorId, Problem> {
    fields::uuid(text).map(IndicatorId::new)
}

fn impact_logic_id(text: &str) -> Result<ImpactLogicId, Problem> {
    fields::uuid(text).map(ImpactLogicId::new)
}

fn report_id(text: &str) -> Result<ReportId, Problem> {
    fields::uuid(text).map(ReportId::new)
}

fn run_id(text: &str) -> Result<RunId, Problem> {
    fields::uuid(text).map(RunId::new)
}

fn day(text: &str) -> Result<Day, Problem> {
    let day: Option<Day> = text.parse().ok();
    day.filter(|day| (1900..=2099).contains(&day.year()))
        .ok_or(Rule::Day.says("must look like 2026-11-24, from 1900 to 2099"))
}

/// A last day, which may be left out, and is not before the first one.
fn last_day(text: &str, first: Option<Day>) -> Result<Option<Day>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let last = day(text)?;
    match first {
        Some(first) if last < first => Err(Problem::from("must not be before the first day")),
        _ => Ok(Some(last)),
    }
}

fn finite(value: f64) -> Result<f64, Problem> {
    if value.is_finite() { Ok(value) } else { Err(Problem::from("must be a finite number")) }
}

/// Who measured something, or where something is written.
fn source(text: &str) -> Result<String, Problem> {
    fields::line(text, 1..=MAX_SOURCE)
}

fn text(violations: &mut Violations, path: &str, message: Option<&pb::LocalizedText>) -> Option<Text> {
    let Some(message) = message else {
        violations.add(path, "must be set");
        return None;
    };
    match Text::new(message.de.clone(), message.en.clone()) {
        Ok(text) => Some(text),
        Err(problem) => {
            // The one that would do alone is not the one at fault.
            let german = Text::new(message.de.clone(), "").is_err();
            let language = if german { "de" } else { "en" };
            let rule = match problem {
                InvalidText::Length => Rule::Length(1, MAX_TEXT as u64),
                InvalidText::Control => Rule::Visible,
            };
            violations.add(format_args!("{path}.{language}"), rule.says(problem.to_string()));
            None
        }
    }
}

/// Ids of a list that holds none twice.
fn ids<T: Ord + Copy>(
    violations: &mut Violations,
    path: &str,
    texts: &[String],
    max: usize,
    parse: impl Fn(&str) -> Result<T, Problem>,
) -> Option<Vec<T>> {
    if texts.len() > max {
        violations.add(path, Rule::Count(0, max as u64));
        return None;
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut ids = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let id = violations.check(format_args!("{path}[{index}]"), parse(text));
        if let Some(id) = id
            && !seen.insert(id)
        {
            violations.add(format_args!("{path}[{index}]"), "must not be listed twice");
        }
        ids.push(id);
    }
    ids.into_iter().collect()
}

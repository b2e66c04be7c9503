use allmende_kernel::RequestId;
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::indicator::{Baseline, Definition};
use allmende_reporting_domain::{Comparison, Rule, RuleId};
use allmende_runtime::errors::{self, Problem, Violations};
use allmende_runtime::fields;
use tonic::Status;

use super::{UNKNOWN_VALUE, day, finite, indicator_id, last_day, source, text};
use crate::app::{AddRule, DefineIndicator, RecordReading};

const MAX_UNIT: usize = 40;
const MAX_DECIMALS: u32 = 6;
const MAX_RULES: usize = 50;

pub(crate) fn define_indicator(message: &pb::DefineIndicatorRequest) -> Result<(RequestId, DefineIndicator), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let indicator = violations.check("indicator_id", indicator_id(&message.indicator_id));
    let title = text(&mut violations, "title", message.title.as_ref());
    let unit = violations.check("unit", fields::line(&message.unit, 0..=MAX_UNIT));
    if message.decimals > MAX_DECIMALS {
        violations.add("decimals", errors::Rule::Number(0, 6).says("must be at most 6"));
    }
    let activities_begin_on = violations.check("activities_begin_on", day(&message.activities_begin_on));
    // Without one it is refused by the rules, which say why.
    let baseline = message.baseline.as_ref().map(|message| {
        let measured_on = violations.check("baseline.measured_on", day(&message.measured_on));
        let value = violations.check("baseline.value", finite(message.value));
        let source = violations.check("baseline.source", source(&message.source));
        Some(Baseline { measured_on: measured_on?, value: value?, source: source? })
    });
    if message.rules.len() > MAX_RULES {
        violations.add("rules", errors::Rule::Count(0, 50));
    }
    let rules: Vec<Option<Rule>> = message
        .rules
        .iter()
        .take(MAX_RULES)
        .enumerate()
        .map(|(index, message)| rule(&mut violations, &format!("rules[{index}]"), message))
        .collect();
    violations.finish(|| {
        let definition = Definition {
            title: title?,
            unit: unit?,
            decimals: message.decimals as u8,
            counts_persons: message.counts_persons,
            activities_begin_on: activities_begin_on?,
        };
        let baseline = match baseline {
            Some(baseline) => Some(baseline?),
            None => None,
        };
        let rules = rules.into_iter().collect::<Option<_>>()?;
        Some((id?, DefineIndicator { indicator: indicator?, definition, baseline, rules }))
    })
}

pub(crate) fn add_indicator_rule(message: &pb::AddIndicatorRuleRequest) -> Result<(RequestId, AddRule), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let indicator = violations.check("indicator_id", indicator_id(&message.indicator_id));
    let rule = match &message.rule {
        Some(message) => rule(&mut violations, "rule", message),
        None => {
            violations.add("rule", "must be set");
            None
        }
    };
    violations.finish(|| Some((id?, AddRule { indicator: indicator?, rule: rule? })))
}

pub(crate) fn record_reading(message: &pb::RecordReadingRequest) -> Result<(RequestId, RecordReading), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let indicator = violations.check("indicator_id", indicator_id(&message.indicator_id));
    let measured_on = violations.check("measured_on", day(&message.measured_on));
    let value = violations.check("value", finite(message.value));
    let source = violations.check("source", source(&message.source));
    violations.finish(|| {
        let correction = message.correction;
        let (measured_on, value, source) = (measured_on?, value?, source?);
        Some((id?, RecordReading { indicator: indicator?, measured_on, value, source, correction }))
    })
}

fn rule(violations: &mut Violations, path: &str, message: &pb::Rule) -> Option<Rule> {
    let id = RuleId::parse(&message.rule_id).ok_or(Problem::from("must have 1 to 60 characters of a-z, 0-9 and '-'"));
    let id = violations.check(format_args!("{path}.rule_id"), id);
    let source = violations.check(format_args!("{path}.source"), source(&message.source));
    let valid_from = violations.check(format_args!("{path}.valid_from"), day(&message.valid_from));
    let valid_until = violations.check(format_args!("{path}.valid_until"), last_day(&message.valid_until, valid_from));
    let comparison = match message.comparison() {
        pb::Comparison::AtMost => Ok(Comparison::AtMost),
        pb::Comparison::AtLeast => Ok(Comparison::AtLeast),
        pb::Comparison::Unspecified => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let comparison = violations.check(format_args!("{path}.comparison"), comparison);
    let value = violations.check(format_args!("{path}.value"), finite(message.value));
    Some(Rule {
        id: id?,
        source: source?,
        valid_from: valid_from?,
        valid_until: valid_until?,
        comparison: comparison?,
        value: value?,
    })
}

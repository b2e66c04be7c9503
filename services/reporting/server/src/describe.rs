//! What the domain knows in the words of the API. Rows of the view and outcomes of commands are kept in these words too,
//! so that an answer is the same whether it is told at once, again, or later.

use std::collections::BTreeMap;

use allmende_kernel::{PartitionName, Position, Timestamp};
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::impact_logic::{Activity, ImpactLogic, Outcome};
use allmende_reporting_domain::indicator::{self, Baseline};
use allmende_reporting_domain::report::{self, AirSelection};
use allmende_reporting_domain::run::Run;
use allmende_reporting_domain::{Comparison, Day, ImpactLogicId, IndicatorId, ReportId, Rule, RuleId, RunId, Text};
use allmende_runtime::fields::ConsistencyToken;

pub(crate) fn text(text: &Text) -> pb::LocalizedText {
    pb::LocalizedText { de: text.de().to_owned(), en: text.en().unwrap_or_default().to_owned() }
}

/// An indicator; its readings are told apart from it.
pub(crate) fn indicator(
    id: IndicatorId,
    definition: &indicator::Definition,
    baseline: &Baseline,
    rules: &[Rule],
) -> pb::Indicator {
    pb::Indicator {
        indicator_id: id.to_string(),
        title: Some(text(&definition.title)),
        unit: definition.unit.clone(),
        decimals: definition.decimals.into(),
        counts_persons: definition.counts_persons,
        activities_begin_on: definition.activities_begin_on.to_string(),
        baseline: Some(pb::Baseline {
            measured_on: baseline.measured_on.to_string(),
            value: baseline.value,
            source: baseline.source.clone(),
        }),
        rules: rules.iter().map(rule).collect(),
        latest_reading: None,
        readings: 0,
    }
}

/// An indicator with its readings.
pub(crate) fn whole_indicator(id: IndicatorId, known: &indicator::Indicator) -> pb::Indicator {
    let rules: Vec<Rule> = known.rules.iter().cloned().collect();
    pb::Indicator {
        readings: known.readings.len() as u32,
        latest_reading: known
            .readings
            .last_key_value()
            .map(|(on, reading)| self::reading(*on, reading.value, &reading.source, reading.at, reading.corrected)),
        ..indicator(id, &known.definition, &known.baseline, &rules)
    }
}

pub(crate) fn rule(rule: &Rule) -> pb::Rule {
    pb::Rule {
        rule_id: rule.id.to_string(),
        source: rule.source.clone(),
        valid_from: rule.valid_from.to_string(),
        valid_until: rule.valid_until.map(|day| day.to_string()).unwrap_or_default(),
        comparison: match rule.comparison {
            Comparison::AtMost => pb::Comparison::AtMost,
            Comparison::AtLeast => pb::Comparison::AtLeast,
        }
        .into(),
        value: rule.value,
    }
}

/// The rule that was described so; nothing for what no rule is described as.
pub(crate) fn rule_of(message: &pb::Rule) -> Option<Rule> {
    Some(Rule {
        id: RuleId::parse(&message.rule_id)?,
        source: message.source.clone(),
        valid_from: message.valid_from.parse().ok()?,
        valid_until: match message.valid_until.as_str() {
            "" => None,
            day => Some(day.parse().ok()?),
        },
        comparison: match message.comparison() {
            pb::Comparison::AtMost => Comparison::AtMost,
            pb::Comparison::AtLeast => Comparison::AtLeast,
            pb::Comparison::Unspecified => return None,
        },
        value: message.value,
    })
}

pub(crate) fn reading(on: Day, value: f64, source: &str, at: Timestamp, corrected: bool) -> pb::Reading {
    pb::Reading {
        measured_on: on.to_string(),
        value,
        source: source.to_owned(),
        recorded_at_us: at.as_micros(),
        corrected,
    }
}

pub(crate) fn impact_logic(id: ImpactLogicId, logic: &ImpactLogic) -> pb::ImpactLogic {
    let activity = |activity: &Activity| pb::Activity {
        title: Some(text(&activity.title)),
        begins_on: activity.begins_on.to_string(),
        ends_on: activity.ends_on.map(|day| day.to_string()).unwrap_or_default(),
    };
    let outcome = |outcome: &Outcome| pb::Outcome {
        title: Some(text(&outcome.title)),
        indicator_ids: outcome.indicators.iter().map(IndicatorId::to_string).collect(),
    };
    pb::ImpactLogic {
        impact_logic_id: id.to_string(),
        title: Some(text(&logic.title)),
        resources: logic.resources.iter().map(text).collect(),
        activities: logic.activities.iter().map(activity).collect(),
        results: logic.results.iter().map(outcome).collect(),
        effects: logic.effects.iter().map(outcome).collect(),
    }
}

pub(crate) fn definition(id: ReportId, definition: &report::Definition) -> pb::ReportDefinition {
    pb::ReportDefinition {
        report_id: id.to_string(),
        title: Some(text(&definition.title)),
        first_day: definition.first_day.to_string(),
        last_day: definition.last_day.to_string(),
        air: definition.air.as_ref().map(|air| pb::AirSection {
            station_ids: air.stations.iter().map(ToString::to_string).collect(),
            selection: match air.selection {
                AirSelection::All => pb::AirSelection::All,
                AirSelection::Dry => pb::AirSelection::Dry,
                AirSelection::Unflagged => pb::AirSelection::Unflagged,
            }
            .into(),
        }),
        participation: definition.participation.as_ref().map(|participation| pb::ParticipationSection {
            procedure_ids: participation.procedures.iter().map(ToString::to_string).collect(),
        }),
        indicator_ids: definition.indicators.iter().map(ToString::to_string).collect(),
        impact_logic_ids: definition.impact_logics.iter().map(ToString::to_string).collect(),
    }
}

pub(crate) fn run(id: RunId, run: &Run) -> pb::ReportRun {
    let summary = &run.summary;
    pb::ReportRun {
        run_id: id.to_string(),
        report_id: summary.report.to_string(),
        run_at_us: summary.run_at.as_micros(),
        published_at_us: run.published_at.map(Timestamp::as_micros),
        bound_to: positions(&summary.bound_to),
        bound_token: token(&summary.bound_to).to_text(),
        figures: summary.figures,
        suppressed: summary.suppressed,
        suppression_rules: summary.suppression_rules.clone(),
    }
}

fn positions(bound_to: &BTreeMap<PartitionName, Position>) -> Vec<pb::SourcePosition> {
    let position = |(partition, position): (&PartitionName, &Position)| pb::SourcePosition {
        partition: partition.to_string(),
        group: position.group,
        index: position.index,
    };
    bound_to.iter().map(position).collect()
}

fn token(bound_to: &BTreeMap<PartitionName, Position>) -> ConsistencyToken {
    let mut token = ConsistencyToken::default();
    bound_to.iter().for_each(|(partition, position)| token.advance(partition.clone(), *position));
    token
}

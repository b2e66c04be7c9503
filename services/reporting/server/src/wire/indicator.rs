use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::Timestamp;
use allmende_proto::reporting::events::v1 as stored;
use allmende_reporting_domain::indicator::{Baseline, Definition, Event, Model, State};
use allmende_reporting_domain::{Comparison, Day, Rule, RuleId};

use super::{Malformed, event, read, text_message, text_of, unknown};

const INDICATOR_DEFINED: &str = "allmende.reporting.events.v1.IndicatorDefined";
const RULE_ADDED: &str = "allmende.reporting.events.v1.RuleAdded";
const READING_RECORDED: &str = "allmende.reporting.events.v1.ReadingRecorded";
const READING_CORRECTED: &str = "allmende.reporting.events.v1.ReadingCorrected";

/// What a state takes beside its readings, and what a reading takes.
const STATE_BYTES: usize = 4_096;
const READING_BYTES: usize = 128;

/// An indicator as the log keeps it.
#[derive(Debug)]
pub(crate) enum Indicator {}

impl Aggregate for Indicator {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Defined { definition, baseline, rules, at } => event(
                INDICATOR_DEFINED,
                &stored::IndicatorDefined {
                    title: Some(text_message(&definition.title)),
                    unit: definition.unit.clone(),
                    decimals: definition.decimals.into(),
                    counts_persons: definition.counts_persons,
                    activities_begin_on: definition.activities_begin_on.number(),
                    baseline_measured_on: baseline.measured_on.number(),
                    baseline_value: baseline.value,
                    baseline_source: baseline.source.clone(),
                    rules: rules.iter().map(rule_message).collect(),
                    at_us: at.as_micros(),
                },
            ),
            Event::RuleAdded { rule, at } => {
                event(RULE_ADDED, &stored::RuleAdded { rule: Some(rule_message(rule)), at_us: at.as_micros() })
            }
            Event::ReadingRecorded { measured_on, value, source, at } => event(
                READING_RECORDED,
                &stored::ReadingRecorded {
                    measured_on: measured_on.number(),
                    value: *value,
                    source: source.clone(),
                    at_us: at.as_micros(),
                },
            ),
            Event::ReadingCorrected { measured_on, value, source, at } => event(
                READING_CORRECTED,
                &stored::ReadingCorrected {
                    measured_on: measured_on.number(),
                    value: *value,
                    source: source.clone(),
                    at_us: at.as_micros(),
                },
            ),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            INDICATOR_DEFINED => read(event_type, payload, defined),
            RULE_ADDED => read(event_type, payload, |message: stored::RuleAdded| {
                let stored::RuleAdded { rule, at_us } = message;
                Ok(Event::RuleAdded { rule: rule_of(rule.ok_or(Malformed)?)?, at: Timestamp::from_micros(at_us) })
            }),
            READING_RECORDED => read(event_type, payload, |message: stored::ReadingRecorded| {
                let stored::ReadingRecorded { measured_on, value, source, at_us } = message;
                let (measured_on, at) = (Day::from_number(measured_on), Timestamp::from_micros(at_us));
                Ok(Event::ReadingRecorded { measured_on, value, source, at })
            }),
            READING_CORRECTED => read(event_type, payload, |message: stored::ReadingCorrected| {
                let stored::ReadingCorrected { measured_on, value, source, at_us } = message;
                let (measured_on, at) = (Day::from_number(measured_on), Timestamp::from_micros(at_us));
                Ok(Event::ReadingCorrected { measured_on, value, source, at })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        STATE_BYTES + state.as_ref().map_or(0, |indicator| indicator.readings.len() * READING_BYTES)
    }
}

fn defined(message: stored::IndicatorDefined) -> Result<Event, Malformed> {
    let definition = Definition {
        title: text_of(message.title)?,
        unit: message.unit,
        decimals: message.decimals.try_into().map_err(|_| Malformed)?,
        counts_persons: message.counts_persons,
        activities_begin_on: Day::from_number(message.activities_begin_on),
    };
    let baseline = Baseline {
        measured_on: Day::from_number(message.baseline_measured_on),
        value: message.baseline_value,
        source: message.baseline_source,
    };
    let rules = message.rules.into_iter().map(rule_of).collect::<Result<_, _>>()?;
    Ok(Event::Defined { definition, baseline, rules, at: Timestamp::from_micros(message.at_us) })
}

fn rule_message(rule: &Rule) -> stored::Rule {
    stored::Rule {
        rule_id: rule.id.to_string(),
        source: rule.source.clone(),
        valid_from: rule.valid_from.number(),
        valid_until: rule.valid_until.map(Day::number),
        comparison: match rule.comparison {
            Comparison::AtMost => stored::Comparison::AtMost,
            Comparison::AtLeast => stored::Comparison::AtLeast,
        }
        .into(),
        value: rule.value,
    }
}

fn rule_of(message: stored::Rule) -> Result<Rule, Malformed> {
    Ok(Rule {
        comparison: match message.comparison() {
            stored::Comparison::AtMost => Comparison::AtMost,
            stored::Comparison::AtLeast => Comparison::AtLeast,
            stored::Comparison::Unspecified => return Err(Malformed),
        },
        id: RuleId::parse(&message.rule_id).ok_or(Malformed)?,
        source: message.source,
        valid_from: Day::from_number(message.valid_from),
        valid_until: message.valid_until.map(Day::from_number),
        value: message.value,
    })
}

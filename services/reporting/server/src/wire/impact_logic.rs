use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::Timestamp;
use allmende_proto::reporting::events::v1 as stored;
use allmende_reporting_domain::impact_logic::{self, Activity, Event, Model, Outcome, State};
use allmende_reporting_domain::{Day, IndicatorId};

use super::{Malformed, event, ids, read, text_message, text_of, texts_of, unknown};

const IMPACT_LOGIC_DEFINED: &str = "allmende.reporting.events.v1.ImpactLogicDefined";

/// About what an entry of a list takes.
const ENTRY_BYTES: usize = 256;

/// An impact logic as the log keeps it.
#[derive(Debug)]
pub(crate) enum ImpactLogic {}

impl Aggregate for ImpactLogic {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        let Event::Defined { logic, at } = happened;
        event(
            IMPACT_LOGIC_DEFINED,
            &stored::ImpactLogicDefined {
                title: Some(text_message(&logic.title)),
                resources: logic.resources.iter().map(text_message).collect(),
                activities: logic.activities.iter().map(activity_message).collect(),
                results: logic.results.iter().map(outcome_message).collect(),
                effects: logic.effects.iter().map(outcome_message).collect(),
                at_us: at.as_micros(),
            },
        )
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            IMPACT_LOGIC_DEFINED => read(event_type, payload, |message: stored::ImpactLogicDefined| {
                let logic = impact_logic::ImpactLogic {
                    title: text_of(message.title)?,
                    resources: texts_of(message.resources)?,
                    activities: message.activities.into_iter().map(activity_of).collect::<Result<_, _>>()?,
                    results: message.results.into_iter().map(outcome_of).collect::<Result<_, _>>()?,
                    effects: message.effects.into_iter().map(outcome_of).collect::<Result<_, _>>()?,
                };
                Ok(Event::Defined { logic, at: Timestamp::from_micros(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        let entries = |logic: &impact_logic::ImpactLogic| {
            logic.resources.len() + logic.activities.len() + logic.results.len() + logic.effects.len()
        };
        ENTRY_BYTES * (1 + state.as_ref().map_or(0, entries))
    }
}

pub(super) fn activity_message(activity: &Activity) -> stored::Activity {
    stored::Activity {
        title: Some(text_message(&activity.title)),
        begins_on: activity.begins_on.number(),
        ends_on: activity.ends_on.map(Day::number),
    }
}

pub(super) fn activity_of(message: stored::Activity) -> Result<Activity, Malformed> {
    Ok(Activity {
        title: text_of(message.title)?,
        begins_on: Day::from_number(message.begins_on),
        ends_on: message.ends_on.map(Day::from_number),
    })
}

pub(super) fn outcome_message(outcome: &Outcome) -> stored::Outcome {
    stored::Outcome {
        title: Some(text_message(&outcome.title)),
        indicator_ids: outcome.indicators.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
    }
}

pub(super) fn outcome_of(message: stored::Outcome) -> Result<Outcome, Malformed> {
    Ok(Outcome { title: text_of(message.title)?, indicators: ids(&message.indicator_ids, IndicatorId::from_bytes)? })
}

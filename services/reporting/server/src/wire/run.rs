use std::collections::BTreeMap;

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::{PartitionName, Position, Timestamp};
use allmende_proto::reporting::events::v1 as stored;
use allmende_reporting_domain::impact_logic::ImpactLogic;
use allmende_reporting_domain::run::{Content, Event, Model, State};
use allmende_reporting_domain::{Day, ImpactLogicId, ReportId};

use super::impact_logic::{activity_message, activity_of, outcome_message, outcome_of};
use super::tables::{query_message, query_of, table_message, table_of};
use super::{Malformed, event, id_bytes, read, text_message, text_of, texts_of, unknown};

const RUN_COMPLETED: &str = "allmende.reporting.events.v1.RunCompleted";
const RUN_PUBLISHED: &str = "allmende.reporting.events.v1.RunPublished";

/// What a state takes, which holds the summary only.
const STATE_BYTES: usize = 512;

/// A run as the log keeps it.
#[derive(Debug)]
pub(crate) enum Run {}

impl Aggregate for Run {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Completed(content) => event(RUN_COMPLETED, &completed_message(content)),
            Event::Published { at } => event(RUN_PUBLISHED, &stored::RunPublished { at_us: at.as_micros() }),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            RUN_COMPLETED => read(event_type, payload, |message: stored::RunCompleted| {
                completed_of(message).map(Box::new).map(Event::Completed)
            }),
            RUN_PUBLISHED => read(event_type, payload, |message: stored::RunPublished| {
                Ok(Event::Published { at: Timestamp::from_micros(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &State) -> usize {
        STATE_BYTES
    }
}

fn completed_message(content: &Content) -> stored::RunCompleted {
    let position = |(partition, position): (&PartitionName, &Position)| stored::SourcePosition {
        partition: partition.to_string(),
        group: position.group,
        index: position.index,
    };
    let impact_logic = |(id, logic): &(ImpactLogicId, ImpactLogic)| stored::ImpactLogic {
        impact_logic_id: id.as_bytes().to_vec().into(),
        title: Some(text_message(&logic.title)),
        resources: logic.resources.iter().map(text_message).collect(),
        activities: logic.activities.iter().map(activity_message).collect(),
        results: logic.results.iter().map(outcome_message).collect(),
        effects: logic.effects.iter().map(outcome_message).collect(),
    };
    stored::RunCompleted {
        report_id: content.report.as_bytes().to_vec().into(),
        title: Some(text_message(&content.title)),
        first_day: content.first_day.number(),
        last_day: content.last_day.number(),
        bound_to: content.bound_to.iter().map(position).collect(),
        suppression_rules: content.suppression_rules.clone(),
        queries: content.queries.iter().map(query_message).collect(),
        tables: content.tables.iter().map(table_message).collect(),
        impact_logics: content.impact_logics.iter().map(impact_logic).collect(),
        at_us: content.at.as_micros(),
        tenant_name: content.tenant_name.clone(),
    }
}

fn completed_of(message: stored::RunCompleted) -> Result<Content, Malformed> {
    let position = |message: stored::SourcePosition| {
        let partition = PartitionName::parse(&message.partition).map_err(|_| Malformed)?;
        Ok((partition, Position::new(message.group, message.index)))
    };
    let impact_logic = |message: stored::ImpactLogic| {
        let logic = ImpactLogic {
            title: text_of(message.title)?,
            resources: texts_of(message.resources)?,
            activities: message.activities.into_iter().map(activity_of).collect::<Result<_, _>>()?,
            results: message.results.into_iter().map(outcome_of).collect::<Result<_, _>>()?,
            effects: message.effects.into_iter().map(outcome_of).collect::<Result<_, _>>()?,
        };
        Ok((ImpactLogicId::from_bytes(id_bytes(&message.impact_logic_id)?), logic))
    };
    Ok(Content {
        report: ReportId::from_bytes(id_bytes(&message.report_id)?),
        tenant_name: message.tenant_name,
        title: text_of(message.title)?,
        first_day: Day::from_number(message.first_day),
        last_day: Day::from_number(message.last_day),
        bound_to: message.bound_to.into_iter().map(position).collect::<Result<BTreeMap<_, _>, Malformed>>()?,
        suppression_rules: message.suppression_rules,
        queries: message.queries.into_iter().map(query_of).collect(),
        tables: message.tables.into_iter().map(table_of).collect::<Result<_, _>>()?,
        impact_logics: message.impact_logics.into_iter().map(impact_logic).collect::<Result<_, Malformed>>()?,
        at: Timestamp::from_micros(message.at_us),
    })
}

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_participation_domain::procedure::{Event, Model, State, Terms};
use allmende_participation_domain::{MAX_PHASES, Phase, Schedule, Transcription};
use allmende_proto::participation::events::v1 as stored;

use super::{Malformed, Word, day, event, event_type, moment, range, range_message, read, unknown};

const PROCEDURE_OPENED: &str = event_type!("ProcedureOpened");
const PHASES_AMENDED: &str = event_type!("PhasesAmended");
const STATUS_PUBLISHED: &str = event_type!("StatusPublished");
const PROCEDURE_CLOSED: &str = event_type!("ProcedureClosed");

/// What a state takes beside its texts.
const STATE_BYTES: usize = 512 + MAX_PHASES * size_of::<Phase>();

/// A procedure as the log keeps it.
#[derive(Debug)]
pub(crate) enum Procedure {}

impl Aggregate for Procedure {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Opened { terms, schedule, at } => event(
                PROCEDURE_OPENED,
                &stored::ProcedureOpened {
                    title: terms.title.clone(),
                    summary: terms.summary.clone(),
                    method: terms.method.clone(),
                    required_level: Word::<stored::SignInLevel>::message(terms.required_level).into(),
                    schedule: Some(schedule_message(schedule)),
                    counts_hidden: terms.counts_hidden,
                    licence: terms.licence.clone(),
                    supports_per_person: terms.supports_per_person.unwrap_or_default(),
                    support_threshold: terms.support_threshold.unwrap_or_default(),
                    at_us: at.as_micros(),
                },
            ),
            Event::PhasesAmended { schedule, reason, at } => event(
                PHASES_AMENDED,
                &stored::PhasesAmended {
                    schedule: Some(schedule_message(schedule)),
                    reason: reason.clone(),
                    at_us: at.as_micros(),
                },
            ),
            Event::StatusPublished { text, at } => {
                event(STATUS_PUBLISHED, &stored::StatusPublished { text: text.clone(), at_us: at.as_micros() })
            }
            Event::Closed { reason, at } => {
                event(PROCEDURE_CLOSED, &stored::ProcedureClosed { reason: reason.clone(), at_us: at.as_micros() })
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            PROCEDURE_OPENED => read(event_type, payload, opened),
            PHASES_AMENDED => read(event_type, payload, |message: stored::PhasesAmended| {
                let stored::PhasesAmended { schedule, reason, at_us } = message;
                Ok(Event::PhasesAmended { schedule: schedule_of(schedule)?, reason, at: moment(at_us) })
            }),
            STATUS_PUBLISHED => read(event_type, payload, |message: stored::StatusPublished| {
                Ok(Event::StatusPublished { text: message.text, at: moment(message.at_us) })
            }),
            PROCEDURE_CLOSED => read(event_type, payload, |message: stored::ProcedureClosed| {
                Ok(Event::Closed { reason: message.reason, at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        let texts = state.procedure().map_or(0, |procedure| {
            let Terms { title, summary, method, licence, .. } = &procedure.terms;
            let status = procedure.last_status.as_ref().map_or(0, String::len);
            title.len() + summary.len() + method.len() + licence.len() + status
        });
        STATE_BYTES + texts
    }
}

fn opened(message: stored::ProcedureOpened) -> Result<Event, Malformed> {
    let limit = |number| if number == 0 { None } else { Some(number) };
    let terms = Terms {
        required_level: Word::<stored::SignInLevel>::of(message.required_level).ok_or(Malformed)?,
        title: message.title,
        summary: message.summary,
        method: message.method,
        counts_hidden: message.counts_hidden,
        licence: message.licence,
        supports_per_person: limit(message.supports_per_person),
        support_threshold: limit(message.support_threshold),
    };
    Ok(Event::Opened { terms, schedule: schedule_of(message.schedule)?, at: moment(message.at_us) })
}

fn schedule_message(schedule: &Schedule) -> stored::Schedule {
    let phase = |phase: &Phase| stored::Phase {
        kind: Word::<stored::PhaseKind>::message(phase.kind).into(),
        days: Some(range_message(&phase.days)),
    };
    let transcription = schedule.transcription();
    stored::Schedule {
        phases: schedule.phases().iter().map(phase).collect(),
        transcription_until_day: transcription.map(|it| it.until.to_string()).unwrap_or_default(),
        transcription_until_us: transcription.map(|it| it.closes.as_micros()).unwrap_or_default(),
    }
}

fn schedule_of(message: Option<stored::Schedule>) -> Result<Schedule, Malformed> {
    let stored::Schedule { phases, transcription_until_day, transcription_until_us } = message.ok_or(Malformed)?;
    let phase = |phase: stored::Phase| {
        let kind = Word::<stored::PhaseKind>::of(phase.kind).ok_or(Malformed)?;
        Ok(Phase { kind, days: range(phase.days)? })
    };
    let transcription = match transcription_until_day.as_str() {
        "" => None,
        text => Some(Transcription { until: day(text)?, closes: moment(transcription_until_us) }),
    };
    Ok(Schedule::new(phases.into_iter().map(phase).collect::<Result<_, Malformed>>()?, transcription))
}

use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::Timestamp;
use allmende_proto::reporting::events::v1 as stored;
use allmende_reporting_domain::report::{Air, AirSelection, Definition, Event, Model, Participation, State};
use allmende_reporting_domain::{Day, ImpactLogicId, IndicatorId, ProcedureId, StationId};

use super::{Malformed, event, ids, read, text_message, text_of, unknown};

const REPORT_DEFINED: &str = "allmende.reporting.events.v1.ReportDefined";

/// More than a definition takes.
const STATE_BYTES: usize = 8_192;

/// A report as the log keeps it.
#[derive(Debug)]
pub(crate) enum Report {}

impl Aggregate for Report {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        let Event::Defined { definition, at } = happened;
        let Definition { title, first_day, last_day, air, participation, indicators, impact_logics } = definition;
        event(
            REPORT_DEFINED,
            &stored::ReportDefined {
                title: Some(text_message(title)),
                first_day: first_day.number(),
                last_day: last_day.number(),
                air: air.as_ref().map(air_message),
                participation: participation.as_ref().map(|participation| stored::ParticipationSection {
                    procedure_ids: participation.procedures.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
                }),
                indicator_ids: indicators.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
                impact_logic_ids: impact_logics.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
                at_us: at.as_micros(),
            },
        )
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            REPORT_DEFINED => read(event_type, payload, |message: stored::ReportDefined| {
                let definition = Definition {
                    title: text_of(message.title)?,
                    first_day: Day::from_number(message.first_day),
                    last_day: Day::from_number(message.last_day),
                    air: message.air.map(air_of).transpose()?,
                    participation: message
                        .participation
                        .map(|section| {
                            ids(&section.procedure_ids, ProcedureId::from_bytes)
                                .map(|procedures| Participation { procedures })
                        })
                        .transpose()?,
                    indicators: ids(&message.indicator_ids, IndicatorId::from_bytes)?,
                    impact_logics: ids(&message.impact_logic_ids, ImpactLogicId::from_bytes)?,
                };
                Ok(Event::Defined { definition, at: Timestamp::from_micros(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(_: &State) -> usize {
        STATE_BYTES
    }
}

fn air_message(air: &Air) -> stored::AirSection {
    stored::AirSection {
        station_ids: air.stations.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
        selection: match air.selection {
            AirSelection::All => stored::AirSelection::All,
            AirSelection::Dry => stored::AirSelection::Dry,
            AirSelection::Unflagged => stored::AirSelection::Unflagged,
        }
        .into(),
    }
}

fn air_of(message: stored::AirSection) -> Result<Air, Malformed> {
    Ok(Air {
        selection: match message.selection() {
            stored::AirSelection::All => AirSelection::All,
            stored::AirSelection::Dry => AirSelection::Dry,
            stored::AirSelection::Unflagged => AirSelection::Unflagged,
            stored::AirSelection::Unspecified => return Err(Malformed),
        },
        stations: ids(&message.station_ids, StationId::from_bytes)?,
    })
}

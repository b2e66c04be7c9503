use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::Timestamp;
use allmende_proto::telemetry::events::v1 as stored;
use allmende_telemetry_domain::observations::{Event, FlagReason, ManualFlag, Model, State};

use super::{Malformed, columns, event, read, unknown};

pub(crate) const OBSERVATIONS_RECORDED: &str = "allmende.telemetry.events.v1.ObservationsRecorded";
const OBSERVATION_CONFLICTED: &str = "allmende.telemetry.events.v1.ObservationConflicted";
const OBSERVATIONS_FLAGGED: &str = "allmende.telemetry.events.v1.ObservationsFlagged";

/// What a state takes beside its columns, conflicts and flags.
const STATE_BYTES: usize = 256;

/// A datastream's day as the log keeps it.
#[derive(Debug)]
pub(crate) enum Observations {}

impl Aggregate for Observations {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Recorded { observations } => event(OBSERVATIONS_RECORDED, &columns::encode(observations)),
            Event::Conflicted { time, kept, refused, received_at } => event(
                OBSERVATION_CONFLICTED,
                &stored::ObservationConflicted {
                    time_us: time.as_micros(),
                    kept: *kept,
                    refused: *refused,
                    received_at_us: received_at.as_micros(),
                },
            ),
            Event::Flagged(flag) => event(
                OBSERVATIONS_FLAGGED,
                &stored::ObservationsFlagged {
                    from_us: flag.from.as_micros(),
                    to_us: flag.to.as_micros(),
                    reason: match flag.reason {
                        FlagReason::Maintenance => stored::FlagReason::Maintenance,
                        FlagReason::Defect => stored::FlagReason::Defect,
                        FlagReason::LocalSource => stored::FlagReason::LocalSource,
                    }
                    .into(),
                    at_us: flag.at.as_micros(),
                },
            ),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            OBSERVATIONS_RECORDED => read(event_type, payload, |message: stored::ObservationsRecorded| {
                Ok(Event::Recorded { observations: columns::decode(&message)? })
            }),
            OBSERVATION_CONFLICTED => read(event_type, payload, |message: stored::ObservationConflicted| {
                let stored::ObservationConflicted { time_us, kept, refused, received_at_us } = message;
                let (time, received_at) = (Timestamp::from_micros(time_us), Timestamp::from_micros(received_at_us));
                Ok(Event::Conflicted { time, kept, refused, received_at })
            }),
            OBSERVATIONS_FLAGGED => read(event_type, payload, flagged),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        STATE_BYTES + state.len() * 16 + state.conflicts() * 40 + size_of_val(state.flags())
    }
}

fn flagged(message: stored::ObservationsFlagged) -> Result<Event, Malformed> {
    let reason = match message.reason() {
        stored::FlagReason::Maintenance => FlagReason::Maintenance,
        stored::FlagReason::Defect => FlagReason::Defect,
        stored::FlagReason::LocalSource => FlagReason::LocalSource,
        stored::FlagReason::Unspecified => return Err(Malformed),
    };
    Ok(Event::Flagged(ManualFlag {
        from: Timestamp::from_micros(message.from_us),
        to: Timestamp::from_micros(message.to_us),
        reason,
        at: Timestamp::from_micros(message.at_us),
    }))
}

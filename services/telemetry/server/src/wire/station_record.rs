//! A station in one value: the shortest list of stored events that folds to it. That is how a view keeps it, and what a
//! commit keeps for the repetition of a request, without a form of its own that would have to be read for ever too.

use allmende_eventlog::{Aggregate, UnknownEvent};
use allmende_kernel::Decider;
use allmende_telemetry_domain::station::{Event, Model, State};

use super::{Station, unknown};

/// The record of a station; empty for one that was never registered.
pub(crate) fn station_to_bytes(state: &State) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some(station) = state.station() else { return bytes };
    let registered = Event::Registered { kind: station.kind, cell: station.cell, at: station.registered_at };
    let sensors = station.sensors.iter().map(|sensor| Event::SensorRegistered { sensor: sensor.clone() });
    let retired = state.retired_at().map(|at| Event::Retired { at });
    for event in [registered].into_iter().chain(sensors).chain(retired) {
        let event = Station::encode(&event);
        put(&mut bytes, event.event_type.as_bytes());
        put(&mut bytes, &event.payload);
    }
    bytes
}

/// The station of a record.
pub(crate) fn station_from_bytes(mut bytes: &[u8]) -> Result<State, UnknownEvent> {
    let mut state = Model::initial();
    while !bytes.is_empty() {
        let event_type = take(&mut bytes).and_then(|part| std::str::from_utf8(part).ok());
        let payload = take(&mut bytes);
        let (Some(event_type), Some(payload)) = (event_type, payload) else {
            return Err(unknown("a station's record"));
        };
        state = Model::evolve(state, &Station::decode(event_type, payload)?);
    }
    Ok(state)
}

/// Parts stand behind their lengths. A sensor with 64 datastreams takes under 2 KiB.
fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&(part.len() as u32).to_le_bytes());
    bytes.extend_from_slice(part);
}

fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *bytes = rest;
    Some(part)
}

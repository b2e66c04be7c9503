//! Every stored event of every version, as bytes that were written once.

use allmende_eventlog::Aggregate as _;
use allmende_kernel::{Decider as _, Duration, Timestamp};
use allmende_telemetry_domain::observations::{self, FlagReason, ManualFlag, Observation};
use allmende_telemetry_domain::station::{self, Kind};
use allmende_telemetry_domain::{
    AirQualityDay, CellSize, Datastream, DatastreamId, GridCell, ObservedProperty, ReadingInterval, Sensor, SensorId,
    SensorModel,
};
use allmende_testkit::Golden;

use super::{Observations, Station};

/// Noon of 28 July 2018 in UTC+1.
fn noon() -> Timestamp {
    AirQualityDay::from_date(2018, 7, 28).unwrap().start() + Duration::from_secs(12 * 3_600)
}

const GOLDEN: Golden = Golden::of(env!("CARGO_MANIFEST_DIR"));

#[test]
fn events_of_stations_are_written_and_read_as_ever() {
    let cell = GridCell::from_corner(CellSize::M250, 3_098_500, 4_110_250).unwrap();
    let coarse = GridCell::from_corner(CellSize::M10000, 3_090_000, 4_110_000).unwrap();
    let at = noon();
    let datastream = |number: u8, property| Datastream {
        id: DatastreamId::from_bytes([number; 16]),
        property,
        interval: ReadingInterval::from_secs(145).unwrap(),
    };
    let datastreams = (1..).zip(ObservedProperty::ALL).map(|(number, property)| datastream(number, property)).collect();
    let model = SensorModel::parse("SDS011").unwrap();
    let sensor = Sensor::new(SensorId::from_bytes([0xa1; 16]), model, datastreams).unwrap();
    for (name, event) in [
        ("station_registered_citizen_v1", station::Event::Registered { kind: Kind::Citizen, cell, at }),
        ("station_registered_reference_v1", station::Event::Registered { kind: Kind::Reference, cell: coarse, at }),
        ("station_relocated_v1", station::Event::Relocated { cell: coarse, at }),
        ("station_retired_v1", station::Event::Retired { at }),
        ("sensor_registered_v1", station::Event::SensorRegistered { sensor }),
    ] {
        GOLDEN.check::<Station>(name, &event);
    }
}

#[test]
fn events_of_observations_are_written_and_read_as_ever() {
    let (time, received_at) = (noon(), noon() + Duration::from_secs(30));
    let flag =
        |reason| observations::Event::Flagged(ManualFlag { from: time, to: received_at, reason, at: received_at });
    let block = |count: i64| observations::Event::Recorded {
        observations: (0..count)
            .map(|index| Observation {
                time: time + Duration::from_secs(index * 145 + index % 3),
                result: 12.5 + (index % 11) as f64 / 10.0,
            })
            .collect(),
    };
    for (name, event) in [
        ("observations_recorded_plain_v1", block(3)),
        ("observation_conflicted_v1", observations::Event::Conflicted { time, kept: 12.5, refused: -1.0, received_at }),
        ("observations_flagged_maintenance_v1", flag(FlagReason::Maintenance)),
        ("observations_flagged_defect_v1", flag(FlagReason::Defect)),
        ("observations_flagged_local_source_v1", flag(FlagReason::LocalSource)),
    ] {
        GOLDEN.check::<Observations>(name, &event);
    }
    // By a compressor whose next version may find a shorter form.
    GOLDEN.check_read::<Observations>("observations_recorded_pco_v1", &block(200));
}

#[test]
fn an_event_that_is_not_known_is_named() {
    let error = Station::decode("allmende.telemetry.events.v9.StationLaunched", b"").unwrap_err();
    assert_eq!(error.event_type, "allmende.telemetry.events.v9.StationLaunched");
    for payload in [&b"\xff"[..], b""] {
        assert!(Station::decode("allmende.telemetry.events.v1.StationRegistered", payload).is_err());
        assert!(Station::decode("allmende.telemetry.events.v1.SensorRegistered", payload).is_err());
        assert!(Observations::decode("allmende.telemetry.events.v1.ObservationsRecorded", payload).is_err());
        assert!(Observations::decode("allmende.telemetry.events.v1.ObservationsFlagged", payload).is_err());
    }
}

#[test]
fn a_stations_record_is_its_state() {
    let cell = GridCell::from_corner(CellSize::M500, 3_098_500, 4_110_000).unwrap();
    let moved = GridCell::from_corner(CellSize::M500, 3_099_000, 4_110_000).unwrap();
    let datastream = Datastream {
        id: DatastreamId::from_bytes([7; 16]),
        property: ObservedProperty::Pm10,
        interval: ReadingInterval::from_secs(145).unwrap(),
    };
    let model = SensorModel::parse("SDS011").unwrap();
    let sensor = Sensor::new(SensorId::from_bytes([8; 16]), model, vec![datastream]).unwrap();
    let mut state = station::Model::initial();
    assert_eq!(super::station_from_bytes(&super::station_to_bytes(&state)), Ok(state.clone()));
    for event in [
        station::Event::Registered { kind: Kind::Citizen, cell, at: noon() },
        station::Event::SensorRegistered { sensor },
        station::Event::Relocated { cell: moved, at: noon() },
        station::Event::Retired { at: noon() },
    ] {
        state = station::Model::evolve(state, &event);
        let record = super::station_to_bytes(&state);
        assert_eq!(super::station_from_bytes(&record), Ok(state.clone()));
        assert!(super::station_from_bytes(&record[..record.len() - 1]).is_err());
    }
}

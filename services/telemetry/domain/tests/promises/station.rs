//! What a station lets be done to it.

use crate::given::{Given, assert_laws, fold};
use allmende_kernel::Timestamp;
use allmende_telemetry_domain::observations::DatastreamContext;
use allmende_telemetry_domain::station::{Command, Event, Kind, MAX_DATASTREAMS, MAX_SENSORS, Model, Rejection, State};
use allmende_telemetry_domain::{
    CellSize, Datastream, DatastreamId, GridCell, InvalidSensor, ObservedProperty, ReadingInterval, Sensor, SensorId,
    SensorModel,
};
use proptest::prelude::*;

fn given(events: impl IntoIterator<Item = Event>) -> Given<Model> {
    crate::given::given((), events)
}

fn cell(step: u32) -> GridCell {
    GridCell::from_corner(CellSize::M250, 3_098_500 + 250 * step, 4_110_250).unwrap()
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn registered() -> Event {
    Event::Registered { kind: Kind::Citizen, cell: cell(0), at: at(1) }
}

fn register(kind: Kind, step: u32) -> Command {
    Command::Register { kind, cell: cell(step), at: at(9) }
}

fn datastream(id: u8, property: ObservedProperty) -> Datastream {
    Datastream { id: datastream_id(id), property, interval: ReadingInterval::from_secs(145).unwrap() }
}

fn datastream_id(id: u8) -> DatastreamId {
    DatastreamId::from_bytes([id; 16])
}

fn sensor(id: u8, model: &str, datastreams: &[Datastream]) -> Sensor {
    Sensor::new(SensorId::from_bytes([id; 16]), SensorModel::parse(model).unwrap(), datastreams.to_vec()).unwrap()
}

fn sds011() -> Sensor {
    sensor(1, "SDS011", &[datastream(1, ObservedProperty::Pm10), datastream(2, ObservedProperty::Pm25)])
}

fn bme280() -> Sensor {
    sensor(
        2,
        "BME280",
        &[datastream(3, ObservedProperty::AirTemperature), datastream(4, ObservedProperty::RelativeHumidity)],
    )
}

fn added(sensor: Sensor) -> Event {
    Event::SensorRegistered { sensor }
}

fn add(sensor: Sensor) -> Command {
    Command::AddSensor { sensor }
}

#[test]
fn it_is_registered_once() {
    given([]).when(register(Kind::Citizen, 0)).then([Event::Registered {
        kind: Kind::Citizen,
        cell: cell(0),
        at: at(9),
    }]);
    given([registered()]).when(register(Kind::Citizen, 0)).then_nothing();
    given([registered()]).when(register(Kind::Reference, 0)).then_rejected(Rejection::StationDiffers);
    given([registered()]).when(register(Kind::Citizen, 1)).then_rejected(Rejection::StationDiffers);
}

#[test]
fn nothing_is_done_to_a_station_that_is_not_there() {
    for command in [Command::Relocate { cell: cell(1), at: at(2) }, Command::Retire { at: at(2) }, add(sds011())] {
        given([]).when(command).then_rejected(Rejection::StationUnknown);
    }
}

#[test]
fn it_moves_to_another_cell_only() {
    given([registered()]).when(Command::Relocate { cell: cell(0), at: at(2) }).then_nothing();
    let moved = Event::Relocated { cell: cell(1), at: at(2) };
    given([registered()]).when(Command::Relocate { cell: cell(1), at: at(2) }).then([moved.clone()]);
    given([registered(), moved.clone()]).when(register(Kind::Citizen, 1)).then_nothing();
    given([registered(), moved]).when(register(Kind::Citizen, 0)).then_rejected(Rejection::StationDiffers);
}

#[test]
fn once_retired_it_takes_no_change_but_what_is_so_already() {
    let retired = || given([registered(), added(sds011()), Event::Retired { at: at(2) }]);
    given([registered()]).when(Command::Retire { at: at(2) }).then([Event::Retired { at: at(2) }]);
    retired().when(Command::Retire { at: at(3) }).then_nothing();
    retired().when(register(Kind::Citizen, 0)).then_nothing();
    retired().when(add(sds011())).then_nothing();
    retired().when(register(Kind::Citizen, 1)).then_rejected(Rejection::StationRetired);
    retired().when(add(bme280())).then_rejected(Rejection::StationRetired);
    retired().when(Command::Relocate { cell: cell(1), at: at(3) }).then_rejected(Rejection::StationRetired);
}

#[test]
fn a_sensor_is_added_once_whatever_the_order_of_its_datastreams() {
    given([registered()]).when(add(sds011())).then([added(sds011())]);
    let turned = sensor(1, "SDS011", &[datastream(2, ObservedProperty::Pm25), datastream(1, ObservedProperty::Pm10)]);
    given([registered(), added(sds011())]).when(add(turned)).then_nothing();
}

#[test]
fn a_sensor_stays_what_it_was() {
    let id = sds011().id();
    let with = || given([registered(), added(sds011())]);
    let pm10 = datastream(1, ObservedProperty::Pm10);
    with().when(add(sensor(1, "SDS021", sds011().datastreams()))).then_rejected(Rejection::SensorDiffers(id));
    with().when(add(sensor(1, "SDS011", &[pm10]))).then_rejected(Rejection::SensorDiffers(id));
    let slower = Datastream { interval: ReadingInterval::from_secs(60).unwrap(), ..pm10 };
    let changed = sensor(1, "SDS011", &[slower, datastream(2, ObservedProperty::Pm25)]);
    with().when(add(changed)).then_rejected(Rejection::DatastreamDiffers(datastream_id(1)));
    let taken = sensor(3, "SDS011", &[pm10]);
    with().when(add(taken)).then_rejected(Rejection::DatastreamDiffers(datastream_id(1)));
}

#[test]
fn a_station_has_at_most_32_sensors_and_64_datastreams() {
    let one = |id: u8| sensor(id, "SDS011", &[datastream(id, ObservedProperty::Pm10)]);
    let many: Vec<Event> =
        std::iter::once(registered()).chain((1..=MAX_SENSORS as u8).map(|id| added(one(id)))).collect();
    given(many.clone()).when(add(one(33))).then_rejected(Rejection::StationFull);
    given(many[..32].to_vec()).when(add(one(33))).then([added(one(33))]);
    let wide = |id: u8, from: u8, to: u8| {
        sensor(id, "X", &(from..=to).map(|id| datastream(id, ObservedProperty::No2)).collect::<Vec<_>>())
    };
    let last = MAX_DATASTREAMS as u8;
    given([registered(), added(wide(1, 1, 60))]).when(add(wide(2, 61, last + 1))).then_rejected(Rejection::StationFull);
    given([registered(), added(wide(1, 1, 60))]).when(add(wide(2, 61, last))).then([added(wide(2, 61, last))]);
}

#[test]
fn a_sensor_measures_something_and_nothing_twice() {
    let new = |datastreams| Sensor::new(SensorId::from_bytes([1; 16]), SensorModel::parse("X").unwrap(), datastreams);
    assert_eq!(new(vec![]), Err(InvalidSensor::NoDatastream));
    let twice = vec![datastream(1, ObservedProperty::Pm10), datastream(1, ObservedProperty::Pm25)];
    assert_eq!(new(twice), Err(InvalidSensor::DatastreamTwice(datastream_id(1))));
}

#[test]
fn a_datastream_is_found_with_its_sensor() {
    let state = fold::<Model>(&[registered(), added(sds011()), added(bme280())]);
    let station = state.station().unwrap();
    let (sensor, found) = station.datastream(datastream_id(2)).unwrap();
    assert_eq!((sensor.model().as_str(), found.property), ("SDS011", ObservedProperty::Pm25));
    let humidity: Vec<_> = station.humidity_datastreams().map(|(sensor, found)| (sensor.id(), found.id)).collect();
    assert_eq!(humidity, [(bme280().id(), datastream_id(4))]);
}

#[test]
fn it_tells_what_observations_need_to_know() {
    let id = datastream_id(1);
    assert_eq!(State::Absent.datastream_context(id), DatastreamContext::StationUnknown);
    assert_eq!(fold::<Model>(&[registered()]).datastream_context(id), DatastreamContext::DatastreamUnknown);
    let mut events = vec![registered(), added(sds011())];
    assert_eq!(fold::<Model>(&events).datastream_context(id), DatastreamContext::Known { retired_at: None });
    events.push(Event::Retired { at: at(5) });
    let known = DatastreamContext::Known { retired_at: Some(at(5)) };
    assert_eq!(fold::<Model>(&events).datastream_context(id), known);
}

fn commands() -> impl Strategy<Value = Command> {
    let kind = prop_oneof![Just(Kind::Citizen), Just(Kind::Reference)];
    let moment = (0i64..9).prop_map(at);
    let streams = prop::collection::btree_set(0u8..70, 1..20);
    prop_oneof![
        2 => (kind, 0u32..3, moment.clone()).prop_map(|(kind, step, at)| Command::Register { kind, cell: cell(step), at }),
        2 => (0u32..3, moment.clone()).prop_map(|(step, at)| Command::Relocate { cell: cell(step), at }),
        1 => moment.prop_map(|at| Command::Retire { at }),
        6 => (0u8..40, streams).prop_map(|(id, streams)| {
            let streams: Vec<_> = streams.into_iter().map(|id| datastream(id, ObservedProperty::Pm10)).collect();
            add(sensor(id, "X", &streams))
        }),
    ]
}

proptest! {
    #[test]
    fn the_laws_hold(commands in prop::collection::vec(commands(), 0..40)) {
        assert_laws::<Model>(&(), &commands, |state| {
            let Some(station) = state.station() else { return };
            assert!(station.sensors.len() <= MAX_SENSORS && station.datastreams().count() <= MAX_DATASTREAMS);
            for (_, datastream) in station.datastreams() {
                let same = station.datastreams().filter(|(_, other)| other.id == datastream.id);
                assert_eq!(same.count(), 1);
            }
        });
    }
}

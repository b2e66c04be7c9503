//! What is done about a station: under which licence its observations are published, its place, its sensors, its end.

use allmende_proto::opendata::v1::DeclareSourceLicenceRequest;
use allmende_proto::telemetry::v1::{
    Datastream, FlagObservationsRequest, GeoPoint, RegisterSensorRequest, RelocateStationRequest, RetireStationRequest,
    Sensor, Station,
};
use tonic::Status;

use super::{fields, work};
use crate::forms::{Field, Form, Submitted};
use crate::visit::{Service, Visit};
use crate::words;

const LICENCE: &str = "lizenz";
const SENSOR: &str = "sensor";
const FLAG: &str = "kennzeichen";
const MOVE: &str = "versetzen";
const RETIRE: &str = "stilllegen";
/// Where a form keeps the ids of the series that it would add, by the number of what is observed.
const DATASTREAMS: [&str; 6] =
    ["datastream1", "datastream2", "datastream3", "datastream4", "datastream5", "datastream6"];

/// The edges that a grid cell may have, in metres.
pub(super) fn cell_sizes() -> Vec<(String, String)> {
    let called = |edge: u32| if edge < 1_000 { format!("{edge} m") } else { format!("{} km", edge / 1_000) };
    [250, 500, 1_000, 2_000, 5_000, 10_000].map(|edge| (edge.to_string(), called(edge))).to_vec()
}

/// Where a station is. The service makes a grid cell of it, and keeps nothing else.
pub(super) fn location(submitted: &Submitted) -> Option<GeoPoint> {
    let (latitude, longitude) = words::coordinates(submitted.get("location"))?;
    Some(GeoPoint { latitude, longitude })
}

/// The series of a station, of all its sensors.
pub(super) fn streams(station: &Station) -> Vec<&Datastream> {
    station.sensors.iter().flat_map(|sensor| &sensor.datastreams).collect()
}

/// The forms of a station, by what the reader may do about it.
pub(super) fn forms(visit: &Visit, station: &Station) -> Vec<Form> {
    let (s, language) = (visit.language.staff(), visit.language);
    let mut forms = Vec::new();
    if visit.may(work::DECLARE_LICENCE) {
        let form = Form::new(visit, LICENCE, s.declare).titled(s.station_licence).explained(s.station_licence_hint);
        forms.push(fields::with_terms(visit, form));
    }
    if visit.may(work::FLAG) && !streams(station).is_empty() {
        let series = streams(station).into_iter().map(|stream| {
            let property = words::observed_property(stream.observed_property(), language);
            (stream.datastream_id.clone(), property.to_owned())
        });
        forms.push(
            Form::new(visit, FLAG, s.flag)
                .titled(s.flag)
                .explained(s.flag_hint)
                .field(Field::select("datastream_id", s.datastream, series.collect()))
                .field(Field::moment("from_us", s.from_moment))
                .field(Field::moment("to_us", s.to_moment))
                .field(Field::select("reason", visit.m.reason, words::flag_reasons(language))),
        );
    }
    if station.retired_at_us.is_some() {
        return forms;
    }
    let sensor = Form::new(visit, SENSOR, s.add_sensor).titled(s.add_sensor).with_new_id("sensor_id");
    forms.push(
        DATASTREAMS
            .into_iter()
            .fold(sensor, Form::with_new_id)
            .field(Field::line("sensor.model", s.sensor_model, 60).hint(s.sensor_model_hint))
            .field(Field::boxes("sensor.datastreams", s.properties, words::observed_properties(language)))
            .field(Field::line("interval", s.interval, 6).value("150")),
    );
    forms.push(
        Form::new(visit, MOVE, s.move_station)
            .titled(s.move_station)
            .explained(s.move_station_hint)
            .field(Field::line("location", s.coordinates, 80).hint(s.coordinates_hint))
            .field(Field::select("cell_size_m", s.cell_size, cell_sizes())),
    );
    forms.push(
        Form::new(visit, RETIRE, s.retire_station).titled(s.retire_station).grave().explained(s.retire_station_hint),
    );
    forms
}

/// Notes what is no place, no moment and no number.
pub(super) fn checked(visit: &Visit, mut form: Form, submitted: &Submitted) -> Form {
    let s = visit.language.staff();
    let is_wrong = |name: &str, fits: bool| !submitted.get(name).is_empty() && !fits;
    if is_wrong("location", location(submitted).is_some()) {
        form = form.wrong("location", visit.m.error_place);
    }
    if is_wrong("interval", submitted.get("interval").parse::<u32>().is_ok()) {
        form = form.wrong("interval", visit.m.error_number);
    }
    for name in ["from_us", "to_us"] {
        if is_wrong(name, words::micros(submitted.get(name)).is_some()) {
            form = form.wrong(name, s.error_moment);
        }
    }
    form
}

/// What was done, where, and the position of it.
pub(super) type Changed = (&'static str, Service, String);

pub(super) async fn change(visit: &Visit, station_id: String, submitted: &Submitted) -> Result<Changed, Status> {
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let mut client = visit.api.telemetry();
    let of_air = |code| move |token| (code, Service::Telemetry, token);
    match submitted.get("form") {
        LICENCE => {
            let terms = fields::terms(submitted);
            let request = DeclareSourceLicenceRequest { tenant, request_id, station_id, terms };
            let answer = visit.api.opendata().declare_source_licence(visit.ask(request)).await?.into_inner();
            Ok(("lizenz", Service::Opendata, answer.consistency_token))
        }
        SENSOR => {
            let interval = submitted.get("interval").parse().unwrap_or_default();
            let datastream = |property: String| {
                let number: usize = property.parse().ok()?;
                Some(Datastream {
                    datastream_id: submitted.text(DATASTREAMS.get(number.checked_sub(1)?)?),
                    observed_property: property.parse().ok()?,
                    unit: String::new(),
                    expected_interval_s: interval,
                })
            };
            let sensor = Sensor {
                sensor_id: submitted.text("sensor_id"),
                model: submitted.text("sensor.model"),
                datastreams: submitted.all("sensor.datastreams").into_iter().filter_map(datastream).collect(),
            };
            let request = RegisterSensorRequest { tenant, request_id, station_id, sensor: Some(sensor) };
            let answer = client.register_sensor(visit.ask(request)).await;
            answer.map(|answer| answer.into_inner().consistency_token).map(of_air("gespeichert"))
        }
        FLAG => {
            let micros = |name: &str| words::micros(submitted.get(name)).unwrap_or_default();
            let request = FlagObservationsRequest {
                tenant,
                request_id,
                station_id,
                datastream_id: submitted.text("datastream_id"),
                from_us: micros("from_us"),
                to_us: micros("to_us"),
                reason: submitted.number("reason"),
            };
            let answer = client.flag_observations(visit.ask(request)).await;
            answer.map(|answer| answer.into_inner().consistency_token).map(of_air("gekennzeichnet"))
        }
        MOVE => {
            let cell_size_m = submitted.get("cell_size_m").parse().unwrap_or_default();
            let location = location(submitted);
            let request = RelocateStationRequest { tenant, request_id, station_id, location, cell_size_m };
            let answer = client.relocate_station(visit.ask(request)).await;
            answer.map(|answer| answer.into_inner().consistency_token).map(of_air("gespeichert"))
        }
        _ => {
            let request = RetireStationRequest { tenant, request_id, station_id };
            let answer = client.retire_station(visit.ask(request)).await;
            answer.map(|answer| answer.into_inner().consistency_token).map(of_air("stillgelegt"))
        }
    }
}

//! Stations as staff see them: under which licence their observations are published, and what is to be done about them.

use allmende_proto::opendata::v1::DeclareSourceLicenceRequest;
use allmende_proto::telemetry::v1::{
    Datastream, FlagObservationsRequest, GeoPoint, ListConflictsRequest, RegisterSensorRequest, RelocateStationRequest,
    RetireStationRequest, Sensor, Station,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use super::{fields, work};
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, stations};
use crate::view::{Cards, Cell, Heading, Links, Page, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

const LICENCE: &str = "lizenz";
const SENSOR: &str = "sensor";
const FLAG: &str = "kennzeichen";
const MOVE: &str = "versetzen";
const RETIRE: &str = "stilllegen";
/// Where a form keeps the ids of the series that it would add, by the number of what is observed.
const DATASTREAMS: [&str; 6] =
    ["datastream1", "datastream2", "datastream3", "datastream4", "datastream5", "datastream6"];

/// All stations.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    visit.only(work::REGISTER_STATION)?;
    let (m, s) = (visit.m, visit.language.staff());
    let answer = stations::page_of(&visit).await?;
    let ways = visit.offered(&[(work::REGISTER_STATION, "/verwaltung/messstellen/neu", s.register_station)]);
    let page = visit.staff_page(m.stations).lead(s.station_work_lead).with_some(Links::buttons(ways));
    let card = |station| {
        let mut card = stations::card(&visit, station);
        card.href = visit.to(&format!("/verwaltung/messstellen/{}", station.station_id));
        card
    };
    let page = if answer.stations.is_empty() {
        page.with(Paragraph::soft(m.no_stations))
    } else {
        page.with(Heading::new(m.all_stations)).with(Cards { items: answer.stations.iter().map(card).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token, &[])).respond(&visit))
}

/// The edges that a grid cell may have, in metres.
pub(super) fn cell_sizes() -> Vec<(String, String)> {
    [250, 500, 1_000, 2_000, 5_000, 10_000].map(|edge| (edge.to_string(), format!("{edge} m"))).to_vec()
}

/// Where a station is. The service makes a grid cell of it, and keeps nothing else.
pub(super) fn location(submitted: &Submitted) -> Option<GeoPoint> {
    let (latitude, longitude) = words::coordinates(submitted.get("location"))?;
    Some(GeoPoint { latitude, longitude })
}

fn streams(station: &Station) -> Vec<&Datastream> {
    station.sensors.iter().flat_map(|sensor| &sensor.datastreams).collect()
}

fn forms(visit: &Visit, station: &Station) -> Vec<Form> {
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

async fn page(visit: &Visit, station: &Station, tried: Option<Form>) -> Outcome {
    let (m, s) = (visit.m, visit.language.staff());
    let ways = vec![(visit.to(&format!("/messstellen/{}", station.station_id)), m.public_page.to_owned())];
    let page = visit
        .staff_page(&stations::name(visit, station))
        .crumb(visit.to("/verwaltung/messstellen"), m.stations)
        .with_some(Links::buttons(ways))
        .with(Heading::new(s.sensors));
    let page = if station.sensors.is_empty() {
        page.with(Paragraph::soft(s.no_sensors))
    } else {
        sensors(visit, page, station)
    };
    let page = conflicts(visit, page, station).await?;
    Ok(page.with_forms(forms(visit, station), tried).respond(visit))
}

fn sensors(visit: &Visit, page: Page, station: &Station) -> Page {
    let s = visit.language.staff();
    let row = |sensor: &Sensor| {
        let measured = sensor
            .datastreams
            .iter()
            .map(|stream| words::observed_property(stream.observed_property(), visit.language));
        vec![Cell::text(&sensor.model), Cell::text(measured.collect::<Vec<_>>().join(", "))]
    };
    let heads = vec![Cell::text(s.sensor_model), Cell::text(s.properties)];
    page.with(Table { caption: s.sensors.to_owned(), heads, rows: station.sensors.iter().map(row).collect() })
}

/// The latest contradictions of each series: a box that sends twice, or a clock that is wrong.
async fn conflicts(visit: &Visit, page: Page, station: &Station) -> Result<Page, Failure> {
    let (s, language) = (visit.language.staff(), visit.language);
    let mut rows = Vec::new();
    for stream in streams(station).into_iter().take(10) {
        let request = ListConflictsRequest {
            tenant: visit.of_tenant(),
            station_id: station.station_id.clone(),
            datastream_id: stream.datastream_id.clone(),
            page_size: 10,
            ..ListConflictsRequest::default()
        };
        let found = visit.api.telemetry().list_conflicts(visit.ask(request)).await?.into_inner().conflicts;
        rows.extend(found.iter().map(|conflict| {
            vec![
                Cell::text(words::observed_property(stream.observed_property(), language)),
                Cell::text(words::moment(conflict.phenomenon_time_us, language)),
                Cell::number(language.number(conflict.kept, 2)),
                Cell::number(language.number(conflict.refused, 2)),
            ]
        }));
    }
    let page = page.with(Heading::new(s.conflicts)).with(Paragraph::soft(s.conflicts_text));
    if rows.is_empty() {
        return Ok(page.with(Paragraph::soft(s.no_conflicts)));
    }
    let heads = vec![
        Cell::text(s.datastream),
        Cell::text(s.measured_at),
        Cell::number(s.kept_value),
        Cell::number(s.refused_value),
    ];
    Ok(page.with(Table { caption: s.conflicts.to_owned(), heads, rows }))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::REGISTER_STATION)?;
    page(&visit, &stations::find(&visit, &id).await?, None).await
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::REGISTER_STATION)?;
    let station = stations::find(&visit, &id).await?;
    let sent = submitted.get("form");
    let form = forms(&visit, &station).into_iter().find(|form| form.id() == sent).ok_or(Failure::NotFound)?;
    let form = checked(&visit, form.filled(&submitted), &submitted);
    if form.is_wrong() {
        return page(&visit, &station, Some(form)).await;
    }
    match change(&visit, id, &submitted).await {
        Ok((code, service, token)) => Ok(visit.done(&visit.path, code, service, &token)),
        Err(status) => page(&visit, &station, Some(form.refused(&visit, &status)?)).await,
    }
}

/// Notes what is no place, no moment and no number.
fn checked(visit: &Visit, mut form: Form, submitted: &Submitted) -> Form {
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

type Changed = (&'static str, Service, String);

async fn change(visit: &Visit, station_id: String, submitted: &Submitted) -> Result<Changed, Status> {
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

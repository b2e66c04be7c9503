//! Stations as staff see them.

use allmende_proto::telemetry::v1::{Conflict, ListConflictsRequest, Sensor, Station};
use axum::Extension;
use axum::extract::Path;

use super::station_forms::{change, checked, forms, streams};
use super::work;
use crate::failure::Failure;
use crate::forms::{Form, Submitted};
use crate::pages::{Outcome, stations};
use crate::view::{Cards, Cell, Heading, Links, Page, Pager, Paragraph, Table};
use crate::visit::{Visit, Visiting};
use crate::words;

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
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
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

/// The contradictions of a series: a box that sends twice, or a clock that is wrong.
async fn conflicts(visit: &Visit, page: Page, station: &Station) -> Result<Page, Failure> {
    let (s, language) = (visit.language.staff(), visit.language);
    let page = page.with(Heading::new(s.conflicts)).with(Paragraph::soft(s.conflicts_text));
    let streams = streams(station);
    let asked = visit.query("reihe");
    let chosen = streams.iter().position(|stream| stream.datastream_id == asked).unwrap_or(0);
    let Some(stream) = streams.get(chosen) else { return Ok(page.with(Paragraph::soft(s.no_conflicts))) };
    let ways = streams.iter().map(|stream| {
        let to = format!("{}?reihe={}", visit.path, stream.datastream_id);
        (to, words::observed_property(stream.observed_property(), language).to_owned())
    });
    let page = page.with(Links::choices(ways.collect(), chosen));
    let request = ListConflictsRequest {
        tenant: visit.of_tenant(),
        station_id: station.station_id.clone(),
        datastream_id: stream.datastream_id.clone(),
        page_size: 20,
        page_token: visit.query("seite").to_owned(),
        ..ListConflictsRequest::default()
    };
    let found = visit.api.telemetry().list_conflicts(visit.ask(request)).await?.into_inner();
    let row = |conflict: &Conflict| {
        vec![
            Cell::text(words::moment(conflict.phenomenon_time_us, language)),
            Cell::number(language.number(conflict.kept, 2)),
            Cell::number(language.number(conflict.refused, 2)),
        ]
    };
    if found.conflicts.is_empty() {
        return Ok(page.with(Paragraph::soft(s.no_conflicts)));
    }
    let heads = vec![Cell::text(s.measured_at), Cell::number(s.kept_value), Cell::number(s.refused_value)];
    let rows = found.conflicts.iter().map(row).collect();
    let page = page.with(Table { caption: s.conflicts.to_owned(), heads, rows });
    Ok(page.with_some(Pager::new(visit, &found.next_page_token)))
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

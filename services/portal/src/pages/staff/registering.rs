//! Registering a station.

use allmende_proto::telemetry::v1::RegisterStationRequest;
use axum::Extension;

use super::station_forms::{cell_sizes, location};
use super::work;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::Page;
use crate::visit::{Service, Visit, Visiting};
use crate::words;

fn form(visit: &Visit) -> Form {
    let s = visit.language.staff();
    Form::new(visit, "messstelle", s.register_station)
        .with_new_id("station_id")
        .field(Field::select("kind", s.kind_of_station, words::station_kinds(visit.language)))
        .field(Field::line("location", s.coordinates, 80).hint(s.coordinates_hint))
        .field(Field::select("cell_size_m", s.cell_size, cell_sizes()))
}

fn page(visit: &Visit, form: Form) -> Page {
    let s = visit.language.staff();
    let page = visit.staff_page(s.register_station).crumb(visit.to("/verwaltung/messstellen"), visit.m.stations);
    page.lead(s.register_station_lead).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.only(work::REGISTER_STATION)?;
    Ok(page(&visit, form(&visit)).respond(&visit))
}

pub(crate) async fn register(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.only(work::REGISTER_STATION)?;
    let mut form = form(&visit).filled(&submitted);
    let location = location(&submitted);
    if location.is_none() && !submitted.get("location").is_empty() {
        form = form.wrong("location", visit.m.error_place);
    }
    if form.is_wrong() {
        return Ok(page(&visit, form).respond(&visit));
    }
    let station_id = submitted.text("station_id");
    let request = RegisterStationRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        station_id: station_id.clone(),
        kind: submitted.number("kind"),
        location,
        cell_size_m: submitted.get("cell_size_m").parse().unwrap_or_default(),
    };
    match visit.api.telemetry().register_station(visit.ask(request)).await {
        Ok(answer) => {
            let to = visit.to(&format!("/verwaltung/messstellen/{station_id}"));
            Ok(visit.done(&to, "gespeichert", Service::Telemetry, &answer.into_inner().consistency_token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

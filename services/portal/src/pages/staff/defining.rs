//! What a report is about.

use allmende_proto::reporting::v1::{
    AirSection, AirSelection, DefineReportRequest, ListImpactLogicsRequest, ListIndicatorsRequest,
    ParticipationSection, ReportDefinition,
};
use allmende_proto::telemetry::v1::ListStationsRequest;
use axum::Extension;
use tonic::Status;

use super::fields::{self, Bilingual};
use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, procedures, stations, whole};
use crate::view::{Notice, Page};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// What a report can be narrowed to, or take in: ids and names.
#[derive(Debug, Default)]
pub(super) struct Choices {
    stations: Vec<(String, String)>,
    procedures: Vec<(String, String)>,
    indicators: Vec<(String, String)>,
    impact_logics: Vec<(String, String)>,
    /// One of the lists is longer than what is read of it.
    pub(super) goes_on: bool,
}

/// What there is in the tenant.
pub(super) async fn choices(visit: &Visit) -> Result<Choices, Failure> {
    let stations = whole(|page_token| async move {
        let request = ListStationsRequest {
            tenant: visit.of_tenant(),
            page_size: 500,
            page_token,
            ..ListStationsRequest::default()
        };
        let answer = visit.api.telemetry().list_stations(visit.ask(request)).await?.into_inner();
        Ok((answer.stations, answer.next_page_token))
    });
    let indicators = whole(|page_token| async move {
        let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Reporting));
        let request = ListIndicatorsRequest { tenant, page_size: 200, page_token, consistency_token };
        let answer = visit.api.reporting().list_indicators(visit.ask(request)).await?.into_inner();
        Ok((answer.indicators, answer.next_page_token))
    });
    let logics = whole(|page_token| async move {
        let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Reporting));
        let request = ListImpactLogicsRequest { tenant, page_size: 200, page_token, consistency_token };
        let answer = visit.api.reporting().list_impact_logics(visit.ask(request)).await?.into_inner();
        Ok((answer.impact_logics, answer.next_page_token))
    });
    let (stations, procedures) = (stations.await?, procedures::all(visit).await?);
    let (indicators, logics) = (indicators.await?, logics.await?);
    let called = |title: Option<&_>| words::excerpt(&words::localized(title, visit.language), 80);
    Ok(Choices {
        stations: stations.items.iter().map(|of| (of.station_id.clone(), stations::name(visit, of))).collect(),
        procedures: procedures.items,
        indicators: indicators.items.iter().map(|of| (of.indicator_id.clone(), called(of.title.as_ref()))).collect(),
        impact_logics: logics.items.iter().map(|of| (of.impact_logic_id.clone(), called(of.title.as_ref()))).collect(),
        goes_on: stations.goes_on || procedures.goes_on || indicators.goes_on || logics.goes_on,
    })
}

/// The form of a report that is `present` so far.
pub(super) fn form(visit: &Visit, choices: &Choices, present: &ReportDefinition) -> Form {
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    let title = present.title.clone().unwrap_or_default();
    let (air, participation) = (present.air.clone(), present.participation.clone());
    let selection = air.as_ref().map_or(AirSelection::All, AirSection::selection);
    let title = Bilingual {
        name: "definition.title",
        label: s.title,
        rows: 0,
        max: 500,
        is_needed: true,
        present: (title.de, title.en),
    };
    let form = title
        .add_to(visit, Form::new(visit, "bericht", m.save))
        .field(Field::day("definition.first_day", s.first_reported).value(present.first_day.clone()))
        .field(Field::day("definition.last_day", s.last_reported).value(present.last_day.clone()))
        .group(s.air_section)
        .field(Field::tick("air", s.air_in_report).tick_if(air.is_some()).optional())
        .field(
            Field::select("definition.air.selection", s.air_selection, words::air_selections(language))
                .value((selection as i32).to_string()),
        );
    let air = air.unwrap_or_default().station_ids;
    let form = boxes(form, ("definition.air.station_ids", s.only_stations, s.none_is_all), &choices.stations, air);
    let form = form
        .group(s.participation_section)
        .field(Field::tick("participation", s.participation_in_report).tick_if(participation.is_some()).optional());
    let names = ("definition.participation.procedure_ids", s.only_procedures, s.none_is_all);
    let form = boxes(form, names, &choices.procedures, participation.unwrap_or_default().procedure_ids);
    let form = form.group(s.more_sections);
    let names = ("definition.indicator_ids", s.indicators, "");
    let form = boxes(form, names, &choices.indicators, present.indicator_ids.clone());
    let names = ("definition.impact_logic_ids", s.impact_logics, "");
    boxes(form, names, &choices.impact_logics, present.impact_logic_ids.clone())
}

/// Boxes of what there is, without a field if there is nothing.
fn boxes(
    form: Form,
    (name, label, hint): (&'static str, &str, &str),
    there: &[(String, String)],
    ticked: Vec<String>,
) -> Form {
    let mut there = there.to_vec();
    // What is in the report stays in it, also where the list does not come so far.
    let unlisted = ticked.iter().filter(|id| !there.iter().any(|(known, _)| known == *id));
    let unlisted: Vec<_> = unlisted.map(|id| (id.clone(), id.clone())).collect();
    there.extend(unlisted);
    if there.is_empty() {
        return form;
    }
    form.field(Field::boxes(name, label, there).ticked(ticked).optional().hint(hint))
}

/// Defines the report as it was entered, and answers the position of the change.
pub(super) async fn define(visit: &Visit, report_id: String, submitted: &Submitted) -> Result<String, Status> {
    let air = submitted.is_ticked("air").then(|| AirSection {
        station_ids: submitted.all("definition.air.station_ids"),
        selection: submitted.number("definition.air.selection"),
    });
    let participation = submitted
        .is_ticked("participation")
        .then(|| ParticipationSection { procedure_ids: submitted.all("definition.participation.procedure_ids") });
    let definition = ReportDefinition {
        report_id,
        title: fields::localized(submitted, "definition.title"),
        first_day: submitted.text("definition.first_day"),
        last_day: submitted.text("definition.last_day"),
        air,
        participation,
        indicator_ids: submitted.all("definition.indicator_ids"),
        impact_logic_ids: submitted.all("definition.impact_logic_ids"),
    };
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = DefineReportRequest { tenant, request_id, definition: Some(definition) };
    let answer = visit.api.reporting().define_report(visit.ask(request)).await?;
    Ok(answer.into_inner().consistency_token)
}

fn page(visit: &Visit, choices: &Choices, form: Form) -> Page {
    let s = visit.language.staff();
    let page = visit.staff_page(s.define_report).crumb(visit.to("/verwaltung/berichte"), visit.m.reports);
    page.with_some(choices.goes_on.then(|| Notice::warning(visit.m.list_goes_on))).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.only(work::DEFINE_REPORT)?;
    let both = ReportDefinition {
        air: Some(AirSection::default()),
        participation: Some(ParticipationSection::default()),
        ..ReportDefinition::default()
    };
    let choices = choices(&visit).await?;
    let form = form(&visit, &choices, &both).with_new_id("report_id");
    Ok(page(&visit, &choices, form).respond(&visit))
}

pub(crate) async fn submit(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.only(work::DEFINE_REPORT)?;
    let choices = choices(&visit).await?;
    let form = form(&visit, &choices, &ReportDefinition::default()).with_new_id("report_id");
    let form = form.filled(&submitted);
    if form.is_wrong() {
        return Ok(page(&visit, &choices, form).respond(&visit));
    }
    let report_id = submitted.text("report_id");
    match define(&visit, report_id.clone(), &submitted).await {
        Ok(token) => {
            let to = visit.to(&format!("/verwaltung/berichte/{report_id}"));
            Ok(visit.done(&to, "gespeichert", Service::Reporting, &token))
        }
        Err(status) => Ok(page(&visit, &choices, form.refused(&visit, &status)?).respond(&visit)),
    }
}

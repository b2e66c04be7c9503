use allmende_proto::gateway::v1::ListTenantsRequest;
use allmende_proto::participation::v1::{ListProceduresRequest, ListProjectsRequest};
use allmende_proto::reporting::v1::ListReportsRequest;
use allmende_proto::telemetry::v1::{ListStationsRequest, ListStationsResponse};
use axum::Extension;

use super::{Outcome, procedures, projects};
use crate::view::{Card, Cards, Figures, Heading, Links, Page, Pager, Paragraph, Search};
use crate::visit::{Service, Visiting};
use crate::words;

/// All tenants.
pub(crate) async fn installation(Extension(visit): Visiting) -> Outcome {
    let m = visit.m;
    let request = ListTenantsRequest {
        page_size: 100,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Gateway),
    };
    let answer = visit.api.tenants().list_tenants(visit.ask(request)).await?.into_inner();
    let items: Vec<_> = answer
        .tenants
        .iter()
        .map(|tenant| Card {
            href: format!("/{}", tenant.tenant),
            title: visit.theirs(&tenant.name),
            kicker: words::tenant_kind(tenant.kind(), visit.language).to_owned(),
            badge: if tenant.demo { m.demo.to_owned() } else { String::new() },
            tone: "warn",
            ..Card::default()
        })
        .collect();
    let page = Page::new(m.platform_title).kicker(m.platform).lead(m.platform_lead).start();
    let page = page.with(Heading::new(m.places));
    let page = if items.is_empty() { page.with(Paragraph::soft(m.no_places)) } else { page.with(Cards { items }) };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

/// A tenant's own start.
pub(crate) async fn tenant(Extension(visit): Visiting) -> Outcome {
    let m = visit.m;
    let seen = visit.seen(Service::Participation);
    let (mut participation, mut telemetry) = (visit.api.participation(), visit.api.telemetry());
    let mut reporting = visit.api.reporting();
    let mut more = visit.api.participation();
    let listed = participation.list_procedures(visit.ask(ListProceduresRequest {
        tenant: visit.of_tenant(),
        page_size: 6,
        page_token: String::new(),
        consistency_token: seen.clone(),
    }));
    let stations = telemetry.list_stations(visit.ask(ListStationsRequest {
        tenant: visit.of_tenant(),
        page_size: 500,
        ..ListStationsRequest::default()
    }));
    let made = more.list_projects(visit.ask(ListProjectsRequest {
        tenant: visit.of_tenant(),
        page_size: 3,
        consistency_token: seen,
        ..ListProjectsRequest::default()
    }));
    let reports = reporting.list_reports(visit.ask(ListReportsRequest {
        tenant: visit.of_tenant(),
        page_size: 3,
        ..ListReportsRequest::default()
    }));
    let (listed, stations, made, reports) = tokio::join!(listed, stations, made, reports);
    let listed = listed?.into_inner().procedures;
    // What is beside the procedures may be away without taking the page with it.
    let ListStationsResponse { stations, next_page_token: more_stations, .. } =
        stations.map(tonic::Response::into_inner).unwrap_or_default();
    let made = made.map(|answer| answer.into_inner().projects).unwrap_or_default();
    let reports = reports.map(|answer| answer.into_inner().reports).unwrap_or_default();

    let name = visit.tenant.as_ref().map(|tenant| tenant.name.clone()).unwrap_or_default();
    let mut page = Page::new(m.tenant_title).kicker(visit.theirs(&name)).lead(m.tenant_lead).start();
    page = page
        .with(Search { m, action: visit.to("/suche"), query: String::new() })
        .with(Heading::new(m.current_procedures));
    let current = listed.iter().filter(|procedure| procedure.closed_at_us.is_none());
    let items: Vec<_> = current.map(|procedure| procedures::card(&visit, procedure)).collect();
    page = if items.is_empty() { page.with(Paragraph::soft(m.no_procedures)) } else { page.with(Cards { items }) };
    if !listed.is_empty() {
        page = page.with(Links::list(vec![(visit.to("/verfahren"), m.all_procedures.to_owned())]));
    }
    if !made.is_empty() {
        let items = made.iter().map(|project| projects::card(&visit, project)).collect();
        page = page.with(Heading::new(m.what_came_of_it)).with(Cards { items });
    }
    if !stations.is_empty() {
        // A town with more than a page of them is told no wrong number.
        let at_least = |number: usize| match more_stations.is_empty() {
            true => number.to_string(),
            false => words::fill(m.at_least, &[&number.to_string()]),
        };
        let measuring = stations.iter().filter(|station| station.retired_at_us.is_none());
        let streams = measuring
            .clone()
            .flat_map(|station| &station.sensors)
            .map(|sensor| sensor.datastreams.len())
            .sum::<usize>();
        let rows = vec![
            (m.stations_in_service.to_owned(), at_least(measuring.count())),
            (m.datastreams.to_owned(), at_least(streams)),
        ];
        page = page.with(Heading::new(m.our_air)).with(Figures { rows });
        page = page.with(Links::list(vec![(visit.to("/messstellen"), m.all_stations.to_owned())]));
    }
    if !reports.is_empty() {
        let title = |report: &allmende_proto::reporting::v1::Report| {
            let definition = report.definition.clone().unwrap_or_default();
            let title = words::localized(definition.title.as_ref(), visit.language);
            (visit.to(&format!("/berichte/{}", definition.report_id)), title)
        };
        page = page.with(Heading::new(m.reports)).with(Links::list(reports.iter().map(title).collect()));
    }
    Ok(page.respond(&visit))
}

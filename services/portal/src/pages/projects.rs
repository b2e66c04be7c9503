use allmende_proto::participation::v1::{GetProjectRequest, ListProjectsRequest, Project, StatusUpdate};
use axum::Extension;
use axum::extract::Path;
use futures_util::future::join_all;

use super::{Outcome, contributions};
use crate::failure::Failure;
use crate::view::{Card, Cards, Heading, Links, Page, Pager, Paragraph, Updates};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// How many texts are looked up to be named.
const NAMED: usize = 20;

/// A project among others.
pub(crate) fn card(visit: &Visit, project: &Project) -> Card {
    let (badge, tone) = words::project_state(project.state(), visit.language);
    Card {
        href: visit.to(&format!("/vorhaben/{}", project.project_id)),
        title: visit.theirs(&project.title),
        text: visit.theirs(words::excerpt(&project.summary, 160)),
        badge: badge.to_owned(),
        tone,
        note: words::contributions(u32::try_from(project.contribution_ids.len()).unwrap_or(u32::MAX), visit.language),
        ..Card::default()
    }
}

/// All projects.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    let request = ListProjectsRequest {
        tenant: visit.of_tenant(),
        page_size: 24,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
        ..ListProjectsRequest::default()
    };
    let answer = visit.api.participation().list_projects(visit.ask(request)).await?.into_inner();
    let m = visit.m;
    let page = Page::new(m.projects).lead(m.projects_lead).section(m.projects);
    let page = if answer.projects.is_empty() {
        page.with(Paragraph::soft(m.no_projects))
    } else {
        page.with(Heading::new(m.what_came_of_it))
            .with(Cards { items: answer.projects.iter().map(|project| card(&visit, project)).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

/// The project of this id.
pub(crate) async fn find(visit: &Visit, project_id: &str) -> Result<Project, Failure> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Participation));
    let request = GetProjectRequest { tenant, project_id: project_id.to_owned(), consistency_token };
    let answer = visit.api.participation().get_project(visit.ask(request)).await?.into_inner();
    answer.project.ok_or(Failure::NotFound)
}

/// With what was said about how it goes on, the latest first.
pub(crate) fn with_status(visit: &Visit, page: Page, project: &Project) -> Page {
    if project.status.is_empty() {
        return page;
    }
    page.with(Heading::new(visit.m.status)).with(updates(visit, &project.status))
}

/// What the administration told over time.
pub(crate) fn updates(visit: &Visit, status: &[StatusUpdate]) -> Updates {
    let update = |update: &StatusUpdate| (words::moment(update.at_us, visit.language), visit.theirs(&update.text));
    Updates { items: status.iter().map(update).collect() }
}

/// One of them.
pub(crate) async fn show(Extension(visit): Visiting, Path((_, project_id)): Path<(String, String)>) -> Outcome {
    let project = find(&visit, &project_id).await?;
    let m = visit.m;
    let (state, _) = words::project_state(project.state(), visit.language);
    let page = Page::new(visit.theirs(&project.title))
        .kicker(state)
        .lead(visit.theirs(&project.summary))
        .crumb(visit.to("/vorhaben"), m.projects)
        .section(m.projects);
    let page = with_status(&visit, page, &project);
    let mut sources = vec![(visit.to(&format!("/verfahren/{}", project.procedure_id)), m.to_procedure.to_owned())];
    let named = join_all(project.contribution_ids.iter().take(NAMED).map(|id| contributions::find(&visit, id))).await;
    for (place, id) in project.contribution_ids.iter().enumerate() {
        let label = match named.get(place) {
            Some(Ok(contribution)) => contributions::called(&visit, contribution),
            // It is public no more.
            Some(Err(failure)) if failure.hides() => continue,
            Some(Err(_)) | None => format!("{} {}", m.contribution, place + 1),
        };
        sources.push((visit.to(&format!("/beitraege/{id}")), label));
    }
    Ok(page.with(Heading::new(m.goes_back_to)).with(Links::list(sources)).respond(&visit))
}

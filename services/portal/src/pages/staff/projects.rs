//! Projects: what ideas and proposals become, and how it goes on.

use allmende_proto::participation::v1::{
    ContributionKind, ListContributionsRequest, ListProjectsRequest, ListProjectsResponse, Procedure, Project,
    PromoteToProjectRequest, UpdateProjectRequest,
};
use axum::Extension;
use axum::extract::Path;

use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, contributions, procedures, projects};
use crate::view::{Cards, Entry, Heading, Links, Pager, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

struct Known {
    procedure: Procedure,
    /// A page of its projects.
    projects: ListProjectsResponse,
    /// A page of texts that a project can go back to: id and title.
    texts: Vec<(String, String)>,
    more_texts: String,
}

async fn known(visit: &Visit, id: &str) -> Result<Known, Failure> {
    let procedure = procedures::find(visit, id).await?;
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Participation));
    let request = ListProjectsRequest {
        tenant: tenant.clone(),
        procedure_id: id.to_owned(),
        page_size: 20,
        page_token: visit.query("vorhaben").to_owned(),
        consistency_token: consistency_token.clone(),
    };
    let projects = visit.api.participation().list_projects(visit.ask(request)).await?.into_inner();
    let request = ListContributionsRequest {
        tenant,
        procedure_id: id.to_owned(),
        kinds: vec![ContributionKind::Idea.into(), ContributionKind::Proposal.into()],
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token,
        ..ListContributionsRequest::default()
    };
    let answer = visit.api.participation().list_contributions(visit.ask(request)).await?.into_inner();
    let (mut found, more_texts) = (answer.contributions, answer.next_page_token);
    // One that the address names is there on every page.
    let named = visit.query("aus");
    if !named.is_empty() && !found.iter().any(|contribution| contribution.contribution_id == named) {
        found.insert(0, contributions::find(visit, named).await?);
    }
    let is_one = |kind| matches!(kind, ContributionKind::Idea | ContributionKind::Proposal);
    let texts = found.iter().filter(|contribution| is_one(contribution.kind())).map(|contribution| {
        let entry = Entry::of(visit, contribution);
        (entry.id, format!("{}: {}", entry.kind, entry.title))
    });
    let texts = texts.collect();
    Ok(Known { procedure, projects, texts, more_texts })
}

fn start_form(visit: &Visit, known: &Known) -> Form {
    let (m, s) = (visit.m, visit.language.staff());
    let named = visit.query("aus");
    let ticked = known.texts.iter().filter(|(id, _)| id == named).map(|(id, _)| id.clone()).collect();
    Form::new(visit, "vorhaben", s.start_project)
        .titled(s.start_project)
        .with_new_id("project_id")
        .field(Field::line("title", m.headline, 200))
        .field(Field::area("summary", m.summary, 5, 5_000).optional())
        .field(
            Field::boxes("contribution_ids", s.goes_back_to, known.texts.clone())
                .ticked(ticked)
                .leading(known.texts.iter().map(|(id, _)| visit.to(&format!("/beitraege/{id}"))).collect()),
        )
}

fn page(visit: &Visit, known: &Known, form: Option<Form>) -> Outcome {
    let s = visit.language.staff();
    let mut page = visit.procedure_page(s.start_project, &known.procedure).lead(s.start_project_lead);
    if !known.projects.projects.is_empty() {
        let card = |project| {
            let mut card = projects::card(visit, project);
            card.href = visit.to(&format!("/verwaltung/vorhaben/{}", project.project_id));
            card
        };
        let items = known.projects.projects.iter().map(card).collect();
        page = page.with(Heading::new(s.projects_of_procedure)).with(Cards { items });
        let called = visit.m.projects;
        page = page.with_some(Pager::of(visit, "vorhaben", called, &known.projects.next_page_token));
    }
    if known.texts.is_empty() {
        return Ok(page.with(Paragraph::soft(s.no_ideas)).respond(visit));
    }
    let page = page.with_form(form.unwrap_or_else(|| start_form(visit, known)));
    Ok(page.with_some(Pager::of(visit, "seite", s.goes_back_to, &known.more_texts)).respond(visit))
}

pub(crate) async fn list(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::UPDATE_PROJECT)?;
    page(&visit, &known(&visit, &id).await?, None)
}

pub(crate) async fn start(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::START_PROJECT)?;
    let known = known(&visit, &id).await?;
    let form = start_form(&visit, &known).filled(&submitted);
    if form.is_wrong() {
        return page(&visit, &known, Some(form));
    }
    let project_id = submitted.text("project_id");
    let request = PromoteToProjectRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        procedure_id: id,
        project_id: project_id.clone(),
        contribution_ids: submitted.all("contribution_ids"),
        title: submitted.text("title"),
        summary: submitted.text("summary"),
    };
    match visit.api.participation().promote_to_project(visit.ask(request)).await {
        Ok(answer) => {
            let to = visit.to(&format!("/verwaltung/vorhaben/{project_id}"));
            Ok(visit.done(&to, "vorhaben", Service::Participation, &answer.into_inner().consistency_token))
        }
        Err(status) => page(&visit, &known, Some(form.refused(&visit, &status)?)),
    }
}

fn update_form(visit: &Visit, project: &Project) -> Form {
    let (m, s) = (visit.m, visit.language.staff());
    Form::new(visit, "fortschritt", m.publish)
        .titled(s.update_project)
        .field(Field::select("state", m.state, words::project_states(visit.language)).value(project.state.to_string()))
        .field(Field::area("text", s.update_text, 5, 5_000))
}

async fn project_page(visit: &Visit, project: &Project, form: Form) -> Outcome {
    let m = visit.m;
    let procedure = procedures::find(visit, &project.procedure_id).await?;
    let ways = vec![(visit.to(&format!("/vorhaben/{}", project.project_id)), m.public_page.to_owned())];
    let of_procedure = visit.to(&format!("/verwaltung/verfahren/{}/vorhaben", project.procedure_id));
    let page = visit
        .procedure_page(&visit.theirs(&project.title), &procedure)
        .crumb(of_procedure, m.projects)
        .lead(visit.theirs(&project.summary))
        .with_some(Links::buttons(ways));
    Ok(projects::with_status(visit, page, project).with_form(form).respond(visit))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::UPDATE_PROJECT)?;
    let project = projects::find(&visit, &id).await?;
    let form = update_form(&visit, &project);
    project_page(&visit, &project, form).await
}

pub(crate) async fn update(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::UPDATE_PROJECT)?;
    let project = projects::find(&visit, &id).await?;
    let form = update_form(&visit, &project).filled(&submitted);
    if form.is_wrong() {
        return project_page(&visit, &project, form).await;
    }
    let request = UpdateProjectRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        procedure_id: project.procedure_id.clone(),
        project_id: id,
        state: submitted.number("state"),
        text: submitted.text("text"),
    };
    match visit.api.participation().update_project(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.path, "veroeffentlicht", Service::Participation, &token))
        }
        Err(status) => project_page(&visit, &project, form.refused(&visit, &status)?).await,
    }
}

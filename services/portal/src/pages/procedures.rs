use allmende_proto::participation::v1::{
    Document, GetProcedureRequest, ListContributionsRequest, ListDocumentsRequest, ListDocumentsResponse,
    ListProceduresRequest, ListProjectsRequest, ListProjectsResponse, ListThemesRequest, ListThemesResponse, PhaseKind,
    Procedure,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use super::{Outcome, Whole, projects, whole};
use crate::failure::Failure;
use crate::view::{Card, Cards, Entries, Entry, Facts, Heading, Links, Page, Pager, Paragraph, Phase, Phases};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// A procedure among others.
pub(crate) fn card(visit: &Visit, procedure: &Procedure) -> Card {
    let (badge, tone) = standing(visit, procedure);
    Card {
        href: visit.to(&format!("/verfahren/{}", procedure.procedure_id)),
        title: visit.theirs(&procedure.title),
        kicker: visit.theirs(&procedure.method),
        text: visit.theirs(words::excerpt(&procedure.summary, 180)),
        badge,
        tone,
        note: words::contributions(procedure.published_contributions, visit.language),
    }
}

fn standing(visit: &Visit, procedure: &Procedure) -> (String, &'static str) {
    if procedure.closed_at_us.is_some() {
        return (visit.m.closed.to_owned(), "");
    }
    match procedure.open_phases().next() {
        Some(phase) => (words::phase_kind(phase, visit.language).to_owned(), "good"),
        None => (visit.m.no_phase_open.to_owned(), ""),
    }
}

/// All procedures.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    let request = ListProceduresRequest {
        tenant: visit.of_tenant(),
        page_size: 24,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().list_procedures(visit.ask(request)).await?.into_inner();
    let m = visit.m;
    let page = Page::new(m.procedures).lead(m.procedures_lead).section(m.procedures);
    let (closed, current): (Vec<_>, Vec<_>) =
        answer.procedures.iter().partition(|procedure| procedure.closed_at_us.is_some());
    let mut page = if answer.procedures.is_empty() { page.with(Paragraph::soft(m.no_procedures)) } else { page };
    for (heading, some) in [(m.current_procedures, current), (m.closed_procedures, closed)] {
        if !some.is_empty() {
            let items = some.into_iter().map(|procedure| card(&visit, procedure)).collect();
            page = page.with(Heading::new(heading)).with(Cards { items });
        }
    }
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

/// All procedures to choose from: id and title.
pub(crate) async fn all(visit: &Visit) -> Result<Whole<(String, String)>, Status> {
    let found = whole(|page_token| async move {
        let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Participation));
        let request = ListProceduresRequest { tenant, page_size: 100, page_token, consistency_token };
        let answer = visit.api.participation().list_procedures(visit.ask(request)).await?.into_inner();
        let called = |of: Procedure| (of.procedure_id, visit.theirs(words::excerpt(&of.title, 80)));
        Ok((answer.procedures.into_iter().map(called).collect(), answer.next_page_token))
    });
    found.await
}

/// The procedure of this id.
pub(crate) async fn find(visit: &Visit, procedure_id: &str) -> Result<Procedure, Failure> {
    let request = GetProcedureRequest {
        tenant: visit.of_tenant(),
        procedure_id: procedure_id.to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().get_procedure(visit.ask(request)).await?.into_inner();
    answer.procedure.ok_or(Failure::NotFound)
}

/// One of them, with what people wrote and what they are asked.
pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    let m = visit.m;
    let procedure = find(&visit, &id).await?;
    let (tenant, procedure_id, consistency_token) = (visit.of_tenant(), id.clone(), visit.seen(Service::Participation));
    let mut clients = (visit.api.participation(), visit.api.participation());
    let mut others = (visit.api.participation(), visit.api.participation());
    let documents = clients.0.list_documents(visit.ask(ListDocumentsRequest {
        tenant: tenant.clone(),
        procedure_id: procedure_id.clone(),
        page_size: 20,
        page_token: visit.query("texte").to_owned(),
        consistency_token: consistency_token.clone(),
    }));
    let latest = clients.1.list_contributions(visit.ask(ListContributionsRequest {
        tenant: tenant.clone(),
        procedure_id: procedure_id.clone(),
        page_size: 5,
        consistency_token: consistency_token.clone(),
        ..ListContributionsRequest::default()
    }));
    let themes = others.0.list_themes(visit.ask(ListThemesRequest {
        tenant: tenant.clone(),
        procedure_id: procedure_id.clone(),
        page_size: 20,
        page_token: visit.query("themen").to_owned(),
        consistency_token: consistency_token.clone(),
    }));
    let made = others.1.list_projects(visit.ask(ListProjectsRequest {
        tenant,
        procedure_id,
        page_size: 12,
        page_token: visit.query("vorhaben").to_owned(),
        consistency_token,
    }));
    let (documents, latest, themes, made) = tokio::join!(documents, latest, themes, made);
    let (ListDocumentsResponse { documents, next_page_token: more_documents, .. }, latest) =
        (documents?.into_inner(), latest?.into_inner().contributions);
    let ListThemesResponse { themes, next_page_token: more_themes, .. } = themes?.into_inner();
    let ListProjectsResponse { projects: made, next_page_token: more_made, .. } = made?.into_inner();

    let own = format!("/verfahren/{id}");
    let mut page = Page::new(visit.theirs(&procedure.title))
        .kicker(visit.theirs(&procedure.method))
        .lead(visit.theirs(&procedure.summary))
        .crumb(visit.to("/verfahren"), m.procedures)
        .section(m.procedures);
    let is_open = |kind| procedure.closed_at_us.is_none() && procedure.open_phases().any(|open| open == kind);
    let mut buttons = Vec::new();
    let is_asked_about = |document: &&Document| document.consultation.as_ref().is_some_and(|asked| asked.open);
    if let Some(document) = documents.iter().find(is_asked_about) {
        buttons.push((visit.to(&format!("/texte/{}", document.document_id)), m.read_and_comment.to_owned()));
    }
    if is_open(PhaseKind::Submission) {
        buttons.push((visit.to(&format!("{own}/beitraege/neu")), m.contribute.to_owned()));
    }
    buttons.push((visit.to(&format!("{own}/beitraege")), m.read_contributions.to_owned()));
    if visit.is_staff() {
        buttons.push((visit.to(&format!("/verwaltung/verfahren/{id}")), m.administer.to_owned()));
    }
    page = page.with_some(Links::buttons(buttons));
    if !documents.is_empty() {
        page = page.with(Heading::new(m.texts_to_discuss));
        page = page.with(Cards { items: documents.iter().map(|document| document_card(&visit, document)).collect() });
    }
    page = page.with_some(Pager::of(&visit, "texte", m.texts, &more_documents));
    page = page.with(Heading::new(m.phases)).with(phases(&visit, &procedure));
    if !procedure.status.is_empty() {
        page = page.with(Heading::new(m.status)).with(projects::updates(&visit, &procedure.status));
    }
    if !latest.is_empty() {
        let items = latest.iter().map(|contribution| Entry::of(&visit, contribution)).collect();
        page = page.with(Heading::new(m.latest_contributions)).with(Entries { m, items });
    }
    if !themes.is_empty() {
        page = page.with(Heading::new(m.themes)).with(theme_entries(&visit, &themes));
    }
    page = page.with_some(Pager::of(&visit, "themen", m.themes, &more_themes));
    if !made.is_empty() {
        let items = made.iter().map(|project| projects::card(&visit, project)).collect();
        page = page.with(Heading::new(m.what_came_of_it)).with(Cards { items });
    }
    page = page.with_some(Pager::of(&visit, "vorhaben", m.projects, &more_made));
    Ok(page.with(Heading::new(m.rules)).with(rules(&visit, &procedure)).respond(&visit))
}

fn document_card(visit: &Visit, document: &Document) -> Card {
    let m = visit.m;
    let (badge, tone, note) = match &document.consultation {
        Some(asked) => {
            let days = words::days(&asked.from_day, &asked.to_day, visit.language);
            if asked.open { (m.open_for_comments, "good", days) } else { (m.comments_closed, "", days) }
        }
        None => ("", "", String::new()),
    };
    Card {
        href: visit.to(&format!("/texte/{}", document.document_id)),
        title: visit.theirs(&document.title),
        kicker: fill(m.version, &[&document.latest_version.to_string()]),
        badge: badge.to_owned(),
        tone,
        note,
        ..Card::default()
    }
}

/// When what is taken.
pub(crate) fn phases(visit: &Visit, procedure: &Procedure) -> Phases {
    let now_open: Vec<_> = procedure.open_phases().collect();
    let items = procedure.phases.iter().map(|phase| Phase {
        name: words::phase_kind(phase.kind(), visit.language),
        days: words::days(&phase.from_day, &phase.to_day, visit.language),
        is_open: procedure.closed_at_us.is_none() && now_open.contains(&phase.kind()),
    });
    Phases { m: visit.m, items: items.collect() }
}

fn rules(visit: &Visit, procedure: &Procedure) -> Facts {
    let (m, language) = (visit.m, visit.language);
    let level = words::sign_in_level(procedure.required_level(), language).to_owned();
    let mut rows =
        vec![(m.required_level.to_owned(), level), (m.licence.to_owned(), words::licence_called(&procedure.licence))];
    if !procedure.transcription_until_day.is_empty() {
        rows.push((m.letters_until.to_owned(), words::day(&procedure.transcription_until_day, language)));
    }
    if procedure.supports_per_person > 0 {
        rows.push((m.supports_per_person.to_owned(), procedure.supports_per_person.to_string()));
    }
    if procedure.support_threshold > 0 {
        rows.push((m.support_threshold.to_owned(), procedure.support_threshold.to_string()));
    }
    if procedure.counts_hidden {
        rows.push((m.counts.to_owned(), m.counts_hidden.to_owned()));
    }
    Facts { rows }
}

fn theme_entries(visit: &Visit, themes: &[allmende_proto::participation::v1::Theme]) -> Entries {
    let m = visit.m;
    let entry = |theme: &allmende_proto::participation::v1::Theme| {
        let answer = theme.response.as_ref().map(|response| {
            let label = fill(m.answer_of, &[&words::moment(response.at_us, visit.language)]);
            (label, visit.theirs(&response.text))
        });
        Entry {
            id: theme.theme_id.clone(),
            kind: m.theme,
            note: words::contributions(theme.contributions, visit.language),
            title: visit.theirs(&theme.title),
            href: visit.to(&format!("/verfahren/{}/beitraege", theme.procedure_id)),
            body: visit.theirs(&theme.description),
            remarks: answer.into_iter().collect(),
            ..Entry::default()
        }
    };
    Entries { m, items: themes.iter().map(entry).collect() }
}

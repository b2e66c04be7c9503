use allmende_proto::participation::v1::{
    ChannelReach, GetReachByChannelRequest, ListDocumentsRequest, ListModerationQueueRequest, ListProceduresRequest,
    PublishStatusRequest,
};
use axum::Extension;
use axum::extract::Path;

use super::work;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, if_allowed, procedures};
use crate::view::{Cards, Cell, Figures, Heading, Links, Page, Pager, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// What there is to do.
pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.staff_only()?;
    let (m, s) = (visit.m, visit.language.staff());
    let request = ListProceduresRequest {
        tenant: visit.of_tenant(),
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().list_procedures(visit.ask(request)).await?.into_inner();
    let tasks = visit.offered(&[
        (work::OPEN_PROCEDURE, "/verwaltung/verfahren-eroeffnen", m.open_procedure),
        (work::RELEASE, "/verwaltung/daten", m.data_release),
        (work::REGISTER_STATION, "/verwaltung/messstellen", s.stations_and_licences),
        (work::RUN_REPORT, "/verwaltung/berichte", s.report_work),
        (work::RECORD_READING, "/verwaltung/kennzahlen", s.indicators),
        (work::DECIDE_ERASURE, "/verwaltung/loeschungen", m.erasure_requests),
        (work::SEE_GRANTS, "/verwaltung/rechte", m.people_and_roles),
        (work::UPDATE_TENANT, "/verwaltung/angaben", s.tenant_texts),
        (work::SEE_FEEDBACK, "/verwaltung/rueckmeldungen", m.feedback_received),
        (work::SEE_MAIL, "/verwaltung/post", s.mail),
    ]);
    let page = Page::new(m.administration).lead(m.administration_lead).section(m.administration);
    let page = page.with(Heading::new(m.tasks)).with(Links::list(tasks)).with(Heading::new(m.all_procedures));
    let card = |procedure| {
        let mut card = procedures::card(&visit, procedure);
        card.href = visit.to(&format!("/verwaltung/verfahren/{}", procedure.procedure_id));
        card
    };
    let page = page.with(Cards { items: answer.procedures.iter().map(card).collect() });
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

fn status_form(visit: &Visit) -> Form {
    let m = visit.m;
    Form::new(visit, "stand", m.publish).titled(m.publish_status).field(Field::area("text", m.status_text, 4, 5_000))
}

/// A procedure as staff see it.
pub(crate) async fn procedure(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    let form = status_form(&visit);
    procedure_page(&visit, &id, form).await
}

async fn procedure_page(visit: &Visit, id: &str, form: Form) -> Outcome {
    let (m, s) = (visit.m, visit.language.staff());
    let procedure = procedures::find(visit, id).await?;
    let (tenant, procedure_id) = (visit.of_tenant(), id.to_owned());
    let seen = visit.seen(Service::Participation);
    let request = GetReachByChannelRequest {
        tenant: tenant.clone(),
        procedure_id: procedure_id.clone(),
        consistency_token: seen.clone(),
    };
    // Not everybody with work here may see these numbers, nor the queue.
    let reach = if_allowed(visit.api.participation().get_reach_by_channel(visit.ask(request)).await)?;
    let reach = reach.map(|answer| answer.into_inner().reach);
    let request = ListDocumentsRequest {
        tenant: tenant.clone(),
        procedure_id: procedure_id.clone(),
        page_size: 20,
        page_token: visit.query("texte").to_owned(),
        consistency_token: seen.clone(),
    };
    let documents = visit.api.participation().list_documents(visit.ask(request)).await?.into_inner();
    let request = ListModerationQueueRequest {
        tenant,
        procedure_id,
        page_size: 1,
        page_token: String::new(),
        consistency_token: seen,
    };
    let queue = if_allowed(visit.api.participation().list_moderation_queue(visit.ask(request)).await)?;
    let waiting = queue.map(|answer| answer.into_inner().waiting);

    let own = format!("/verwaltung/verfahren/{id}");
    let mut ways = vec![
        (visit.to(&format!("{own}/moderation")), m.moderation_queue.to_owned()),
        (visit.to(&format!("{own}/themen")), m.themes_and_answers.to_owned()),
    ];
    ways.extend(visit.offered(&[
        (work::TRANSCRIBE, &format!("{own}/briefe"), m.transcribe),
        (work::PUBLISH_DRAFT, &format!("{own}/entwurf"), m.publish_draft),
        (work::AMEND_PHASES, &format!("{own}/ablauf"), s.amend_phases),
        (work::UPDATE_PROJECT, &format!("{own}/vorhaben"), m.projects),
    ]));
    ways.push((visit.to(&format!("/verfahren/{id}")), m.public_page.to_owned()));
    ways.extend(documents.documents.iter().flat_map(|document| {
        let of = |what: &str| visit.to(&format!("/verwaltung/texte/{}{what}", document.document_id));
        [
            (of(""), format!("{}: {}", m.document, visit.theirs(&document.title))),
            (of("/antworten"), format!("{}: {}", m.unanswered, visit.theirs(&document.title))),
        ]
    }));
    let mut rows = Vec::new();
    if let Some(waiting) = waiting {
        rows.push((m.waiting_for_moderation.to_owned(), waiting.to_string()));
    }
    if let Some(reach) = &reach {
        let sum = |number: fn(&ChannelReach) -> u32| reach.iter().map(number).sum::<u32>().to_string();
        rows.push((m.received.to_owned(), sum(|channel| channel.received)));
        rows.push((m.answered.to_owned(), sum(|channel| channel.answered)));
    }
    let page = visit
        .staff_page(&visit.theirs(&procedure.title))
        .with(Figures { rows })
        .with(Heading::new(m.tasks))
        .with(Links::list(ways));
    let page = page.with_some(Pager::of(visit, "texte", m.texts, &documents.next_page_token));
    let page = page.with_some(reach.as_ref().map(|_| Heading::new(m.reach)));
    Ok(page.with_some(reach.map(|reach| by_channel(visit, &reach))).with_form(form).respond(visit))
}

fn by_channel(visit: &Visit, reach: &[ChannelReach]) -> Table {
    let m = visit.m;
    let channels = reach.iter().map(|channel| {
        vec![
            Cell::text(words::channel(channel.channel(), visit.language)),
            Cell::number(channel.received.to_string()),
            Cell::number(channel.published.to_string()),
            Cell::number(channel.answered.to_string()),
        ]
    });
    let heads =
        vec![Cell::text(m.channel), Cell::number(m.received), Cell::number(m.published), Cell::number(m.answered)];
    Table { caption: m.reach.to_owned(), heads, rows: channels.collect() }
}

/// Tells the public how the procedure stands.
pub(crate) async fn publish_status(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.staff_only()?;
    let form = status_form(&visit).filled(&submitted);
    if form.is_wrong() {
        return procedure_page(&visit, &id, form).await;
    }
    let (tenant, request_id, text) = (visit.of_tenant(), submitted.text("request_id"), submitted.text("text"));
    let request = PublishStatusRequest { tenant, request_id, procedure_id: id.clone(), text };
    match visit.api.participation().publish_status(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.path, "veroeffentlicht", Service::Participation, &token))
        }
        Err(status) => procedure_page(&visit, &id, form.refused(&visit, &status)?).await,
    }
}

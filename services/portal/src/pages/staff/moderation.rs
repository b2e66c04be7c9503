use allmende_proto::participation::v1::{
    Contribution, DecideObjectionRequest, ListModerationQueueRequest, ModerateContributionRequest, ModerationDecision,
    ModerationReason, ObjectionState, QueueItem, Report, Text,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use crate::forms::{Field, Form, Submitted};
use crate::pages::{MOST_PAGES, OF_TEXTS, Outcome, contributions, procedures};
use crate::view::{Entries, Entry, Heading, Links, Notice, Pager, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// What waits, oldest first.
pub(crate) async fn queue(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    let m = visit.m;
    let procedure = procedures::find(&visit, &id).await?;
    let request = ListModerationQueueRequest {
        tenant: visit.of_tenant(),
        procedure_id: id,
        page_size: 20,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().list_moderation_queue(visit.ask(request)).await?.into_inner();
    let page = visit.procedure_page(m.moderation_queue, &procedure);
    let page = page.with(Heading::new(fill(m.waiting_count, &[&answer.waiting.to_string()])));
    let page = if answer.items.is_empty() {
        page.with(Paragraph::soft(m.nothing_waits))
    } else {
        page.with(Entries { m, items: answer.items.iter().filter_map(|item| waiting(&visit, item)).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

fn waiting(visit: &Visit, item: &QueueItem) -> Option<Entry> {
    let mut entry = Entry::of(visit, item.contribution.as_ref()?);
    entry.href = visit.to(&format!("/verwaltung/moderation/{}", entry.id));
    (entry.state, entry.state_tone) = words::queue_reason(item.reason(), visit.language);
    entry.remarks.extend(item.reports.iter().map(|report| reported(visit, report)));
    Some(entry)
}

/// What somebody reported, and when.
fn reported(visit: &Visit, report: &Report) -> (String, String) {
    let reason = words::moderation_reason(report.reason(), visit.language);
    let what = fill(visit.m.reported_as, &[reason]);
    let when = words::moment(report.at_us, visit.language);
    (fill(visit.language.staff().reported_on, &[&what, &when]), visit.theirs(&report.note))
}

/// Why a text waits and what was reported about it; nothing, if it is not among those that have waited longest.
async fn waiting_item(visit: &Visit, contribution: &Contribution) -> Result<Option<QueueItem>, Status> {
    let is_it = |item: &QueueItem| {
        item.contribution.as_ref().is_some_and(|of| of.contribution_id == contribution.contribution_id)
    };
    let mut page_token = String::new();
    for _ in 0..MOST_PAGES {
        let request = ListModerationQueueRequest {
            tenant: visit.of_tenant(),
            procedure_id: contribution.procedure_id.clone(),
            page_size: OF_TEXTS,
            page_token,
            consistency_token: visit.seen(Service::Participation),
        };
        let answer = visit.api.participation().list_moderation_queue(visit.ask(request)).await?.into_inner();
        let found = answer.items.into_iter().find(is_it);
        page_token = answer.next_page_token;
        if found.is_some() || page_token.is_empty() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn decide_form(visit: &Visit, contribution: &Contribution) -> Form {
    let (m, language) = (visit.m, visit.language);
    let mut reasons = words::moderation_reasons(language);
    reasons.insert(0, (String::new(), m.none.to_owned()));
    let text = contribution.original.clone().or_else(|| contribution.text.clone()).unwrap_or_default();
    let form = Form::new(visit, "entscheidung", m.decide)
        .titled(m.decision)
        .hidden("procedure_id", contribution.procedure_id.clone())
        .field(Field::select("decision", m.decision, words::moderation_decisions(language)))
        .field(Field::select("reason", m.reason, reasons).optional().hint(m.reason_hint))
        .field(Field::area("note", m.note_to_author, 3, 1_000).optional())
        .field(
            Field::line("redacted_text.title", m.shortened_headline, 200).value(words::clean(&text.title)).optional(),
        )
        .field(
            Field::area("redacted_text.body", m.shortened_text, 6, 10_000)
                .value(words::clean(&text.body))
                .optional()
                .hint(m.shortened_hint),
        );
    if text.proposed_text.is_empty() {
        return form;
    }
    form.field(
        Field::area("redacted_text.proposed_text", m.proposed_wording, 6, 20_000)
            .value(words::clean(&text.proposed_text))
            .optional(),
    )
}

fn objection_form(visit: &Visit, contribution: &Contribution) -> Form {
    let m = visit.m;
    let ways = vec![("1".to_owned(), m.grant_objection.to_owned()), ("0".to_owned(), m.dismiss_objection.to_owned())];
    Form::new(visit, "widerspruch", m.decide)
        .titled(m.decide_objection)
        .hidden("procedure_id", contribution.procedure_id.clone())
        .field(Field::select("grant", m.decision, ways).hint(m.second_person_hint))
}

fn form(visit: &Visit, contribution: &Contribution) -> Form {
    let objection = contribution.moderation.as_ref().map(|moderation| moderation.objection());
    if objection == Some(ObjectionState::Open) {
        objection_form(visit, contribution)
    } else {
        decide_form(visit, contribution)
    }
}

/// A text and the form to decide about it.
pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    let contribution = contributions::find(&visit, &id).await?;
    let form = form(&visit, &contribution);
    page(&visit, &contribution, form).await
}

async fn page(visit: &Visit, contribution: &Contribution, form: Form) -> Outcome {
    let m = visit.m;
    let procedure = procedures::find(visit, &contribution.procedure_id).await?;
    let queue = visit.to(&format!("/verwaltung/verfahren/{}/moderation", contribution.procedure_id));
    let page = visit.procedure_page(m.moderate, &procedure).crumb(queue, m.moderation_queue);
    let page = page.with(Heading::new(m.the_text));
    let mut entry = Entry::of(visit, contribution).unlinked();
    let waiting = waiting_item(visit, contribution).await;
    if let Ok(Some(item)) = &waiting {
        (entry.state, entry.state_tone) = words::queue_reason(item.reason(), visit.language);
        entry.remarks.extend(item.reports.iter().map(|report| reported(visit, report)));
    }
    // A decision should not be made as if there had been no reports.
    let unread = waiting.is_err().then(|| Notice::warning(visit.language.staff().queue_unread));
    let page = page.with(Entries { m, items: vec![entry] }).with_some(unread);
    let page = page.with_some(Links::buttons(contributions::ways(visit, contribution)));
    let page = if contribution.erased { page.with(Notice::warning(m.erased_text)) } else { page.with_form(form) };
    Ok(page.respond(visit))
}

pub(crate) async fn decide(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.staff_only()?;
    let contribution = contributions::find(&visit, &id).await?;
    let objects = submitted.get("form") == "widerspruch";
    let form = if objects { objection_form(&visit, &contribution) } else { decide_form(&visit, &contribution) };
    let mut form = form.filled(&submitted);
    let decision = submitted.number("decision");
    if !objects
        && decision != ModerationDecision::Publish as i32
        && submitted.number("reason") == ModerationReason::Unspecified as i32
    {
        form = form.wrong("reason", visit.m.error_missing);
    }
    if form.is_wrong() {
        return page(&visit, &contribution, form).await;
    }
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let (procedure_id, contribution_id) = (contribution.procedure_id.clone(), id);
    let mut client = visit.api.participation();
    let sent = if objects {
        let grant = submitted.get("grant") == "1";
        let request = DecideObjectionRequest { tenant, request_id, procedure_id, contribution_id, grant };
        client.decide_objection(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
    } else {
        let publishes = decision == ModerationDecision::Publish as i32;
        let redacted_text = (decision == ModerationDecision::Redact as i32).then(|| Text {
            title: submitted.text("redacted_text.title"),
            body: submitted.text("redacted_text.body"),
            proposed_text: submitted.text("redacted_text.proposed_text"),
        });
        let request = ModerateContributionRequest {
            tenant,
            request_id,
            procedure_id,
            contribution_id,
            decision,
            reason: if publishes { 0 } else { submitted.number("reason") },
            note: submitted.text("note"),
            redacted_text,
        };
        client.moderate_contribution(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
    };
    match sent {
        Ok(token) => {
            let queue = visit.to(&format!("/verwaltung/verfahren/{}/moderation", contribution.procedure_id));
            Ok(visit.done(&queue, "entschieden", Service::Participation, &token))
        }
        Err(status) => page(&visit, &contribution, form.refused(&visit, &status)?).await,
    }
}

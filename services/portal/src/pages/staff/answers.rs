//! Answers to single texts, and to proposals.

use allmende_proto::participation::v1::{
    AcceptAmendmentRequest, AnswerProposalRequest, Contribution, ContributionKind, ListUnansweredCommentsRequest,
    ProposalState, RespondToContributionRequest, StartEvaluationRequest,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, contributions, documents, procedures};
use crate::view::{Entries, Entry, Heading, Links, Pager, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// Public comments on a text that have no answer, oldest first.
pub(crate) async fn unanswered(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    let m = visit.m;
    let (document, _) = documents::find(&visit, &id, 0).await?;
    let procedure = procedures::find(&visit, &document.procedure_id).await?;
    let request = ListUnansweredCommentsRequest {
        tenant: visit.of_tenant(),
        document_id: id,
        page_size: 20,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().list_unanswered_comments(visit.ask(request)).await?.into_inner();
    let entry = |contribution| {
        let mut entry = Entry::of(&visit, contribution);
        entry.href = visit.to(&format!("/verwaltung/antworten/{}", entry.id));
        entry
    };
    let page = visit.procedure_page(m.unanswered, &procedure).lead(visit.theirs(&document.title));
    let page = page.with(Heading::new(fill(m.unanswered_count, &[&answer.unanswered.to_string()])));
    let page = if answer.contributions.is_empty() {
        page.with(Paragraph::soft(m.all_answered))
    } else {
        page.with(Entries { m, items: answer.contributions.iter().map(entry).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

fn forms(visit: &Visit, contribution: &Contribution) -> Vec<Form> {
    let m = visit.m;
    let mut forms = Vec::new();
    if contribution.kind() == ContributionKind::Proposal {
        let state = contribution.proposal.as_ref().map(|standing| standing.state());
        if state == Some(ProposalState::Submitted) {
            forms.push(Form::new(visit, "pruefung", m.start_evaluation).titled(m.evaluation));
        }
        let ways = vec![("1".to_owned(), m.accept.to_owned()), ("0".to_owned(), m.reject.to_owned())];
        forms.push(
            Form::new(visit, "bescheid", m.publish_answer)
                .titled(m.answer_proposal)
                .field(Field::select("accepted", m.decision, ways))
                .field(Field::area("reasons", m.reasons, 8, 10_000))
                .field(Field::line("cost_cents", m.cost_euros, 14).optional()),
        );
        return forms;
    }
    let present = contribution.response.as_ref().filter(|response| response.theme_id.is_empty());
    let present = present.map(|response| response.text.clone()).unwrap_or_default();
    forms.push(
        Form::new(visit, "antwort", m.publish_answer).field(Field::area("text", m.answer, 8, 10_000).value(present)),
    );
    if contribution.kind() == ContributionKind::Amendment && contribution.accepted_at_us.is_none() {
        forms.push(Form::new(visit, "uebernahme", m.accept_amendment).titled(m.take_over));
    }
    forms
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    page(&visit, &contributions::find(&visit, &id).await?, None).await
}

async fn page(visit: &Visit, contribution: &Contribution, tried: Option<Form>) -> Outcome {
    let m = visit.m;
    let procedure = procedures::find(visit, &contribution.procedure_id).await?;
    let entry = Entry::of(visit, contribution).unlinked();
    let mut page = visit.procedure_page(visit.language.staff().answer_text, &procedure).with(Heading::new(m.the_text));
    page = page.with(Entries { m, items: vec![entry] });
    page = page.with_some(Links::buttons(contributions::ways(visit, contribution)));
    let is_one = matches!(contribution.kind(), ContributionKind::Idea | ContributionKind::Proposal);
    if is_one && contribution.project_id.is_empty() {
        let to = format!("/verwaltung/verfahren/{}/vorhaben", contribution.procedure_id);
        let ways = visit.offered(&[(work::START_PROJECT, &to, visit.language.staff().start_project)]);
        let named = |(to, label)| (format!("{to}?aus={}", contribution.contribution_id), label);
        page = page.with_some(Links::buttons(ways.into_iter().map(named).collect()));
    }
    Ok(page.with_forms(forms(visit, contribution), tried).respond(visit))
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.staff_only()?;
    let contribution = contributions::find(&visit, &id).await?;
    let sent = submitted.get("form");
    let form = forms(&visit, &contribution).into_iter().find(|form| form.id() == sent).ok_or(Failure::NotFound)?;
    let mut form = form.filled(&submitted);
    let cost = words::cents(submitted.get("cost_cents"));
    if cost.is_none() && !submitted.get("cost_cents").is_empty() {
        form = form.wrong("cost_cents", visit.m.error_number);
    }
    if form.is_wrong() {
        return page(&visit, &contribution, Some(form)).await;
    }
    match change(&visit, contribution.procedure_id.clone(), id, &submitted, cost).await {
        Ok(token) => Ok(visit.done(&visit.path, "beantwortet", Service::Participation, &token)),
        Err(status) => page(&visit, &contribution, Some(form.refused(&visit, &status)?)).await,
    }
}

async fn change(
    visit: &Visit,
    procedure_id: String,
    contribution_id: String,
    submitted: &Submitted,
    cost_cents: Option<u64>,
) -> Result<String, Status> {
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let mut client = visit.api.participation();
    match submitted.get("form") {
        "pruefung" => {
            let request = StartEvaluationRequest { tenant, request_id, procedure_id, contribution_id };
            client.start_evaluation(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        "bescheid" => {
            let (accepted, reasons) = (submitted.get("accepted") == "1", submitted.text("reasons"));
            let request = AnswerProposalRequest {
                tenant,
                request_id,
                procedure_id,
                contribution_id,
                accepted,
                reasons,
                cost_cents,
            };
            client.answer_proposal(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        "uebernahme" => {
            let request = AcceptAmendmentRequest { tenant, request_id, procedure_id, contribution_id };
            client.accept_amendment(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        _ => {
            let text = submitted.text("text");
            let request = RespondToContributionRequest { tenant, request_id, procedure_id, contribution_id, text };
            client.respond_to_contribution(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
    }
}

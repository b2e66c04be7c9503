use allmende_proto::participation::v1::{
    Contribution, ContributionKind, GetAttachmentRequest, GetContributionRequest, ListContributionsRequest,
    ListMyContributionsRequest, ListProposalCommentsRequest, ModerationState, ObjectToModerationRequest,
    ObjectionState, PostCommentRequest, Procedure, ReportContributionRequest, SupportContributionRequest, Target, Text,
    WithdrawContributionRequest, WithdrawSupportRequest, target,
};
use axum::Extension;
use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use tonic::Status;

use super::{Outcome, Whole, procedures, whole};
use crate::failure::Failure;
use crate::forms::{Action, Field, Form, Submitted};
use crate::view::{Entries, Entry, Heading, Links, Notice, Page, Pager, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// By ticking it the author grants the procedure's licence.
pub(crate) fn licence_field(visit: &Visit, procedure: &Procedure) -> Field {
    Field::tick("granted_licence", fill(visit.m.grant_licence, &[&words::licence_called(&procedure.licence)]))
        .hint(visit.m.licence_hint)
}

/// A text with the buttons that its reader may press.
pub(crate) fn with_buttons(visit: &Visit, entry: Entry, contribution: &Contribution) -> Entry {
    let m = visit.m;
    if !visit.is_signed_in() || contribution.erased || contribution.withdrawn_at_us.is_some() {
        return entry;
    }
    let to = |what: &str| visit.to(&format!("/beitraege/{}/{what}", contribution.contribution_id));
    let about = entry.title.clone();
    let state = contribution.moderation.as_ref().map(|moderation| moderation.state());
    let is_public = matches!(state, Some(ModerationState::Published | ModerationState::Redacted));
    let entry = match (contribution.kind(), contribution.supported) {
        (ContributionKind::Idea, _) => entry,
        _ if !is_public => entry,
        (_, true) => {
            entry.action(&Action::new(visit, to("nicht-mehr-unterstuetzen"), m.support_no_more).about(about.clone()))
        }
        (_, false) => entry.action(&Action::new(visit, to("unterstuetzen"), m.support).about(about.clone())),
    };
    if contribution.own {
        entry.action(&Action::new(visit, to("zurueckziehen"), m.take_back).about(about).quiet())
    } else {
        entry
    }
}

/// The text of this id, as far as the reader may see it.
pub(crate) async fn find(visit: &Visit, contribution_id: &str) -> Result<Contribution, Failure> {
    let request = GetContributionRequest {
        tenant: visit.of_tenant(),
        contribution_id: contribution_id.to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().get_contribution(visit.ask(request)).await?.into_inner();
    answer.contribution.ok_or(Failure::NotFound)
}

/// What the reader wrote, to choose from.
pub(crate) async fn own(visit: &Visit) -> Result<Whole<Contribution>, Status> {
    let found = whole(|page_token| async move {
        let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Participation));
        let request = ListMyContributionsRequest { tenant, page_size: super::OF_TEXTS, page_token, consistency_token };
        let answer = visit.api.participation().list_my_contributions(visit.ask(request)).await?.into_inner();
        Ok((answer.contributions, answer.next_page_token))
    });
    found.await
}

/// A text among others: its kind, and its title or how it begins.
pub(crate) fn called(visit: &Visit, contribution: &Contribution) -> String {
    let entry = Entry::of(visit, contribution);
    let has_title = contribution.text.as_ref().is_some_and(|text| !text.title.is_empty());
    if has_title || entry.body.is_empty() {
        return words::excerpt(&entry.title, 80);
    }
    format!("{}: {}", entry.title, words::excerpt(&entry.body, 80))
}

/// What a text is about, and what came of it: the ways there.
pub(crate) fn ways(visit: &Visit, contribution: &Contribution) -> Vec<(String, String)> {
    let m = visit.m;
    let mut ways = Vec::new();
    match contribution.target.as_ref().and_then(|target| target.target.as_ref()) {
        Some(target::Target::Section(at)) => ways.push((
            visit.to(&format!("/texte/{}/abschnitte/{}", at.document_id, at.section_id)),
            m.to_section.to_owned(),
        )),
        Some(target::Target::ProposalId(proposal)) => {
            ways.push((visit.to(&format!("/beitraege/{proposal}")), m.to_proposal.to_owned()));
        }
        None => {}
    }
    if !contribution.project_id.is_empty() {
        ways.push((visit.to(&format!("/vorhaben/{}", contribution.project_id)), m.to_project.to_owned()));
    }
    ways
}

/// What was published in a procedure.
pub(crate) async fn list(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    let m = visit.m;
    let procedure = procedures::find(&visit, &id).await?;
    let request = ListContributionsRequest {
        tenant: visit.of_tenant(),
        procedure_id: id.clone(),
        page_size: 20,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
        ..ListContributionsRequest::default()
    };
    let answer = visit.api.participation().list_contributions(visit.ask(request)).await?.into_inner();
    let page = Page::new(m.contributions)
        .lead(m.contributions_lead)
        .crumb(visit.to("/verfahren"), m.procedures)
        .crumb(visit.to(&format!("/verfahren/{id}")), visit.theirs(&procedure.title))
        .section(m.procedures)
        .with(Heading::new(m.latest_contributions));
    let page = if answer.contributions.is_empty() {
        page.with(Paragraph::soft(m.no_contributions))
    } else {
        let entry = |contribution| with_buttons(&visit, Entry::of(&visit, contribution), contribution);
        page.with(Entries { m, items: answer.contributions.iter().map(entry).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    page(&visit, &id, None).await
}

/// A text with what is said about it, and the forms that fit it. `tried` is one that was refused.
async fn page(visit: &Visit, id: &str, tried: Option<Form>) -> Outcome {
    let m = visit.m;
    let contribution = find(visit, id).await?;
    let procedure = procedures::find(visit, &contribution.procedure_id).await?;
    let mut entry = with_buttons(visit, Entry::of(visit, &contribution), &contribution).unlinked();
    let mut page = Page::new(std::mem::take(&mut entry.title))
        .kicker(entry.kind)
        .crumb(visit.to("/verfahren"), m.procedures)
        .crumb(visit.to(&format!("/verfahren/{}", procedure.procedure_id)), visit.theirs(&procedure.title))
        .crumb(visit.to(&format!("/verfahren/{}/beitraege", procedure.procedure_id)), m.contributions)
        .section(m.procedures)
        .with(Heading::new(m.the_text))
        .with(Entries { m, items: vec![entry] });
    page = page.with_some(Links::buttons(ways(visit, &contribution)));
    if contribution.kind() == ContributionKind::Proposal {
        page = with_comments(visit, page, id).await?;
    }
    Ok(page.with_forms(forms(visit, &contribution, &procedure), tried).respond(visit))
}

async fn with_comments(visit: &Visit, page: Page, id: &str) -> Result<Page, Failure> {
    let m = visit.m;
    let request = ListProposalCommentsRequest {
        tenant: visit.of_tenant(),
        proposal_id: id.to_owned(),
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().list_proposal_comments(visit.ask(request)).await?.into_inner();
    let page = page.with(Heading::new(m.comments));
    let page = if answer.comments.is_empty() {
        page.with(Paragraph::soft(m.no_comments))
    } else {
        let entry = |comment| with_buttons(visit, Entry::of(visit, comment), comment);
        page.with(Entries { m, items: answer.comments.iter().map(entry).collect() })
    };
    Ok(page.with_some(Pager::new(visit, &answer.next_page_token)))
}

/// The forms of a text's page, by what the reader and the text are to each other.
fn forms(visit: &Visit, contribution: &Contribution, procedure: &Procedure) -> Vec<Form> {
    let m = visit.m;
    if !visit.is_signed_in() || contribution.erased {
        return Vec::new();
    }
    let moderation = contribution.moderation.clone().unwrap_or_default();
    let is_public = matches!(moderation.state(), ModerationState::Published | ModerationState::Redacted);
    let mut forms = Vec::new();
    if contribution.kind() == ContributionKind::Proposal && is_public && procedure.closed_at_us.is_none() {
        forms.push(
            Form::new(visit, "kommentar", m.send_comment)
                .titled(m.comment_title)
                .with_new_id("contribution_id")
                .field(Field::area("text.body", m.your_comment, 5, 10_000).hint(m.comment_hint))
                .field(licence_field(visit, procedure)),
        );
    }
    let is_against =
        matches!(moderation.state(), ModerationState::Rejected | ModerationState::Hidden | ModerationState::Redacted);
    if contribution.own && is_against && moderation.objection() == ObjectionState::Unspecified {
        forms.push(
            Form::new(visit, "widerspruch", m.object)
                .titled(m.object_title)
                .field(Field::area("note", m.object_why, 4, 2_000).hint(m.object_hint)),
        );
    }
    if !contribution.own && is_public {
        forms.push(
            Form::new(visit, "meldung", m.report_text)
                .titled(m.report_title)
                .field(Field::select("reason", m.reason, words::moderation_reasons(visit.language)))
                .field(Field::area("note", m.report_note, 3, 1_000).optional()),
        );
    }
    forms
}

/// Takes one of the forms of a text's page.
pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.sign_in_first()?;
    let contribution = find(&visit, &id).await?;
    let procedure = procedures::find(&visit, &contribution.procedure_id).await?;
    let sent = submitted.get("form");
    let Some(form) = forms(&visit, &contribution, &procedure).into_iter().find(|form| form.id() == sent) else {
        return Err(Failure::NotFound);
    };
    let form = form.filled(&submitted);
    if form.is_wrong() {
        return page(&visit, &id, Some(form)).await;
    }
    let (tenant, request_id, contribution_id) = (visit.of_tenant(), submitted.text("request_id"), id.clone());
    let mut client = visit.api.participation();
    let (code, answer) = match sent {
        "kommentar" => {
            let request = PostCommentRequest {
                tenant,
                request_id,
                contribution_id: submitted.text("contribution_id"),
                procedure_id: procedure.procedure_id.clone(),
                target: Some(Target { target: Some(target::Target::ProposalId(contribution_id)) }),
                text: Some(Text { body: submitted.text("text.body"), ..Text::default() }),
                channel: 0,
                granted_licence: procedure.licence.clone(),
                attachments: Vec::new(),
            };
            let answer = client.post_comment(visit.ask(request)).await;
            ("eingegangen", answer.map(|answer| answer.into_inner().consistency_token))
        }
        "widerspruch" => {
            let note = submitted.text("note");
            let request = ObjectToModerationRequest { tenant, request_id, contribution_id, note };
            let answer = client.object_to_moderation(visit.ask(request)).await;
            ("widersprochen", answer.map(|answer| answer.into_inner().consistency_token))
        }
        _ => {
            let (reason, note) = (submitted.number("reason"), submitted.text("note"));
            let request = ReportContributionRequest { tenant, request_id, contribution_id, reason, note };
            let answer = client.report_contribution(visit.ask(request)).await;
            ("gemeldet", answer.map(|answer| answer.into_inner().consistency_token))
        }
    };
    match answer {
        Ok(token) => Ok(visit.done(&visit.path, code, Service::Participation, &token)),
        Err(status) => page(&visit, &id, Some(form.refused(&visit, &status)?)).await,
    }
}

pub(crate) async fn support(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.sign_in_first()?;
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = SupportContributionRequest { tenant, request_id, contribution_id: id.clone() };
    let answer = visit.api.participation().support_contribution(visit.ask(request)).await?.into_inner();
    Ok(back_to_text(&visit, &submitted, &id, "unterstuetzt", &answer.consistency_token))
}

pub(crate) async fn support_no_more(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.sign_in_first()?;
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = WithdrawSupportRequest { tenant, request_id, contribution_id: id.clone() };
    let answer = visit.api.participation().withdraw_support(visit.ask(request)).await?.into_inner();
    Ok(back_to_text(&visit, &submitted, &id, "nicht-mehr-unterstuetzt", &answer.consistency_token))
}

/// To the text in the list from which it was supported.
fn back_to_text(visit: &Visit, submitted: &Submitted, id: &str, done: &'static str, token: &str) -> Response {
    let back = format!("{}#b-{id}", visit.back(submitted, visit.to(&format!("/beitraege/{id}"))));
    visit.done(&back, done, Service::Participation, token)
}

/// Asks once more before a text is taken back; it is the form's own page.
pub(crate) async fn take_back(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.sign_in_first()?;
    let m = visit.m;
    if submitted.get("form") != "zurueckziehen" {
        let contribution = find(&visit, &id).await?;
        let title = Entry::of(&visit, &contribution).title;
        let form = Form::new(&visit, "zurueckziehen", m.take_back).grave();
        let page = Page::new(m.take_back_title).kicker(title).with(Notice::warning(m.take_back_text)).with_form(form);
        return Ok(page.respond(&visit));
    }
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = WithdrawContributionRequest { tenant, request_id, contribution_id: id.clone() };
    let answer = visit.api.participation().withdraw_contribution(visit.ask(request)).await?.into_inner();
    Ok(visit.done(&visit.to("/konto"), "zurueckgezogen", Service::Participation, &answer.consistency_token))
}

/// A file of a text. It is shown on its own, without anything it could reach.
pub(crate) async fn attachment(
    Extension(visit): Visiting,
    Path((_, contribution_id, attachment_id)): Path<(String, String, String)>,
) -> Outcome {
    let request = GetAttachmentRequest {
        tenant: visit.of_tenant(),
        contribution_id,
        attachment_id,
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().get_attachment(visit.ask(request)).await?.into_inner();
    let (media_type, disposition) = match answer.media_type.as_str() {
        "image/jpeg" => ("image/jpeg", "inline; filename=\"anhang.jpg\""),
        "image/png" => ("image/png", "inline; filename=\"anhang.png\""),
        "application/pdf" => ("application/pdf", "attachment; filename=\"anhang.pdf\""),
        _ => ("application/octet-stream", "attachment"),
    };
    let headers = [
        (CONTENT_TYPE, media_type),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, answer.content).into_response())
}

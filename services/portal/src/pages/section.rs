//! A section of a text, what is said about it, and the forms to say something.

use allmende_proto::participation::v1::{
    Contribution, Document, ListSectionThreadRequest, ModerationState, PostCommentRequest, Procedure,
    ProposeAmendmentRequest, SectionTarget, Target, Text, target,
};
use axum::Extension;
use axum::extract::Path;

use super::contributions::{self, with_buttons};
use super::{Outcome, documents, procedures};
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::markdown;
use crate::view::{Entries, Entry, Heading, Links, Notice, Page, Pager, Paragraph, Section};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

const COMMENT: &str = "kommentar";
const AMENDMENT: &str = "aenderung";

pub(crate) async fn show(
    Extension(visit): Visiting,
    Path((_, id, section)): Path<(String, String, String)>,
) -> Outcome {
    page(&visit, &id, &section, None).await
}

/// Takes a comment or another wording.
pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id, section_id)): Path<(String, String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.sign_in_first()?;
    let (document, _) = documents::find(&visit, &id, 0).await?;
    let procedure = procedures::find(&visit, &document.procedure_id).await?;
    let amends = submitted.get("form") == AMENDMENT;
    let form = if amends { amendment_form(&visit, &procedure, "") } else { comment_form(&visit, &procedure) };
    let form = form.filled(&submitted);
    if form.is_wrong() {
        return page(&visit, &id, &section_id, Some((amends, form))).await;
    }
    let section = SectionTarget { document_id: id.clone(), section_id: section_id.clone(), version: 0 };
    let text = Text {
        title: String::new(),
        body: submitted.text("text.body"),
        proposed_text: if amends { submitted.text("text.proposed_text") } else { String::new() },
    };
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let (contribution_id, granted_licence) = (submitted.text("contribution_id"), procedure.licence.clone());
    let procedure_id = document.procedure_id.clone();
    let mut client = visit.api.participation();
    let sent = if amends {
        let request = ProposeAmendmentRequest {
            tenant,
            request_id,
            contribution_id,
            procedure_id,
            section: Some(section),
            text: Some(text),
            channel: 0,
            granted_licence,
        };
        client.propose_amendment(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
    } else {
        let request = PostCommentRequest {
            tenant,
            request_id,
            contribution_id,
            procedure_id,
            target: Some(Target { target: Some(target::Target::Section(section)) }),
            text: Some(text),
            channel: 0,
            granted_licence,
            attachments: Vec::new(),
        };
        client.post_comment(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
    };
    match sent {
        Ok(token) => Ok(visit.done(&format!("{}#eigene", visit.path), "eingegangen", Service::Participation, &token)),
        Err(status) => {
            let form = form.refused(&visit, &status)?;
            page(&visit, &id, &section_id, Some((amends, form))).await
        }
    }
}

fn comment_form(visit: &Visit, procedure: &Procedure) -> Form {
    let m = visit.m;
    Form::new(visit, COMMENT, m.send_comment)
        .titled(m.comment_title)
        .with_new_id("contribution_id")
        .field(Field::area("text.body", m.your_comment, 6, 10_000).hint(m.comment_hint))
        .field(contributions::licence_field(visit, procedure))
}

fn amendment_form(visit: &Visit, procedure: &Procedure, present: &str) -> Form {
    let m = visit.m;
    Form::new(visit, AMENDMENT, m.send_amendment)
        .titled(m.amendment_title)
        .with_new_id("contribution_id")
        .field(Field::area("text.proposed_text", m.proposed_wording, 8, 20_000).hint(m.amendment_hint).value(present))
        .field(Field::area("text.body", m.why, 4, 10_000))
        .field(contributions::licence_field(visit, procedure))
}

async fn page(visit: &Visit, id: &str, section_id: &str, tried: Option<(bool, Form)>) -> Outcome {
    let m = visit.m;
    let (document, version) = documents::find(visit, id, 0).await?;
    let section = version.sections.iter().find(|section| section.section_id == section_id).ok_or(Failure::NotFound)?;
    let procedure = procedures::find(visit, &document.procedure_id).await?;
    let request = ListSectionThreadRequest {
        tenant: visit.of_tenant(),
        document_id: id.to_owned(),
        section_id: section_id.to_owned(),
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let thread = visit.api.participation().list_section_thread(visit.ask(request)).await?.into_inner();
    let waiting = own_waiting(visit, id, section_id).await?;

    let title = match section.heading.as_str() {
        "" => m.text_before_headings.to_owned(),
        heading => visit.theirs(heading),
    };
    let mut page = Page::new(title)
        .crumb(visit.to("/verfahren"), m.procedures)
        .crumb(visit.to(&format!("/verfahren/{}", document.procedure_id)), m.procedure)
        .crumb(visit.to(&format!("/texte/{id}")), visit.theirs(&document.title))
        .section(m.procedures)
        .with(documents::notice(visit, &document))
        .with(Section {
            id: section.section_id.clone(),
            heading: String::new(),
            level: 2,
            html: visit.theirs(markdown::render(&words::clean(&section.text), 3)),
            href: String::new(),
            talk: String::new(),
        });
    if !waiting.is_empty() {
        let items = waiting.iter().map(|contribution| Entry::of(visit, contribution)).collect();
        page = page.with(Heading::anchored(m.your_waiting, "eigene")).with(Paragraph::soft(m.waiting_text));
        page = page.with(Entries { m, items });
    }
    page = page.with(Heading::new(match section.comments {
        0 => m.comments.to_owned(),
        number => fill(m.comments_on, &[&words::comments(number, visit.language)]),
    }));
    page = if thread.contributions.is_empty() {
        page.with(Paragraph::soft(m.no_comments))
    } else {
        let entry = |contribution| with_buttons(visit, Entry::of(visit, contribution), contribution);
        page.with(Entries { m, items: thread.contributions.iter().map(entry).collect() })
    };
    page = page.with_some(Pager::new(visit, &thread.next_page_token));
    Ok(with_forms(visit, page, &document, &procedure, &section.text, tried).respond(visit))
}

fn with_forms(
    visit: &Visit,
    page: Page,
    document: &Document,
    procedure: &Procedure,
    present: &str,
    tried: Option<(bool, Form)>,
) -> Page {
    if !document.consultation.as_ref().is_some_and(|asked| asked.open) && tried.is_none() {
        return page;
    }
    if !visit.is_signed_in() {
        let way =
            (format!("{}?weiter={}", visit.to("/konto/anmelden"), visit.path), visit.m.sign_in_to_comment.to_owned());
        return page.with(Notice::plain(visit.m.sign_in_text)).with_some(Links::buttons(vec![way]));
    }
    let (comment, amendment) = match tried {
        Some((true, form)) => (comment_form(visit, procedure), form),
        Some((false, form)) => (form, amendment_form(visit, procedure, present)),
        None => (comment_form(visit, procedure), amendment_form(visit, procedure, present)),
    };
    page.with_form(comment).with_form(amendment)
}

/// What the reader wrote about the section and nobody else sees yet.
async fn own_waiting(visit: &Visit, document: &str, section: &str) -> Result<Vec<Contribution>, Failure> {
    if !visit.is_signed_in() {
        return Ok(Vec::new());
    }
    let own = contributions::own(visit).await?.items;
    let is_here =
        |contribution: &Contribution| match contribution.target.as_ref().and_then(|target| target.target.as_ref()) {
            Some(target::Target::Section(at)) => at.document_id == document && at.section_id == section,
            _ => false,
        };
    let is_waiting = |contribution: &Contribution| {
        let state = contribution.moderation.as_ref().map(|moderation| moderation.state());
        contribution.withdrawn_at_us.is_none()
            && !matches!(state, Some(ModerationState::Published | ModerationState::Redacted))
    };
    Ok(own.into_iter().filter(|own| is_here(own) && is_waiting(own)).collect())
}

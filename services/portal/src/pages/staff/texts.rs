//! Drafts, their consultation, and revisions.

use allmende_proto::participation::v1::{
    Document, OpenConsultationRequest, Procedure, PublishDraftRequest, PublishRevisionRequest, Version,
};
use axum::Extension;
use axum::extract::Path;

use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, documents, procedures};
use crate::view::{Links, Notice, Page};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// Markdown from the file that was chosen, or from what was typed.
fn markdown(submitted: &Submitted) -> Option<String> {
    match submitted.files("file").next() {
        Some(file) => String::from_utf8(file.to_vec()).ok().map(|text| text.replace("\r\n", "\n")),
        None => Some(submitted.text("markdown")),
    }
}

fn text_fields(visit: &Visit, form: Form, present: String) -> Form {
    let m = visit.m;
    form.field(
        Field::file("file", m.markdown_file, ".md,.txt,text/markdown,text/plain").optional().hint(m.markdown_file_hint),
    )
    .field(Field::area("markdown", m.markdown, 16, 0).value(present).optional().hint(m.markdown_hint))
}

fn draft_form(visit: &Visit) -> Form {
    let form = Form::new(visit, "entwurf", visit.m.publish).with_new_id("document_id");
    text_fields(visit, form.field(Field::line("title", visit.m.headline, 200)), String::new())
}

fn draft_page(visit: &Visit, procedure: &Procedure, form: Form) -> Page {
    visit.procedure_page(visit.m.publish_draft, procedure).lead(visit.m.publish_draft_lead).with_form(form)
}

pub(crate) async fn show_draft(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::PUBLISH_DRAFT)?;
    let procedure = procedures::find(&visit, &id).await?;
    Ok(draft_page(&visit, &procedure, draft_form(&visit)).respond(&visit))
}

pub(crate) async fn publish_draft(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::PUBLISH_DRAFT)?;
    let procedure = procedures::find(&visit, &id).await?;
    let mut form = draft_form(&visit).filled(&submitted);
    let markdown = markdown(&submitted).unwrap_or_default();
    if markdown.trim().is_empty() {
        form = form.wrong("markdown", visit.m.error_missing);
    }
    if form.is_wrong() {
        return Ok(draft_page(&visit, &procedure, form).respond(&visit));
    }
    let document_id = submitted.text("document_id");
    let request = PublishDraftRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        procedure_id: id,
        document_id: document_id.clone(),
        title: submitted.text("title"),
        markdown,
    };
    match visit.api.participation().publish_draft(visit.ask(request)).await {
        Ok(answer) => {
            let to = visit.to(&format!("/verwaltung/texte/{document_id}"));
            Ok(visit.done(&to, "veroeffentlicht", Service::Participation, &answer.into_inner().consistency_token))
        }
        Err(status) => Ok(draft_page(&visit, &procedure, form.refused(&visit, &status)?).respond(&visit)),
    }
}

/// The text as Markdown again, with the ids of its sections, so that a revision keeps them.
fn source(version: &Version) -> String {
    let section = |section: &allmende_proto::participation::v1::Section| {
        if section.heading.is_empty() {
            return section.text.clone();
        }
        let marks = "#".repeat(section.level.clamp(1, 6) as usize);
        format!("{marks} {} {{#{}}}\n\n{}", section.heading, section.section_id, section.text.trim())
    };
    version.sections.iter().map(section).collect::<Vec<_>>().join("\n\n")
}

fn open_form(visit: &Visit, document: &Document) -> Form {
    let m = visit.m;
    let asked = document.consultation.clone().unwrap_or_default();
    Form::new(visit, "konsultation", m.open_consultation)
        .titled(m.consultation)
        .field(Field::day("from_day", m.first_day).value(asked.from_day))
        .field(Field::day("to_day", m.last_day).value(asked.to_day).hint(m.to_day_hint))
}

fn revision_form(visit: &Visit, version: &Version) -> Form {
    let m = visit.m;
    let form = Form::new(visit, "fassung", m.publish_revision)
        .titled(m.revision)
        .hidden("base_version", version.number.to_string());
    text_fields(visit, form, source(version)).field(Field::tick("despite_unanswered", m.despite_unanswered).optional())
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    page(&visit, &id, None, None).await
}

async fn page(visit: &Visit, id: &str, tried: Option<Form>, warning: Option<String>) -> Outcome {
    let m = visit.m;
    let (document, version) = documents::find(visit, id, 0).await?;
    let procedure = procedures::find(visit, &document.procedure_id).await?;
    let ways = vec![
        (visit.to(&format!("/texte/{id}")), m.public_page.to_owned()),
        (visit.to(&format!("/verwaltung/texte/{id}/antworten")), m.unanswered.to_owned()),
    ];
    let page = visit
        .procedure_page(&visit.theirs(&document.title), &procedure)
        .lead(fill(
            m.version_of,
            &[&version.number.to_string(), &words::moment(version.published_at_us, visit.language)],
        ))
        .with(documents::notice(visit, &document))
        .with_some(warning.map(|warning| Notice::warning(&warning)))
        .with_some(Links::buttons(ways))
        .with_forms(vec![open_form(visit, &document), revision_form(visit, &version)], tried);
    Ok(page.respond(visit))
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.staff_only()?;
    let (document, version) = documents::find(&visit, &id, 0).await?;
    if submitted.get("form") == "konsultation" {
        return open(&visit, document, &submitted).await;
    }
    let mut form = revision_form(&visit, &version).filled(&submitted);
    let markdown = markdown(&submitted).unwrap_or_default();
    if markdown.trim().is_empty() {
        form = form.wrong("markdown", visit.m.error_missing);
    }
    if form.is_wrong() {
        return page(&visit, &id, Some(form), None).await;
    }
    let request = PublishRevisionRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        procedure_id: document.procedure_id,
        document_id: id.clone(),
        base_version: submitted.get("base_version").parse().unwrap_or(0),
        markdown,
        despite_unanswered: submitted.is_ticked("despite_unanswered"),
    };
    match visit.api.participation().publish_revision(visit.ask(request)).await.map(tonic::Response::into_inner) {
        Ok(answer) if answer.published => {
            Ok(visit.done(&visit.path, "veroeffentlicht", Service::Participation, &answer.consistency_token))
        }
        Ok(answer) => {
            let warning = fill(visit.m.revision_waits, &[&answer.unanswered.to_string()]);
            page(&visit, &id, Some(form.renewed()), Some(warning)).await
        }
        Err(status) => {
            let form = form.refused(&visit, &status)?;
            page(&visit, &id, Some(form), None).await
        }
    }
}

async fn open(visit: &Visit, document: Document, submitted: &Submitted) -> Outcome {
    let form = open_form(visit, &document).filled(submitted);
    let id = document.document_id.clone();
    if form.is_wrong() {
        return page(visit, &id, Some(form), None).await;
    }
    let request = OpenConsultationRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        procedure_id: document.procedure_id,
        document_id: document.document_id,
        from_day: submitted.text("from_day"),
        to_day: submitted.text("to_day"),
    };
    match visit.api.participation().open_consultation(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.path, "gespeichert", Service::Participation, &token))
        }
        Err(status) => {
            let form: Result<Form, Failure> = form.refused(visit, &status);
            page(visit, &id, Some(form?), None).await
        }
    }
}

//! Entering what came on paper, by telephone or at an event.

use allmende_proto::participation::v1::{
    ContributionKind, GetDocumentRequest, ListDocumentsRequest, Procedure, SectionTarget, Target, Text,
    TranscribeOfflineContributionRequest, target,
};
use axum::Extension;
use axum::extract::Path;

use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::submit::{self, upload};
use crate::pages::{Outcome, procedures};
use crate::view::Page;
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// What a letter can be about: a section of each text, named by both ids.
async fn targets(visit: &Visit, procedure_id: &str) -> Result<Vec<(String, String)>, Failure> {
    let request = ListDocumentsRequest {
        tenant: visit.of_tenant(),
        procedure_id: procedure_id.to_owned(),
        page_size: 20,
        page_token: String::new(),
        consistency_token: visit.seen(Service::Participation),
    };
    let documents = visit.api.participation().list_documents(visit.ask(request)).await?.into_inner().documents;
    let mut targets = vec![(String::new(), visit.m.about_nothing_else.to_owned())];
    for document in documents {
        let request = GetDocumentRequest {
            tenant: visit.of_tenant(),
            document_id: document.document_id.clone(),
            version: 0,
            consistency_token: visit.seen(Service::Participation),
        };
        let answer = visit.api.participation().get_document(visit.ask(request)).await?.into_inner();
        for section in answer.version.unwrap_or_default().sections {
            let heading = if section.heading.is_empty() { visit.m.text_before_headings } else { &section.heading };
            let label = format!("{} – {}", words::excerpt(&document.title, 40), words::excerpt(heading, 60));
            targets.push((format!("{}/{}", document.document_id, section.section_id), label));
        }
    }
    Ok(targets)
}

fn form(visit: &Visit, procedure: &Procedure, targets: Vec<(String, String)>) -> Form {
    let (m, language) = (visit.m, visit.language);
    Form::new(visit, "abschrift", m.save_transcript)
        .with_new_id("contribution_id")
        .field(Field::select("channel", m.channel, words::offline_channels(language)))
        .field(Field::day("received_on", m.received_on).hint(m.received_on_hint))
        .field(Field::select("kind", m.what_is_it, words::contribution_kinds(language)))
        .field(Field::select("target", m.about_what, targets).optional())
        .field(Field::line("text.title", m.headline, 200).optional())
        .field(Field::area("text.body", m.wording, 9, 10_000).hint(m.transcript_hint))
        .field(Field::area("text.proposed_text", m.proposed_wording, 4, 20_000).optional())
        .field(submit::place_field(visit))
        .field(
            Field::file("attachments", m.attachment, "image/jpeg,image/png,application/pdf")
                .optional()
                .hint(m.attachment_hint),
        )
        .field(
            Field::tick("granted_licence", words::fill(m.licence_in_letter, &[&words::clean(&procedure.licence)]))
                .optional(),
        )
}

fn page(visit: &Visit, procedure: &Procedure, form: Form) -> Page {
    visit.procedure_page(visit.m.transcribe, procedure).lead(visit.m.transcribe_lead).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::TRANSCRIBE)?;
    let procedure = procedures::find(&visit, &id).await?;
    let form = form(&visit, &procedure, targets(&visit, &id).await?);
    Ok(page(&visit, &procedure, form).respond(&visit))
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::TRANSCRIBE)?;
    let procedure = procedures::find(&visit, &id).await?;
    let mut form = form(&visit, &procedure, targets(&visit, &id).await?).filled(&submitted);
    let kind = submitted.number("kind");
    let needs_target = kind == ContributionKind::Comment as i32 || kind == ContributionKind::Amendment as i32;
    let at = submitted.get("target").split_once('/');
    if needs_target && at.is_none() {
        form = form.wrong("target", visit.m.error_missing);
    }
    let (place, form) = submit::place_of(&visit, &submitted, form);
    if form.is_wrong() {
        return Ok(page(&visit, &procedure, form).respond(&visit));
    }
    let target = at.filter(|_| needs_target).map(|(document, section)| Target {
        target: Some(target::Target::Section(SectionTarget {
            document_id: document.to_owned(),
            section_id: section.to_owned(),
            version: 0,
        })),
    });
    let amends = kind == ContributionKind::Amendment as i32;
    let request = TranscribeOfflineContributionRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        contribution_id: submitted.text("contribution_id"),
        procedure_id: id,
        kind,
        target,
        channel: submitted.number("channel"),
        received_on: submitted.text("received_on"),
        text: Some(Text {
            title: submitted.text("text.title"),
            body: submitted.text("text.body"),
            proposed_text: if amends { submitted.text("text.proposed_text") } else { String::new() },
        }),
        granted_licence: if submitted.is_ticked("granted_licence") { procedure.licence.clone() } else { String::new() },
        place,
        attachments: submitted.files("attachments").map(upload).collect(),
    };
    match visit.api.participation().transcribe_offline_contribution(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.path, "abgeschrieben", Service::Participation, &token))
        }
        Err(status) => Ok(page(&visit, &procedure, form.refused(&visit, &status)?).respond(&visit)),
    }
}

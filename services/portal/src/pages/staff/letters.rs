//! Entering what came on paper, by telephone or at an event.

use allmende_proto::participation::v1::{
    ContributionKind, ListDocumentsRequest, ListDocumentsResponse, Procedure, SectionTarget, Target, Text,
    TranscribeOfflineContributionRequest, target,
};
use axum::Extension;
use axum::extract::Path;

use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::submit::{self, upload};
use crate::pages::{Outcome, documents, procedures};
use crate::view::{Heading, Links, Page, Pager};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// What a letter can be about.
struct Known {
    procedure: Procedure,
    /// A page of the procedure's texts.
    documents: ListDocumentsResponse,
    /// The text that was chosen, the first one if none was: its id.
    chosen: String,
    /// Its sections, named by both ids.
    targets: Vec<(String, String)>,
}

async fn known(visit: &Visit, procedure_id: &str) -> Result<Known, Failure> {
    let procedure = procedures::find(visit, procedure_id).await?;
    let request = ListDocumentsRequest {
        tenant: visit.of_tenant(),
        procedure_id: procedure_id.to_owned(),
        page_size: 20,
        page_token: visit.query("texte").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let documents = visit.api.participation().list_documents(visit.ask(request)).await?.into_inner();
    let first = documents.documents.first().map_or("", |document| &document.document_id);
    let chosen = Some(visit.query("text")).filter(|asked| !asked.is_empty()).unwrap_or(first).to_owned();
    let mut targets = vec![(String::new(), visit.m.about_nothing_else.to_owned())];
    if !chosen.is_empty() {
        let (document, version) = documents::find(visit, &chosen, 0).await?;
        targets.extend(version.sections.iter().map(|section| {
            let title = words::excerpt(&document.title, 40);
            let label = if section.heading.is_empty() {
                format!("{} – {}", visit.theirs(title), visit.m.text_before_headings)
            } else {
                visit.theirs(format!("{title} – {}", words::excerpt(&section.heading, 60)))
            };
            (format!("{chosen}/{}", section.section_id), label)
        }));
    }
    Ok(Known { procedure, documents, chosen, targets })
}

fn form(visit: &Visit, known: &Known) -> Form {
    let (m, language, procedure) = (visit.m, visit.language, &known.procedure);
    Form::new(visit, "abschrift", m.save_transcript)
        .with_new_id("contribution_id")
        .field(Field::select("channel", m.channel, words::offline_channels(language)))
        .field(Field::day("received_on", m.received_on).hint(m.received_on_hint))
        .field(Field::select("kind", m.what_is_it, words::contribution_kinds(language)))
        .field(Field::select("target", m.about_what, known.targets.clone()).optional())
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
            Field::tick(
                "granted_licence",
                words::fill(m.licence_in_letter, &[&words::licence_called(&procedure.licence)]),
            )
            .optional(),
        )
}

fn page(visit: &Visit, known: &Known, form: Form) -> Page {
    let m = visit.m;
    let page = visit.procedure_page(m.transcribe, &known.procedure).lead(m.transcribe_lead);
    let texts = &known.documents.documents;
    let pager = Pager::of(visit, "texte", m.texts, &known.documents.next_page_token);
    // Where there is one text, it is the one.
    let page = if texts.len() > 1 || pager.is_some() {
        let ways = texts
            .iter()
            .map(|text| (visit.at("text", &text.document_id), visit.theirs(words::excerpt(&text.title, 60))));
        let chosen = texts.iter().position(|text| text.document_id == known.chosen).unwrap_or(usize::MAX);
        page.with(Heading::new(visit.language.staff().about_which_text)).with(Links::choices(ways.collect(), chosen))
    } else {
        page
    };
    page.with_some(pager).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::TRANSCRIBE)?;
    let known = known(&visit, &id).await?;
    let form = form(&visit, &known);
    Ok(page(&visit, &known, form).respond(&visit))
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::TRANSCRIBE)?;
    let known = known(&visit, &id).await?;
    let mut form = form(&visit, &known).filled(&submitted);
    let kind = submitted.number("kind");
    let needs_target = kind == ContributionKind::Comment as i32 || kind == ContributionKind::Amendment as i32;
    let at = submitted.get("target").split_once('/');
    if needs_target && at.is_none() {
        form = form.wrong("target", visit.m.error_missing);
    }
    let (place, form) = submit::place_of(&visit, &submitted, form);
    if form.is_wrong() {
        return Ok(page(&visit, &known, form).respond(&visit));
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
        granted_licence: if submitted.is_ticked("granted_licence") {
            known.procedure.licence.clone()
        } else {
            String::new()
        },
        place,
        attachments: submitted.files("attachments").map(upload).collect(),
    };
    match visit.api.participation().transcribe_offline_contribution(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.here(), "abgeschrieben", Service::Participation, &token))
        }
        Err(status) => Ok(page(&visit, &known, form.refused(&visit, &status)?).respond(&visit)),
    }
}

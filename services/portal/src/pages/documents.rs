use allmende_proto::participation::v1::{
    DiffOperation, DiffVersionsRequest, Document, GetDocumentRequest, ListSynopsisRequest, SectionChange, Version,
};
use axum::Extension;
use axum::extract::Path;

use super::Outcome;
use crate::failure::Failure;
use crate::markdown;
use crate::view::{Contents, Diff, DiffPart, Entries, Entry, Links, Notice, Page, Pager, Paragraph, Section};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// A text in a version; 0 is the latest.
pub(crate) async fn find(visit: &Visit, document_id: &str, version: u32) -> Result<(Document, Version), Failure> {
    let request = GetDocumentRequest {
        tenant: visit.of_tenant(),
        document_id: document_id.to_owned(),
        version,
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().get_document(visit.ask(request)).await?.into_inner();
    Ok((answer.document.ok_or(Failure::NotFound)?, answer.version.ok_or(Failure::NotFound)?))
}

/// Until when comments are taken, in a sentence.
pub(crate) fn notice(visit: &Visit, document: &Document) -> Notice {
    let m = visit.m;
    match &document.consultation {
        Some(asked) if asked.open => {
            Notice::plain(&fill(m.comments_until, &[&words::day(&asked.to_day, visit.language)]))
        }
        Some(asked) => {
            Notice::warning(&fill(m.comments_were, &[&words::days(&asked.from_day, &asked.to_day, visit.language)]))
        }
        None => Notice::warning(m.comments_not_open),
    }
}

/// A page about a text, with the way back to it.
fn below(visit: &Visit, page: Page, document: &Document) -> Page {
    let m = visit.m;
    page.section(m.procedures)
        .crumb(visit.to("/verfahren"), m.procedures)
        .crumb(visit.to(&format!("/verfahren/{}", document.procedure_id)), m.procedure)
        .crumb(visit.to(&format!("/texte/{}", document.document_id)), visit.theirs(&document.title))
}

/// The text by sections, each with the way to what is said about it.
pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    let m = visit.m;
    let (document, version) = find(&visit, &id, visit.query("fassung").parse().unwrap_or(0)).await?;
    let when = words::moment(version.published_at_us, visit.language);
    let mut page = Page::new(visit.theirs(&document.title))
        .kicker(fill(m.version_of, &[&version.number.to_string(), &when]))
        .crumb(visit.to("/verfahren"), m.procedures)
        .crumb(visit.to(&format!("/verfahren/{}", document.procedure_id)), m.procedure)
        .section(m.procedures)
        .with(notice(&visit, &document));
    let mut buttons = vec![(visit.to(&format!("/texte/{id}/synopse")), m.synopsis.to_owned())];
    if document.latest_version > 1 {
        buttons.push((visit.to(&format!("/texte/{id}/aenderungen")), m.changes.to_owned()));
    }
    page = page.with_some(Links::buttons(buttons));
    let headed = version.sections.iter().filter(|section| !section.heading.is_empty());
    let items = headed.map(|section| {
        (format!("#a-{}", section.section_id), visit.theirs(&section.heading), section.level.clamp(1, 6))
    });
    page = page.with(Contents { m, items: items.collect() });
    for section in &version.sections {
        page = page.with(Section {
            id: section.section_id.clone(),
            heading: visit.theirs(&section.heading),
            level: section.level.max(1),
            html: visit.theirs(markdown::render(&words::clean(&section.text), 5)),
            href: visit.to(&format!("/texte/{id}/abschnitte/{}", section.section_id)),
            talk: if section.comments == 0 {
                m.be_the_first.to_owned()
            } else {
                words::comments(section.comments, visit.language)
            },
        });
    }
    Ok(page.respond(&visit))
}

/// What changed with the latest version, or between two that the address names.
pub(crate) async fn changes(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    let m = visit.m;
    let (document, _) = find(&visit, &id, 0).await?;
    let to_version = visit.query("bis").parse().unwrap_or(document.latest_version);
    let from_version = visit.query("von").parse().unwrap_or(to_version.saturating_sub(1)).max(1);
    let request = DiffVersionsRequest {
        tenant: visit.of_tenant(),
        document_id: id.clone(),
        from_version,
        to_version,
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().diff_versions(visit.ask(request)).await?.into_inner();
    let part = |section: &allmende_proto::participation::v1::SectionDiff| {
        let (change, tone) = words::section_change(section.change(), visit.language);
        let span = |span: &allmende_proto::participation::v1::DiffSpan| {
            let tag = match span.operation() {
                DiffOperation::Inserted => "ins",
                DiffOperation::Deleted => "del",
                _ => "",
            };
            (tag.to_owned(), visit.theirs(&span.text))
        };
        let unchanged = section.change() == SectionChange::Unchanged;
        let spans = if unchanged { Vec::new() } else { section.spans.iter().map(span).collect() };
        DiffPart { heading: visit.theirs(&section.heading), change, tone, spans }
    };
    let parts = answer.sections.iter().map(part).collect();
    let title = fill(m.changes_between, &[&from_version.to_string(), &to_version.to_string()]);
    let page = below(&visit, Page::new(title), &document).with(Paragraph::soft(m.changes_lead));
    Ok(page.with(Diff { m, parts }).respond(&visit))
}

/// What was said about each section, and what the administration answers.
pub(crate) async fn synopsis(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    let m = visit.m;
    let (document, _) = find(&visit, &id, 0).await?;
    let request = ListSynopsisRequest {
        tenant: visit.of_tenant(),
        document_id: id.clone(),
        page_size: 100,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().list_synopsis(visit.ask(request)).await?.into_inner();
    let mut page = below(&visit, Page::new(m.synopsis).lead(m.synopsis_lead), &document);
    let mut entries: Vec<Entry> = Vec::new();
    let mut heading = None;
    for line in &answer.entries {
        if heading != Some(&line.section_id) {
            if !entries.is_empty() {
                page = page.with(Entries { m, items: std::mem::take(&mut entries) });
            }
            let title = match line.heading.as_str() {
                "" => m.text_before_headings.to_owned(),
                heading => visit.theirs(heading),
            };
            page = page.with(crate::view::Heading::new(title));
            heading = Some(&line.section_id);
        }
        entries.push(entry(&visit, line));
    }
    page = if entries.is_empty() {
        page.with(Paragraph::soft(m.no_comments))
    } else {
        page.with(Entries { m, items: entries })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

fn entry(visit: &Visit, line: &allmende_proto::participation::v1::SynopsisEntry) -> Entry {
    let (m, language) = (visit.m, visit.language);
    let text = line.text.clone().unwrap_or_default();
    let mut remarks = Vec::new();
    if let Some(response) = &line.response {
        remarks.push((fill(m.answer_of, &[&words::moment(response.at_us, language)]), visit.theirs(&response.text)));
    }
    if line.accepted {
        remarks.push((m.amendment_accepted.to_owned(), m.amendment_accepted_text.to_owned()));
    }
    let kind = words::contribution_kind(line.kind(), language);
    let note = fill(m.on_version, &[&line.version.to_string()]);
    Entry {
        id: line.contribution_id.clone(),
        kind,
        state: if line.redacted { m.shortened } else { "" },
        state_tone: "warn",
        note: format!("{} · {note}", words::channel(line.channel(), language)),
        title: visit.theirs(&text.title),
        href: visit.to(&format!("/beitraege/{}", line.contribution_id)),
        body: visit.theirs(&text.body),
        wording: visit.theirs(&text.proposed_text),
        remarks,
        ..Entry::default()
    }
}

use allmende_proto::participation::v1::{SearchHit, SearchPublicRequest, search_hit};
use axum::Extension;

use super::Outcome;
use crate::view::{Heading, Hit, Hits, Notice, Page, Pager, Paragraph, Search};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// Looks for words in what is public.
pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    let m = visit.m;
    let query = visit.query("q").trim().to_owned();
    let page = Page::new(m.search_title).lead(m.search_lead).section(m.search);
    let page = page.with(Search { m, action: visit.path.clone(), query: query.clone() });
    if query.is_empty() {
        return Ok(page.respond(&visit));
    }
    let request = SearchPublicRequest {
        tenant: visit.of_tenant(),
        query: query.clone(),
        procedure_id: String::new(),
        page_size: 20,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = match visit.api.participation().search_public(visit.ask(request)).await {
        Ok(answer) => answer.into_inner(),
        // Words that cannot be looked for are no broken page.
        Err(status) if status.code() == tonic::Code::InvalidArgument => {
            return Ok(page.with(Notice::warning(&words::reason(&status, visit.language))).respond(&visit));
        }
        Err(status) => return Err(status.into()),
    };
    let page = page.with(Heading::new(fill(m.hits_for, &[&words::excerpt(&query, 60)])));
    let page = if answer.hits.is_empty() {
        page.with(Paragraph::soft(m.no_hits))
    } else {
        page.with(Hits { items: answer.hits.iter().map(|found| hit(&visit, found)).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

fn hit(visit: &Visit, found: &SearchHit) -> Hit {
    let m = visit.m;
    let (kind, page) = match &found.thing {
        Some(search_hit::Thing::ContributionId(id)) => (m.contribution, format!("/beitraege/{id}")),
        Some(search_hit::Thing::Section(at)) => {
            (m.section, format!("/texte/{}/abschnitte/{}", at.document_id, at.section_id))
        }
        Some(search_hit::Thing::ProcedureId(id)) => (m.procedure, format!("/verfahren/{id}")),
        Some(search_hit::Thing::ProjectId(id)) => (m.project, format!("/vorhaben/{id}")),
        None => (m.contribution, String::new()),
    };
    let title = if found.title.is_empty() { words::excerpt(&found.snippet, 70) } else { found.title.clone() };
    let title = visit.theirs(title);
    let spans = spans(found).into_iter().map(|(is_mark, text)| (is_mark, visit.theirs(text))).collect();
    Hit { kind, href: visit.to(&page), title, spans }
}

/// The snippet cut at its marks; ranges that do not fit it are passed over.
fn spans(found: &SearchHit) -> Vec<(bool, String)> {
    let (text, mut spans, mut at) = (found.snippet.as_str(), Vec::new(), 0);
    for mark in &found.marks {
        let (start, end) = (mark.start as usize, mark.end as usize);
        let (Some(before), Some(marked)) = (text.get(at..start), text.get(start..end)) else { continue };
        spans.push((false, words::clean(before)));
        spans.push((true, words::clean(marked)));
        at = end;
    }
    spans.push((false, words::clean(text.get(at..).unwrap_or_default())));
    spans
}

#[cfg(test)]
mod tests {
    use allmende_proto::participation::v1::SnippetRange;

    use super::*;

    #[test]
    fn marks_that_do_not_fit_are_passed_over() {
        let marks = vec![SnippetRange { start: 0, end: 3 }, SnippetRange { start: 1, end: 99 }];
        let found = SearchHit { snippet: "Bäume".to_owned(), marks, ..SearchHit::default() };
        assert_eq!(spans(&found), [(false, String::new()), (true, "Bä".to_owned()), (false, "ume".to_owned())]);
    }
}

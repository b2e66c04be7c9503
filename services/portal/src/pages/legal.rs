//! What the law asks a tenant to say, and the way to tell it something.

use allmende_proto::gateway::v1::{LocalizedText, SendFeedbackRequest, Tenant};
use axum::Extension;

use super::Outcome;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::view::{Heading, Links, Notice, Page, Prose};
use crate::visit::{Service, Visit, Visiting};
use crate::words::Language;

fn text(visit: &Visit, title: &str, of: impl Fn(&Tenant) -> Option<&LocalizedText>) -> Result<Page, Failure> {
    let tenant = visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    let said = of(tenant).cloned().unwrap_or_default();
    let page = Page::new(title);
    Ok(match prose(visit, &said, title) {
        Some(prose) => page.with(prose),
        None => page.with(Notice::warning(visit.m.text_missing)),
    })
}

/// A text in the reader's language, or else in German, on a page of this title.
fn prose(visit: &Visit, said: &LocalizedText, title: &str) -> Option<Prose> {
    if visit.language == Language::English && !said.en.trim().is_empty() {
        return Some(Prose::markdown(below(&said.en, title)));
    }
    (!said.de.trim().is_empty()).then(|| Prose::theirs(visit, below(&said.de, title)))
}

/// A text without its own title, where the page has the same.
fn below<'a>(text: &'a str, title: &str) -> &'a str {
    let text = text.trim_start();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let is_title = first.starts_with('#') && first.trim_start_matches('#').trim() == title;
    if is_title && !rest.trim().is_empty() { rest } else { text }
}

pub(crate) async fn imprint(Extension(visit): Visiting) -> Outcome {
    let page = text(&visit, visit.m.imprint, |tenant| tenant.imprint.as_ref())?;
    Ok(page.respond(&visit))
}

/// With what cookies the portal keeps, which is the same everywhere.
pub(crate) async fn privacy(Extension(visit): Visiting) -> Outcome {
    let m = visit.m;
    let page = text(&visit, m.privacy, |tenant| tenant.privacy_notice.as_ref())?;
    let page = page.with(Heading::new(m.cookies)).with(Prose::markdown(m.cookies_text));
    let ways = vec![(visit.to("/konto/loeschung"), m.erasure_request.to_owned())];
    Ok(page.with(Heading::new(m.your_rights)).with(Links::list(ways)).respond(&visit))
}

pub(crate) async fn accessibility(Extension(visit): Visiting) -> Outcome {
    let m = visit.m;
    let page = text(&visit, m.accessibility_title, |tenant| tenant.accessibility_statement.as_ref())?;
    let page = page.with(Heading::new(m.about_the_portal)).with(Prose::markdown(m.accessibility_text));
    let ways = vec![(visit.to("/rueckmeldung"), m.report_barrier.to_owned())];
    Ok(page.with(Links::list(ways)).respond(&visit))
}

fn feedback_form(visit: &Visit) -> Form {
    let m = visit.m;
    let topics = [("1", m.topic_accessibility), ("2", m.topic_privacy), ("3", m.topic_other)];
    let topics = topics.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    Form::new(visit, "rueckmeldung", m.send)
        .with_new_id("feedback_id")
        .hidden("page", visit.query("seite"))
        .field(Field::select("topic", m.what_about, topics))
        .field(Field::area("text", m.your_message, 8, 5_000).hint(m.feedback_hint))
        .field(Field::email("reply_to", m.reply_to).optional().hint(m.reply_to_hint))
}

fn feedback_page(visit: &Visit, form: Form) -> Result<Page, Failure> {
    let m = visit.m;
    let contact = visit.tenant.as_ref().and_then(|tenant| tenant.contact.clone()).unwrap_or_default();
    let page = Page::new(m.feedback).lead(m.feedback_lead).with_form(form);
    Ok(match prose(visit, &contact, m.contact) {
        Some(contact) => page.with(Heading::new(m.contact)).with(contact),
        None => page,
    })
}

pub(crate) async fn feedback(Extension(visit): Visiting) -> Outcome {
    Ok(feedback_page(&visit, feedback_form(&visit))?.respond(&visit))
}

pub(crate) async fn send_feedback(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    let form = feedback_form(&visit).filled(&submitted);
    if form.is_wrong() {
        return Ok(feedback_page(&visit, form)?.respond(&visit));
    }
    let request = SendFeedbackRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        feedback_id: submitted.text("feedback_id"),
        topic: submitted.number("topic"),
        text: submitted.text("text"),
        reply_to: submitted.text("reply_to"),
        page: submitted.text("page"),
    };
    match visit.api.tenants().send_feedback(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.path, "rueckmeldung", Service::Gateway, &token))
        }
        Err(status) => Ok(feedback_page(&visit, form.refused(&visit, &status)?)?.respond(&visit)),
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn a_title_stands_once() {
        assert_eq!(below("# Impressum\n\nStadt", "Impressum"), "\nStadt");
        assert_eq!(below("\n## Impressum \r\nStadt", "Impressum"), "Stadt");
        for text in ["Impressum\nStadt", "# Anbieter\nStadt", "# Impressum", "# Impressum\n \n"] {
            assert_eq!(below(text, "Impressum"), text);
        }
    }
}

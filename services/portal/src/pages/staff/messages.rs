use allmende_proto::gateway::v1::{EraseFeedbackRequest, Feedback, ListFeedbackRequest};
use axum::Extension;
use axum::extract::Path;

use super::work;
use crate::forms::{Action, Form, Submitted};
use crate::pages::Outcome;
use crate::view::{Entries, Entry, Heading, Notice, Pager, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

const LIST: &str = "/verwaltung/rueckmeldungen";
const ERASE: &str = "loeschen";

/// What the tenant was told, the latest first.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    visit.staff_only()?;
    let m = visit.m;
    let request = ListFeedbackRequest {
        tenant: visit.of_tenant(),
        page_size: 30,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Gateway),
    };
    let answer = visit.api.tenants().list_feedback(visit.ask(request)).await?.into_inner();
    let page = visit.staff_page(m.feedback_received).with(Heading::new(m.messages));
    let page = if answer.feedback.is_empty() {
        page.with(Paragraph::soft(visit.language.staff().no_feedback))
    } else {
        page.with(Entries { m, items: answer.feedback.iter().map(|feedback| entry(&visit, feedback)).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

fn entry(visit: &Visit, feedback: &Feedback) -> Entry {
    let (m, s) = (visit.m, visit.language.staff());
    let entry = Entry {
        id: feedback.feedback_id.clone(),
        kind: words::feedback_topic(feedback.topic(), visit.language),
        note: words::clean(&feedback.page),
        title: words::moment(feedback.sent_at_us, visit.language),
        body: if feedback.erased { m.erased_text.to_owned() } else { visit.theirs(&feedback.text) },
        remarks: if feedback.reply_to.is_empty() {
            Vec::new()
        } else {
            vec![(m.reply_to.to_owned(), words::clean(&feedback.reply_to))]
        },
        ..Entry::default()
    };
    if feedback.erased || !visit.may(work::ERASE_FEEDBACK) {
        return entry;
    }
    let to = visit.to(&format!("/verwaltung/rueckmeldungen/{}/loeschen", feedback.feedback_id));
    let about = entry.title.clone();
    entry.action(&Action::new(visit, to, s.erase_feedback).about(about).quiet())
}

/// Asks once more before a message is erased; it is the form's own page.
pub(crate) async fn erase(
    Extension(visit): Visiting,
    Path((_, feedback_id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::ERASE_FEEDBACK)?;
    let (m, s) = (visit.m, visit.language.staff());
    if submitted.get("form") != ERASE {
        let page = visit.staff_page(s.erase_feedback).crumb(visit.to(LIST), m.feedback_received);
        let form = Form::new(&visit, ERASE, s.erase_feedback).grave();
        return Ok(page.with(Notice::warning(s.erase_feedback_text)).with_form(form).respond(&visit));
    }
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = EraseFeedbackRequest { tenant, request_id, feedback_id };
    let answer = visit.api.tenants().erase_feedback(visit.ask(request)).await?.into_inner();
    Ok(visit.done(&visit.to(LIST), "rueckmeldung-geloescht", Service::Gateway, &answer.consistency_token))
}

use allmende_proto::gateway::v1::{Feedback, ListFeedbackRequest};
use axum::Extension;

use crate::pages::Outcome;
use crate::view::{Entries, Entry, Heading, Pager, Paragraph};
use crate::visit::{Service, Visiting};
use crate::words;

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
    let entry = |feedback: &Feedback| Entry {
        id: feedback.feedback_id.clone(),
        kind: words::feedback_topic(feedback.topic(), visit.language),
        tone: "",
        state: "",
        state_tone: "",
        note: words::clean(&feedback.page),
        title: words::moment(feedback.sent_at_us, visit.language),
        href: String::new(),
        body: if feedback.erased { m.erased_text.to_owned() } else { visit.theirs(&feedback.text) },
        wording: String::new(),
        is_own: false,
        remarks: if feedback.reply_to.is_empty() {
            Vec::new()
        } else {
            vec![(m.reply_to.to_owned(), words::clean(&feedback.reply_to))]
        },
        files: Vec::new(),
        actions: Vec::new(),
    };
    let page = visit.staff_page(m.feedback_received).with(Heading::new(m.messages));
    let page = if answer.feedback.is_empty() {
        page.with(Paragraph::soft(m.nothing_waits))
    } else {
        page.with(Entries { m, items: answer.feedback.iter().map(entry).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

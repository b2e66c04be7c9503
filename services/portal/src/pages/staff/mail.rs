//! Outgoing mail: what was sent and what is stuck. No address and no text is told.

use allmende_proto::gateway::v1::{DropMailRequest, ListOutboxRequest, Mail, MailState, RetryMailRequest};
use axum::Extension;
use axum::extract::Path;

use super::work;
use crate::forms::{Action, Submitted};
use crate::pages::Outcome;
use crate::view::{Entries, Entry, Heading, Pager, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// The latest first.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    visit.only(work::SEE_MAIL)?;
    let (m, s) = (visit.m, visit.language.staff());
    let request = ListOutboxRequest {
        tenant: visit.of_tenant(),
        state: MailState::Unspecified.into(),
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Gateway),
    };
    let answer = visit.api.mail().list_outbox(visit.ask(request)).await?.into_inner();
    let page = visit.staff_page(s.mail).lead(s.mail_lead).with(Heading::hidden(s.mail));
    let page = if answer.mails.is_empty() {
        page.with(Paragraph::soft(s.no_mail))
    } else {
        page.with(Entries { m, items: answer.mails.iter().map(|mail| entry(&visit, mail)).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

fn entry(visit: &Visit, mail: &Mail) -> Entry {
    let (s, language) = (visit.language.staff(), visit.language);
    let (state, state_tone) = words::mail_state(mail.state(), language);
    let (title, queued) = (words::mail_kind(mail.kind(), language), words::moment(mail.queued_at_us, language));
    let mut notes = vec![queued.clone(), fill(s.attempts, &[&mail.attempts.to_string()])];
    let tried = words::moment(mail.tried_at_us, language);
    // Most are sent in the minute in which they are queued.
    if mail.tried_at_us != 0 && tried != queued {
        notes.push(fill(s.last_attempt, &[&tried]));
    }
    if mail.reply_code != 0 {
        notes.push(fill(s.answer_code, &[&mail.reply_code.to_string()]));
    }
    let is_stuck = matches!(mail.state(), MailState::Failed | MailState::GivenUp);
    let can_drop = matches!(mail.state(), MailState::Queued | MailState::Failed);
    let about = format!("{title}, {queued}");
    let to = |what: &str| visit.to(&format!("/verwaltung/post/{}/{what}", mail.mail_id));
    let entry = Entry {
        id: mail.mail_id.clone(),
        kind: state,
        tone: state_tone,
        note: notes.join(" · "),
        title: words::capital(title),
        ..Entry::default()
    };
    if !visit.may(work::RETRY_MAIL) {
        return entry;
    }
    let retry = Action::new(visit, to("erneut"), s.retry).about(about.clone());
    let entry = if is_stuck { entry.action(&retry) } else { entry };
    let drop = Action::new(visit, to("verwerfen"), s.drop).about(about).quiet();
    if can_drop { entry.action(&drop) } else { entry }
}

pub(crate) async fn retry(
    Extension(visit): Visiting,
    Path((_, mail_id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::RETRY_MAIL)?;
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = RetryMailRequest { tenant, request_id, mail_id };
    let answer = visit.api.mail().retry_mail(visit.ask(request)).await?.into_inner();
    Ok(visit.done(&visit.to("/verwaltung/post"), "post-erneut", Service::Gateway, &answer.consistency_token))
}

pub(crate) async fn discard(
    Extension(visit): Visiting,
    Path((_, mail_id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::RETRY_MAIL)?;
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = DropMailRequest { tenant, request_id, mail_id };
    let answer = visit.api.mail().drop_mail(visit.ask(request)).await?.into_inner();
    Ok(visit.done(&visit.to("/verwaltung/post"), "post-verworfen", Service::Gateway, &answer.consistency_token))
}

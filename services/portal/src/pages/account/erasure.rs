use allmende_proto::gateway::v1::{Erasure, ErasureScope, ErasureState, GetErasureRequest, RequestErasureRequest};
use axum::Extension;
use axum::extract::Path;

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, contributions};
use crate::view::{Facts, Notice, Page, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// With the reader's texts to choose from.
async fn form(visit: &Visit) -> Result<Form, Failure> {
    let m = visit.m;
    let own = contributions::own(visit).await?;
    let texts = own
        .items
        .iter()
        .filter(|own| !own.erased)
        .map(|own| (own.contribution_id.clone(), contributions::called(visit, own)));
    let scopes = [("3", m.scope_named), ("2", m.scope_contributions), ("1", m.scope_account)];
    let scopes = scopes.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    let form = Form::new(visit, "loeschung", m.request_erasure).grave().with_new_id("erasure_id").field(Field::select(
        "scope",
        m.what_to_erase,
        scopes,
    ));
    let texts: Vec<_> = texts.collect();
    Ok(if texts.is_empty() {
        form
    } else {
        let hrefs = texts.iter().map(|(id, _)| visit.to(&format!("/beitraege/{id}"))).collect();
        let hint = if own.goes_on { m.list_goes_on } else { "" };
        form.field(Field::boxes("contribution_ids", m.which_texts, texts).leading(hrefs).optional().hint(hint))
    })
}

fn page(visit: &Visit, form: Form) -> Page {
    let m = visit.m;
    let page = Page::new(m.erasure_request).lead(m.erasure_lead).crumb(visit.to("/konto"), m.my_account);
    page.with(Notice::warning(m.erasure_warning)).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.sign_in_first()?;
    Ok(page(&visit, form(&visit).await?).respond(&visit))
}

pub(crate) async fn submit(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.sign_in_first()?;
    let mut form = form(&visit).await?.filled(&submitted);
    let scope = submitted.number("scope");
    let named = scope == ErasureScope::NamedContributions as i32;
    let contribution_ids = if named { submitted.all("contribution_ids") } else { Vec::new() };
    if named && contribution_ids.is_empty() {
        form = form.wrong("contribution_ids", visit.m.error_missing).wrong("scope", visit.m.choose_texts);
    }
    if form.is_wrong() {
        return Ok(page(&visit, form).respond(&visit));
    }
    let erasure_id = submitted.text("erasure_id");
    let request = RequestErasureRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        erasure_id: erasure_id.clone(),
        scope,
        contribution_ids,
        subject_id: String::new(),
    };
    match visit.api.erasures().request_erasure(visit.ask(request)).await {
        Ok(answer) => {
            let to = visit.to(&format!("/konto/loeschung/{erasure_id}"));
            Ok(visit.done(&to, "loeschung", Service::Gateway, &answer.into_inner().consistency_token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

/// How a request stands.
pub(crate) async fn one(Extension(visit): Visiting, Path((_, erasure_id)): Path<(String, String)>) -> Outcome {
    visit.sign_in_first()?;
    let m = visit.m;
    let consistency_token = visit.seen(Service::Gateway);
    let request = GetErasureRequest { tenant: visit.of_tenant(), erasure_id, consistency_token };
    let answer = visit.api.erasures().get_erasure(visit.ask(request)).await?.into_inner();
    let erasure = answer.erasure.ok_or(Failure::NotFound)?;
    let page = Page::new(m.erasure_request).crumb(visit.to("/konto"), m.my_account);
    let page = match erasure.state() {
        ErasureState::Requested => {
            page.with(Paragraph::new(fill(m.erasure_due, &[&words::day(&erasure.due_day, visit.language)])))
        }
        _ => page,
    };
    Ok(page.with(Facts { rows: facts(&visit, &erasure) }).respond(&visit))
}

/// What is known of a request to be forgotten.
pub(crate) fn facts(visit: &Visit, erasure: &Erasure) -> Vec<(String, String)> {
    let (m, language) = (visit.m, visit.language);
    let mut rows = vec![
        (m.state.to_owned(), words::erasure_state(erasure.state(), language).0.to_owned()),
        (m.what_to_erase.to_owned(), words::erasure_scope(erasure.scope(), language).to_owned()),
        (m.requested.to_owned(), words::moment(erasure.requested_at_us, language)),
        (m.due.to_owned(), words::day(&erasure.due_day, language)),
    ];
    if !erasure.contribution_ids.is_empty() {
        rows.push((m.texts.to_owned(), erasure.contribution_ids.len().to_string()));
    }
    if erasure.decided_at_us != 0 {
        rows.push((m.decided.to_owned(), words::moment(erasure.decided_at_us, language)));
    }
    if erasure.state() == ErasureState::Refused {
        let ground = words::erasure_ground(erasure.refused_on(), language);
        rows.push((m.reason.to_owned(), format!("{ground} – {}", words::clean(&erasure.refusal_basis))));
    }
    for kept in &erasure.exceptions {
        let ground = words::erasure_ground(kept.ground(), language);
        rows.push((m.kept.to_owned(), format!("{ground} – {}", words::clean(&kept.legal_basis))));
    }
    rows
}

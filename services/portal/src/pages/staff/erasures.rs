use allmende_proto::gateway::v1::{
    DecideErasureRequest, Erasure, ErasureAccepted, ErasureException, ErasureRefused, ErasureState, GetErasureRequest,
    ListErasureRequestsRequest, decide_erasure_request,
};
use axum::Extension;
use axum::extract::Path;

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::pages::account::erasure::facts;
use crate::view::{Card, Cards, Facts, Heading, Notice, Pager, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// Undecided requests first, by the day they are due.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    visit.staff_only()?;
    let m = visit.m;
    let request = ListErasureRequestsRequest {
        tenant: visit.of_tenant(),
        page_size: 30,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Gateway),
    };
    let answer = visit.api.erasures().list_erasure_requests(visit.ask(request)).await?.into_inner();
    let card = |erasure: &Erasure| {
        let (state, tone) = words::erasure_state(erasure.state(), visit.language);
        Card {
            href: visit.to(&format!("/verwaltung/loeschungen/{}", erasure.erasure_id)),
            title: fill(m.request_of, &[&words::moment(erasure.requested_at_us, visit.language)]),
            text: words::erasure_scope(erasure.scope(), visit.language).to_owned(),
            badge: state.to_owned(),
            tone,
            note: fill(m.due_on, &[&words::day(&erasure.due_day, visit.language)]),
            ..Card::default()
        }
    };
    let page = visit.staff_page(m.erasure_requests).lead(m.erasure_requests_lead).with(Heading::new(m.requests));
    let page = if answer.erasures.is_empty() {
        page.with(Paragraph::soft(m.nothing_waits))
    } else {
        page.with(Cards { items: answer.erasures.iter().map(card).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token, &[])).respond(&visit))
}

async fn find(visit: &Visit, erasure_id: &str) -> Result<Erasure, Failure> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Gateway));
    let request = GetErasureRequest { tenant, erasure_id: erasure_id.to_owned(), consistency_token };
    let answer = visit.api.erasures().get_erasure(visit.ask(request)).await?.into_inner();
    answer.erasure.ok_or(Failure::NotFound)
}

fn form(visit: &Visit, erasure: &Erasure) -> Form {
    let (m, language) = (visit.m, visit.language);
    let verdicts = vec![("annehmen".to_owned(), m.accept.to_owned()), ("ablehnen".to_owned(), m.reject.to_owned())];
    let mut grounds = words::erasure_grounds(language);
    grounds.insert(0, (String::new(), m.none.to_owned()));
    let form = Form::new(visit, "entscheidung", m.decide)
        .titled(m.decision)
        .grave()
        .field(Field::select("verdict", m.decision, verdicts));
    let form = if erasure.contribution_ids.is_empty() {
        form
    } else {
        let kept = erasure.contribution_ids.iter().map(|id| (id.clone(), id.clone())).collect();
        form.field(Field::boxes("kept", m.keep_these, kept).optional().hint(m.keep_hint))
    };
    form.field(Field::select("ground", m.ground, grounds).optional().hint(m.ground_hint))
        .field(Field::line("legal_basis", m.legal_basis, 200).optional().hint(m.legal_basis_hint))
}

fn page(visit: &Visit, erasure: &Erasure, form: Form) -> Outcome {
    let m = visit.m;
    let page = visit.staff_page(m.erasure_request).crumb(visit.to("/verwaltung/loeschungen"), m.erasure_requests);
    let page = page.with(Facts { rows: facts(visit, erasure) });
    let page = if erasure.state() == ErasureState::Requested {
        page.with(Notice::warning(m.erasure_is_final)).with_form(form)
    } else {
        page
    };
    Ok(page.respond(visit))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    let erasure = find(&visit, &id).await?;
    page(&visit, &erasure, form(&visit, &erasure))
}

pub(crate) async fn decide(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.staff_only()?;
    let erasure = find(&visit, &id).await?;
    let refuses = submitted.get("verdict") == "ablehnen";
    let kept = if refuses { Vec::new() } else { submitted.all("kept") };
    let mut form = form(&visit, &erasure).filled(&submitted);
    for name in ["ground", "legal_basis"] {
        if (refuses || !kept.is_empty()) && submitted.get(name).is_empty() {
            form = form.wrong(name, visit.m.error_missing);
        }
    }
    if form.is_wrong() {
        return page(&visit, &erasure, form);
    }
    let (ground, legal_basis) = (submitted.number("ground"), submitted.text("legal_basis"));
    let verdict = if refuses {
        decide_erasure_request::Verdict::Refused(ErasureRefused { ground, legal_basis })
    } else {
        let exception =
            |contribution_id| ErasureException { contribution_id, ground, legal_basis: legal_basis.clone() };
        decide_erasure_request::Verdict::Accepted(ErasureAccepted {
            exceptions: kept.into_iter().map(exception).collect(),
        })
    };
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = DecideErasureRequest { tenant, request_id, erasure_id: id, verdict: Some(verdict) };
    match visit.api.erasures().decide_erasure(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.to("/verwaltung/loeschungen"), "entschieden", Service::Gateway, &token))
        }
        Err(status) => page(&visit, &erasure, form.refused(&visit, &status)?),
    }
}

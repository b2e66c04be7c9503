use allmende_proto::gateway::v1::{
    DecideErasureRequest, Erasure, ErasureAccepted, ErasureException, ErasureRefused, ErasureState, GetErasureRequest,
    ListErasureRequestsRequest, decide_erasure_request,
};
use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use futures_util::future::join_all;
use uuid::Uuid;

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::account::erasure::facts;
use crate::pages::{Outcome, contributions};
use crate::view::{Card, Cards, Facts, Heading, Links, Notice, Pager, Paragraph};
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
        page.with(Paragraph::soft(visit.language.staff().no_erasures))
    } else {
        page.with(Cards { items: answer.erasures.iter().map(card).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

async fn find(visit: &Visit, erasure_id: &str) -> Result<Erasure, Failure> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Gateway));
    let request = GetErasureRequest { tenant, erasure_id: erasure_id.to_owned(), consistency_token };
    let answer = visit.api.erasures().get_erasure(visit.ask(request)).await?.into_inner();
    answer.erasure.ok_or(Failure::NotFound)
}

/// How many texts are looked up to be named.
const NAMED: usize = 100;
/// How many at once.
const TOGETHER: usize = 10;

/// A request, and what the texts are called that it names: id and name.
struct Known {
    erasure: Erasure,
    texts: Vec<(String, String)>,
}

async fn known(visit: &Visit, erasure_id: &str) -> Result<Known, Failure> {
    let erasure = find(visit, erasure_id).await?;
    let mut texts = Vec::with_capacity(erasure.contribution_ids.len());
    let (named, others) = erasure.contribution_ids.split_at(erasure.contribution_ids.len().min(NAMED));
    for ids in named.chunks(TOGETHER) {
        let found = join_all(ids.iter().map(|id| contributions::find(visit, id))).await;
        texts.extend(ids.iter().zip(found).map(|(id, found)| {
            let name = found.map_or_else(|_| by_time(visit, id), |found| contributions::called(visit, &found));
            (id.clone(), name)
        }));
    }
    texts.extend(others.iter().map(|id| (id.clone(), by_time(visit, id))));
    Ok(Known { erasure, texts })
}

/// A text that cannot be looked up, by the time in its id.
fn by_time(visit: &Visit, id: &str) -> String {
    let time = Uuid::parse_str(id).ok().and_then(|id| id.get_timestamp()).map(|time| time.to_unix());
    let micros = time.and_then(|(seconds, _)| i64::try_from(seconds).ok()?.checked_mul(1_000_000));
    match micros {
        Some(micros) => fill(visit.language.staff().text_of, &[&words::moment(micros, visit.language)]),
        None => format!("{} {id}", visit.m.contribution),
    }
}

fn form(visit: &Visit, known: &Known) -> Form {
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    let verdicts = vec![("annehmen".to_owned(), m.accept.to_owned()), ("ablehnen".to_owned(), m.reject.to_owned())];
    let mut grounds = words::erasure_grounds(language);
    grounds.insert(0, (String::new(), m.none.to_owned()));
    let form = Form::new(visit, "entscheidung", m.decide)
        .titled(m.decision)
        .grave()
        .field(Field::select("verdict", m.decision, verdicts));
    let form = if known.texts.is_empty() {
        form.field(Field::area("kept_texts", s.kept_texts, 3, 40_000).optional().hint(s.kept_texts_hint))
    } else {
        let hrefs = known.texts.iter().map(|(id, _)| visit.to(&format!("/beitraege/{id}"))).collect();
        let kept = Field::boxes("kept", m.keep_these, known.texts.clone()).leading(hrefs);
        form.field(kept.optional().hint(m.keep_hint))
    };
    form.field(Field::select("ground", m.ground, grounds).optional().hint(m.ground_hint))
        .field(Field::line("legal_basis", m.legal_basis, 200).optional().hint(m.legal_basis_hint))
}

fn page(visit: &Visit, known: &Known, form: Form) -> Outcome {
    let (m, s) = (visit.m, visit.language.staff());
    let page = visit.staff_page(m.erasure_request).crumb(visit.to("/verwaltung/loeschungen"), m.erasure_requests);
    let page = page.with(Facts { rows: facts(visit, &known.erasure) });
    let is_open = known.erasure.state() == ErasureState::Requested;
    let page = if is_open { page.with(Notice::warning(m.erasure_is_final)).with_form(form) } else { page };
    if is_open || known.texts.is_empty() {
        return Ok(page.respond(visit));
    }
    let ways = known.texts.iter().map(|(id, name)| (visit.to(&format!("/beitraege/{id}")), name.clone())).collect();
    Ok(page.with(Heading::new(s.texts_concerned)).with(Links::list(ways)).respond(visit))
}

/// The texts that are to stay, where a request names none: each by the address of its page. Or the first line that is
/// none of these.
async fn typed(visit: &Visit, lines: &str) -> Result<Result<Vec<String>, usize>, Failure> {
    let mut ids = Vec::new();
    for (number, line) in (1..).zip(lines.lines().map(str::trim)).filter(|(_, line)| !line.is_empty()) {
        let id = words::id_in(line);
        match contributions::find(visit, &id).await {
            Ok(_) if ids.len() < NAMED => ids.push(id),
            Ok(_) => return Ok(Err(number)),
            // What is no id at all is refused.
            Err(failure) if failure.hides() || failure.status() == StatusCode::BAD_REQUEST => return Ok(Err(number)),
            Err(failure) => return Err(failure),
        }
    }
    Ok(Ok(ids))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    let known = known(&visit, &id).await?;
    page(&visit, &known, form(&visit, &known))
}

pub(crate) async fn decide(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.staff_only()?;
    let known = known(&visit, &id).await?;
    let refuses = submitted.get("verdict") == "ablehnen";
    let mut form = form(&visit, &known).filled(&submitted);
    let typed = typed(&visit, &submitted.text("kept_texts")).await?;
    if let Err(line) = &typed {
        form = form.wrong("kept_texts", &fill(visit.language.staff().error_no_text, &[&line.to_string()]));
    }
    let kept = [submitted.all("kept"), typed.unwrap_or_default()].concat();
    let kept = if refuses { Vec::new() } else { kept };
    for name in ["ground", "legal_basis"] {
        if (refuses || !kept.is_empty()) && submitted.get(name).is_empty() {
            form = form.wrong(name, visit.m.error_missing);
        }
    }
    if form.is_wrong() {
        return page(&visit, &known, form);
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
        Err(status) => page(&visit, &known, form.refused(&visit, &status)?),
    }
}

//! What is sent: every form of every page, with good and with bad input.

pub(crate) mod cases;
mod upload;

use allmende_runtime::errors;
use axum::http::StatusCode;
use tonic::{Code, Status};

use self::cases::Case;
use crate::filled::Filled;
use crate::pages::assert_sound;
use crate::site::Browser;
use crate::town::{CITIZEN, STAFF};

async fn browser(who: &str) -> Browser {
    if who.is_empty() { Browser::visitor().await } else { Browser::of(who).await }
}

/// The form as its page holds it, with the case's good input entered.
pub(crate) async fn entered(browser: &mut Browser, case: &Case, language: &str) -> Filled {
    let page =
        browser.get(&format!("{}{}lang={language}", case.page, if case.page.contains('?') { '&' } else { '?' })).await;
    assert_eq!(page.status, StatusCode::OK, "{case:?}");
    case.good.iter().fold(Filled::of(&page.body, &case.form), |form, (name, value)| form.enter(name, value))
}

#[tokio::test]
async fn good_input_is_one_request_and_leads_to_a_page_that_says_so() {
    for case in cases::all() {
        let mut browser = browser(case.who).await;
        let form = entered(&mut browser, &case, "de").await;
        let seen = form.send(&mut browser).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{case:?}\n{}", seen.body);
        assert_eq!(browser.calls.count(case.rpc), 1, "{case:?}");
        let onward = seen.location().to_owned();
        assert!(onward.starts_with("/musterstadt"), "{case:?}: {onward}");
        if let Some((_, code)) = onward.split_once("?ok=") {
            let page = format!("/musterstadt/impressum?ok={}", code.split('#').next().unwrap());
            let said = browser.get(&page).await.body.contains("class=\"notice good\" role=\"status\"");
            assert!(said, "{case:?}: nothing says {code}");
        }
        // Sent again, it is the same request.
        form.send(&mut browser).await;
        assert_eq!(browser.calls.distinct(case.rpc), 1, "{case:?}: the second one is another request");
    }
}

#[tokio::test]
async fn bad_input_comes_back_with_its_field_named_and_what_was_typed() {
    for case in cases::all() {
        let Some((name, value)) = case.bad else { continue };
        for language in ["de", "en"] {
            let mut browser = browser(case.who).await;
            let form = entered(&mut browser, &case, language).await.enter(name, value);
            let seen = form.send(&mut browser).await;
            assert_back(&case, &form, &seen, case.named.unwrap_or(name), language);
            assert_eq!(browser.calls.count(case.rpc), 0, "{case:?}: it was asked all the same");
        }
    }
}

#[tokio::test]
async fn what_a_service_refuses_is_said_at_the_field_it_names() {
    for case in cases::all() {
        let Some((violation, name)) = case.refused else { continue };
        for language in ["de", "en"] {
            let mut browser = browser(case.who).await;
            let form = entered(&mut browser, &case, language).await;
            browser.calls.refuse(case.rpc, errors::invalid_field(violation, errors::Rule::Length(0, 7)));
            let seen = form.send(&mut browser).await;
            assert_back(&case, &form, &seen, name, language);
            let said = if language == "de" { "Höchstens 7 Zeichen." } else { "At most 7 characters." };
            assert!(seen.body.contains(said), "{case:?}: {}", seen.body);
        }
    }
}

/// The page of a form that came back: sound, with the error at its field and in the summary, and with what was typed.
fn assert_back(case: &Case, form: &Filled, seen: &crate::site::Seen, name: &str, language: &str) {
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{case:?} {name}\n{}", seen.body);
    assert_sound(case.page.as_str(), language, seen);
    let (id, error) = (format!("{}-{name}", case.form), format!("id=\"{}-{name}-error\"", case.form));
    assert!(seen.body.contains(&error), "{case:?}: no {error} in\n{}", seen.body);
    assert!(seen.body.contains(&format!("href=\"#{id}\"")), "{case:?}: the summary does not lead to {id}");
    assert!(seen.body.contains(&format!("id=\"{id}\"")), "{case:?}: the summary leads nowhere");
    let back = Filled::of(&seen.body, &case.form);
    for (name, value) in &form.fields {
        // A password is not shown again, and what was emptied is not there to be kept.
        let is_gone = name.contains("password") || value.is_empty();
        assert!(is_gone || back.value(name) == value.trim_end_matches('\n'), "{case:?}: {name} was lost");
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_said_without_losing_the_page() {
    for case in cases::all().into_iter().filter(|case| case.comes_back) {
        let mut browser = browser(case.who).await;
        let form = entered(&mut browser, &case, "de").await;
        let reason = errors::rejection("x.allmende", "PROCEDURE_CLOSED", Code::FailedPrecondition, "closed");
        browser.calls.refuse(case.rpc, reason);
        let seen = form.send(&mut browser).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{case:?}");
        assert!(seen.body.contains("Das Verfahren ist abgeschlossen."), "{case:?}\n{}", seen.body);
    }
}

#[tokio::test]
async fn a_service_that_fails_makes_a_page_without_what_it_said() {
    for case in cases::all() {
        let mut browser = browser(case.who).await;
        let form = entered(&mut browser, &case, "de").await;
        browser.calls.refuse(case.rpc, Status::internal("secret of the service"));
        let seen = form.send(&mut browser).await;
        if case.hides_failures {
            continue;
        }
        assert_eq!(seen.status, StatusCode::INTERNAL_SERVER_ERROR, "{case:?}");
        assert!(!seen.body.contains("secret of the service"), "{case:?}");
        assert_sound(&case.page, "de", &seen);
    }
}

#[tokio::test]
async fn staff_s_forms_are_for_staff() {
    for case in cases::all().into_iter().filter(|case| case.who == STAFF) {
        let mut staff = browser(STAFF).await;
        let form = entered(&mut staff, &case, "de").await;
        let mut citizen = browser(CITIZEN).await;
        let csrf =
            Filled::of(&citizen.get("/musterstadt/rueckmeldung").await.body, "rueckmeldung").value("csrf").to_owned();
        let seen = form.clone().enter("csrf", &csrf).send(&mut citizen).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{case:?}\n{}", seen.body);
        assert_eq!(citizen.calls.count(case.rpc), 0, "{case:?}");
        let mut visitor = browser("").await;
        let csrf =
            Filled::of(&visitor.get("/musterstadt/rueckmeldung").await.body, "rueckmeldung").value("csrf").to_owned();
        let seen = form.enter("csrf", &csrf).send(&mut visitor).await;
        // A button leads to the sign-in; what was typed goes along with it.
        let is_led = seen.location().starts_with("/musterstadt/konto/anmelden");
        let is_asked = seen.status == StatusCode::UNAUTHORIZED && seen.body.contains("id=\"anmelden\"");
        assert!(if case.form.starts_with('/') { is_led } else { is_asked }, "{case:?}");
        assert_eq!(visitor.calls.count(case.rpc), 0, "{case:?}");
    }
}

#[tokio::test]
async fn no_form_is_taken_without_its_token() {
    for case in cases::all() {
        let mut browser = browser(case.who).await;
        let form = entered(&mut browser, &case, "de").await.enter("csrf", "");
        let seen = form.send(&mut browser).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{case:?}");
        assert_eq!(browser.calls.count(case.rpc), 0, "{case:?}");
    }
}

#[test]
fn every_form_that_there_is_is_sent_here() {
    let is_of = |pattern: &str, address: &str| {
        let (pattern, address) = (pattern.split('/').collect::<Vec<_>>(), address.split('/').collect::<Vec<_>>());
        pattern.len() == address.len()
            && pattern.iter().zip(&address).all(|(pattern, part)| pattern.starts_with('{') || pattern == part)
    };
    // In session.rs, in forms.rs, in linked.rs and in upload.rs: what begins and ends a session, and what takes two steps.
    let elsewhere = [
        "/{tenant}/konto/anmelden",
        "/{tenant}/konto/abmelden",
        "/{tenant}/konto/anmeldewege/{id}/verknuepfen",
        "/{tenant}/konto/anmeldewege/{id}/loesen",
        "/{tenant}/beitraege/{id}/zurueckziehen",
        "/{tenant}/verwaltung/rueckmeldungen/{id}/loeschen",
        "/{tenant}/verwaltung/daten/{id}/datei",
    ];
    let sent: Vec<_> = cases::all().into_iter().map(|case| case.to()).collect();
    for (route, _) in allmende_portal::AUTHORIZATION {
        let Some(route) = route.strip_prefix("POST ").filter(|route| !elsewhere.contains(route)) else { continue };
        if route.contains("/konto/anmelden/") {
            continue;
        }
        assert!(sent.iter().any(|address| is_of(route, address)), "no case sends to {route}");
    }
}

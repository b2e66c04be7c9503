//! What was typed is not lost when the session has ended meanwhile.

use allmende_proto::participation::v1::{PostCommentRequest, SubmitContributionRequest};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use tonic::Status;

use crate::filled::Filled;
use crate::pages::assert_sound;
use crate::posts::cases::{self, Case};
use crate::site::{Browser, Seen, hidden};
use crate::town::{CITIZEN, DOCUMENT, LATER_RUN, PROCEDURE, REPORT, STAFF};

const SIGN_IN: &str = "/musterstadt/konto/anmelden";

fn section() -> String {
    format!("/musterstadt/texte/{DOCUMENT}/abschnitte/ziele")
}

/// A comment as it was typed, with its tick, by somebody who was signed in then.
async fn typed(browser: &mut Browser, text: &str) -> Filled {
    let form = Filled::of(&browser.get(&section()).await.body, "kommentar");
    form.enter("text.body", text).enter("granted_licence", "1")
}

/// The session ends as its cookies do.
fn end(browser: &mut Browser) {
    browser.cookies.retain(|(name, _)| name != "allmende-session" && name != "allmende-refresh");
}

async fn sign_in(browser: &mut Browser, page: &str, email: &str, password: &str) -> Seen {
    Filled::of(page, "anmelden").enter("email", email).enter("password", password).send(browser).await
}

/// The button that leads back to the form.
fn way_back(page: &str, to: &str) -> Filled {
    Filled::of(page, to)
}

#[tokio::test]
async fn what_was_typed_goes_through_the_sign_in_and_is_sent_once() {
    let mut browser = Browser::of(CITIZEN).await;
    let text = "  Erste Zeile\r\n\r\n<b>\"Zitat\" & 'mehr'</b> <script>alert(1)</script>";
    let form = typed(&mut browser, text).await;
    end(&mut browser);
    let asked = form.send(&mut browser).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert_sound(&section(), "de", &asked);
    assert!(asked.body.contains("noch nicht abgesendet"), "{}", asked.body);

    // A wrong password loses nothing.
    let wrong = sign_in(&mut browser, &asked.body, "erika@example.org", "wrong wrong wrong").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let seen = sign_in(&mut browser, &wrong.body, "erika@example.org", "correct horse").await;
    assert_eq!((seen.status, seen.location()), (StatusCode::OK, ""), "no text in an address");
    assert_sound(SIGN_IN, "de", &seen);
    assert!(seen.body.contains("Erika Mustermann"), "the page is that of who has signed in");

    let back = way_back(&seen.body, &format!("{}#kommentar", section())).send(&mut browser).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    assert_sound(&section(), "de", &back);
    assert!(browser.calls.of::<PostCommentRequest>("PostComment").is_empty(), "nothing was sent so far");
    let again = Filled::of(&back.body, "kommentar");
    assert_eq!(again.value("text.body").replace("\r\n", "\n"), text.replace("\r\n", "\n"));
    for name in ["request_id", "contribution_id", "granted_licence"] {
        assert_eq!(again.value(name), form.value(name), "{name}");
    }
    let done = again.send(&mut browser).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(browser.calls.count("PostComment"), 1);
}

#[tokio::test]
async fn every_form_that_is_written_into_comes_back_as_it_was() {
    for case in cases::all().into_iter().filter(|case| case.comes_back && !case.who.is_empty()) {
        for language in ["de", "en"] {
            comes_back(&case, language).await;
        }
    }
}

async fn comes_back(case: &Case, language: &str) {
    let mut browser = Browser::of(case.who).await;
    let form = crate::posts::entered(&mut browser, case, language).await;
    end(&mut browser);
    let asked = form.send(&mut browser).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "{case:?}\n{}", asked.body);
    let email = if case.who == STAFF { "max@example.org" } else { "erika@example.org" };
    let seen = sign_in(&mut browser, &asked.body, email, "correct horse").await;
    assert_eq!(seen.status, StatusCode::OK, "{case:?}\n{}", seen.body);
    let back = way_back(&seen.body, &format!("{}#{}", case.to(), case.form)).send(&mut browser).await;
    assert_eq!(back.status, StatusCode::OK, "{case:?}\n{}", back.body);
    assert_sound(&case.page, language, &back);
    assert_eq!(browser.calls.count(case.rpc), 0, "{case:?}: it was sent");
    let again = Filled::of(&back.body, &case.form);
    for (name, value) in &form.fields {
        let is_made_anew = name == "csrf";
        assert!(is_made_anew || again.value(name) == value, "{case:?}: {name} was {value}, is {}", again.value(name));
    }
    let done = again.send(&mut browser).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{case:?}\n{}", done.body);
    assert_eq!(browser.calls.count(case.rpc), 1, "{case:?}");
}

#[tokio::test]
async fn a_form_of_another_page_of_a_list_comes_back_on_that_page() {
    let mut browser = Browser::of(STAFF).await;
    let page = format!("/musterstadt/verwaltung/berichte/{REPORT}?seite=def");
    let form = Filled::of(&browser.get(&page).await.body, "veroeffentlichen");
    assert_eq!(form.value("run_id"), LATER_RUN);
    end(&mut browser);
    let asked = form.send(&mut browser).await;
    let seen = sign_in(&mut browser, &asked.body, "max@example.org", "correct horse").await;
    let back = way_back(&seen.body, &format!("{page}#veroeffentlichen")).send(&mut browser).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    let again = Filled::of(&back.body, "veroeffentlichen");
    assert_eq!((again.value("run_id"), again.action.as_str()), (LATER_RUN, page.as_str()));
    // A choice that is not on offer is not another one unsaid.
    let wrong = again.enter("run_id", "nirgends").send(&mut browser).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("id=\"veroeffentlichen-run_id-error\""), "{}", wrong.body);
    assert_eq!(browser.calls.count("PublishReport"), 0);
}

#[tokio::test]
async fn a_sign_in_that_fails_loses_nothing() {
    let mut browser = Browser::of(CITIZEN).await;
    let form = typed(&mut browser, "Noch da.").await;
    end(&mut browser);
    let asked = form.send(&mut browser).await;
    let filled = Filled::of(&asked.body, "anmelden").enter("email", "erika@example.org").enter("password", "correct");
    let to = format!("{}#kommentar", section());
    let stale = filled.clone().enter("csrf", "of another visit").send(&mut browser).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    way_back(&stale.body, &to);
    browser.calls.refuse("SignIn", Status::unavailable("away"));
    let seen = filled.send(&mut browser).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE, "{}", seen.body);
    assert_sound(SIGN_IN, "de", &seen);
    assert!(!seen.body.contains("erika@example.org"), "{}", seen.body);
    let again = way_back(&seen.body, &to).send(&mut browser).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert_eq!(Filled::of(&again.body, "anmelden").value("mit.text.body"), "Noch da.");
}

#[tokio::test]
async fn that_files_have_to_be_chosen_again_is_said_until_they_are() {
    let said = "Dateien konnten nicht aufgehoben werden";
    let path = format!("/musterstadt/verfahren/{PROCEDURE}/beitraege/neu");
    let mut browser = Browser::of(CITIZEN).await;
    let form = Filled::of(&browser.get(&path).await.body, "beitrag").enter("text.title", "Bank").enter("kind", "1");
    let form = form.enter("text.body", "Am Ufer.").enter("granted_licence", "1");
    let with_file = form.clone().with_file("attachments", b"%PDF-1.4");
    // A form with a fault is without them, too.
    let wrong = with_file.clone().enter("text.body", "").send(&mut browser).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(said), "{}", wrong.body);
    assert!(!form.clone().enter("text.body", "").send(&mut browser).await.body.contains(said));

    end(&mut browser);
    assert!(!form.send(&mut browser).await.body.contains(said), "none was chosen");
    let asked = with_file.send(&mut browser).await;
    let wrong = sign_in(&mut browser, &asked.body, "erika@example.org", "wrong wrong wrong").await;
    let seen = sign_in(&mut browser, &wrong.body, "erika@example.org", "correct horse").await;
    let back = way_back(&seen.body, &format!("{path}#beitrag")).send(&mut browser).await;
    for page in [&asked, &wrong, &seen, &back] {
        assert!(page.body.contains(said), "{}", page.body);
    }
    assert_sound(&path, "de", &back);
    let done = Filled::of(&back.body, "beitrag").with_file("attachments", b"%PDF-1.4").send(&mut browser).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let sent = browser.calls.of::<SubmitContributionRequest>("SubmitContribution");
    assert_eq!((sent.len(), sent[0].attachments.len()), (1, 1));
}

#[tokio::test]
async fn a_form_from_before_a_sign_in_is_given_back_and_not_taken() {
    let mut browser = Browser::of(CITIZEN).await;
    let form = typed(&mut browser, "Von vorhin.").await;
    // In another window somebody signs out and in.
    end(&mut browser);
    let page = browser.get(SIGN_IN).await.body;
    sign_in(&mut browser, &page, "erika@example.org", "correct horse").await;
    let seen = form.send(&mut browser).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert_sound(&section(), "de", &seen);
    let back = way_back(&seen.body, &format!("{}#kommentar", section())).send(&mut browser).await;
    assert_eq!(Filled::of(&back.body, "kommentar").value("text.body"), "Von vorhin.");
    assert_eq!(browser.calls.count("PostComment"), 0);
}

#[tokio::test]
async fn nothing_is_given_back_to_another_site() {
    let mut browser = Browser::of(CITIZEN).await;
    let form = typed(&mut browser, "Fremd%20untergeschoben").await;
    let body = "form=kommentar&text.body=untergeschoben&csrf=x";
    // From another origin, and from nowhere that is named.
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
        let seen = browser.send(Method::POST, &form.action, headers, Body::from(body)).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{origin:?}");
        assert!(!seen.body.contains("untergeschoben"), "{origin:?}");
    }
    assert_eq!(browser.calls.count("PostComment"), 0);
}

#[tokio::test]
async fn what_goes_along_leads_to_forms_of_this_tenant_only() {
    let elsewhere = ["https://evil.example/", "//evil.example", "/moers/rueckmeldung", "/musterstadt/konto/passwort"];
    for to in elsewhere.into_iter().chain(["/musterstadt/verfahren", ""]) {
        let mut browser = Browser::visitor().await;
        let csrf = hidden(&browser.get(SIGN_IN).await.body, "anmelden", "csrf");
        let fields = [
            ("csrf", csrf.as_str()),
            ("weiter", to),
            ("mit.text", "mitgebracht"),
            ("email", "erika@example.org"),
            ("password", "correct horse"),
        ];
        let seen = browser.post(SIGN_IN, &fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{to}");
        assert!(!seen.body.contains("mitgebracht") && !seen.location().contains("mitgebracht"), "{to}");
    }
}

#[tokio::test]
async fn a_service_that_is_away_takes_nothing_along() {
    let mut browser = Browser::of(CITIZEN).await;
    let form = typed(&mut browser, "Ein andermal.").await;
    browser.calls.refuse("PostComment", Status::unavailable("away"));
    let seen = form.send(&mut browser).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    let back = way_back(&seen.body, &format!("{}#kommentar", section())).send(&mut browser).await;
    assert_eq!(Filled::of(&back.body, "kommentar").value("text.body"), "Ein andermal.");
}

#[tokio::test]
async fn a_password_is_never_given_back() {
    let mut browser = Browser::visitor().await;
    let page = "/musterstadt/konto/passwort?code=abc";
    let form = Filled::of(&browser.get(page).await.body, "passwort").enter("new_password", "correct horse battery");
    let seen = form.enter("csrf", "of another visit").send(&mut browser).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert!(!seen.body.contains("correct horse"), "{}", seen.body);
}

#[tokio::test]
async fn with_a_provider_one_signs_in_beside_the_page() {
    let mut browser = Browser::of(CITIZEN).await;
    let form = typed(&mut browser, "Später.").await;
    end(&mut browser);
    let asked = form.send(&mut browser).await;
    let way = format!("href=\"{SIGN_IN}/mit/bund\" target=\"_blank\"");
    assert!(asked.body.contains(&way), "{}", asked.body);
    // Signed in there, the browser has another visit; the page's own button finds that out.
    browser.get(&format!("{SIGN_IN}/mit/bund")).await;
    browser.get(&format!("{SIGN_IN}/rueckkehr?state=musterstadt.s&code=c")).await;
    let to = format!("{}#kommentar", section());
    let seen = way_back(&asked.body, &to).send(&mut browser).await;
    let back = way_back(&seen.body, &to).send(&mut browser).await;
    assert_eq!(Filled::of(&back.body, "kommentar").value("text.body"), "Später.");
}

#[tokio::test]
async fn the_first_form_after_a_session_has_ended_is_a_good_one() {
    for cookie in [("allmende-session", "stolen"), ("allmende-refresh", "stolen")] {
        let mut browser = Browser::visitor().await;
        browser.get("/musterstadt").await;
        browser.cookies.push((cookie.0.to_owned(), cookie.1.to_owned()));
        let page = browser.get(SIGN_IN).await.body;
        let seen = sign_in(&mut browser, &page, "erika@example.org", "correct horse").await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{cookie:?}: {}", seen.body);
    }
}

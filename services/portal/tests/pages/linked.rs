use allmende_proto::gateway::v1 as g;
use allmende_runtime::errors;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use tonic::Code;

use crate::filled::Filled;
use crate::pages::assert_sound;
use crate::site::Browser;
use crate::town::{CITIZEN, OWN, STAFF};

const PAGE: &str = "/musterstadt/konto/anmeldewege";
const LINK: &str = "/musterstadt/konto/anmeldewege/bund/verknuepfen";
const BACK: &str = "/musterstadt/konto/anmeldewege/rueckkehr";

fn unlink() -> String {
    format!("{PAGE}/{OWN}/loesen")
}

fn refusal(reason: &'static str, code: Code) -> tonic::Status {
    errors::rejection("gateway.allmende", reason, code, "no")
}

/// A browser that is on its way to the provider.
async fn begun() -> Browser {
    let mut browser = Browser::of(CITIZEN).await;
    let page = browser.get(PAGE).await.body;
    let seen = Filled::of(&page, LINK).send(&mut browser).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    browser
}

#[tokio::test]
async fn the_ways_to_sign_in_are_told_and_what_cannot_go_has_no_button() {
    let mut browser = Browser::of(CITIZEN).await;
    assert!(browser.get("/musterstadt/konto").await.body.contains(&format!("href=\"{PAGE}\"")));
    let page = browser.get(PAGE).await.body;
    assert!(page.contains("erika@example.org") && page.contains("Bürgerkonto"), "{page}");
    assert!(page.contains("Diesen Anmeldedienst gibt es hier nicht mehr") && page.contains(&unlink()));
    // Heard apart from others of its kind.
    assert!(page.contains("Verknüpfung lösen<span class=\"vh\"> Bürgerkonto</span>"), "{page}");
    let page = browser.get(&format!("{PAGE}?lang=en")).await.body;
    assert!(page.contains("Ways to sign in") && page.contains("Link Bürgerkonto"), "{page}");

    let only = Browser::of(STAFF).await.get(PAGE).await.body;
    assert!(only.contains("der einzige Weg") && !only.contains("/loesen"), "{only}");
    let visitor = Browser::visitor().await.get(PAGE).await;
    assert_eq!(visitor.location(), format!("/musterstadt/konto/anmelden?weiter={PAGE}"));
}

#[tokio::test]
async fn an_identity_is_linked_on_the_way_to_the_provider_and_back() {
    let mut browser = Browser::of(CITIZEN).await;
    let page = browser.get(PAGE).await.body;
    let seen = Filled::of(&page, LINK).send(&mut browser).await;
    // A form leads to our own pages only: a link leads on.
    assert_sound(LINK, "de", &seen);
    let onward = "href=\"https://id.example/authorize?a=b&#38;state=musterstadt.link.s\"";
    assert!(seen.body.contains(onward) && seen.body.contains("Weiter zu Bürgerkonto"), "{}", seen.body);
    let kept = seen.headers.get_all(SET_COOKIE).iter().find(|cookie| cookie.as_bytes().starts_with(b"allmende-link="));
    let kept = kept.unwrap().to_str().unwrap();
    assert!(kept.contains("HttpOnly") && kept.contains("SameSite=Lax") && kept.contains("Max-Age=600"), "{kept}");

    let seen = browser.get(&format!("{BACK}?code=c&state=musterstadt.link.s")).await;
    assert_eq!(seen.location(), format!("{PAGE}?ok=verknuepft"));
    assert_eq!(browser.cookie("allmende-link"), None);
    let page = browser.get(&format!("{PAGE}?ok=verknuepft")).await.body;
    assert!(page.contains("Der Anmeldedienst ist verknüpft"), "{page}");
    let asked: Vec<g::GetSignInMethodsRequest> = browser.calls.of("GetSignInMethods");
    assert_eq!(asked.last().unwrap().consistency_token, "seen");
}

#[tokio::test]
async fn what_was_not_begun_in_this_browser_links_nothing() {
    let good = format!("{BACK}?code=c&state=musterstadt.link.s");
    let others = format!("{BACK}?code=c&state=musterstadt.link.t");
    for (has_begun, address) in [(false, good.as_str()), (true, BACK), (true, others.as_str())] {
        let mut browser = if has_begun { begun().await } else { Browser::of(CITIZEN).await };
        let seen = browser.get(address).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{address}");
        assert!(seen.body.contains("nicht in diesem Browser begonnen") && seen.body.contains(LINK), "{}", seen.body);
        assert_eq!(browser.cookie("allmende-link"), None);
    }
    let seen = begun().await.get(&format!("{BACK}?error=access_denied&state=musterstadt.link.s")).await;
    assert!(seen.body.contains("abgebrochen") && seen.body.contains(LINK), "it can be tried again");
    // Neither by another site's form, nor by who is not signed in.
    let mut browser = Browser::of(CITIZEN).await;
    let page = browser.get(PAGE).await.body;
    let seen = Filled::of(&page, LINK).enter("csrf", "").send(&mut browser).await;
    assert_eq!((seen.status, browser.calls.count("BeginProviderLink")), (StatusCode::FORBIDDEN, 0));
    assert_eq!(browser.get(LINK).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let mut visitor = Browser::visitor().await;
    assert!(visitor.get(&good).await.location().starts_with("/musterstadt/konto/anmelden"));
    assert_eq!(visitor.calls.count("LinkProvider"), 0);
}

#[tokio::test]
async fn why_an_identity_is_not_linked_is_said() {
    for (reason, code, said) in [
        ("PROVIDER_LINKED_ELSEWHERE", Code::FailedPrecondition, "bei einem anderen Konto"),
        ("TOO_MANY_PROVIDERS", Code::FailedPrecondition, "sehr viele Zugänge"),
        ("PROVIDER_AWAY", Code::Unavailable, "nicht zu erreichen"),
    ] {
        let mut browser = begun().await;
        browser.calls.refuse("LinkProvider", refusal(reason, code));
        let seen = browser.get(&format!("{BACK}?code=c&state=musterstadt.link.s")).await;
        assert!(!seen.status.is_success() && seen.body.contains(said), "{reason}: {}", seen.body);
        assert_sound(BACK, "de", &seen);
    }
    let mut browser = Browser::of(CITIZEN).await;
    let page = browser.get(PAGE).await.body;
    browser.calls.refuse("BeginProviderLink", refusal("PROVIDER_AWAY", Code::Unavailable));
    let seen = Filled::of(&page, LINK).send(&mut browser).await;
    assert_eq!((seen.status, browser.cookie("allmende-link")), (StatusCode::SERVICE_UNAVAILABLE, None));
}

#[tokio::test]
async fn unlinking_is_asked_once_more_and_ends_the_session() {
    let mut browser = Browser::of(CITIZEN).await;
    let page = browser.get(PAGE).await.body;
    let seen = Filled::of(&page, &unlink()).send(&mut browser).await;
    assert_sound(&unlink(), "de", &seen);
    assert!(seen.body.contains("Alle Anmeldungen enden") && browser.calls.count("UnlinkProvider") == 0);
    let form = Filled::of(&seen.body, "loesen");
    browser.calls.refuse("UnlinkProvider", refusal("LAST_SIGN_IN_METHOD", Code::FailedPrecondition));
    let refused = form.send(&mut browser).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("der einzige Weg") && browser.cookie("allmende-session").is_some());

    let mut browser = Browser::of(CITIZEN).await;
    let page = browser.get(PAGE).await.body;
    let seen = Filled::of(&page, &unlink()).send(&mut browser).await;
    let form = Filled::of(&seen.body, "loesen");
    let forged = form.clone().enter("csrf", "").send(&mut browser).await;
    assert_eq!((forged.status, browser.calls.count("UnlinkProvider")), (StatusCode::FORBIDDEN, 0));
    let seen = form.send(&mut browser).await;
    assert_eq!(seen.location(), "/musterstadt/konto/anmelden?ok=geloest");
    assert_eq!(browser.cookie("allmende-session"), None);
    let asked: Vec<g::UnlinkProviderRequest> = browser.calls.of("UnlinkProvider");
    assert_eq!(asked[0].linked_provider_id, OWN);
    let page = browser.get("/musterstadt/konto/anmelden?ok=geloest").await.body;
    assert!(page.contains("auf einem anderen Weg") && page.contains("name=\"password\""), "{page}");
}

#[tokio::test]
async fn whose_address_has_an_account_is_led_over_the_password_to_where_it_is_linked() {
    let mut browser = Browser::visitor().await;
    browser.get("/musterstadt/konto/anmelden/mit/bund").await;
    browser.calls.refuse("CompleteProviderSignIn", refusal("EMAIL_HAS_ACCOUNT", Code::FailedPrecondition));
    let seen = browser.get("/musterstadt/konto/anmelden/rueckkehr?code=c&state=musterstadt.s").await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.body.contains("schon ein Konto") && browser.cookie("allmende-session").is_none(), "{}", seen.body);
    let form = Filled::of(&seen.body, "anmelden").enter("email", "erika@example.org");
    let seen = form.enter("password", "correct horse").send(&mut browser).await;
    assert_eq!(seen.location(), PAGE);
}

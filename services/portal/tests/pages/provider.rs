use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use tonic::Code;

use crate::site::Browser;

const WAY: &str = "/musterstadt/konto/anmelden/mit/bund";
const BACK: &str = "/musterstadt/konto/anmelden/rueckkehr";

#[tokio::test]
async fn the_way_to_a_provider_and_back_begins_a_session() {
    let mut browser = Browser::visitor().await;
    let page = browser.get("/musterstadt/konto/anmelden?weiter=/musterstadt/konto").await.body;
    let link = format!("{WAY}?weiter=/musterstadt/konto");
    assert!(page.contains(&link) && page.contains("Mit Bürgerkonto anmelden"), "{page}");
    let seen = browser.get(&link).await;
    assert_eq!(
        (seen.status, seen.location()),
        (StatusCode::SEE_OTHER, "https://id.example/authorize?state=musterstadt.s")
    );
    let kept =
        seen.headers.get_all(SET_COOKIE).iter().find(|cookie| cookie.as_bytes().starts_with(b"allmende-sign-in"));
    let kept = kept.unwrap().to_str().unwrap();
    assert!(kept.contains("HttpOnly") && kept.contains("SameSite=Lax") && kept.contains("Max-Age=600"), "{kept}");

    let before = browser.cookie("allmende-visit").unwrap().to_owned();
    let seen = browser.get(&format!("{BACK}?code=c&state=musterstadt.s")).await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/musterstadt/konto"));
    assert_eq!(browser.cookie("allmende-sign-in"), None);
    assert_ne!(browser.cookie("allmende-visit").unwrap(), before);
    assert!(browser.get("/musterstadt/konto").await.body.contains("Erika Mustermann"));
}

#[tokio::test]
async fn what_was_not_begun_in_this_browser_begins_nothing() {
    let good = format!("{BACK}?code=c&state=musterstadt.s");
    for (begun, address) in
        [(false, good.as_str()), (true, BACK), (true, &format!("{BACK}?code=c&state=musterstadt.t"))]
    {
        let mut browser = Browser::visitor().await;
        if begun {
            browser.get(WAY).await;
        }
        let seen = browser.get(address).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{address}");
        assert!(seen.body.contains("nicht in diesem Browser begonnen"), "{}", seen.body);
        assert_eq!((browser.cookie("allmende-session"), browser.cookie("allmende-sign-in")), (None, None));
    }
    let mut browser = Browser::visitor().await;
    browser.get(WAY).await;
    let seen = browser.get(&format!("{BACK}?error=access_denied&state=musterstadt.s")).await;
    assert!(seen.body.contains("abgebrochen") && seen.body.contains(WAY), "it can be tried again");
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_on_the_page() {
    let mut browser = Browser::visitor().await;
    let away = |code| allmende_runtime::errors::rejection("gateway.allmende", "PROVIDER_AWAY", code, "away");
    browser.calls.refuse("BeginProviderSignIn", away(Code::Unavailable));
    let seen = browser.get(WAY).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        seen.body.contains("Anmeldedienst ist gerade nicht zu erreichen") && seen.body.contains("name=\"password\"")
    );
    // Without a list of providers there is still the password.
    browser.calls.refuse("GetSignInProviders", away(Code::Internal));
    let seen = browser.get("/musterstadt/konto/anmelden").await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(!seen.body.contains(WAY) && seen.body.contains("name=\"password\""));
}

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;

use crate::site::{ADDRESS, Browser, hidden};

async fn sign_in(browser: &mut Browser, query: &str, password: &str) -> crate::site::Seen {
    let path = format!("/musterstadt/konto/anmelden{query}");
    let page = browser.get(&path).await.body;
    let csrf = hidden(&page, "anmelden", "csrf");
    let onward = hidden(&page, "anmelden", "weiter");
    let fields = [("csrf", csrf.as_str()), ("weiter", &onward), ("email", "erika@example.org"), ("password", password)];
    browser.post("/musterstadt/konto/anmelden", &fields).await
}

#[tokio::test]
async fn a_session_begins_and_ends() {
    let mut browser = Browser::visitor().await;
    browser.get("/musterstadt").await;
    let before = browser.cookie("allmende-visit").unwrap().to_owned();
    let seen = sign_in(&mut browser, "?weiter=/musterstadt/konto", "correct horse").await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/musterstadt/konto"));
    for cookie in seen.headers.get_all(SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
            "{cookie}"
        );
    }
    assert_ne!(browser.cookie("allmende-visit").unwrap(), before, "a form from before is not good after");
    let page = browser.get("/musterstadt/konto").await;
    assert!(page.body.contains("Erika Mustermann") && page.body.contains("Menschen ohne Internet"));

    let csrf = hidden(&browser.get("/musterstadt/konto/passwort-vergessen").await.body, "vergessen", "csrf");
    let seen = browser.post("/musterstadt/konto/abmelden", &[("csrf", &csrf)]).await;
    assert_eq!(seen.location(), "/musterstadt?ok=abgemeldet");
    assert_eq!(browser.cookie("allmende-session"), None);
    assert_eq!(browser.get("/musterstadt/konto").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn services_are_told_for_whom_they_are_asked() {
    let mut browser = Browser::visitor().await;
    sign_in(&mut browser, "", "correct horse").await;
    for rpc in ["SignIn", "GetTenant"] {
        let asked_for = browser.calls.asked_for(rpc);
        assert!(!asked_for.is_empty() && asked_for.iter().all(|whom| whom == ADDRESS), "{rpc}: {asked_for:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_without_saying_what_is_wrong() {
    let mut browser = Browser::visitor().await;
    let seen = sign_in(&mut browser, "", "wrong wrong wrong").await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.body.contains("Adresse oder Passwort stimmen nicht"));
    assert!(!seen.body.contains("wrong wrong"), "a password is not shown again");
}

#[tokio::test]
async fn the_way_onward_leads_to_no_other_site() {
    for onward in ["https://evil.example", "//evil.example", "/moers", "/musterstadt//evil", "/musterstadt/%0d%0aX:y"] {
        let mut browser = Browser::visitor().await;
        let seen = sign_in(&mut browser, &format!("?weiter={onward}"), "correct horse").await;
        assert_eq!(seen.location(), "/musterstadt", "{onward}");
    }
}

#[tokio::test]
async fn a_session_is_continued_when_its_access_token_ends() {
    let mut browser = Browser::visitor().await;
    browser.cookies.push(("allmende-refresh".to_owned(), "refresh-citizen".to_owned()));
    let page = browser.get("/musterstadt").await;
    assert!(page.body.contains("Erika Mustermann"));
    assert_eq!(browser.cookie("allmende-session"), Some("citizen"));
}

#[tokio::test]
async fn a_session_that_is_over_makes_a_visitor() {
    for cookie in [("allmende-session", "stolen"), ("allmende-refresh", "stolen")] {
        let mut browser = Browser::visitor().await;
        browser.cookies.push((cookie.0.to_owned(), cookie.1.to_owned()));
        let page = browser.get("/musterstadt").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("/konto/anmelden"));
        assert_eq!(browser.cookie("allmende-session"), None);
    }
}

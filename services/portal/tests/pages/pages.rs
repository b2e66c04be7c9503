use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use crate::site::{Browser, Seen, hidden};
use crate::town::{
    CITIZEN, COMMENT, DATASET, DOCUMENT, ERASURE, INDICATOR, OWN, PROCEDURE, PROJECT, PROPOSAL, REPORT, RUN, STAFF,
    STATION,
};

fn public() -> Vec<String> {
    let t = "/musterstadt";
    vec![
        "/".to_owned(),
        t.to_owned(),
        format!("{t}/verfahren"),
        format!("{t}/verfahren/{PROCEDURE}"),
        format!("{t}/verfahren/{PROCEDURE}/beitraege"),
        format!("{t}/beitraege/{COMMENT}"),
        format!("{t}/beitraege/{PROPOSAL}"),
        format!("{t}/texte/{DOCUMENT}"),
        format!("{t}/texte/{DOCUMENT}/aenderungen"),
        format!("{t}/texte/{DOCUMENT}/synopse"),
        format!("{t}/texte/{DOCUMENT}/abschnitte/ziele"),
        format!("{t}/vorhaben"),
        format!("{t}/vorhaben/{PROJECT}"),
        format!("{t}/suche?q=Rad"),
        format!("{t}/messstellen"),
        format!("{t}/messstellen/{STATION}"),
        format!("{t}/daten"),
        format!("{t}/daten/{DATASET}"),
        format!("{t}/berichte"),
        format!("{t}/berichte/{REPORT}"),
        format!("{t}/impressum"),
        format!("{t}/datenschutz"),
        format!("{t}/barrierefreiheit"),
        format!("{t}/rueckmeldung"),
        format!("{t}/konto/anmelden"),
        format!("{t}/konto/registrieren"),
        format!("{t}/konto/bestaetigen?code=abc"),
        format!("{t}/konto/passwort-vergessen"),
        format!("{t}/konto/passwort?code=abc"),
    ]
}

fn citizens() -> Vec<String> {
    let t = "/musterstadt";
    vec![
        format!("{t}/konto"),
        format!("{t}/konto/anmeldewege"),
        format!("{t}/konto/loeschung"),
        format!("{t}/konto/loeschung/{ERASURE}"),
        format!("{t}/verfahren/{PROCEDURE}/beitraege/neu"),
        format!("{t}/beitraege/{OWN}"),
        format!("{t}/texte/{DOCUMENT}/abschnitte/ziele"),
    ]
}

fn staff() -> Vec<String> {
    let t = "/musterstadt/verwaltung";
    vec![
        t.to_owned(),
        format!("{t}/verfahren-eroeffnen"),
        format!("{t}/verfahren/{PROCEDURE}"),
        format!("{t}/verfahren/{PROCEDURE}/moderation"),
        format!("{t}/moderation/{OWN}"),
        format!("{t}/verfahren/{PROCEDURE}/briefe"),
        format!("{t}/verfahren/{PROCEDURE}/themen"),
        format!("{t}/verfahren/{PROCEDURE}/entwurf"),
        format!("{t}/texte/{DOCUMENT}"),
        format!("{t}/texte/{DOCUMENT}/antworten"),
        format!("{t}/antworten/{COMMENT}"),
        format!("{t}/antworten/{PROPOSAL}"),
        format!("{t}/loeschungen"),
        format!("{t}/loeschungen/{ERASURE}"),
        format!("{t}/rechte"),
        format!("{t}/daten"),
        format!("{t}/daten/{DATASET}"),
        format!("{t}/rueckmeldungen"),
        format!("{t}/verfahren/{PROCEDURE}/ablauf"),
        format!("{t}/verfahren/{PROCEDURE}/vorhaben"),
        format!("{t}/vorhaben/{PROJECT}"),
        format!("{t}/daten/neu"),
        format!("{t}/daten/herausgeber"),
        format!("{t}/daten/{DATASET}/datei"),
        format!("{t}/daten/{DATASET}/pflege"),
        format!("{t}/messstellen"),
        format!("{t}/messstellen/neu"),
        format!("{t}/messstellen/{STATION}"),
        format!("{t}/berichte"),
        format!("{t}/berichte/neu"),
        format!("{t}/berichte/{REPORT}"),
        format!("{t}/kennzahlen"),
        format!("{t}/kennzahlen/neu"),
        format!("{t}/kennzahlen/{INDICATOR}"),
        format!("{t}/angaben"),
        format!("{t}/post"),
    ]
}

fn with_language(path: &str, code: &str) -> String {
    format!("{path}{}lang={code}", if path.contains('?') { '&' } else { '?' })
}

/// What every page has: a language, a title, one largest heading, landmarks, a way past the navigation, unique ids, and
/// nothing that the policy would stop.
pub(crate) fn assert_sound(path: &str, code: &str, seen: &Seen) {
    let body = &seen.body;
    assert!(body.contains(&format!("<html lang=\"{code}\"")), "{path}: no language");
    let title =
        body.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map_or("", |(title, _)| title);
    assert!(!title.trim().is_empty(), "{path}: no title");
    assert_eq!(body.matches("<h1").count(), 1, "{path}: one h1");
    for landmark in ["<main id=\"inhalt\"", "<header", "<footer", "href=\"#inhalt\""] {
        assert!(body.contains(landmark), "{path}: no {landmark}");
    }
    for forbidden in ["<script", " style=\"", "onerror=\"", "<img", "javascript:"] {
        assert!(!body.contains(forbidden), "{path}: {forbidden}");
    }
    assert!(!body.chars().any(|c| matches!(c, '\u{202e}' | '\u{0}')), "{path}: a character that does something");
    let mut ids: Vec<_> = body.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "{path}: an id is there twice");
    for described in body.split("aria-describedby=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        for id in described.split(' ') {
            assert!(ids.contains(&id), "{path}: nothing describes {id}");
        }
    }
    let fields = body.matches("<input type=\"text\"").count() + body.matches("<textarea").count();
    assert!(body.matches("<label").count() >= fields, "{path}: a field without a label");
    assert!(seen.header(CONTENT_SECURITY_POLICY).starts_with("default-src 'none'; style-src 'self'"), "{path}");
    assert_eq!(seen.header(CACHE_CONTROL), "no-store", "{path}");
}

#[tokio::test]
async fn every_page_is_sound_in_both_languages() {
    for (token, paths) in [("", public()), (CITIZEN, citizens()), (STAFF, staff())] {
        let mut browser = if token.is_empty() { Browser::visitor().await } else { Browser::of(token).await };
        for path in paths {
            for code in ["de", "en"] {
                let seen = browser.get(&with_language(&path, code)).await;
                assert_eq!(seen.status, StatusCode::OK, "{path}\n{}", seen.body);
                assert_sound(&path, code, &seen);
            }
        }
    }
}

#[tokio::test]
async fn what_people_wrote_is_text() {
    let mut browser = Browser::visitor().await;
    let seen = browser.get(&format!("/musterstadt/texte/{DOCUMENT}/abschnitte/ziele")).await;
    assert!(
        seen.body.contains("&#60;script&#62;alert(1)") || seen.body.contains("&lt;script&gt;alert(1)"),
        "{}",
        seen.body
    );
    assert!(seen.body.contains("\u{fffd}drehen"));
    assert!(seen.body.contains("<strong>transparent</strong>"), "official texts are Markdown");
}

#[tokio::test]
async fn a_text_without_a_title_stands_in_the_synopsis_once() {
    let mut browser = Browser::visitor().await;
    let seen = browser.get(&format!("/musterstadt/texte/{DOCUMENT}/synopse")).await;
    // Its beginning is said once more to those only who hear where the link leads.
    let shown = seen.body.split("class=\"vh\"").map(|part| part.split_once("</span>").map_or(part, |(_, rest)| rest));
    assert_eq!(shown.collect::<String>().matches("mehr</p>").count(), 1, "{}", seen.body);
    assert!(seen.body.contains(&format!("href=\"/musterstadt/beitraege/{COMMENT}\">Einzeln ansehen")));
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let mut browser = Browser::visitor().await;
    for path in [
        "/niemals",
        "/musterstadt/nirgends",
        "/musterstadt/verfahren/0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0aff",
        "/a/b/c/d/e",
        "/%00",
    ] {
        let seen = browser.get(path).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        assert_sound(path, "de", &seen);
    }
}

#[tokio::test]
async fn a_visitor_is_led_to_the_sign_in() {
    let mut browser = Browser::visitor().await;
    for path in citizens().into_iter().take(3).chain(staff()) {
        let seen = browser.get(&path).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{path}");
        assert!(seen.location().starts_with("/musterstadt/konto/anmelden?weiter=/musterstadt/"), "{}", seen.location());
    }
}

#[tokio::test]
async fn a_citizen_is_no_staff() {
    let mut browser = Browser::of(CITIZEN).await;
    for path in staff() {
        let seen = browser.get(&path).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
        assert_sound(&path, "de", &seen);
    }
}

#[tokio::test]
async fn the_style_sheet_is_kept_for_ever_under_its_name() {
    let mut browser = Browser::visitor().await;
    let page = browser.get("/").await;
    let style = page.body.split("href=\"/assets/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let seen = browser.get(&format!("/assets/{style}")).await;
    assert_eq!(seen.header(CONTENT_TYPE), "text/css; charset=utf-8");
    assert!(seen.header(CACHE_CONTROL).contains("immutable"));
    assert_eq!(browser.get("/assets/0000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_language_is_remembered() {
    let mut browser = Browser::visitor().await;
    assert!(browser.get("/").await.body.contains("<html lang=\"de\""));
    browser.get("/?lang=en").await;
    assert!(browser.get("/").await.body.contains("<html lang=\"en\""));
    let accept = vec![("accept-language", "en-GB,en;q=0.9".to_owned())];
    let mut other = Browser::visitor().await;
    let seen = other.send(axum::http::Method::GET, "/", accept, axum::body::Body::empty()).await;
    assert!(seen.body.contains("<html lang=\"en\""));
}

#[tokio::test]
async fn a_list_that_goes_on_leads_on() {
    let mut browser = Browser::of(STAFF).await;
    for (page, more) in [
        ("/musterstadt/verwaltung".to_owned(), "ghi"),
        (format!("/musterstadt/verfahren/{PROCEDURE}/beitraege"), "abc%2B/%3D"),
        (format!("/musterstadt/berichte/{REPORT}"), "def"),
        (format!("/musterstadt/verwaltung/berichte/{REPORT}"), "def"),
    ] {
        let seen = browser.get(&page).await;
        assert!(seen.body.contains(&format!("href=\"{page}?seite={more}\"")), "{page}: {}", seen.body);
    }
}

#[tokio::test]
async fn the_other_language_is_that_of_the_same_page() {
    let mut browser = Browser::visitor().await;
    let seen = browser.get("/musterstadt/konto/bestaetigen?code=a-b%26c&ok=1&lang=de").await;
    assert!(seen.body.contains("/musterstadt/konto/bestaetigen?code=a-b%26c&#38;lang=en\""), "{}", seen.body);
}

#[tokio::test]
async fn a_button_that_needs_a_sign_in_leads_back_to_its_page() {
    let mut browser = Browser::visitor().await;
    let page = format!("/musterstadt/beitraege/{PROPOSAL}");
    let csrf = hidden(&browser.get("/musterstadt/konto/anmelden").await.body, "anmelden", "csrf");
    let seen = browser.post(&format!("{page}/zurueckziehen"), &[("csrf", &csrf)]).await;
    assert_eq!(seen.location(), format!("/musterstadt/konto/anmelden?weiter={page}"));
    assert_eq!(browser.get(&page).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_report_comes_with_its_own_policy() {
    let mut browser = Browser::visitor().await;
    let seen = browser.get(&format!("/musterstadt/berichte/laeufe/{RUN}")).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert_eq!(seen.header(CONTENT_SECURITY_POLICY), "default-src 'none'; style-src 'sha256-abc'");
}

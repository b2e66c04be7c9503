use allmende_proto::gateway::v1::EraseFeedbackRequest;
use allmende_proto::participation::v1::{
    AmendPhasesRequest, CoarsePoint, PhaseKind, PostCommentRequest, SubmitContributionRequest,
};
use allmende_runtime::errors;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use tonic::Code;

use crate::filled::Filled;
use crate::site::{Browser, hidden};
use crate::town::{CITIZEN, DOCUMENT, OWN, PROCEDURE, STAFF};

fn section() -> String {
    format!("/musterstadt/texte/{DOCUMENT}/abschnitte/ziele")
}

/// The fields of a comment as the page holds them.
async fn comment(browser: &mut Browser, body: &str) -> Vec<(String, String)> {
    let page = browser.get(&section()).await.body;
    let mut fields: Vec<_> = ["csrf", "form", "request_id", "contribution_id"]
        .map(|name| (name.to_owned(), hidden(&page, "kommentar", name)))
        .to_vec();
    fields.push(("text.body".to_owned(), body.to_owned()));
    fields.push(("granted_licence".to_owned(), "1".to_owned()));
    fields
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_comment_is_sent_and_seen() {
    let mut browser = Browser::of(CITIZEN).await;
    let fields = comment(&mut browser, "  Gut so.\r\nWeiter!  ").await;
    let seen = browser.post(&section(), &borrowed(&fields)).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
    assert_eq!(seen.location(), format!("{}?ok=eingegangen#eigene", section()));
    assert_eq!(browser.cookie("allmende-seen"), Some("p.token-1"));
    let posted = browser.calls.of::<PostCommentRequest>("PostComment");
    assert_eq!(posted[0].text.as_ref().unwrap().body, "Gut so.\nWeiter!");
    assert_eq!(posted[0].granted_licence, "dl-de/by-2-0");
    let page = browser.get(&format!("{}?ok=eingegangen", section())).await;
    assert!(page.body.contains("Ihr Text ist eingegangen") && page.body.contains("wartet auf Freigabe"));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_request() {
    let mut browser = Browser::of(CITIZEN).await;
    let fields = comment(&mut browser, "Einmal.").await;
    for _ in 0..2 {
        browser.post(&section(), &borrowed(&fields)).await;
    }
    let posted = browser.calls.of::<PostCommentRequest>("PostComment");
    assert_eq!(posted.len(), 2);
    assert_eq!(posted[0], posted[1]);
    assert_eq!(uuid::Uuid::parse_str(&posted[0].request_id).unwrap().get_version_num(), 7);
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let mut browser = Browser::of(CITIZEN).await;
    let fields = comment(&mut browser, "Fremd").await;
    // Without the token, with another visit's, and with a token from before the visit began anew.
    let without: Vec<_> = fields.iter().filter(|(name, _)| name != "csrf").cloned().collect();
    let seen = browser.post(&section(), &borrowed(&without)).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    let mut other = Browser::of(CITIZEN).await;
    let token = comment(&mut other, "").await.remove(0);
    let foreign: Vec<_> = std::iter::once(token).chain(without).collect();
    assert_eq!(browser.post(&section(), &borrowed(&foreign)).await.status, StatusCode::FORBIDDEN);
    // From another origin.
    let headers = vec![
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("origin", "https://evil.example".to_owned()),
    ];
    let body = borrowed(&fields).iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let seen = browser.send(Method::POST, &section(), headers, Body::from(body)).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert!(browser.calls.of::<PostCommentRequest>("PostComment").is_empty());
}

#[tokio::test]
async fn what_is_missing_is_said_at_its_field_and_the_rest_is_kept() {
    let mut browser = Browser::of(CITIZEN).await;
    let mut fields = comment(&mut browser, "<b>Bleibt</b>").await;
    fields.retain(|(name, _)| name != "granted_licence");
    let seen = browser.post(&section(), &borrowed(&fields)).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.body.contains("<title>Fehler:"));
    assert!(seen.body.contains("id=\"kommentar-granted_licence-error\""));
    assert!(seen.body.contains("href=\"#kommentar-granted_licence\""));
    assert!(seen.body.contains("&#60;b&#62;Bleibt") || seen.body.contains("&lt;b&gt;Bleibt"));
    assert!(seen.body.contains(&fields[2].1), "the request id stays");
}

#[tokio::test]
async fn a_refusal_is_said_in_the_reader_s_language() {
    let mut browser = Browser::of(CITIZEN).await;
    let late = comment(&mut browser, "Auch das noch.").await;
    let closed =
        errors::rejection("participation.allmende", "PHASE_CLOSED", Code::FailedPrecondition, "no phase is open");
    browser.calls.refuse("PostComment", closed);
    let seen = browser.post(&section(), &borrowed(&late)).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.body.contains("Frist ist vorbei"), "{}", seen.body);
    let mut browser = Browser::of(CITIZEN).await;
    let long = comment(&mut browser, "Auch das noch.").await;
    let too_long = errors::invalid_field("text.body", errors::Rule::Length(1, 10_000));
    browser.calls.refuse("PostComment", too_long);
    let seen = browser.post(&section(), &borrowed(&long)).await;
    assert!(
        seen.body.contains("id=\"kommentar-text.body-error\"") && seen.body.contains("Höchstens 10.000"),
        "{}",
        seen.body
    );
}

#[tokio::test]
async fn a_moderator_publishes() {
    let mut browser = Browser::of(STAFF).await;
    let path = format!("/musterstadt/verwaltung/moderation/{OWN}");
    let page = browser.get(&path).await.body;
    let fields: Vec<_> =
        ["csrf", "form", "request_id"].map(|name| (name.to_owned(), hidden(&page, "entscheidung", name))).to_vec();
    let mut publish = borrowed(&fields);
    publish.push(("decision", "1"));
    let seen = browser.post(&path, &publish).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
    // To reject needs a reason.
    let mut reject = borrowed(&fields);
    reject.push(("decision", "2"));
    let seen = browser.post(&path, &reject).await;
    assert!(seen.body.contains("id=\"entscheidung-reason-error\""), "{}", seen.body);
}

#[tokio::test]
async fn who_takes_a_text_back_is_asked_once_more() {
    let mut browser = Browser::of(CITIZEN).await;
    let page = browser.get(&format!("/musterstadt/beitraege/{OWN}")).await.body;
    let asked = Filled::of(&page, &format!("/musterstadt/beitraege/{OWN}/zurueckziehen")).send(&mut browser).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.body.contains("nicht rückgängig"), "{}", asked.body);
    assert_eq!(browser.calls.count("WithdrawContribution"), 0);
    let done = Filled::of(&asked.body, "zurueckziehen").send(&mut browser).await;
    assert_eq!(done.location(), "/musterstadt/konto?ok=zurueckgezogen");
    assert_eq!(browser.calls.count("WithdrawContribution"), 1);
}

#[tokio::test]
async fn who_erases_a_message_is_asked_once_more() {
    let mut browser = Browser::of(STAFF).await;
    let page = browser.get("/musterstadt/verwaltung/rueckmeldungen").await.body;
    let to = format!("/musterstadt/verwaltung/rueckmeldungen/{OWN}/loeschen");
    let asked = Filled::of(&page, &to).send(&mut browser).await;
    assert_eq!((asked.status, browser.calls.count("EraseFeedback")), (StatusCode::OK, 0));
    let done = Filled::of(&asked.body, "loeschen").send(&mut browser).await;
    assert_eq!(done.location(), "/musterstadt/verwaltung/rueckmeldungen?ok=rueckmeldung-geloescht");
    assert!(browser.get(done.location()).await.body.contains("Die Rückmeldung ist gelöscht."));
    assert_eq!(browser.calls.of::<EraseFeedbackRequest>("EraseFeedback")[0].feedback_id, OWN);
    // It is nobody else's to erase.
    let mut citizen = Browser::of(CITIZEN).await;
    let csrf = hidden(&citizen.get(&section()).await.body, "kommentar", "csrf");
    assert_eq!(citizen.post(&to, &[("csrf", &csrf), ("form", "loeschen")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(citizen.calls.count("EraseFeedback"), 0);
}

#[tokio::test]
async fn a_revision_that_passes_comments_over_is_not_published_and_not_lost() {
    let mut browser = Browser::of(STAFF).await;
    let path = format!("/musterstadt/verwaltung/texte/{DOCUMENT}");
    let form = Filled::of(&browser.get(&path).await.body, "fassung").enter("markdown", "# Ziele\n\nübergangen");
    let warned = form.send(&mut browser).await;
    assert!(warned.body.contains("1 Kommentare sind noch ohne Antwort"), "{}", warned.body);
    let again = Filled::of(&warned.body, "fassung");
    assert!(again.value("markdown").contains("übergangen"));
    assert_ne!(again.value("request_id"), form.value("request_id"), "it is another question");
    let done = again.enter("despite_unanswered", "1").send(&mut browser).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_phase_without_a_kind_is_left_out_and_the_others_close_up() {
    let mut browser = Browser::of(STAFF).await;
    let path = format!("/musterstadt/verwaltung/verfahren/{PROCEDURE}/ablauf");
    let form = Filled::of(&browser.get(&path).await.body, "ablauf");
    let form = form.enter("phases2.kind", "").enter("reason", "Keine Kommentierung.").enter("phases3.to_day", "");
    let back = form.send(&mut browser).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.body.contains("Phase 2, Letzter Tag: Bitte geben Sie beide Tage an."), "{}", back.body);
    let again = Filled::of(&back.body, "ablauf");
    assert_eq!((again.value("phases2.kind"), again.value("phases3.kind")), ("5", ""));
    assert_eq!(again.enter("phases2.to_day", "2019-12-31").send(&mut browser).await.status, StatusCode::SEE_OTHER);
    let asked = browser.calls.of::<AmendPhasesRequest>("AmendPhases").remove(0);
    let kinds: Vec<_> = asked.phases.iter().map(|phase| phase.kind()).collect();
    assert_eq!(kinds, [PhaseKind::Submission, PhaseKind::Evaluation]);
    assert_eq!(asked.phases[1].to_day, "2019-12-31");
}

#[tokio::test]
async fn a_place_is_no_more_exact_than_it_has_to_be() {
    let mut browser = Browser::of(CITIZEN).await;
    let path = format!("/musterstadt/verfahren/{PROCEDURE}/beitraege/neu");
    let form = Filled::of(&browser.get(&path).await.body, "beitrag").enter("text.title", "Bänke");
    let form = form.enter("text.body", "Mehr davon.").enter("granted_licence", "1");
    form.enter("place", "51.246291, 6.641834").send(&mut browser).await;
    let asked = browser.calls.of::<SubmitContributionRequest>("SubmitContribution").remove(0);
    assert_eq!(asked.place, Some(CoarsePoint { latitude: 51.246, longitude: 6.642 }));
}

#[tokio::test]
async fn too_much_is_refused() {
    let mut browser = Browser::of(CITIZEN).await;
    let body = "x".repeat(5 << 20);
    let seen = browser.post(&section(), &[("csrf", "x"), ("text.body", &body)]).await;
    assert_eq!(seen.status, StatusCode::PAYLOAD_TOO_LARGE);
}

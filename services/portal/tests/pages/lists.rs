//! Lists to choose from have no silent end, and whoever decides sees what about.

use allmende_proto::gateway::v1::{DecideErasureRequest, GrantRoleRequest, decide_erasure_request::Verdict};
use allmende_proto::participation::v1::{AssignThemeRequest, ListModerationQueueRequest, ListMyContributionsRequest};
use allmende_proto::reporting::v1::PublishReportRequest;
use axum::http::StatusCode;
use tonic::Status;

use crate::filled::Filled;
use crate::pages::assert_sound;
use crate::site::Browser;
use crate::town::{
    AMENDMENT, COMMENT, DOCUMENT, ERASURE, LATER_RUN, OWN, PROCEDURE, PROJECT, PROPOSAL, REPORT, STAFF, WHOLE_ERASURE,
};

const STAFF_PAGES: &str = "/musterstadt/verwaltung";

#[tokio::test]
async fn a_run_behind_the_first_page_is_published_too() {
    let mut browser = Browser::of(STAFF).await;
    let page = format!("{STAFF_PAGES}/berichte/{REPORT}?seite=def");
    let form = Filled::of(&browser.get(&page).await.body, "veroeffentlichen");
    assert_eq!((form.value("run_id"), form.action.as_str()), (LATER_RUN, page.as_str()));
    let seen = form.send(&mut browser).await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, format!("{page}&ok=veroeffentlicht").as_str()));
    assert_eq!(browser.calls.of::<PublishReportRequest>("PublishReport")[0].run_id, LATER_RUN);
}

#[tokio::test]
async fn a_text_behind_the_first_page_is_given_a_theme() {
    let mut browser = Browser::of(STAFF).await;
    let first = format!("{STAFF_PAGES}/verfahren/{PROCEDURE}/themen");
    let seen = browser.get(&first).await;
    let next = format!("{first}?seite=abc%2B/%3D");
    assert!(seen.body.contains(&format!("href=\"{next}\"")) && seen.body.contains(&format!("value=\"{PROPOSAL}\"")));
    let form = Filled::of(&browser.get(&next).await.body, "zuordnen").enter("contribution_ids", AMENDMENT);
    // What is wrong comes back on the same page of the list.
    let wrong = form.clone().enter("contribution_ids", "").send(&mut browser).await;
    assert!(wrong.body.contains(&format!("value=\"{AMENDMENT}\"")), "{}", wrong.body);
    assert_eq!(form.send(&mut browser).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.calls.of::<AssignThemeRequest>("AssignTheme")[0].contribution_ids, [AMENDMENT]);
}

#[tokio::test]
async fn whole_texts_are_asked_for_in_pages_that_fit_into_a_message() {
    let mut browser = Browser::of(STAFF).await;
    for page in [
        "/musterstadt/konto".to_owned(),
        "/musterstadt/konto/loeschung".to_owned(),
        format!("/musterstadt/texte/{DOCUMENT}/abschnitte/ziele"),
        format!("{STAFF_PAGES}/verfahren/{PROCEDURE}/moderation"),
        format!("{STAFF_PAGES}/moderation/{OWN}"),
    ] {
        assert_eq!(browser.get(&page).await.status, StatusCode::OK, "{page}");
    }
    let own = browser.calls.of::<ListMyContributionsRequest>("ListMyContributions");
    let queue = browser.calls.of::<ListModerationQueueRequest>("ListModerationQueue");
    let sizes = own.iter().map(|asked| asked.page_size).chain(queue.iter().map(|asked| asked.page_size));
    let sizes: Vec<_> = sizes.collect();
    assert!(sizes.len() >= 5 && sizes.iter().all(|size| (1..=50).contains(size)), "{sizes:?}");
}

#[tokio::test]
async fn nobody_decides_as_if_nothing_had_been_reported() {
    let said = "Was über ihn gemeldet wurde, fehlt hier";
    let (text, procedure) =
        (format!("{STAFF_PAGES}/moderation/{COMMENT}"), format!("{STAFF_PAGES}/verfahren/{PROCEDURE}"));
    let mut browser = Browser::of(STAFF).await;
    let seen = browser.get(&text).await;
    assert!(seen.body.contains("Gemeldet: Beleidigung") && !seen.body.contains(said), "{}", seen.body);
    browser.calls.refuse("ListModerationQueue", Status::unavailable("away"));
    let seen = browser.get(&text).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert_sound(&text, "de", &seen);
    assert!(seen.body.contains(said) && seen.body.contains("id=\"entscheidung\""), "{}", seen.body);
    // How many wait is not left out as if nobody had asked.
    assert_eq!(browser.get(&procedure).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let mut without = Browser::of(STAFF).await;
    without.calls.refuse("ListModerationQueue", Status::permission_denied("others'"));
    let seen = without.get(&procedure).await;
    assert!(seen.status == StatusCode::OK && !seen.body.contains("warten auf Freigabe"), "{}", seen.body);
}

#[tokio::test]
async fn a_letter_is_about_a_section_of_the_text_that_was_chosen() {
    let mut browser = Browser::of(STAFF).await;
    let page = browser.get(&format!("{STAFF_PAGES}/verfahren/{PROCEDURE}/briefe?text={DOCUMENT}")).await.body;
    assert!(page.contains(&format!("value=\"{DOCUMENT}/transparenz\"")), "{page}");
    assert_eq!(browser.calls.count("GetDocument"), 1, "one text is read, however many there are");
}

#[tokio::test]
async fn roles_are_told_by_names() {
    let mut browser = Browser::of(STAFF).await;
    let page = browser.get(&format!("{STAFF_PAGES}/rechte")).await.body;
    assert!(page.contains("Erika Mustermann, erika@example.org") && page.contains("vergeben von Erika"), "{page}");
    assert!(page.contains("für „Leitlinien für offenes Regieren“"));
    assert!(page.contains("Person …1bcafe, Konto in einer anderen Kommune"));
    assert_eq!(browser.calls.count("ListPeople"), 3, "a page to show, and two until all are found");
    // Of who was not found before the list was too long, nothing is said that may be false.
    let page = browser.get(&format!("{STAFF_PAGES}/rechte?seite=grants-2")).await.body;
    assert!(page.contains("Konto …adcafe") && !page.contains("in einer anderen Kommune"), "{page}");
    let page = browser.get(&format!("{STAFF_PAGES}/rechte")).await.body;
    let form = Filled::of(&page, "recht").enter("email", "max@example.org").enter("procedure_id", PROCEDURE);
    assert_eq!(form.send(&mut browser).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.calls.of::<GrantRoleRequest>("GrantRole")[0].procedure_id, PROCEDURE);
    assert_eq!(browser.get(&format!("{STAFF_PAGES}/rechte?personen=people-2")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_decides_on_an_erasure_reads_which_texts() {
    let mut browser = Browser::of(STAFF).await;
    let page = browser.get(&format!("{STAFF_PAGES}/loeschungen/{ERASURE}")).await.body;
    assert!(page.contains("Kommentar vom 20. September 2019, 12:00 Uhr: &#60;script"), "{page}");
    assert!(page.contains(&format!("class=\"look\" href=\"/musterstadt/beitraege/{COMMENT}\"")));
}

#[tokio::test]
async fn of_a_whole_account_texts_are_kept_by_their_addresses() {
    let mut browser = Browser::of(STAFF).await;
    let path = format!("{STAFF_PAGES}/loeschungen/{WHOLE_ERASURE}");
    let form = Filled::of(&browser.get(&path).await.body, "entscheidung");
    let form = form.enter("verdict", "annehmen").enter("ground", "1").enter("legal_basis", "Art. 17 Abs. 3 DSGVO");
    let wrong =
        form.clone().enter("kept_texts", "https://portal/musterstadt/beitraege/nirgends").send(&mut browser).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_sound(&path, "de", &wrong);
    assert!(wrong.body.contains("In Zeile 1 steht keine Adresse"), "{}", wrong.body);
    let mut unlucky = Browser::of(STAFF).await;
    unlucky.calls.refuse("GetContribution", Status::unavailable("away"));
    let typed = format!("/musterstadt/beitraege/{COMMENT}");
    let away = Filled::of(&unlucky.get(&path).await.body, "entscheidung").enter("verdict", "annehmen");
    let away = away.enter("kept_texts", &typed).send(&mut unlucky).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE, "an outage is not the line's fault");
    let typed = format!("https://portal/musterstadt/beitraege/{COMMENT}?lang=en\n\n/musterstadt/beitraege/{PROPOSAL}");
    assert_eq!(form.enter("kept_texts", &typed).send(&mut browser).await.status, StatusCode::SEE_OTHER);
    let asked = browser.calls.of::<DecideErasureRequest>("DecideErasure").remove(0);
    let Some(Verdict::Accepted(accepted)) = asked.verdict else { panic!("refused") };
    let kept: Vec<_> = accepted.exceptions.into_iter().map(|kept| kept.contribution_id).collect();
    assert_eq!(kept, [COMMENT, PROPOSAL]);
}

#[tokio::test]
async fn who_moderates_reads_what_was_reported_and_what_it_is_about() {
    let mut browser = Browser::of(STAFF).await;
    let page = browser.get(&format!("{STAFF_PAGES}/moderation/{OWN}")).await.body;
    assert!(page.contains("gemeldet am 20. September 2019"), "{page}");
    assert!(page.contains(&format!("href=\"/musterstadt/texte/{DOCUMENT}/abschnitte/ziele\"")));
}

#[tokio::test]
async fn what_a_project_goes_back_to_is_named() {
    let mut browser = Browser::visitor().await;
    let page = browser.get(&format!("/musterstadt/vorhaben/{PROJECT}")).await.body;
    assert!(page.contains("Mehr Fahrradständer am Markt</a>"), "{page}");
    let text = format!("href=\"/musterstadt/beitraege/{PROPOSAL}\"");
    for (refusal, is_told) in [(Status::not_found("gone"), false), (Status::unavailable("away"), true)] {
        let mut browser = Browser::visitor().await;
        browser.calls.refuse("GetContribution", refusal);
        let page = browser.get(&format!("/musterstadt/vorhaben/{PROJECT}")).await.body;
        assert_eq!(page.contains(&text), is_told, "{page}");
    }
}

#[tokio::test]
async fn german_words_say_so_on_english_pages() {
    let mut browser = Browser::of(STAFF).await;
    for (page, marked) in [
        (format!("/musterstadt/verfahren/{PROCEDURE}"), "<h1 dir=\"auto\" lang=\"de\">Leitlinien"),
        (format!("/musterstadt/texte/{DOCUMENT}"), "<div class=\"prose\" lang=\"de\">"),
        (format!("/musterstadt/texte/{DOCUMENT}/abschnitte/ziele"), "<p class=\"plain\" dir=\"auto\" lang=\"de\">"),
        (format!("/musterstadt/beitraege/{PROPOSAL}"), "<h1 dir=\"auto\" lang=\"de\">Mehr Fahrradständer"),
        ("/musterstadt/rueckmeldung".to_owned(), "<div class=\"prose\" lang=\"de\">"),
        (format!("{STAFF_PAGES}/kennzahlen"), "lang=\"de\">Anteil Radverkehr"),
    ] {
        let english = browser.get(&format!("{page}?lang=en")).await.body;
        assert!(english.contains(marked), "{page}: {english}");
        assert!(!english.contains(['\u{e0de}', '\u{e0df}']), "{page}: a mark is left");
        let german = browser.get(&format!("{page}?lang=de")).await.body;
        let marks = german.matches("lang=\"de\"").count() - german.matches("hreflang=\"de\"").count();
        assert_eq!(marks, 1, "{page}: only the page itself says so in German");
    }
    // What is there in English is in English.
    let report = browser.get(&format!("/musterstadt/berichte/{REPORT}?lang=en")).await.body;
    assert!(report.contains("<h1 dir=\"auto\">Project report 2019</h1>"), "{report}");
}

//! What pages say and where, as those who read or hear them need it.

use allmende_proto::participation::v1::OpenProcedureRequest;
use axum::http::StatusCode;

use crate::filled::Filled;
use crate::site::Browser;
use crate::town::{DATASET, DOCUMENT, INDICATOR, STAFF};

async fn page(path: &str) -> String {
    let seen = Browser::of(STAFF).await.get(&format!("/musterstadt/{path}")).await;
    assert_eq!(seen.status, StatusCode::OK, "{path}");
    seen.body
}

/// Where the words begin.
fn place(page: &str, words: &str) -> usize {
    page.find(words).unwrap_or_else(|| panic!("no {words} in\n{page}"))
}

#[tokio::test]
async fn a_column_is_called_the_same_above_it_and_beside_its_values() {
    let page = page(&format!("verwaltung/daten/{DATASET}")).await;
    assert!(page.contains(">Herausgegeben</th>") && page.contains("data-label=\"Herausgegeben\""), "{page}");
}

#[tokio::test]
async fn a_hint_on_boxes_is_read_before_them() {
    let page = page("verwaltung/berichte/neu").await;
    let legend = place(&page, "<legend>Nur diese Messstellen");
    let hint = legend + place(&page[legend..], "Ohne Auswahl: alle.");
    let first = legend + place(&page[legend..], "type=\"checkbox\"");
    assert!(hint < first, "{page}");
    assert!(page[legend..hint].contains("freiwillig"), "{page}");
}

#[tokio::test]
async fn edges_of_cells_are_in_metres_or_kilometres() {
    let page = page("verwaltung/messstellen/neu").await;
    for edge in ["250 m", "500 m", "1 km", "10 km"] {
        assert!(page.contains(&format!(">{edge}</option>")), "{edge}");
    }
    assert!(!page.contains("000 m<"), "{page}");
}

#[tokio::test]
async fn the_way_to_a_page_wraps_between_its_steps() {
    let page = page(&format!("texte/{DOCUMENT}/synopse")).await;
    let steps = page.split_once("class=\"crumbs\"").unwrap().1.split_once("</nav>").unwrap().0;
    assert!(steps.matches("</li> ").count() >= 3 && !steps.contains("</li><li>"), "{steps}");
}

#[tokio::test]
async fn a_licence_is_chosen_by_its_name_and_sent_by_its_code() {
    let mut browser = Browser::of(STAFF).await;
    let page = browser.get("/musterstadt/verwaltung/verfahren-eroeffnen").await.body;
    for licence in ["Datenlizenz Deutschland – Namensnennung – 2.0", "CC BY 4.0", "CC0 1.0"] {
        assert!(page.contains(&format!(">{licence}</option>")), "{licence}");
    }
    let form = Filled::of(&page, "eroeffnen");
    assert_eq!(form.value("licence"), "dl-de/by-2-0", "the one that is usual");
    let form = form.enter("title", "Park").enter("summary", "Wie?").enter("method", "Ideenaufruf");
    let form = form.enter("phases1.from_day", "2026-03-01").enter("phases1.to_day", "2026-03-31");
    let sent = form.enter("licence", "CC-BY-4.0").send(&mut browser).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert_eq!(browser.calls.of::<OpenProcedureRequest>("OpenProcedure")[0].licence, "CC-BY-4.0");
}

#[tokio::test]
async fn a_mail_is_called_by_what_it_tells() {
    let page = page("verwaltung/post").await;
    let (title, badge) = (place(&page, "<h3"), place(&page, "class=\"badge warn\">fehlgeschlagen"));
    let title = page[title..].split_once("</h3>").unwrap().0;
    assert!(title.contains("Beitrag") && !title.contains("Uhr"), "{title}");
    assert!(!page.contains("zuletzt"), "it was tried in the minute in which it was queued: {page}");
    assert!(badge < place(&page, "</article>"));
}

#[tokio::test]
async fn an_aim_is_reached_or_missed_and_a_limit_kept() {
    let page = page(&format!("verwaltung/kennzahlen/{INDICATOR}")).await;
    let verdicts = ["eingehalten", "überschritten", "erreicht", "verfehlt"]
        .map(|verdict| page.contains(&format!(">{verdict}</td>")));
    assert_eq!(verdicts, [true, false, false, true], "{page}");
}

#[tokio::test]
async fn a_change_is_heard_and_not_only_seen() {
    let page = page(&format!("texte/{DOCUMENT}/aenderungen")).await;
    assert!(page.contains("<ins><span class=\"vh\">neu: </span>"), "{page}");
    assert!(page.contains("<del><span class=\"vh\">gestrichen: </span>"), "{page}");
}

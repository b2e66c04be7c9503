//! Uploading a file: chosen, read, described, stored.

use allmende_proto::opendata::v1::add_distribution_request::Part;
use allmende_proto::opendata::v1::{AddDistributionRequest, ColumnType};
use allmende_runtime::errors;
use axum::http::StatusCode;

use crate::filled::Filled;
use crate::pages::assert_sound;
use crate::site::{Browser, Seen};
use crate::town::{CITIZEN, DATASET, STAFF};

const TABLE: &[u8] = "day,place,benches\r\n2019-09-27,\"Markt, oben\",3\r\n2019-09-28,<b>Rhein</b>,4\r\n".as_bytes();

fn path() -> String {
    format!("/musterstadt/verwaltung/daten/{DATASET}/datei")
}

async fn choose(browser: &mut Browser, content: &[u8]) -> Seen {
    let page = browser.get(&path()).await.body;
    Filled::of(&page, "datei").enter("head.file", "baenke.csv").with_file("csv", content).send(browser).await
}

fn described(page: &str) -> Filled {
    let columns = [("1", "Tag"), ("2", "Ort"), ("3", "Bänke")];
    let form = Filled::of(page, "spalten");
    columns.iter().fold(form, |form, (number, text)| form.enter(&format!("head.columns{number}.description.de"), text))
}

#[tokio::test]
async fn a_file_is_read_described_and_stored_as_it_was() {
    let mut browser = Browser::of(STAFF).await;
    let seen = choose(&mut browser, TABLE).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    assert_sound(&path(), "de", &seen);
    assert!(seen.body.contains("2 Zeilen mit 3 Spalten") && seen.body.contains("Markt, oben"), "{}", seen.body);
    assert_eq!(browser.calls.count("AddDistribution"), 0, "nothing is stored yet");

    let form = described(&seen.body);
    let stored = form.send(&mut browser).await;
    assert_eq!(stored.location(), format!("/musterstadt/verwaltung/daten/{DATASET}?ok=hochgeladen"), "{}", stored.body);
    let parts = browser.calls.of::<AddDistributionRequest>("AddDistribution").into_iter().filter_map(|part| part.part);
    let parts: Vec<_> = parts.collect();
    let Some(Part::Head(head)) = parts.first() else { panic!("no head: {parts:?}") };
    let Some(Part::End(end)) = parts.last() else { panic!("no end: {parts:?}") };
    let chunk = |part: &Part| if let Part::Chunk(chunk) = part { chunk.to_vec() } else { Vec::new() };
    assert_eq!(parts.iter().flat_map(chunk).collect::<Vec<_>>(), TABLE);
    assert_eq!((end.bytes, head.file.as_str()), (TABLE.len() as u64, "baenke.csv"));
    assert_eq!(end.sha256, sha256(TABLE));
    let kinds: Vec<_> = head.columns.iter().map(|column| (column.name.as_str(), column.r#type())).collect();
    assert_eq!(kinds, [("day", ColumnType::Date), ("place", ColumnType::String), ("benches", ColumnType::Integer)]);
    assert_eq!(head.columns[2].description.as_ref().unwrap().de, "Bänke");
}

fn sha256(content: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_column_without_a_description_is_named_and_the_file_is_kept() {
    let mut browser = Browser::of(STAFF).await;
    let seen = choose(&mut browser, TABLE).await;
    let form = described(&seen.body).enter("head.columns2.description.de", "").enter("head.columns3.unit", "1");
    let back = form.send(&mut browser).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_sound(&path(), "de", &back);
    assert!(back.body.contains("Spalte 2: place, Bedeutung auf Deutsch: Bitte füllen"), "{}", back.body);
    let again = Filled::of(&back.body, "spalten");
    for name in ["csv", "request_id", "head.file", "head.columns1.description.de", "head.columns3.unit"] {
        assert_eq!(again.value(name), form.value(name), "{name}");
    }
    let stored = again.enter("head.columns2.description.de", "Ort").send(&mut browser).await;
    assert_eq!(stored.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.calls.count("AddDistribution"), 1);
}

#[tokio::test]
async fn what_the_service_refuses_is_said_at_the_column() {
    let mut browser = Browser::of(STAFF).await;
    let seen = choose(&mut browser, TABLE).await;
    browser.calls.refuse("AddDistribution", errors::invalid_field("head.columns[1].description", "must be set"));
    let back = described(&seen.body).send(&mut browser).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.body.contains("id=\"spalten-head.columns2.description.de-error\""), "{}", back.body);
}

#[tokio::test]
async fn a_file_that_does_not_fit_is_refused_at_once() {
    let faults: [(&[u8], &str); 5] = [
        (b"Tag;Ort\n1;2\n", "Hier stört: Tag;Ort"),
        (b"day,day\n1,2\n", "Hier stört: day"),
        (b"day,place\n2019-09-27\n", "Zeile 2"),
        (b"day\n\xff\xfe\n", "UTF-8"),
        (b"", "Bitte füllen Sie dieses Feld aus"),
    ];
    for (content, said) in faults {
        let mut browser = Browser::of(STAFF).await;
        let seen = choose(&mut browser, content).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(seen.body.contains("id=\"datei-csv-error\"") && seen.body.contains(said), "{said}: {}", seen.body);
        assert_eq!(Filled::of(&seen.body, "datei").value("head.file"), "baenke.csv");
    }
    let mut browser = Browser::of(STAFF).await;
    let large = [b"a\n".as_slice(), &b"1\n".repeat(1_000_001)].concat();
    assert!(choose(&mut browser, &large).await.body.contains("höchstens 2 MB"));
}

#[tokio::test]
async fn uploads_are_for_staff() {
    let mut staff = Browser::of(STAFF).await;
    let form = described(&choose(&mut staff, TABLE).await.body);
    let mut citizen = Browser::of(CITIZEN).await;
    assert_eq!(citizen.get(&path()).await.status, StatusCode::FORBIDDEN);
    let csrf =
        Filled::of(&citizen.get("/musterstadt/rueckmeldung").await.body, "rueckmeldung").value("csrf").to_owned();
    assert_eq!(form.enter("csrf", &csrf).send(&mut citizen).await.status, StatusCode::FORBIDDEN);
    assert_eq!(citizen.calls.count("AddDistribution"), 0);
}

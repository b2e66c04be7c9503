use allmende_proto::opendata::v1::{
    Dataset, GetDatasetRequest, LicenceTerms, ListDatasetsRequest, ListVersionsRequest, Release, Text, Version,
};
use axum::Extension;
use axum::extract::Path;

use super::Outcome;
use crate::failure::Failure;
use crate::view::{Card, Cards, Cell, Facts, Heading, Links, Notice, Page, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, Language, fill};

/// What a dataset is called.
pub(crate) fn title(visit: &Visit, dataset: &Dataset) -> String {
    let description = dataset.description.clone().unwrap_or_default();
    let title = description.title.unwrap_or_default();
    in_both(visit, title)
}

/// A text in the reader's language, or else in German.
fn in_both(visit: &Visit, text: Text) -> String {
    if visit.language == Language::English && !text.en.is_empty() {
        return words::clean(&text.en);
    }
    visit.theirs(&text.de)
}

fn about(visit: &Visit, dataset: &Dataset) -> String {
    let description = dataset.description.clone().unwrap_or_default();
    let text = description.description.unwrap_or_default();
    in_both(visit, text)
}

/// The catalogue.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    let m = visit.m;
    let request = ListDatasetsRequest {
        tenant: visit.of_tenant(),
        at_least: Release::Public.into(),
        page_size: 30,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Opendata),
        ..ListDatasetsRequest::default()
    };
    let answer = visit.api.opendata().list_datasets(visit.ask(request)).await?.into_inner();
    let card = |dataset: &Dataset| {
        let current = dataset.current.clone().unwrap_or_default();
        let (badge, tone) = words::release(current.release(), visit.language);
        let formats: Vec<_> = current.distributions.iter().map(|file| words::format(file.format())).collect();
        Card {
            href: visit.to(&format!("/daten/{}", dataset.dataset_id)),
            title: title(&visit, dataset),
            text: words::excerpt(&about(&visit, dataset), 160),
            kicker: formats.join(" · "),
            badge: badge.to_owned(),
            tone,
            note: words::moment(current.issued_at_us, visit.language),
        }
    };
    let page = Page::new(m.data).lead(m.data_lead).section(m.data);
    let page = if answer.datasets.is_empty() {
        page.with(Paragraph::soft(m.no_datasets))
    } else {
        page.with(Heading::new(m.datasets)).with(Cards { items: answer.datasets.iter().map(card).collect() })
    };
    let page = page.with_some(Pager::new(&visit, &answer.next_page_token));
    let forms = ["ttl", "rdf", "jsonld"]
        .map(|form| (format!("/catalog.{form}?tenant={}", visit.slug()), format!("{} (.{form})", m.catalogue_as)));
    Ok(page.with(Heading::new(m.for_machines)).with(Links::list(forms.to_vec())).respond(&visit))
}

/// A dataset with its files.
pub(crate) async fn show(Extension(visit): Visiting, Path((_, dataset_id)): Path<(String, String)>) -> Outcome {
    let m = visit.m;
    let consistency_token = visit.seen(Service::Opendata);
    let request = GetDatasetRequest { tenant: visit.of_tenant(), dataset_id: dataset_id.clone(), consistency_token };
    let answer = visit.api.opendata().get_dataset(visit.ask(request)).await?.into_inner();
    let dataset = answer.dataset.ok_or(Failure::NotFound)?;
    let request = ListVersionsRequest {
        tenant: visit.of_tenant(),
        dataset_id,
        page_size: 20,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Opendata),
    };
    let versions = visit.api.opendata().list_versions(visit.ask(request)).await?.into_inner();
    let mut page = Page::new(title(&visit, &dataset))
        .kicker(m.dataset)
        .lead(about(&visit, &dataset))
        .crumb(visit.to("/daten"), m.data)
        .section(m.data);
    if dataset.deprecation.is_some() {
        page = page.with(Notice::warning(m.deprecated));
    }
    page = match dataset.current.as_ref().filter(|version| !version.distributions.is_empty()) {
        Some(version) => with_version(&visit, page.with(Heading::new(m.files)), &dataset, version),
        None => page.with(Paragraph::soft(m.no_files)),
    };
    let rows = versions.versions.iter().map(|version| version_row(&visit, version)).collect();
    let heads = vec![Cell::text(m.version_word), Cell::text(m.issued), Cell::text(m.state)];
    page = page.with(Heading::new(m.versions)).with(Table { caption: m.versions.to_owned(), heads, rows });
    Ok(page.with_some(Pager::new(&visit, &versions.next_page_token)).respond(&visit))
}

/// Files of a version, each with its columns, and under which terms they may be used.
fn with_version(visit: &Visit, page: Page, dataset: &Dataset, version: &Version) -> Page {
    let (m, language) = (visit.m, visit.language);
    let rows = version.distributions.iter().map(|file| {
        vec![
            Cell::link(here(&file.download_url), &file.file),
            Cell::text(words::format(file.format())),
            Cell::number(words::bytes(file.bytes, language)),
            Cell::number(file.rows.to_string()),
            Cell::text(file.sha256.get(..16).unwrap_or_default()),
        ]
    });
    let heads = vec![
        Cell::text(m.file),
        Cell::text(m.format),
        Cell::number(m.size),
        Cell::number(m.rows),
        Cell::text(m.checksum),
    ];
    let mut page = page.with(Table { caption: m.files.to_owned(), heads, rows: rows.collect() });
    let description = dataset.description.clone().unwrap_or_default();
    let mut facts = vec![
        (m.licence.to_owned(), licence(version.terms.as_ref())),
        (m.issued.to_owned(), words::moment(version.issued_at_us, language)),
        (m.version_word.to_owned(), version.number.to_string()),
    ];
    if !description.first_day.is_empty() {
        facts.push((m.covers.to_owned(), words::days(&description.first_day, &description.last_day, language)));
    }
    if !description.keywords.is_empty() {
        facts.push((m.keywords.to_owned(), words::clean(&description.keywords.join(", "))));
    }
    page = page.with(Facts { rows: facts });
    let Some(described) = version.distributions.iter().find(|file| !file.columns.is_empty()) else { return page };
    let is_measured = described.columns.iter().any(|column| !column.unit.is_empty());
    let rows = described.columns.iter().map(|column| {
        let text = column.description.clone().unwrap_or_default();
        let text = in_both(visit, text);
        let unit = is_measured.then(|| Cell::text(words::unit(&column.unit)));
        [Cell::text(&column.name), Cell::text(text)].into_iter().chain(unit).collect()
    });
    let unit = is_measured.then(|| Cell::text(m.unit));
    let heads = [Cell::text(m.column), Cell::text(m.meaning)].into_iter().chain(unit).collect();
    let caption = fill(m.columns_of, &[&described.file]);
    page.with(Heading::new(m.columns)).with(Table { caption, heads, rows: rows.collect() })
}

/// The files lie at the address that the pages are at, also where that is not the one that the catalogue names.
fn here(url: &str) -> &str {
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|slash| rest.get(slash..)));
    path.unwrap_or(url)
}

/// The licence, and whom its users name.
pub(crate) fn licence(terms: Option<&LicenceTerms>) -> String {
    let Some(terms) = terms else { return "–".to_owned() };
    let name = words::licence(terms.licence());
    if terms.attribution.is_empty() {
        name.to_owned()
    } else {
        format!("{name} · {}", words::clean(&terms.attribution))
    }
}

fn version_row(visit: &Visit, version: &Version) -> Vec<Cell> {
    let state = match &version.tombstone {
        Some(stone) => fill(visit.m.withdrawn_because, &[words::withdrawal(stone.reason(), visit.language)]),
        None => words::release(version.release(), visit.language).0.to_owned(),
    };
    let issued = words::moment(version.issued_at_us, visit.language);
    vec![Cell::text(version.number.to_string()), Cell::text(issued), Cell::text(state)]
}

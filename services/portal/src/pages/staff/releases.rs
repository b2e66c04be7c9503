//! Data release: what may be published, checked and cleared.

use allmende_proto::opendata::v1::{
    Dataset, GetDatasetRequest, ListDatasetsRequest, ListVersionsRequest, ListVersionsResponse, PublishRequest,
    Release, RunReleaseCheckRequest, Version, WithdrawRequest,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use super::{upkeep, work};
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, data};
use crate::view::{Card, Cards, Cell, Facts, Heading, Links, Notice, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// All datasets, drafts too.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    visit.staff_only()?;
    let (m, s) = (visit.m, visit.language.staff());
    let request = ListDatasetsRequest {
        tenant: visit.of_tenant(),
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Opendata),
        ..ListDatasetsRequest::default()
    };
    let answer = visit.api.opendata().list_datasets(visit.ask(request)).await?.into_inner();
    let card = |dataset: &Dataset| {
        let release = dataset.current.as_ref().map_or(Release::Draft, |version| version.release());
        let (badge, tone) = words::release(release, visit.language);
        Card {
            href: visit.to(&format!("/verwaltung/daten/{}", dataset.dataset_id)),
            title: data::title(&visit, dataset),
            badge: badge.to_owned(),
            tone,
            ..Card::default()
        }
    };
    let ways = visit.offered(&[
        (work::REGISTER_DATASET, "/verwaltung/daten/neu", s.register_dataset),
        (work::DESCRIBE_PUBLISHER, "/verwaltung/daten/herausgeber", s.publisher),
        (work::DECLARE_LICENCE, "/verwaltung/messstellen", s.station_licence),
    ]);
    let page = visit.staff_page(m.data_release).lead(m.data_release_lead);
    let page = page.with_some(Links::buttons(ways)).with(Heading::new(m.datasets));
    let page = if answer.datasets.is_empty() {
        page.with(Paragraph::soft(m.no_datasets))
    } else {
        page.with(Cards { items: answer.datasets.iter().map(card).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

/// The dataset of this id, drafts too.
pub(super) async fn dataset(visit: &Visit, dataset_id: &str) -> Result<Dataset, Failure> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Opendata));
    let request = GetDatasetRequest { tenant, dataset_id: dataset_id.to_owned(), consistency_token };
    let answer = visit.api.opendata().get_dataset(visit.ask(request)).await?.into_inner();
    answer.dataset.ok_or(Failure::NotFound)
}

/// The dataset, and the page of its versions that the address names.
async fn find(visit: &Visit, dataset_id: &str) -> Result<(Dataset, ListVersionsResponse), Failure> {
    let dataset = dataset(visit, dataset_id).await?;
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Opendata));
    let (dataset_id, page_token) = (dataset_id.to_owned(), visit.query("seite").to_owned());
    let request = ListVersionsRequest { tenant, dataset_id, page_size: 20, page_token, consistency_token };
    let versions = visit.api.opendata().list_versions(visit.ask(request)).await?.into_inner();
    Ok((dataset, versions))
}

fn forms(visit: &Visit, versions: &[Version]) -> Vec<Form> {
    let m = visit.m;
    let there: Vec<_> = versions.iter().filter(|version| version.tombstone.is_none()).collect();
    if there.is_empty() {
        return Vec::new();
    }
    let numbers =
        || there.iter().map(|version| (version.number.to_string(), named(visit, version))).collect::<Vec<_>>();
    let releases = [Release::Public, Release::Cleared];
    let releases =
        releases.map(|release| ((release as i32).to_string(), words::release(release, visit.language).0.to_owned()));
    vec![
        Form::new(visit, "pruefung", m.run_check).titled(m.release_check).field(Field::select(
            "version",
            m.version_word,
            numbers(),
        )),
        Form::new(visit, "freigabe", m.publish)
            .titled(m.data_release)
            .field(Field::select("version", m.version_word, numbers()))
            .field(Field::select("release", m.state, releases.to_vec()).hint(m.release_hint)),
        Form::new(visit, "rueckzug", m.withdraw)
            .titled(m.withdraw_version)
            .grave()
            .field(Field::select("version", m.version_word, numbers()))
            .field(Field::select("reason", m.reason, words::withdrawals(visit.language)).hint(m.withdraw_hint)),
    ]
}

/// A version among others: its number, of when it is, and how it stands.
fn named(visit: &Visit, version: &Version) -> String {
    let issued = words::moment(version.issued_at_us, visit.language);
    let state = words::release(version.release(), visit.language).0;
    format!("{} ({state})", fill(visit.m.version_of, &[&version.number.to_string(), &issued]))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    page(&visit, &id, None).await
}

async fn page(visit: &Visit, id: &str, tried: Option<Form>) -> Outcome {
    let (m, language) = (visit.m, visit.language);
    let (dataset, versions) = find(visit, id).await?;
    let row = |version: &Version| {
        let check = match &version.check {
            None => m.not_checked.to_owned(),
            Some(check) if check.findings.is_empty() => m.check_passed.to_owned(),
            Some(check) => {
                let findings = check.findings.iter().map(|finding| {
                    let what = words::requirement(finding.requirement(), language);
                    if finding.subject.is_empty() {
                        what.to_owned()
                    } else {
                        format!("{what} ({})", words::clean(&finding.subject))
                    }
                });
                findings.collect::<Vec<_>>().join("; ")
            }
        };
        let state =
            if version.tombstone.is_some() { m.withdrawn } else { words::release(version.release(), language).0 };
        let issued = words::moment(version.issued_at_us, language);
        vec![Cell::text(version.number.to_string()), Cell::text(issued), Cell::text(state), Cell::text(check)]
    };
    let heads =
        vec![Cell::text(m.version_word), Cell::text(m.issued), Cell::text(m.state), Cell::text(m.release_check)];
    let table = Table { caption: m.versions.to_owned(), heads, rows: versions.versions.iter().map(row).collect() };
    let terms = dataset.current.as_ref().and_then(|version| version.terms.as_ref());
    let s = visit.language.staff();
    let own = format!("/verwaltung/daten/{id}");
    let is_uploaded = upkeep::is_uploaded(&dataset) && dataset.deprecation.is_none();
    let mut ways = vec![(visit.to(&format!("/daten/{id}")), m.public_page.to_owned())];
    if is_uploaded {
        ways.extend(visit.offered(&[(work::UPLOAD, &format!("{own}/datei"), s.upload_file)]));
    }
    ways.extend(visit.offered(&[(work::CARE_FOR_DATASET, &format!("{own}/pflege"), s.upkeep)]));
    let page = visit
        .staff_page(&data::title(visit, &dataset))
        .crumb(visit.to("/verwaltung/daten"), m.data_release)
        .with_some(dataset.deprecation.as_ref().map(|_| Notice::warning(m.deprecated)))
        .with_some(Links::buttons(ways))
        .with(Facts { rows: vec![(m.licence.to_owned(), data::licence(terms))] })
        .with(Heading::new(m.versions))
        .with(table)
        .with_some(Pager::new(visit, &versions.next_page_token));
    Ok(page.with_forms(forms(visit, &versions.versions), tried).respond(visit))
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.staff_only()?;
    let (_, versions) = find(&visit, &id).await?;
    let sent = submitted.get("form");
    let form = forms(&visit, &versions.versions).into_iter().find(|form| form.id() == sent).ok_or(Failure::NotFound)?;
    let form = form.filled(&submitted);
    if form.is_wrong() {
        return page(&visit, &id, Some(form)).await;
    }
    match change(&visit, id.clone(), &submitted).await {
        Ok(token) => Ok(visit.done(&visit.here(), "gespeichert", Service::Opendata, &token)),
        Err(status) => page(&visit, &id, Some(form.refused(&visit, &status)?)).await,
    }
}

async fn change(visit: &Visit, dataset_id: String, submitted: &Submitted) -> Result<String, Status> {
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let version = submitted.get("version").parse().unwrap_or(0);
    let mut client = visit.api.opendata();
    match submitted.get("form") {
        "pruefung" => {
            let request = RunReleaseCheckRequest { tenant, request_id, dataset_id, version };
            client.run_release_check(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        "freigabe" => {
            let release = submitted.number("release");
            let request = PublishRequest { tenant, request_id, dataset_id, version, release };
            client.publish(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        _ => {
            let reason = submitted.number("reason");
            let request = WithdrawRequest { tenant, request_id, dataset_id, version, reason };
            client.withdraw(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
    }
}

use allmende_proto::reporting::v1::{
    GetReportRequest, Language as ReportLanguage, ListReportsRequest, ListReportsResponse, ListRunsRequest,
    ListRunsResponse, RenderReportRequest, Report, ReportFormat, ReportRun,
};
use axum::Extension;
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use tonic::Status;

use super::Outcome;
use crate::failure::Failure;
use crate::view::{Card, Cards, Cell, Heading, Links, Page, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// The page of the list that the address names.
pub(super) async fn asked_for(visit: &Visit) -> Result<ListReportsResponse, Status> {
    let request = ListReportsRequest {
        tenant: visit.of_tenant(),
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Reporting),
    };
    Ok(visit.api.reporting().list_reports(visit.ask(request)).await?.into_inner())
}

/// The page of a report's runs that the address names, the latest first.
pub(super) async fn runs_of(visit: &Visit, report_id: String) -> Result<ListRunsResponse, Status> {
    let request = ListRunsRequest {
        tenant: visit.of_tenant(),
        report_id,
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Reporting),
    };
    Ok(visit.api.reporting().list_runs(visit.ask(request)).await?.into_inner())
}

/// All reports.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    let m = visit.m;
    let answer = asked_for(&visit).await?;
    let card = |report: &Report| {
        let definition = report.definition.clone().unwrap_or_default();
        let published = report.latest_published.as_ref();
        Card {
            href: visit.to(&format!("/berichte/{}", definition.report_id)),
            title: words::localized(definition.title.as_ref(), visit.language),
            kicker: words::days(&definition.first_day, &definition.last_day, visit.language),
            note: published.map(|run| words::moment(run.run_at_us, visit.language)).unwrap_or_default(),
            ..Card::default()
        }
    };
    let page = Page::new(m.reports).lead(m.reports_lead).section(m.reports);
    let page = if answer.reports.is_empty() {
        page.with(Paragraph::soft(m.no_reports))
    } else {
        page.with(Heading::new(m.all_reports)).with(Cards { items: answer.reports.iter().map(card).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

/// A report with its runs.
pub(crate) async fn show(Extension(visit): Visiting, Path((_, report_id)): Path<(String, String)>) -> Outcome {
    let m = visit.m;
    let request = GetReportRequest {
        tenant: visit.of_tenant(),
        report_id: report_id.clone(),
        consistency_token: visit.seen(Service::Reporting),
    };
    let report = visit.api.reporting().get_report(visit.ask(request)).await?.into_inner().report;
    let report = report.ok_or(Failure::NotFound)?;
    let runs = runs_of(&visit, report_id).await?;
    let definition = report.definition.clone().unwrap_or_default();
    let mut page = Page::new(words::localized(definition.title.as_ref(), visit.language))
        .kicker(m.report)
        .lead(words::days(&definition.first_day, &definition.last_day, visit.language))
        .crumb(visit.to("/berichte"), m.reports)
        .section(m.reports);
    if let Some(run) = &report.latest_published {
        page = page.with_some(Links::buttons(forms_of(&visit, run)));
    }
    let row = |run: &ReportRun| {
        vec![
            Cell::link(
                visit.to(&format!("/berichte/laeufe/{}", run.run_id)),
                words::moment(run.run_at_us, visit.language),
            ),
            Cell::number(run.figures.to_string()),
            Cell::number(run.suppressed.to_string()),
            Cell::text(if run.published_at_us.is_some() { m.published } else { m.not_published }),
        ]
    };
    let heads = vec![Cell::text(m.run), Cell::number(m.figures), Cell::number(m.suppressed), Cell::text(m.state)];
    let rows: Vec<_> = runs.runs.iter().map(row).collect();
    page = page.with(Heading::new(m.runs)).with(Paragraph::soft(m.runs_text));
    let page = page.with(Table { caption: m.runs.to_owned(), heads, rows });
    Ok(page.with_some(Pager::new(&visit, &runs.next_page_token)).respond(&visit))
}

fn forms_of(visit: &Visit, run: &ReportRun) -> Vec<(String, String)> {
    let m = visit.m;
    let base = visit.to(&format!("/berichte/laeufe/{}", run.run_id));
    [("", m.read_report), ("?als=csv", m.report_csv), ("?als=json", m.report_json)]
        .map(|(form, label)| (format!("{base}{form}"), label.to_owned()))
        .to_vec()
}

/// A run as the service renders it, with the policy that its own style sheet needs.
pub(crate) async fn run(Extension(visit): Visiting, Path((_, run_id)): Path<(String, String)>) -> Outcome {
    let format = match visit.query("als") {
        "csv" => ReportFormat::Csv,
        "json" => ReportFormat::Json,
        _ => ReportFormat::Html,
    };
    let request = RenderReportRequest {
        tenant: visit.of_tenant(),
        run_id,
        format: format.into(),
        language: visit.language.of(ReportLanguage::De, ReportLanguage::En).into(),
        consistency_token: visit.seen(Service::Reporting),
    };
    let answer = visit.api.reporting().render_report(visit.ask(request)).await?.into_inner();
    let header = |text: &str| HeaderValue::from_str(text).map_err(|_| Failure::NotFound);
    let mut response = answer.content.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, header(&answer.content_type)?);
    if format == ReportFormat::Html {
        headers.insert(CONTENT_SECURITY_POLICY, header(&answer.content_security_policy)?);
    } else {
        let name: String =
            answer.file_name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        headers.insert(CONTENT_DISPOSITION, header(&format!("attachment; filename=\"{name}\""))?);
    }
    Ok(response)
}

//! Reports: what they show, their runs, and which of them are public.

use allmende_proto::reporting::v1::{
    GetReportRequest, PublishReportRequest, Report, ReportDefinition, ReportRun, RunReportRequest,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use super::defining::{self, Choices};
use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, reports};
use crate::view::{Card, Cards, Cell, Heading, Links, Notice, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

const RUN: &str = "lauf";
const PUBLISH: &str = "veroeffentlichen";

/// All reports, those without a public run too.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    visit.only(work::RUN_REPORT)?;
    let (m, s) = (visit.m, visit.language.staff());
    let answer = reports::asked_for(&visit).await?;
    let card = |report: &Report| {
        let definition = report.definition.clone().unwrap_or_default();
        let is_public = report.latest_published.is_some();
        Card {
            href: visit.to(&format!("/verwaltung/berichte/{}", definition.report_id)),
            title: words::localized(definition.title.as_ref(), visit.language),
            kicker: words::days(&definition.first_day, &definition.last_day, visit.language),
            badge: if is_public { m.published } else { m.not_published }.to_owned(),
            tone: if is_public { "good" } else { "warn" },
            ..Card::default()
        }
    };
    let ways = visit.offered(&[
        (work::DEFINE_REPORT, "/verwaltung/berichte/neu", s.define_report),
        (work::RECORD_READING, "/verwaltung/kennzahlen", s.indicators),
    ]);
    let page = visit.staff_page(m.reports).lead(s.report_work_lead).with_some(Links::buttons(ways));
    let page = if answer.reports.is_empty() {
        page.with(Paragraph::soft(m.no_reports))
    } else {
        page.with(Heading::new(m.all_reports)).with(Cards { items: answer.reports.iter().map(card).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

struct Known {
    definition: ReportDefinition,
    runs: Vec<ReportRun>,
    /// Token of the page of runs behind these; empty if there is none.
    more_runs: String,
    choices: Choices,
}

async fn known(visit: &Visit, report_id: &str) -> Result<Known, Failure> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Reporting));
    let report_id = report_id.to_owned();
    let request = GetReportRequest { tenant, report_id: report_id.clone(), consistency_token };
    let report = visit.api.reporting().get_report(visit.ask(request)).await?.into_inner().report;
    let definition = report.and_then(|report| report.definition).ok_or(Failure::NotFound)?;
    let answer = reports::runs_of(visit, report_id).await?;
    let (runs, more_runs) = (answer.runs, answer.next_page_token);
    Ok(Known { definition, runs, more_runs, choices: defining::choices(visit).await? })
}

fn forms(visit: &Visit, known: &Known) -> Vec<Form> {
    let s = visit.language.staff();
    let run = Form::new(visit, RUN, s.run_report).titled(s.run_report).explained(s.run_report_text);
    let mut forms = vec![run.with_new_id("run_id")];
    let waiting = known.runs.iter().filter(|run| run.published_at_us.is_none());
    let waiting: Vec<_> =
        waiting.map(|run| (run.run_id.clone(), words::moment(run.run_at_us, visit.language))).collect();
    if visit.may(work::PUBLISH_REPORT) && !waiting.is_empty() {
        forms.push(
            Form::new(visit, PUBLISH, visit.m.publish)
                .titled(s.publish_run)
                .explained(s.publish_run_hint)
                .field(Field::select("run_id", s.which_run, waiting)),
        );
    }
    if visit.may(work::DEFINE_REPORT) {
        let form = defining::form(visit, &known.choices, &known.definition);
        forms.push(form.titled(s.change_report).explained(s.change_report_hint));
    }
    forms
}

fn page(visit: &Visit, known: &Known, tried: Option<Form>) -> Outcome {
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    let row = |run: &ReportRun| {
        let when = words::moment(run.run_at_us, language);
        let preview = visit.to(&format!("/berichte/laeufe/{}", run.run_id));
        vec![
            Cell::link(preview, fill(s.preview_of, &[&when])),
            Cell::number(run.figures.to_string()),
            Cell::number(run.suppressed.to_string()),
            Cell::text(if run.published_at_us.is_some() { m.published } else { m.not_published }),
        ]
    };
    let heads = vec![Cell::text(s.preview), Cell::number(m.figures), Cell::number(m.suppressed), Cell::text(m.state)];
    let ways = vec![(visit.to(&format!("/berichte/{}", known.definition.report_id)), m.public_page.to_owned())];
    let page = visit
        .staff_page(&words::localized(known.definition.title.as_ref(), language))
        .crumb(visit.to("/verwaltung/berichte"), m.reports)
        .lead(words::days(&known.definition.first_day, &known.definition.last_day, language))
        .with_some(Links::buttons(ways))
        .with(Heading::new(m.runs));
    let page = if known.runs.is_empty() {
        page.with(Paragraph::soft(s.no_runs))
    } else {
        page.with(Table { caption: m.runs.to_owned(), heads, rows: known.runs.iter().map(row).collect() })
    };
    let page = page.with_some(Pager::new(visit, &known.more_runs));
    let page = page.with_some(known.choices.goes_on.then(|| Notice::warning(m.list_goes_on)));
    Ok(page.with_forms(forms(visit, known), tried).respond(visit))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::RUN_REPORT)?;
    page(&visit, &known(&visit, &id).await?, None)
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::RUN_REPORT)?;
    let known = known(&visit, &id).await?;
    let sent = submitted.get("form");
    let form = forms(&visit, &known).into_iter().find(|form| form.id() == sent).ok_or(Failure::NotFound)?;
    let form = form.filled(&submitted);
    if form.is_wrong() {
        return page(&visit, &known, Some(form));
    }
    match change(&visit, id, &submitted).await {
        Ok((code, token)) => Ok(visit.done(&visit.here(), code, Service::Reporting, &token)),
        Err(status) => page(&visit, &known, Some(form.refused(&visit, &status)?)),
    }
}

async fn change(visit: &Visit, report_id: String, submitted: &Submitted) -> Result<(&'static str, String), Status> {
    let (tenant, request_id, run_id) = (visit.of_tenant(), submitted.text("request_id"), submitted.text("run_id"));
    let mut client = visit.api.reporting();
    match submitted.get("form") {
        RUN => {
            let consistency_token = visit.seen_anywhere();
            let request = RunReportRequest { tenant, request_id, report_id, run_id, consistency_token };
            let answer = client.run_report(visit.ask(request)).await?.into_inner();
            Ok(("gelaufen", answer.consistency_token))
        }
        PUBLISH => {
            let request = PublishReportRequest { tenant, request_id, run_id };
            let answer = client.publish_report(visit.ask(request)).await?.into_inner();
            Ok(("veroeffentlicht", answer.consistency_token))
        }
        _ => Ok(("gespeichert", defining::define(visit, report_id, submitted).await?)),
    }
}

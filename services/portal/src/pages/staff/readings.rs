//! An indicator: its values, and the limits and aims it is held against.

use allmende_proto::reporting::v1::{
    AddIndicatorRuleRequest, Comparison, GetIndicatorRequest, Indicator, JudgedReading, ListReadingsRequest,
    RecordReadingRequest, Rule,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use super::indicators::valued;
use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::{Cell, Facts, Heading, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

const READING: &str = "wert";
const RULE: &str = "ziel";

async fn find(visit: &Visit, indicator_id: &str) -> Result<Indicator, Failure> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Reporting));
    let request = GetIndicatorRequest { tenant, indicator_id: indicator_id.to_owned(), consistency_token };
    let answer = visit.api.reporting().get_indicator(visit.ask(request)).await?.into_inner();
    answer.indicator.ok_or(Failure::NotFound)
}

fn forms(visit: &Visit) -> Vec<Form> {
    let s = visit.language.staff();
    let mut forms = vec![
        Form::new(visit, READING, s.record_reading)
            .titled(s.record_reading)
            .field(Field::day("measured_on", s.measured_on))
            .field(Field::line("value", s.value, 20))
            .field(Field::line("source", s.source, 500).hint(s.source_hint))
            .field(Field::tick("correction", s.correction).optional()),
    ];
    if visit.may(work::DEFINE_INDICATOR) {
        forms.push(
            Form::new(visit, RULE, visit.m.save)
                .titled(s.add_rule)
                .field(Field::line("rule.rule_id", s.rule_id, 60).hint(s.rule_id_hint))
                .field(Field::line("rule.source", s.rule_source, 500))
                .field(Field::select("rule.comparison", s.comparison, words::comparisons(visit.language)))
                .field(Field::line("rule.value", s.value, 20))
                .field(Field::day("rule.valid_from", s.valid_from))
                .field(Field::day("rule.valid_until", s.valid_until).optional()),
        );
    }
    forms
}

async fn page(visit: &Visit, indicator: &Indicator, tried: Option<Form>) -> Outcome {
    let (s, language) = (visit.language.staff(), visit.language);
    let request = ListReadingsRequest {
        tenant: visit.of_tenant(),
        indicator_id: indicator.indicator_id.clone(),
        first_day: "1900-01-01".to_owned(),
        last_day: "2099-12-31".to_owned(),
        page_size: 200,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Reporting),
    };
    let answer = visit.api.reporting().list_readings(visit.ask(request)).await?.into_inner();
    let mut page = visit
        .staff_page(&words::localized(indicator.title.as_ref(), language))
        .kicker(s.indicator)
        .crumb(visit.to("/verwaltung/kennzahlen"), s.indicators)
        .with(Facts { rows: facts(visit, indicator) })
        .with(Heading::new(s.readings));
    let rows: Vec<_> = answer.readings.iter().filter_map(|reading| row(visit, indicator, reading)).collect();
    if rows.is_empty() {
        page = page.with(Paragraph::soft(s.no_readings));
    } else {
        let heads = vec![Cell::text(s.measured_on), Cell::number(s.value), Cell::text(s.source), Cell::text(s.rule)];
        page = page.with(Table { caption: s.readings.to_owned(), heads, rows });
    }
    let page = page.with_some(Pager::new(visit, &answer.next_page_token));
    Ok(page.with_forms(forms(visit), tried).respond(visit))
}

fn facts(visit: &Visit, indicator: &Indicator) -> Vec<(String, String)> {
    let (s, language) = (visit.language.staff(), visit.language);
    let mut rows = vec![(s.activities_begin.to_owned(), words::day(&indicator.activities_begin_on, language))];
    if let Some(baseline) = &indicator.baseline {
        let (value, day) = (valued(visit, indicator, baseline.value), words::day(&baseline.measured_on, language));
        rows.push((s.baseline.to_owned(), format!("{value} ({day}; {})", visit.theirs(&baseline.source))));
    }
    for rule in &indicator.rules {
        let asked =
            format!("{} {}", words::comparison(rule.comparison(), language), valued(visit, indicator, rule.value));
        let from = words::day(&rule.valid_from, language);
        let days = if rule.valid_until.is_empty() {
            format!("{} {from}", s.valid_from)
        } else {
            words::days(&rule.valid_from, &rule.valid_until, language)
        };
        rows.push((words::clean(&rule.rule_id), format!("{asked} ({days}; {})", visit.theirs(&rule.source))));
    }
    rows
}

fn row(visit: &Visit, indicator: &Indicator, judged: &JudgedReading) -> Option<Vec<Cell>> {
    let s = visit.language.staff();
    let reading = judged.reading.as_ref()?;
    let is_aim = judged.rule.as_ref().is_some_and(|rule| rule.comparison() == Comparison::AtLeast);
    let verdict = match (judged.kept, is_aim) {
        (Some(true), true) => s.aim_reached,
        (Some(false), true) => s.aim_missed,
        (Some(true), false) => s.limit_kept,
        (Some(false), false) => s.limit_exceeded,
        (None, _) => visit.m.none,
    };
    Some(vec![
        Cell::text(words::day(&reading.measured_on, visit.language)),
        Cell::number(valued(visit, indicator, reading.value)),
        Cell::text(visit.theirs(&reading.source)),
        Cell::text(verdict),
    ])
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::RECORD_READING)?;
    page(&visit, &find(&visit, &id).await?, None).await
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::RECORD_READING)?;
    let indicator = find(&visit, &id).await?;
    let sent = submitted.get("form");
    let form = forms(&visit).into_iter().find(|form| form.id() == sent).ok_or(Failure::NotFound)?;
    let mut form = form.filled(&submitted);
    let name = if sent == RULE { "rule.value" } else { "value" };
    let value = words::decimal(submitted.get(name));
    if value.is_none() && !submitted.get(name).is_empty() {
        form = form.wrong(name, visit.m.error_number);
    }
    if form.is_wrong() {
        return page(&visit, &indicator, Some(form)).await;
    }
    match change(&visit, id, value.unwrap_or_default(), &submitted).await {
        Ok(token) => Ok(visit.done(&visit.path, "gespeichert", Service::Reporting, &token)),
        Err(status) => page(&visit, &indicator, Some(form.refused(&visit, &status)?)).await,
    }
}

async fn change(visit: &Visit, indicator_id: String, value: f64, submitted: &Submitted) -> Result<String, Status> {
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let mut client = visit.api.reporting();
    if submitted.get("form") == RULE {
        let rule = Rule {
            rule_id: submitted.text("rule.rule_id"),
            source: submitted.text("rule.source"),
            valid_from: submitted.text("rule.valid_from"),
            valid_until: submitted.text("rule.valid_until"),
            comparison: submitted.number("rule.comparison"),
            value,
        };
        let request = AddIndicatorRuleRequest { tenant, request_id, indicator_id, rule: Some(rule) };
        return client.add_indicator_rule(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token);
    }
    let request = RecordReadingRequest {
        tenant,
        request_id,
        indicator_id,
        measured_on: submitted.text("measured_on"),
        value,
        source: submitted.text("source"),
        correction: submitted.is_ticked("correction"),
    };
    client.record_reading(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
}

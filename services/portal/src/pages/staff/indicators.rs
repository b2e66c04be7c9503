//! Indicators: their list, and a new one.

use allmende_proto::reporting::v1::{Baseline, DefineIndicatorRequest, Indicator, ListIndicatorsRequest};
use axum::Extension;

use super::fields::{self, Bilingual};
use super::work;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::{Card, Cards, Heading, Links, Page, Pager, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// A value of an indicator as people read it.
pub(super) fn valued(visit: &Visit, indicator: &Indicator, value: f64) -> String {
    let decimals = usize::try_from(indicator.decimals.min(6)).unwrap_or_default();
    format!("{} {}", visit.language.number(value, decimals), words::clean(&indicator.unit)).trim_end().to_owned()
}

/// All of them.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    visit.only(work::RECORD_READING)?;
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    let request = ListIndicatorsRequest {
        tenant: visit.of_tenant(),
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Reporting),
    };
    let answer = visit.api.reporting().list_indicators(visit.ask(request)).await?.into_inner();
    let card = |indicator: &Indicator| {
        let latest = indicator.latest_reading.as_ref();
        Card {
            href: visit.to(&format!("/verwaltung/kennzahlen/{}", indicator.indicator_id)),
            title: words::localized(indicator.title.as_ref(), language),
            text: latest.map(|reading| valued(&visit, indicator, reading.value)).unwrap_or_default(),
            note: latest.map(|reading| words::day(&reading.measured_on, language)).unwrap_or_default(),
            ..Card::default()
        }
    };
    let ways = visit.offered(&[(work::DEFINE_INDICATOR, "/verwaltung/kennzahlen/neu", s.define_indicator)]);
    let page = visit.staff_page(s.indicators).crumb(visit.to("/verwaltung/berichte"), m.reports);
    let page = page.lead(s.indicators_lead).with_some(Links::buttons(ways));
    let page = if answer.indicators.is_empty() {
        page.with(Paragraph::soft(s.no_indicators))
    } else {
        page.with(Heading::hidden(s.indicators)).with(Cards { items: answer.indicators.iter().map(card).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

fn form(visit: &Visit) -> Form {
    let (m, s) = (visit.m, visit.language.staff());
    let decimals = (0..=6).map(|number| (number.to_string(), number.to_string())).collect();
    let present = (String::new(), String::new());
    let title = Bilingual { name: "title", label: s.title, rows: 0, max: 500, is_needed: true, present };
    title
        .add_to(visit, Form::new(visit, "kennzahl", m.save).with_new_id("indicator_id"))
        .field(Field::line("unit", m.unit, 40).optional().hint(s.unit_free_hint))
        .field(Field::select("decimals", s.decimals, decimals))
        .field(Field::tick("counts_persons", s.counts_persons).optional())
        .field(Field::day("activities_begin_on", s.activities_begin))
        .group(s.baseline)
        .field(Field::day("baseline.measured_on", s.measured_on))
        .field(Field::line("baseline.value", s.value, 20))
        .field(Field::line("baseline.source", s.source, 500).hint(s.source_hint))
}

fn page(visit: &Visit, form: Form) -> Page {
    let s = visit.language.staff();
    visit.staff_page(s.define_indicator).crumb(visit.to("/verwaltung/kennzahlen"), s.indicators).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.only(work::DEFINE_INDICATOR)?;
    Ok(page(&visit, form(&visit)).respond(&visit))
}

pub(crate) async fn define(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.only(work::DEFINE_INDICATOR)?;
    let mut form = form(&visit).filled(&submitted);
    let value = words::decimal(submitted.get("baseline.value"));
    if value.is_none() && !submitted.get("baseline.value").is_empty() {
        form = form.wrong("baseline.value", visit.m.error_number);
    }
    if form.is_wrong() {
        return Ok(page(&visit, form).respond(&visit));
    }
    let indicator_id = submitted.text("indicator_id");
    let baseline = Baseline {
        measured_on: submitted.text("baseline.measured_on"),
        value: value.unwrap_or_default(),
        source: submitted.text("baseline.source"),
    };
    let request = DefineIndicatorRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        indicator_id: indicator_id.clone(),
        title: fields::localized(&submitted, "title"),
        unit: submitted.text("unit"),
        decimals: submitted.get("decimals").parse().unwrap_or_default(),
        counts_persons: submitted.is_ticked("counts_persons"),
        activities_begin_on: submitted.text("activities_begin_on"),
        baseline: Some(baseline),
        rules: Vec::new(),
    };
    match visit.api.reporting().define_indicator(visit.ask(request)).await {
        Ok(answer) => {
            let to = visit.to(&format!("/verwaltung/kennzahlen/{indicator_id}"));
            Ok(visit.done(&to, "gespeichert", Service::Reporting, &answer.into_inner().consistency_token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

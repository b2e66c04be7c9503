//! Indicators: what was so before, what is so now, and what the rule in force says about it. Asked like everything else,
//! though the answers are this service's own.

use allmende_reporting_domain::run::Rejection as RunRejection;
use allmende_reporting_domain::suppression::THRESHOLD;
use allmende_reporting_domain::table::{Cell, Kind, Label, Row, Table, Value};
use allmende_reporting_domain::{Day, IndicatorId, Text, Word};
use serde_json::{Value as Json, json};

use super::Wanted;
use super::session::{Session, value};
use crate::error::Rejection;

const GET_INDICATOR: &str = "/allmende.reporting.v1.ReportingService/GetIndicator";
const LIST_READINGS: &str = "/allmende.reporting.v1.ReportingService/ListReadings";

/// The most readings of an indicator in a report.
const MOST_READINGS: usize = 366;

const COLUMNS: [Word; 8] = [
    Word::Unit,
    Word::BaselineValue,
    Word::BaselineOn,
    Word::LatestValue,
    Word::LatestOn,
    Word::RuleAsks,
    Word::RuleValue,
    Word::Judgement,
];

/// A table of all indicators, and one of the readings of each.
pub(super) async fn tables(session: &mut Session<'_>, wanted: &Wanted) -> Result<Vec<Table>, Rejection> {
    let mut rows = Vec::new();
    let mut series = Vec::new();
    for id in &wanted.definition.indicators {
        let found = Indicator::ask(session, wanted, *id).await?;
        rows.push(found.row(session)?);
        series.extend(found.series(session)?);
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let overview = Table {
        kind: Kind::Indicators,
        subject: String::new(),
        row_headings: vec![Word::Indicator.into()],
        columns: COLUMNS.map(Into::into).to_vec(),
        rows,
    };
    Ok(std::iter::once(overview).chain(series).collect())
}

struct Indicator {
    /// Number of the query for it, and its answer.
    query: u32,
    indicator: Json,
    /// Number of the query for its readings, and their answers.
    readings_query: u32,
    readings: Vec<Json>,
    decimals: u8,
}

impl Indicator {
    async fn ask(session: &mut Session<'_>, wanted: &Wanted, id: IndicatorId) -> Result<Self, Rejection> {
        let tenant = wanted.tenant.as_str();
        let query = session.ask(GET_INDICATOR, json!({ "tenant": tenant, "indicator_id": id.to_string() })).await?;
        let request = json!({
            "tenant": tenant,
            "indicator_id": id.to_string(),
            "first_day": wanted.definition.first_day.to_string(),
            "last_day": wanted.definition.last_day.to_string(),
            "page_size": MOST_READINGS,
        });
        let readings_query = session.ask(LIST_READINGS, request).await?;
        let answer = session.answer(readings_query);
        if answer["next_page_token"].as_str().is_some_and(|next| !next.is_empty()) {
            return Err(RunRejection::TooLarge.into());
        }
        let indicator = session.answer(query)["indicator"].clone();
        Ok(Self {
            query,
            decimals: indicator["decimals"].as_u64().unwrap_or_default().min(6) as u8,
            indicator,
            readings_query,
            readings: answer["readings"].as_array().cloned().unwrap_or_default(),
        })
    }

    /// A number of the indicator, left out if it counts persons and is small.
    fn number(&self, session: &Session<'_>, query: u32, path: String) -> Result<Cell, Rejection> {
        let cell = session.cell(self.decimals, vec![value(query, path)])?;
        let counts_persons = self.indicator["counts_persons"] == json!(true);
        Ok(match cell.value {
            Value::Number { value, .. } if counts_persons && value > 0.0 && value < THRESHOLD as f64 => {
                Cell { value: Value::Suppressed, ..cell }
            }
            _ => cell,
        })
    }

    fn row(&self, session: &Session<'_>) -> Result<Row, Rejection> {
        let baseline = self.number(session, self.query, "$.indicator.baseline.value".into())?;
        let nothing = || Cell::plain(Value::Nothing);
        let (mut latest, mut latest_on, mut asks, mut rule, mut judgement) =
            (nothing(), nothing(), nothing(), nothing(), nothing());
        if let Some(reading) = self.readings.last() {
            latest = self.number(session, self.readings_query, "$.readings[-1].reading.value".into())?;
            latest_on = day(&reading["reading"]["measured_on"]);
            if reading["rule"].is_object() {
                rule = session.cell(self.decimals, vec![value(self.readings_query, "$.readings[-1].rule.value")])?;
                asks = Cell::plain(Value::Word(match reading["rule"]["comparison"].as_str() {
                    Some("COMPARISON_AT_LEAST") => Word::AtLeast,
                    _ => Word::AtMost,
                }));
                // What is left out is not judged either: that could tell what it is.
                judgement = match (&latest.value, reading["kept"].as_bool()) {
                    (Value::Number { .. }, Some(true)) => Cell::plain(Value::Word(Word::RuleKept)),
                    (Value::Number { .. }, Some(false)) => Cell::plain(Value::Word(Word::RuleMissed)),
                    _ => nothing(),
                };
            }
        }
        let unit = self.indicator["unit"].as_str().unwrap_or_default();
        let unit = if unit.is_empty() { Value::Nothing } else { Value::Text(Text::plain(unit)) };
        let baseline_on = day(&self.indicator["baseline"]["measured_on"]);
        Ok(Row {
            labels: vec![self.title().into()],
            cells: vec![Cell::plain(unit), baseline, baseline_on, latest, latest_on, asks, rule, judgement],
        })
    }

    /// Baseline and readings, day by day; nothing if nothing was measured after the baseline.
    fn series(&self, session: &Session<'_>) -> Result<Option<Table>, Rejection> {
        if self.readings.is_empty() {
            return Ok(None);
        }
        let mut rows = Vec::new();
        let mut row = |on: &Json, cell: Cell| {
            if let Some(on) = on.as_str().and_then(|on| on.parse::<Day>().ok()) {
                rows.push(Row { labels: vec![Label::Day(on)], cells: vec![cell] });
            }
        };
        let baseline = self.number(session, self.query, "$.indicator.baseline.value".into())?;
        row(&self.indicator["baseline"]["measured_on"], baseline);
        for (index, reading) in self.readings.iter().enumerate() {
            let path = format!("$.readings[{index}].reading.value");
            row(&reading["reading"]["measured_on"], self.number(session, self.readings_query, path)?);
        }
        Ok(Some(Table {
            kind: Kind::Readings,
            subject: String::new(),
            row_headings: vec![Word::MeasuredOn.into()],
            columns: vec![self.title().into()],
            rows,
        }))
    }

    fn title(&self) -> Text {
        let text = |language: &str| self.indicator["title"][language].as_str().unwrap_or_default();
        Text::new(text("de"), text("en")).unwrap_or_else(|_| Text::plain(text("de")))
    }
}

fn day(value: &Json) -> Cell {
    let day = value.as_str().and_then(|text| text.parse::<Day>().ok());
    Cell::plain(day.map_or(Value::Nothing, Value::Day))
}

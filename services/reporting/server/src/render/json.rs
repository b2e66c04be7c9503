//! Everything that a run holds, with the query of every number.

use allmende_reporting_domain::impact_logic::{ImpactLogic, Outcome};
use allmende_reporting_domain::table::{Cell, Label, Query, Source, Table, Take, Value};
use allmende_reporting_domain::{ImpactLogicId, Text};
use serde::Serialize;

use super::phrases::caption;
use super::{Language, Subject, values};

#[derive(Serialize)]
struct Document<'a> {
    tenant: &'a str,
    /// Left out of runs from before it was stored: they were rendered without it.
    #[serde(skip_serializing_if = "str::is_empty")]
    tenant_name: &'a str,
    run_id: String,
    report_id: String,
    language: &'static str,
    title: &'a str,
    first_day: String,
    last_day: String,
    run_at: String,
    bound_to: Vec<Bound>,
    suppression_rules: &'a str,
    tables: Vec<TableOf<'a>>,
    impact_logics: Vec<LogicOf<'a>>,
    queries: Vec<QueryOf<'a>>,
}

#[derive(Serialize)]
struct Bound {
    partition: String,
    group: u64,
    index: u32,
}

#[derive(Serialize)]
struct TableOf<'a> {
    kind: &'static str,
    subject: &'a str,
    caption: String,
    row_headings: Vec<String>,
    columns: Vec<String>,
    rows: Vec<RowOf<'a>>,
}

#[derive(Serialize)]
struct RowOf<'a> {
    labels: Vec<String>,
    cells: Vec<CellOf<'a>>,
}

#[derive(Serialize)]
struct CellOf<'a> {
    /// shown, suppressed or none
    state: &'static str,
    /// A number as a number, anything else as text.
    value: serde_json::Value,
    /// As people write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The value is their sum.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<SourceOf<'a>>,
}

#[derive(Serialize)]
struct SourceOf<'a> {
    /// Index into the document's queries, from 0.
    query: u32,
    /// RFC 9535.
    path: &'a str,
    /// value, count or sum
    take: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    subtracted: bool,
}

#[derive(Serialize)]
struct QueryOf<'a> {
    rpc: &'a str,
    request: serde_json::Value,
}

#[derive(Serialize)]
struct LogicOf<'a> {
    impact_logic_id: String,
    title: &'a str,
    resources: Vec<&'a str>,
    activities: Vec<ActivityOf<'a>>,
    results: Vec<OutcomeOf<'a>>,
    effects: Vec<OutcomeOf<'a>>,
}

#[derive(Serialize)]
struct ActivityOf<'a> {
    title: &'a str,
    begins_on: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_on: Option<String>,
}

#[derive(Serialize)]
struct OutcomeOf<'a> {
    title: &'a str,
    indicator_ids: Vec<String>,
}

/// The document.
pub(super) fn document(subject: &Subject<'_>, language: Language) -> Vec<u8> {
    let content = subject.content;
    let document = Document {
        tenant: subject.tenant.as_str(),
        tenant_name: &content.tenant_name,
        run_id: subject.run.to_string(),
        report_id: content.report.to_string(),
        language: language.tag(),
        title: values::text(&content.title, language),
        first_day: content.first_day.to_string(),
        last_day: content.last_day.to_string(),
        run_at: values::iso_moment(content.at),
        bound_to: content
            .bound_to
            .iter()
            .map(|(partition, position)| Bound {
                partition: partition.to_string(),
                group: position.group,
                index: position.index,
            })
            .collect(),
        suppression_rules: &content.suppression_rules,
        tables: content.tables.iter().map(|table| table_of(table, language)).collect(),
        impact_logics: content.impact_logics.iter().map(|(id, logic)| logic_of(*id, logic, language)).collect(),
        queries: content.queries.iter().map(query_of).collect(),
    };
    // Strings and finite numbers: nothing that JSON has no form for.
    let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn table_of(table: &Table, language: Language) -> TableOf<'_> {
    let labels = |labels: &[Label]| labels.iter().map(|label| values::label(label, language)).collect();
    TableOf {
        kind: table.kind.key(),
        subject: &table.subject,
        caption: caption(table, language),
        row_headings: labels(&table.row_headings),
        columns: labels(&table.columns),
        rows: table
            .rows
            .iter()
            .map(|row| RowOf {
                labels: labels(&row.labels),
                cells: row.cells.iter().map(|cell| cell_of(cell, language)).collect(),
            })
            .collect(),
    }
}

fn cell_of(cell: &Cell, language: Language) -> CellOf<'_> {
    let text = values::value(&cell.value, language);
    let (state, value) = match &cell.value {
        // Counts without a decimal point, as they are.
        Value::Number { value, .. } if value.fract() == 0.0 && value.abs() < 1e15 => ("shown", (*value as i64).into()),
        Value::Number { value, .. } => ("shown", (*value).into()),
        Value::Day(day) => ("shown", day.to_string().into()),
        Value::Suppressed => ("suppressed", serde_json::Value::Null),
        Value::Nothing => ("none", serde_json::Value::Null),
        _ => ("shown", text.clone().into()),
    };
    CellOf { state, value, text, sources: cell.sources.iter().map(source_of).collect() }
}

fn source_of(source: &Source) -> SourceOf<'_> {
    SourceOf {
        query: source.query,
        path: &source.path,
        take: match source.take {
            Take::Value => "value",
            Take::Count => "count",
            Take::Sum => "sum",
        },
        subtracted: source.subtracted,
    }
}

fn query_of(query: &Query) -> QueryOf<'_> {
    // It was JSON when it was stored.
    let request = serde_json::from_str(&query.request).unwrap_or_else(|_| query.request.clone().into());
    QueryOf { rpc: &query.rpc, request }
}

fn logic_of(id: ImpactLogicId, logic: &ImpactLogic, language: Language) -> LogicOf<'_> {
    LogicOf {
        impact_logic_id: id.to_string(),
        title: values::text(&logic.title, language),
        resources: logic.resources.iter().map(|text: &Text| values::text(text, language)).collect(),
        activities: logic
            .activities
            .iter()
            .map(|activity| ActivityOf {
                title: values::text(&activity.title, language),
                begins_on: activity.begins_on.to_string(),
                ends_on: activity.ends_on.map(|day| day.to_string()),
            })
            .collect(),
        results: logic.results.iter().map(|outcome| outcome_of(outcome, language)).collect(),
        effects: logic.effects.iter().map(|outcome| outcome_of(outcome, language)).collect(),
    }
}

fn outcome_of(outcome: &Outcome, language: Language) -> OutcomeOf<'_> {
    OutcomeOf {
        title: values::text(&outcome.title, language),
        indicator_ids: outcome.indicators.iter().map(ToString::to_string).collect(),
    }
}

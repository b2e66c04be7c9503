//! Tables of runs between the domain and their stored form.

use allmende_proto::reporting::events::v1 as stored;
use allmende_reporting_domain::table::{Cell, Kind, Label, Query, Row, Source, Table, Take, Value};
use allmende_reporting_domain::{Day, Word};
use stored::cell::Value as StoredValue;
use stored::label::Label as StoredLabel;

use super::{Malformed, text_message, text_of};

pub(super) fn query_message(query: &Query) -> stored::Query {
    stored::Query { rpc: query.rpc.clone(), request: query.request.clone() }
}

pub(super) fn query_of(message: stored::Query) -> Query {
    Query { rpc: message.rpc, request: message.request }
}

pub(super) fn table_message(table: &Table) -> stored::Table {
    stored::Table {
        kind: table.kind.key().to_owned(),
        subject: table.subject.clone(),
        row_headings: table.row_headings.iter().map(label_message).collect(),
        columns: table.columns.iter().map(label_message).collect(),
        rows: table
            .rows
            .iter()
            .map(|row| stored::Row {
                labels: row.labels.iter().map(label_message).collect(),
                cells: row.cells.iter().map(cell_message).collect(),
            })
            .collect(),
    }
}

pub(super) fn table_of(message: stored::Table) -> Result<Table, Malformed> {
    let labels = |labels: Vec<stored::Label>| labels.into_iter().map(label_of).collect::<Result<Vec<_>, _>>();
    let row = |row: stored::Row| {
        let cells = row.cells.into_iter().map(cell_of).collect::<Result<Vec<_>, _>>()?;
        Ok(Row { labels: labels(row.labels)?, cells })
    };
    Ok(Table {
        kind: Kind::from_key(&message.kind).ok_or(Malformed)?,
        subject: message.subject,
        row_headings: labels(message.row_headings)?,
        columns: labels(message.columns)?,
        rows: message.rows.into_iter().map(row).collect::<Result<_, Malformed>>()?,
    })
}

fn label_message(label: &Label) -> stored::Label {
    let label = match label {
        Label::Word(word) => StoredLabel::Word(word.key().to_owned()),
        Label::Text(text) => StoredLabel::Text(text_message(text)),
        Label::Day(day) => StoredLabel::Day(day.number()),
    };
    stored::Label { label: Some(label) }
}

fn label_of(message: stored::Label) -> Result<Label, Malformed> {
    Ok(match message.label.ok_or(Malformed)? {
        StoredLabel::Word(word) => Label::Word(word_of(&word)?),
        StoredLabel::Text(text) => Label::Text(text_of(Some(text))?),
        StoredLabel::Day(day) => Label::Day(Day::from_number(day)),
    })
}

fn cell_message(cell: &Cell) -> stored::Cell {
    let value = match &cell.value {
        Value::Number { value, decimals } => {
            StoredValue::Number(stored::Number { value: *value, decimals: u32::from(*decimals) })
        }
        Value::Word(word) => StoredValue::Word(word.key().to_owned()),
        Value::Text(text) => StoredValue::Text(text_message(text)),
        Value::Day(day) => StoredValue::Day(day.number()),
        Value::Suppressed => StoredValue::Suppressed(stored::Suppressed {}),
        Value::Nothing => StoredValue::Nothing(stored::Nothing {}),
    };
    let source = |source: &Source| stored::Source {
        query: source.query,
        path: source.path.clone(),
        take: match source.take {
            Take::Value => stored::Take::Value,
            Take::Count => stored::Take::Count,
            Take::Sum => stored::Take::Sum,
        }
        .into(),
        subtracted: source.subtracted,
    };
    stored::Cell { value: Some(value), sources: cell.sources.iter().map(source).collect() }
}

fn cell_of(message: stored::Cell) -> Result<Cell, Malformed> {
    let value = match message.value.ok_or(Malformed)? {
        StoredValue::Number(stored::Number { value, decimals }) => {
            Value::Number { value, decimals: decimals.try_into().map_err(|_| Malformed)? }
        }
        StoredValue::Word(word) => Value::Word(word_of(&word)?),
        StoredValue::Text(text) => Value::Text(text_of(Some(text))?),
        StoredValue::Day(day) => Value::Day(Day::from_number(day)),
        StoredValue::Suppressed(_) => Value::Suppressed,
        StoredValue::Nothing(_) => Value::Nothing,
    };
    let source = |message: stored::Source| {
        let take = match message.take() {
            stored::Take::Value => Take::Value,
            stored::Take::Count => Take::Count,
            stored::Take::Sum => Take::Sum,
            stored::Take::Unspecified => return Err(Malformed),
        };
        Ok(Source { query: message.query, path: message.path, take, subtracted: message.subtracted })
    };
    Ok(Cell { value, sources: message.sources.into_iter().map(source).collect::<Result<_, _>>()? })
}

fn word_of(key: &str) -> Result<Word, Malformed> {
    Word::from_key(key).ok_or(Malformed)
}

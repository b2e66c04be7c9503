//! One line a value: table, row, column, value, and where it is from. RFC 4180, UTF-8.

use allmende_reporting_domain::table::{Cell, Source, Take, Value};

use super::phrases::caption;
use super::{Language, Subject, values};

const HEADER: [&str; 7] = ["table", "subject", "row", "column", "value", "state", "sources"];

/// The lines: every cell of every table, then the queries. The header is the same in every language, as programs read
/// it; so are numbers and days, which stand as machines write them.
pub(super) fn lines(subject: &Subject<'_>, language: Language) -> Vec<u8> {
    let mut lines = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory does not fail.
    let mut line = |fields: [&str; 7]| {
        let _ = lines.write_record(fields);
    };
    line(HEADER);
    for table in &subject.content.tables {
        let caption = caption(table, language);
        for row in &table.rows {
            let labels: Vec<String> = row.labels.iter().map(|label| values::label(label, language)).collect();
            for (column, cell) in table.columns.iter().zip(&row.cells) {
                let (value, state) = value(cell, language);
                let column = values::label(column, language);
                line([&caption, &table.subject, &labels.join(" / "), &column, &value, state, &sources(&cell.sources)]);
            }
        }
    }
    for (number, query) in subject.content.queries.iter().enumerate() {
        let name = format!("q{}", number + 1);
        line(["queries", "", &name, "rpc", &query.rpc, "shown", ""]);
        line(["queries", "", &name, "request", &query.request, "shown", ""]);
    }
    lines.into_inner().unwrap_or_default()
}

fn value(cell: &Cell, language: Language) -> (String, &'static str) {
    match &cell.value {
        Value::Number { value, .. } => (value.to_string(), "shown"),
        Value::Day(day) => (day.to_string(), "shown"),
        Value::Suppressed => (String::new(), "suppressed"),
        Value::Nothing => (String::new(), "none"),
        other => (values::value(other, language).unwrap_or_default(), "shown"),
    }
}

/// `q3 $.checks[0].mean + q4 count($.stations[*])`
fn sources(sources: &[Source]) -> String {
    let mut text = String::new();
    for (index, Source { query, path, take, subtracted }) in sources.iter().enumerate() {
        match (index, subtracted) {
            (0, false) => {}
            (0, true) => text.push('-'),
            (_, false) => text.push_str(" + "),
            (_, true) => text.push_str(" - "),
        }
        let place = match take {
            Take::Value => path.clone(),
            Take::Count => format!("count({path})"),
            Take::Sum => format!("sum({path})"),
        };
        text.push_str(&format!("q{} {place}", query + 1));
    }
    text
}

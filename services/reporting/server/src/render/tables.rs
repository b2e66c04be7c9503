//! A table in a page, with its chart where it has one.

use std::fmt::Write as _;

use allmende_reporting_domain::Word;
use allmende_reporting_domain::table::{Cell, Label, Row, Table, Value};

use super::html::{escaped, has_total, text};
use super::phrases::{caption, note, suppression};
use super::{Language, charts, values};

/// More columns than these leave no room for a chart beside them.
const NARROW: usize = 5;

/// The table, its chart beside or above it, and what is to be known about it. `number` makes ids of their own.
pub(super) fn section(number: usize, of: &Table, language: Language) -> String {
    let charts = charts::of(number, of, language);
    let mut section = String::new();
    let table = table(number, of, language);
    match (charts.is_empty(), of.columns.len() + of.row_headings.len() <= NARROW) {
        (true, _) => section.push_str(&table),
        (false, true) => {
            let _ = writeln!(section, "<div class=\"pair\">\n<div>{charts}</div>\n<div>{table}</div>\n</div>");
        }
        (false, false) => {
            let _ = write!(section, "{charts}{table}");
        }
    }
    if of.cells().any(|cell| cell.value == Value::Suppressed) {
        let _ = writeln!(section, "<p class=\"note\">{}</p>", suppression(language));
    }
    if let Some(note) = note(of.kind, language) {
        let _ = writeln!(section, "<p class=\"note\">{note}</p>");
    }
    section
}

fn table(number: usize, of: &Table, language: Language) -> String {
    let mut table = format!(
        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"t{number}\" tabindex=\"0\"><table>\n\
         <caption id=\"t{number}\">{}</caption>\n<thead><tr>",
        escaped(&caption(of, language))
    );
    for heading in &of.row_headings {
        let _ = write!(table, "<th scope=\"col\">{}</th>", label(heading, language));
    }
    for (index, column) in of.columns.iter().enumerate() {
        let class = if is_numeric(of, index) { " class=\"num\"" } else { "" };
        let _ = write!(table, "<th scope=\"col\"{class}>{}</th>", label(column, language));
    }
    table.push_str("</tr></thead>\n");
    // Rows of the same thing under one heading.
    let grouped = of.row_headings.len() > 1;
    for group in of.rows.chunk_by(|a, b| grouped && a.labels.first() == b.labels.first()) {
        if grouped || std::ptr::eq(&group[0], &of.rows[0]) {
            table.push_str("<tbody>\n");
        }
        for (index, row) in group.iter().enumerate() {
            let total = has_total(of) && of.rows.last().is_some_and(|last| std::ptr::eq(last, row));
            table.push_str(if total { "<tr class=\"total\">" } else { "<tr>" });
            table.push_str(&row_of(of, row, (index, if grouped { group.len() } else { 1 }), language));
            table.push_str("</tr>\n");
        }
        if grouped || group.last().is_some_and(|last| of.rows.last().is_some_and(|end| std::ptr::eq(last, end))) {
            table.push_str("</tbody>\n");
        }
    }
    table.push_str("</table></div>\n");
    table
}

fn row_of(of: &Table, row: &Row, (index, height): (usize, usize), language: Language) -> String {
    let mut cells = String::new();
    for (position, heading) in row.labels.iter().enumerate() {
        let heading = label(heading, language);
        let _ = match (position, height) {
            (0, 2..) if index > 0 => Ok(()),
            (0, 2..) => write!(cells, "<th scope=\"rowgroup\" rowspan=\"{height}\">{heading}</th>"),
            _ => write!(cells, "<th scope=\"row\">{heading}</th>"),
        };
    }
    for (column, value) in row.cells.iter().enumerate() {
        let class = if is_numeric(of, column) { " class=\"num\"" } else { "" };
        let _ = write!(cells, "<td{class}>{}</td>", cell(value, language));
    }
    cells
}

fn is_numeric(of: &Table, column: usize) -> bool {
    of.rows
        .iter()
        .filter_map(|row| row.cells.get(column))
        .any(|cell| matches!(cell.value, Value::Number { .. } | Value::Suppressed))
}

fn label(of: &Label, language: Language) -> String {
    match of {
        Label::Text(words) => text(words, language),
        other => escaped(&values::label(other, language)),
    }
}

/// What stands in a cell: a number as a link to its query.
pub(super) fn cell(cell: &Cell, language: Language) -> String {
    let hidden = |mark: &str, words: &str| {
        format!("<span class=\"mark\" aria-hidden=\"true\">{mark}</span><span class=\"vh\">{words}</span>")
    };
    match &cell.value {
        Value::Suppressed => hidden("•", language.of("unterdrückt", "suppressed")),
        Value::Nothing => hidden("–", language.of("keine Angabe", "no value")),
        Value::Text(words) => text(words, language),
        Value::Word(word) => {
            let words = escaped(&values::value(&cell.value, language).unwrap_or_default());
            match word {
                Word::VerdictKept | Word::VerdictKeptIndicative | Word::RuleKept => {
                    format!("<span class=\"good\">{words}</span>")
                }
                Word::VerdictExceeded | Word::VerdictExceededIndicative | Word::RuleMissed => {
                    format!("<span class=\"bad\">{words}</span>")
                }
                _ => words,
            }
        }
        Value::Day(day) => format!("<span class=\"nb\">{}</span>", escaped(&values::day(*day, language))),
        Value::Number { .. } => {
            let words = escaped(&values::value(&cell.value, language).unwrap_or_default());
            match cell.sources.first() {
                Some(source) => format!("<a href=\"#q{}\">{words}</a>", source.query + 1),
                None => words,
            }
        }
    }
}

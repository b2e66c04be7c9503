//! Charts as inline SVG. Everything in them stands in the table beside them too.

use std::fmt::Write as _;

use allmende_reporting_domain::table::{Cell, Kind, Label, Row, Table, Value};
use allmende_reporting_domain::{Day, Word};

use super::html::{escaped, has_total};
use super::{Language, values};

/// More bars than these are no picture.
const MOST_BARS: usize = 60;
const WIDTH: f64 = 400.0;
/// Room for the number behind a bar.
const BEHIND: f64 = 64.0;
const LABEL_HEIGHT: f64 = 20.0;
const BAR_HEIGHT: f64 = 16.0;
const GAP: f64 = 14.0;
/// Characters that fit above a bar.
const LABEL_CHARACTERS: usize = 46;

/// A bar, and the mark that it should not pass.
struct Bar {
    label: String,
    value: Option<f64>,
    written: String,
    limit: Option<f64>,
    /// Whether it counts as passed: what is compared is rounded by the rule, so that a bar may end behind its mark.
    over: bool,
}

/// The charts of a table; empty if it has none.
pub(super) fn of(number: usize, table: &Table, language: Language) -> String {
    match table.kind {
        Kind::AirLimits => air(number, table, language),
        Kind::Reach => totals(number, table, language, language.of("Beiträge nach Kanal", "Contributions by channel")),
        Kind::Responses => totals(
            number,
            table,
            language,
            language.of("Beiträge nach ihrem Stand", "Contributions by what became of them"),
        ),
        Kind::Readings => readings(number, table, language),
        Kind::Overview | Kind::Procedures | Kind::Indicators => String::new(),
    }
}

fn number_of(cell: Option<&Cell>) -> Option<f64> {
    match cell?.value {
        Value::Number { value, .. } => Some(value),
        _ => None,
    }
}

/// Exceedances against those that are allowed, and yearly means against the limit.
fn air(number: usize, table: &Table, language: Language) -> String {
    let column = |word: Word| table.columns.iter().position(|column| *column == Label::Word(word));
    let (Some(limit), Some(allowed), Some(exceedances), Some(mean), Some(verdict)) = (
        column(Word::LimitValue),
        column(Word::AllowedExceedances),
        column(Word::Exceedances),
        column(Word::YearlyMean),
        column(Word::Verdict),
    ) else {
        return String::new();
    };
    let bars = |period: Word, value: usize, mark: usize| -> Vec<Bar> {
        let rows = table.rows.iter().filter(|row| row.labels.last() == Some(&Label::Word(period)));
        rows.filter_map(|row| {
            let cell = row.cells.get(value)?;
            Some(Bar {
                label: station(row, language),
                value: Some(number_of(Some(cell))?),
                written: values::value(&cell.value, language)?,
                limit: number_of(row.cells.get(mark)),
                over: row.cells.get(verdict).is_some_and(is_exceeded),
            })
        })
        .collect()
    };
    let days = language.of(
        "Tage über dem Grenzwert; Strich: so viele sind erlaubt",
        "Days above the limit; stroke: so many are allowed",
    );
    let means = language.of("Jahresmittel in µg/m³; Strich: Grenzwert", "Yearly means in µg/m³; stroke: limit value");
    let days = figure(&format!("c{number}-days"), days, &bars(Word::Day, exceedances, allowed));
    let means = figure(&format!("c{number}-means"), means, &bars(Word::Year, mean, limit));
    match (days.is_empty(), means.is_empty()) {
        (false, false) => format!("<div class=\"pair\">\n<div>{days}</div>\n<div>{means}</div>\n</div>\n"),
        _ => format!("{days}{means}"),
    }
}

fn is_exceeded(verdict: &Cell) -> bool {
    matches!(verdict.value, Value::Word(Word::VerdictExceeded | Word::VerdictExceededIndicative))
}

fn station(row: &Row, language: Language) -> String {
    let labels: Vec<String> = row.labels.iter().take(2).map(|label| values::label(label, language)).collect();
    match labels.as_slice() {
        // Where it stands is told by the table.
        [station, pollutant] => format!("{}: {pollutant}", station.split(',').next().unwrap_or(station)),
        labels => labels.join(", "),
    }
}

/// The last row, column by column but for the grand total.
fn totals(number: usize, table: &Table, language: Language, title: &str) -> String {
    let Some(last) = table.rows.last().filter(|_| has_total(table)) else { return String::new() };
    let columns = table.columns.iter().zip(&last.cells).take(table.columns.len().saturating_sub(1));
    let bars: Vec<Bar> = columns
        .map(|(column, cell)| Bar {
            label: values::label(column, language),
            value: number_of(Some(cell)),
            written: values::value(&cell.value, language).unwrap_or_else(|| "•".to_owned()),
            limit: None,
            over: false,
        })
        .collect();
    figure(&format!("c{number}"), title, &bars)
}

/// Horizontal bars, one below the other; nothing if there are none, or too many for a picture.
fn figure(id: &str, title: &str, bars: &[Bar]) -> String {
    if bars.is_empty() || bars.len() > MOST_BARS {
        return String::new();
    }
    let most = bars.iter().flat_map(|bar| [bar.value, bar.limit]).flatten().fold(0.0, f64::max).max(1.0);
    let scale = (WIDTH - BEHIND) / most;
    let height = bars.len() as f64 * (LABEL_HEIGHT + BAR_HEIGHT + GAP);
    let described: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.label, bar.written)).collect();
    let mut svg = format!(
        "<figure>\n<figcaption id=\"{id}\">{title}</figcaption>\n\
         <svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}\" \
         aria-describedby=\"{id}-d\">\n<desc id=\"{id}-d\">{}</desc>\n",
        escaped(&described.join("; ")),
        title = escaped(title),
    );
    for (index, bar) in bars.iter().enumerate() {
        let top = index as f64 * (LABEL_HEIGHT + BAR_HEIGHT + GAP);
        let below = top + LABEL_HEIGHT;
        let _ = writeln!(
            svg,
            "<text x=\"0\" y=\"{y}\">{label}</text>\n\
             <rect class=\"track\" x=\"0\" y=\"{below}\" width=\"{track}\" height=\"{BAR_HEIGHT}\" rx=\"2\"/>",
            y = top + 14.0,
            label = escaped(&shortened(&bar.label)),
            track = WIDTH - BEHIND,
        );
        let long = bar.value.unwrap_or_default() * scale;
        let over = bar.over;
        if long > 0.0 {
            let class = if over { "bar over" } else { "bar" };
            let _ = writeln!(
                svg,
                "<rect class=\"{class}\" x=\"0\" y=\"{below}\" width=\"{long:.1}\" height=\"{BAR_HEIGHT}\" rx=\"2\"/>"
            );
        }
        if let Some(limit) = bar.limit {
            let x = limit * scale;
            let (from, to) = (below - 3.0, below + BAR_HEIGHT + 3.0);
            let _ = writeln!(svg, "<line class=\"limit\" x1=\"{x:.1}\" y1=\"{from}\" x2=\"{x:.1}\" y2=\"{to}\"/>");
        }
        let sign = if over { " ▲" } else { "" };
        let _ = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{y}\">{written}{sign}</text>",
            x = WIDTH - BEHIND + 8.0,
            y = below + 13.0,
            written = escaped(&bar.written),
        );
    }
    svg.push_str("</svg>\n</figure>\n");
    svg
}

fn shortened(label: &str) -> String {
    match label.char_indices().nth(LABEL_CHARACTERS) {
        Some((end, _)) => format!("{}…", label[..end].trim_end()),
        None => label.to_owned(),
    }
}

const LINE_HEIGHT: f64 = 200.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 30.0;

/// A line through the days.
fn readings(number: usize, table: &Table, language: Language) -> String {
    let points: Vec<(i32, f64, String)> = table
        .rows
        .iter()
        .filter_map(|row| match (row.labels.first()?, row.cells.first()?) {
            (Label::Day(day), cell) => {
                Some((day.number(), number_of(Some(cell))?, values::value(&cell.value, language)?))
            }
            _ => None,
        })
        .collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    if points.len() < 2 {
        return String::new();
    }
    let low = points.iter().map(|point| point.1).fold(0.0, f64::min);
    let high = points.iter().map(|point| point.1).fold(low, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let days = f64::from((last.0 - first.0).max(1));
    let x = |day: i32| LEFT + f64::from(day - first.0) / days * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| TOP + (high - value) / span * (LINE_HEIGHT - TOP - BOTTOM);
    let column = table.columns.first().map(|column| values::label(column, language)).unwrap_or_default();
    let id = format!("c{number}");
    let decimals = table.cells().find_map(|cell| match cell.value {
        Value::Number { decimals, .. } => Some(decimals),
        _ => None,
    });
    let decimals = decimals.unwrap_or_default();
    let day = |number: i32| values::day(Day::from_number(number), language);
    let described: Vec<String> = points.iter().map(|point| format!("{}: {}", day(point.0), point.2)).collect();
    let mut svg = format!(
        "<figure>\n<figcaption id=\"{id}\">{column}</figcaption>\n\
         <svg class=\"chart\" viewBox=\"0 0 {WIDTH} {LINE_HEIGHT}\" role=\"img\" aria-labelledby=\"{id}\" \
         aria-describedby=\"{id}-d\">\n<desc id=\"{id}-d\">{}</desc>\n",
        escaped(&described.join("; ")),
        column = escaped(&column),
    );
    for value in [low, high] {
        let (at, written) = (y(value), values::number(value, decimals, language));
        let _ = writeln!(
            svg,
            "<line class=\"axis\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{end}\" y2=\"{at:.1}\"/>\n\
             <text class=\"soft\" x=\"{label}\" y=\"{text:.1}\" text-anchor=\"end\">{written}</text>",
            end = WIDTH - RIGHT,
            label = LEFT - 8.0,
            text = at + 4.0,
        );
    }
    let line: Vec<String> = points.iter().map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1))).collect();
    let _ = writeln!(svg, "<polyline class=\"line\" points=\"{}\"/>", line.join(" "));
    for point in &points {
        let _ = writeln!(svg, "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"/>", x(point.0), y(point.1));
    }
    let _ = writeln!(
        svg,
        "<text class=\"soft\" x=\"{LEFT}\" y=\"{base}\">{from}</text>\n\
         <text class=\"soft\" x=\"{end}\" y=\"{base}\" text-anchor=\"end\">{to}</text>\n</svg>\n</figure>",
        base = LINE_HEIGHT - 8.0,
        from = day(first.0),
        end = WIDTH - RIGHT,
        to = day(last.0),
    );
    svg
}

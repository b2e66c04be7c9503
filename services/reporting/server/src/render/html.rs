//! The page. One heading of the first level, landmarks, captions and scopes; every number is a link to its query.

use std::fmt::Write as _;

use allmende_reporting_domain::impact_logic::{Activity, ImpactLogic, Outcome};
use allmende_reporting_domain::run::Content;
use allmende_reporting_domain::table::{Kind, Label, Table};
use allmende_reporting_domain::{IndicatorId, Text};

use super::phrases::suppression;
use super::{Language, Subject, style, tables, values};

/// Text as it stands in a page, in elements and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A text, marked where it is in another language than the page.
pub(super) fn text(text: &Text, language: Language) -> String {
    let words = escaped(values::text(text, language));
    match (language, text.en()) {
        (Language::English, None) => format!("<span lang=\"de\">{words}</span>"),
        _ => words,
    }
}

/// The whole page.
pub(super) fn page(subject: &Subject<'_>, language: Language) -> String {
    let Subject { tenant, content, .. } = subject;
    let title = escaped(values::text(&content.title, language));
    let name = escaped(subject.tenant_name());
    let mut page = String::new();
    let _ = writeln!(
        page,
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · {name}</title>\n<style>{css}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">{skip}</a>",
        tag = language.tag(),
        policy = escaped(&style::policy_in_page()),
        css = style::CSS,
        skip = language.of("Zum Inhalt springen", "Skip to content"),
    );
    let _ = writeln!(
        page,
        "<header class=\"cover\"><div class=\"in\">\n<p class=\"who\"><a href=\"/{tenant}\">{name}</a></p>\n<h1>{heading}</h1>\n\
         <p>{period} {first} {to} {last}</p>\n<p>{as_of} <time datetime=\"{iso}\">{moment}</time></p>\n</div></header>",
        heading = text(&content.title, language),
        period = language.of("Berichtszeitraum", "Reporting period:"),
        first = values::day(content.first_day, language),
        to = language.of("bis", "to"),
        last = values::day(content.last_day, language),
        as_of = language.of("Stand", "As of"),
        iso = values::iso_moment(content.at),
        moment = values::moment(content.at, language),
    );
    page.push_str("<main id=\"main\" class=\"in\">\n");
    let parts = parts(content, language);
    page.push_str(&contents(&parts, language));
    for part in &parts {
        let Part { id, heading, body } = part;
        let _ = writeln!(
            page,
            "<section id=\"{id}\" aria-labelledby=\"{id}-h\">\n<h2 id=\"{id}-h\">{heading}</h2>\n{body}</section>"
        );
    }
    page.push_str("</main>\n");
    page.push_str(&footer(subject, language));
    page.push_str("</body>\n</html>\n");
    page
}

/// A section of the page.
struct Part {
    id: &'static str,
    heading: &'static str,
    body: String,
}

fn parts(content: &Content, language: Language) -> Vec<Part> {
    let of = |kinds: &[Kind]| -> String {
        let tables = content.tables.iter().enumerate().filter(|(_, table)| kinds.contains(&table.kind));
        tables.map(|(number, table)| tables::section(number, table, language)).collect()
    };
    let mut parts = Vec::new();
    let mut add = |id, heading, body: String| {
        if !body.is_empty() {
            parts.push(Part { id, heading, body });
        }
    };
    let heading = |german, english| language.of(german, english);
    add("overview", heading("Auf einen Blick", "At a glance"), overview(content, language));
    let participation = of(&[Kind::Procedures, Kind::Reach, Kind::Responses]);
    add("participation", heading("Beteiligung", "Participation"), participation);
    add("air", heading("Luftqualität", "Air quality"), of(&[Kind::AirLimits]));
    add("indicators", heading("Indikatoren", "Indicators"), of(&[Kind::Indicators, Kind::Readings]));
    let logics: String =
        content.impact_logics.iter().map(|(_, logic)| impact_logic(content, logic, language)).collect();
    add("impact", heading("Wirkungslogik", "Impact logic"), logics);
    add("method", heading("Zu diesem Bericht", "About this report"), method(content, language));
    add("sources", heading("Woher die Zahlen kommen", "Where the numbers come from"), queries(content, language));
    parts
}

fn contents(parts: &[Part], language: Language) -> String {
    let mut list = String::new();
    for Part { id, heading, .. } in parts {
        let _ = write!(list, "<li><a href=\"#{id}\">{heading}</a></li>");
    }
    format!("<nav class=\"contents\" aria-label=\"{}\"><ul>{list}</ul></nav>\n", language.of("Inhalt", "Contents"))
}

fn overview(content: &Content, language: Language) -> String {
    let mut figures = String::new();
    for table in content.tables.iter().filter(|table| table.kind == Kind::Overview) {
        for row in &table.rows {
            let label = row.labels.first().map(|label| values::label(label, language)).unwrap_or_default();
            let value: String = row.cells.iter().map(|cell| tables::cell(cell, language)).collect();
            let _ = writeln!(figures, "<div><dt>{}</dt><dd>{value}</dd></div>", escaped(&label));
        }
    }
    if figures.is_empty() { figures } else { format!("<dl class=\"figures\">\n{figures}</dl>\n") }
}

fn impact_logic(content: &Content, logic: &ImpactLogic, language: Language) -> String {
    let item = |text: String, detail: String| match detail.is_empty() {
        true => format!("<li>{text}</li>"),
        false => format!("<li>{text}<small>{detail}</small></li>"),
    };
    let resource = |resource: &Text| item(text(resource, language), String::new());
    let activity = |activity: &Activity| {
        let from = values::day(activity.begins_on, language);
        let time = match activity.ends_on {
            Some(end) => format!("{from} {} {}", language.of("bis", "to"), values::day(end, language)),
            None => format!("{} {from}", language.of("seit", "since")),
        };
        item(text(&activity.title, language), time)
    };
    let outcome = |outcome: &Outcome| {
        let seen: Vec<String> = outcome.indicators.iter().map(|id| indicator(content, *id, language)).collect();
        let detail = match seen.is_empty() {
            true => String::new(),
            false => format!("{} {}", language.of("Indikator:", "Indicator:"), seen.join("; ")),
        };
        item(text(&outcome.title, language), detail)
    };
    let mut steps = String::new();
    let mut step = |german, english, items: String| {
        if !items.is_empty() {
            let _ = writeln!(steps, "<li><h4>{}</h4><ul>{items}</ul></li>", language.of(german, english));
        }
    };
    step("Ressourcen", "Resources", logic.resources.iter().map(resource).collect());
    step("Aktivitäten", "Activities", logic.activities.iter().map(activity).collect());
    step("Ergebnisse", "Results", logic.results.iter().map(outcome).collect());
    step("Wirkungen", "Effects", logic.effects.iter().map(outcome).collect());
    format!("<h3>{}</h3>\n<ol class=\"logic\">\n{steps}</ol>\n", text(&logic.title, language))
}

/// The title of an indicator that the report shows, or else its id.
fn indicator(content: &Content, id: IndicatorId, language: Language) -> String {
    let named = format!("\"{id}\"");
    let rows = content.tables.iter().filter(|table| table.kind == Kind::Indicators).flat_map(|table| &table.rows);
    let shown = rows.filter_map(|row| match (row.labels.first(), row.cells.get(1)?.sources.first()) {
        (Some(Label::Text(title)), Some(source)) => {
            let query = content.queries.get(source.query as usize)?;
            query.request.contains(&named).then(|| text(title, language))
        }
        _ => None,
    });
    shown.into_iter().next().unwrap_or_else(|| id.to_string())
}

fn method(content: &Content, language: Language) -> String {
    let bound: Vec<String> =
        content.bound_to.iter().map(|(partition, position)| format!("<code>{partition}</code> {position}")).collect();
    let mut facts = String::new();
    let mut fact = |german, english, value: &str| {
        let _ = writeln!(facts, "<dt>{}</dt><dd>{value}</dd>", language.of(german, english));
    };
    fact("Gebunden an", "Bound to", &bound.join(", "));
    fact("Unterdrückung nach", "Suppression by", &escaped(&content.suppression_rules));
    let explained = language.of(
        "Jede Zahl ist die Antwort einer Abfrage an die Plattform, zu der sie verlinkt ist. Alle Abfragen wurden so \
         gestellt, dass ihre Antworten denselben Stand der Daten zeigen. Wer den Bericht noch einmal erzeugt, erhält \
         dieselben Bytes.",
        "Every number is the answer to a query of the platform, to which it is linked. All queries were asked so that \
         their answers show the same state of the data. Rendering the report again gives the same bytes.",
    );
    let suppressed = suppression(language);
    format!(
        "<p class=\"note\">{explained}</p>\n<p class=\"note\">{suppressed}</p>\n<dl class=\"facts\">\n{facts}</dl>\n"
    )
}

fn queries(content: &Content, language: Language) -> String {
    if content.queries.is_empty() {
        return String::new();
    }
    let mut list = String::new();
    for (number, query) in content.queries.iter().enumerate() {
        let _ = writeln!(
            list,
            "<li id=\"q{}\"><code>{}</code> <code>{}</code></li>",
            number + 1,
            escaped(query.rpc.trim_start_matches("/allmende.")),
            escaped(&query.request),
        );
    }
    let explained = language.of(
        "Eine Zahl verweist auf ihre Abfrage, eine Summe auf die erste ihrer Abfragen. Wo in der Antwort sie steht, und \
         aus welchen Abfragen eine Summe besteht, sagen die Fassungen als JSON und CSV.",
        "A number links to its query, a sum to the first of its queries. Where it stands in the answer, and of which \
         queries a sum is made, is told by the JSON and CSV forms.",
    );
    format!("<p class=\"note\">{explained}</p>\n<ol class=\"queries\">\n{list}</ol>\n")
}

fn footer(subject: &Subject<'_>, language: Language) -> String {
    format!(
        "<footer class=\"in\"><p>{} <code>{}</code></p></footer>\n",
        language.of("Erzeugt mit Allmende. Kennung dieses Berichts:", "Made with Allmende. Id of this report:"),
        subject.run
    )
}

/// Whether a table's last row is its total.
pub(super) fn has_total(table: &Table) -> bool {
    matches!(table.kind, Kind::Reach | Kind::Responses)
}

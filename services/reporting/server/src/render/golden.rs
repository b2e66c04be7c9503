//! The same run gives the same bytes: the files in `tests/golden` are what this version makes of a run that has a bit of
//! everything. `UPDATE_GOLDEN=1` writes them anew; then look at them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use allmende_kernel::{PartitionName, Position, TenantId, Timestamp};
use allmende_reporting_domain::counts::{Breakdown, Count, Counts};
use allmende_reporting_domain::impact_logic::{Activity, ImpactLogic, Outcome};
use allmende_reporting_domain::run::Content;
use allmende_reporting_domain::table::{Cell, Kind, Label, Query, Row, Source, Table, Take, Value};
use allmende_reporting_domain::{Day, ImpactLogicId, IndicatorId, ReportId, RunId, Text, Word};

use super::{Format, Language, Rendered, Subject, render};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn text(de: &str, en: &str) -> Text {
    Text::new(de, en).unwrap()
}

fn source(query: u32, path: &str) -> Source {
    Source { query, path: path.into(), take: Take::Value, subtracted: false }
}

fn number(value: f64, decimals: u8, query: u32) -> Cell {
    Cell::number(value, decimals, vec![source(query, "$.value")])
}

fn word(word: Word) -> Cell {
    Cell::plain(Value::Word(word))
}

fn participation() -> (Vec<Table>, Cell, Cell) {
    let titles = ["Handbuch <Open Government>", "Bürgerfonds 2018", "Rad & Fuß: Wege in die Innenstadt"];
    let channels = [[124, 18, 9, 31], [58, 3, 12, 7], [41, 2, 0, 6]];
    let states = [[150, 21, 11], [70, 8, 2], [0, 45, 4]];
    let count = |query: usize, field: &str, count: u64| Count {
        count,
        public: 0,
        sources: vec![Source { take: Take::Sum, ..source(query as u32, &format!("$.reach[*].{field}")) }],
    };
    let counts = Counts {
        row_heading: Word::Procedure,
        labels: titles.iter().map(|title| text(title, "")).collect(),
        totals: channels.iter().enumerate().map(|(row, counts)| count(row, "received", counts.iter().sum())).collect(),
        first: Breakdown {
            kind: Kind::Reach,
            columns: vec![Word::ChannelWeb, Word::ChannelLetter, Word::ChannelPostcard, Word::ChannelEvent],
            rows: channels
                .iter()
                .enumerate()
                .map(|(row, counts)| counts.iter().map(|of| count(row, "received", *of)).collect())
                .collect(),
        },
        second: Breakdown {
            kind: Kind::Responses,
            columns: vec![Word::Answered, Word::Unanswered, Word::NotPublic],
            rows: states
                .iter()
                .enumerate()
                .map(|(row, counts)| counts.iter().map(|of| count(row, "published", *of)).collect())
                .collect(),
        },
    };
    let shown = counts.show();
    let procedures = Table {
        kind: Kind::Procedures,
        subject: String::new(),
        row_headings: vec![Word::Procedure.into()],
        columns: [Word::State, Word::FirstDay, Word::LastDay].map(Label::Word).to_vec(),
        rows: titles
            .iter()
            .zip([Word::ProcedureClosed, Word::ProcedureOngoing, Word::ProcedureOpen])
            .map(|(title, state)| Row {
                labels: vec![text(title, "").into()],
                cells: vec![
                    word(state),
                    Cell::plain(Value::Day(day("2018-03-05"))),
                    Cell::plain(Value::Day(day("2018-09-27"))),
                ],
            })
            .collect(),
    };
    let answered = shown.second.rows.last().unwrap().cells[0].clone();
    (vec![procedures, shown.first, shown.second], shown.grand_total, answered)
}

fn air() -> Table {
    let stations = [
        (
            text("Messstation 7c1e0a55d2b9, Feld von 250 m", "Reference station 7c1e0a55d2b9, 250 m cell"),
            false,
            22.0,
            14.0,
        ),
        (
            text("Bürgersensor 2f6d8e1b0a57, Feld von 1000 m", "Citizen sensor 2f6d8e1b0a57, 1000 m cell"),
            true,
            31.4,
            41.0,
        ),
        (text("Bürgersensor 90ab12cd34ef, Feld von 250 m", "Citizen sensor 90ab12cd34ef, 250 m cell"), true, 40.3, 3.0),
    ];
    let mut rows = Vec::new();
    for (query, (station, indicative, mean, days)) in (3..).zip(stations) {
        let verdict = |exceeded: bool| match (exceeded, indicative) {
            (true, true) => Word::VerdictExceededIndicative,
            (true, false) => Word::VerdictExceeded,
            (false, true) => Word::VerdictKeptIndicative,
            (false, false) => Word::VerdictKept,
        };
        let labels = |period: Word| vec![station.clone().into(), Word::Pm10.into(), period.into()];
        let nothing = || Cell::plain(Value::Nothing);
        rows.push(Row {
            labels: labels(Word::Year),
            cells: vec![
                number(40.0, 0, query),
                nothing(),
                nothing(),
                number(mean, 1, query),
                number(351.0, 0, query),
                number(329.0, 0, query),
                // Rounding comes last: 40.3 does not exceed 40.
                word(verdict(mean.round() > 40.0)),
            ],
        });
        rows.push(Row {
            labels: labels(Word::Day),
            cells: vec![
                number(50.0, 0, query),
                number(35.0, 0, query),
                number(days, 0, query),
                nothing(),
                number(351.0, 0, query),
                number(329.0, 0, query),
                word(verdict(days > 35.0)),
            ],
        });
    }
    Table {
        kind: Kind::AirLimits,
        subject: "2018".into(),
        row_headings: [Word::Station, Word::Pollutant, Word::AveragingTime].map(Label::Word).to_vec(),
        columns: [
            Word::LimitValue,
            Word::AllowedExceedances,
            Word::Exceedances,
            Word::YearlyMean,
            Word::ValidPeriods,
            Word::RequiredPeriods,
            Word::Verdict,
        ]
        .map(Label::Word)
        .to_vec(),
        rows,
    }
}

fn indicators() -> Vec<Table> {
    let title = text("Heckenlänge, die gepflegt wurde", "Length of hedges tended");
    let row = Row {
        labels: vec![title.clone().into()],
        cells: vec![
            Cell::plain(Value::Text(text("m", "m"))),
            number(12_500.0, 0, 6),
            Cell::plain(Value::Day(day("2017-12-01"))),
            number(18_250.0, 0, 7),
            Cell::plain(Value::Day(day("2018-11-30"))),
            word(Word::AtLeast),
            number(18_000.0, 0, 7),
            word(Word::RuleKept),
        ],
    };
    let small = Row {
        labels: vec![text("Ehrenamtliche in der Pflege", "").into()],
        cells: vec![
            Cell::plain(Value::Nothing),
            Cell { value: Value::Suppressed, sources: vec![source(6, "$.indicator.baseline.value")] },
            Cell::plain(Value::Day(day("2017-12-01"))),
            Cell::plain(Value::Nothing),
            Cell::plain(Value::Nothing),
            Cell::plain(Value::Nothing),
            Cell::plain(Value::Nothing),
            Cell::plain(Value::Nothing),
        ],
    };
    let reading = |on: &str, value: f64| Row { labels: vec![Label::Day(day(on))], cells: vec![number(value, 0, 7)] };
    vec![
        Table {
            kind: Kind::Indicators,
            subject: String::new(),
            row_headings: vec![Word::Indicator.into()],
            columns: [
                Word::Unit,
                Word::BaselineValue,
                Word::BaselineOn,
                Word::LatestValue,
                Word::LatestOn,
                Word::RuleAsks,
                Word::RuleValue,
                Word::Judgement,
            ]
            .map(Label::Word)
            .to_vec(),
            rows: vec![row, small],
        },
        Table {
            kind: Kind::Readings,
            subject: String::new(),
            row_headings: vec![Word::MeasuredOn.into()],
            columns: vec![title.into()],
            rows: vec![
                reading("2017-12-01", 12_500.0),
                reading("2018-03-31", 13_100.0),
                reading("2018-06-30", 15_900.0),
                reading("2018-11-30", 18_250.0),
            ],
        },
    ]
}

fn logic() -> ImpactLogic {
    ImpactLogic {
        title: text("Heckenmanagement", "Hedge management"),
        resources: vec![text("Kataster", "Cadastre"), text("50.000 EUR im Jahr", "EUR 50,000 a year")],
        activities: vec![
            Activity { title: text("Pflege im Winter", "Care in winter"), begins_on: day("2018-01-08"), ends_on: None },
            Activity {
                title: text("Schulung", "Training"),
                begins_on: day("2018-01-08"),
                ends_on: Some(day("2018-02-28")),
            },
        ],
        results: vec![Outcome {
            title: text("Gepflegte Hecken", "Hedges tended"),
            indicators: vec![IndicatorId::from_bytes([9; 16])],
        }],
        effects: vec![Outcome { title: text("Mehr Artenvielfalt", "More biodiversity"), indicators: vec![] }],
    }
}

fn content() -> Content {
    let query = |rpc: &str, request: String| Query { rpc: rpc.into(), request };
    let reach = "/allmende.participation.v1.ParticipationService/GetReachByChannel";
    let limits = "/allmende.telemetry.v1.TelemetryService/CheckLimits";
    let mut queries: Vec<Query> =
        (0..3).map(|n| query(reach, format!("{{\"procedure_id\":\"p{n}\",\"tenant\":\"brandis\"}}"))).collect();
    queries.extend(
        (0..3).map(|n| query(limits, format!("{{\"station_id\":\"s{n}\",\"tenant\":\"brandis\",\"year\":2018}}"))),
    );
    let of_indicator = format!("{{\"indicator_id\":\"{}\",\"tenant\":\"brandis\"}}", IndicatorId::from_bytes([9; 16]));
    for rpc in ["GetIndicator", "ListReadings"] {
        queries.push(query(&format!("/allmende.reporting.v1.ReportingService/{rpc}"), of_indicator.clone()));
    }
    let (participation, received, answered) = participation();
    let figure = |label: Word, cell: Cell| Row { labels: vec![label.into()], cells: vec![cell] };
    let mut tables = vec![Table {
        kind: Kind::Overview,
        subject: String::new(),
        row_headings: vec![Word::KeyFigure.into()],
        columns: vec![Word::Number.into()],
        rows: vec![
            figure(Word::Procedures, number(3.0, 0, 0)),
            figure(Word::ContributionsReceived, received),
            figure(Word::ResponsesGiven, answered),
            figure(Word::Stations, number(3.0, 0, 3)),
        ],
    }];
    tables.extend(participation);
    tables.push(air());
    tables.extend(indicators());
    Content {
        report: ReportId::from_bytes([5; 16]),
        tenant_name: "Stadt Brandis & Ortsteile".into(),
        title: text("Projektbericht 2018", "Project report 2018"),
        first_day: day("2018-01-01"),
        last_day: day("2018-12-31"),
        bound_to: BTreeMap::from([
            (PartitionName::parse("participation-0").unwrap(), Position::new(1_204, 0)),
            (PartitionName::parse("telemetry-0").unwrap(), Position::new(88_017, 2)),
        ]),
        suppression_rules: "suppression/2".into(),
        queries,
        tables,
        impact_logics: vec![(ImpactLogicId::from_bytes([6; 16]), logic())],
        at: Timestamp::from_secs(1_548_000_000),
    }
}

fn rendered(format: Format, language: Language) -> Rendered {
    rendered_of(&content(), format, language)
}

fn rendered_of(content: &Content, format: Format, language: Language) -> Rendered {
    let tenant = TenantId::parse("brandis").unwrap();
    render(&Subject { tenant: &tenant, run: RunId::from_bytes([7; 16]), content }, format, language)
}

fn pinned(name: &str, actual: &[u8]) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, actual).unwrap();
    }
    std::fs::read(path).unwrap()
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    for (language, tag) in [(Language::German, "de"), (Language::English, "en")] {
        for (format, extension) in [(Format::Html, "html"), (Format::Csv, "csv"), (Format::Json, "json")] {
            let name = format!("report_{tag}.{extension}");
            let rendered = rendered(format, language);
            assert_eq!(rendered, self::rendered(format, language), "{name}");
            let pinned = String::from_utf8(pinned(&name, &rendered.content)).unwrap();
            assert_eq!(String::from_utf8(rendered.content).unwrap(), pinned, "{name}");
        }
    }
}

/// It was rendered before there was a name, and is the same now.
#[test]
fn a_run_without_the_tenants_name_has_no_field_for_it() {
    let unnamed = Content { tenant_name: String::new(), ..content() };
    for language in [Language::German, Language::English] {
        let named = String::from_utf8(rendered(Format::Json, language).content).unwrap();
        let line = "  \"tenant_name\": \"Stadt Brandis & Ortsteile\",\n";
        assert_eq!(named.matches(line).count(), 1);
        let bare = String::from_utf8(rendered_of(&unnamed, Format::Json, language).content).unwrap();
        assert_eq!(bare, named.replace(line, ""));
        let csv = rendered_of(&unnamed, Format::Csv, language);
        assert_eq!(csv, rendered(Format::Csv, language));
    }
}

#[test]
fn the_page_is_well_formed_and_needs_nothing_from_elsewhere() {
    for language in [Language::German, Language::English] {
        let Rendered { content, content_security_policy, .. } = rendered(Format::Html, language);
        let page = String::from_utf8(content).unwrap();
        for element in ["<h1", "<main", "<title>", "<style>"] {
            assert_eq!(page.matches(element).count(), 1, "{element}");
        }
        for forbidden in ["<script", " style=", " onclick", "http://", "https://", "javascript:"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert!(page.contains("Handbuch &lt;Open Government&gt;") && page.contains("Rad &amp; Fuß"));
        assert_eq!(page.matches("<table>").count(), page.matches("<caption ").count());
        assert!(content_security_policy.contains("default-src 'none'; style-src 'sha256-"));
        let id = |start: &str| {
            let rest = start.split_once('"').unwrap().0;
            rest.to_owned()
        };
        let ids: Vec<String> = page.split(" id=\"").skip(1).map(id).collect();
        let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "no id twice");
        for target in page.split("href=\"#").skip(1).map(id) {
            assert!(ids.contains(&target), "{target} leads nowhere");
        }
        for named in page.split("aria-labelledby=\"").skip(1).map(id) {
            assert!(ids.contains(&named), "{named} names nothing");
        }
    }
}

#[test]
fn a_chart_marks_what_the_law_calls_exceeded_and_nothing_else() {
    let page = String::from_utf8(rendered(Format::Html, Language::German).content).unwrap();
    assert!(page.contains("40,3"));
    let exceeded = page.matches("<span class=\"bad\">überschritten").count();
    assert_eq!((page.matches(" ▲").count(), page.matches("class=\"bar over\"").count()), (exceeded, exceeded));
}

#[test]
fn what_is_suppressed_is_in_no_form() {
    for language in [Language::German, Language::English] {
        for format in [Format::Csv, Format::Json, Format::Html] {
            let text = String::from_utf8(rendered(format, language).content).unwrap();
            let mark = match format {
                Format::Html => language.of("unterdrückt", "suppressed"),
                _ => "suppressed",
            };
            assert!(text.matches(mark).count() >= 4, "{format:?}");
        }
    }
    let json: serde_json::Value = serde_json::from_slice(&rendered(Format::Json, Language::German).content).unwrap();
    let cells = json["tables"].as_array().unwrap().iter().flat_map(|table| table["rows"].as_array().unwrap());
    for cell in cells.flat_map(|row| row["cells"].as_array().unwrap()) {
        assert_eq!(cell["state"] != "shown", cell["value"].is_null(), "{cell}");
    }
}

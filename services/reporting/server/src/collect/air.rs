//! Air days against the limits in force, per station and year: what telemetry's CheckLimits says, line by line. Which
//! rule is in force is its rule data's to say; a year for which there is none has no table.

use allmende_reporting_domain::report::{Air, AirSelection, MAX_THINGS};
use allmende_reporting_domain::table::{Cell, Kind, Row, Table, Value};
use allmende_reporting_domain::{Text, Word};
use serde_json::{Value as Json, json};

use super::Wanted;
use super::overview::Overview;
use super::session::{Session, count, value};
use crate::error::Rejection;

const LIST_STATIONS: &str = "/allmende.telemetry.v1.TelemetryService/ListStations";
const GET_STATION: &str = "/allmende.telemetry.v1.TelemetryService/GetStation";
const CHECK_LIMITS: &str = "/allmende.telemetry.v1.TelemetryService/CheckLimits";

/// Decimal places of a yearly mean; its comparison with the limit is rounded as the law says.
const MEAN_DECIMALS: u8 = 1;

const COLUMNS: [Word; 7] = [
    Word::LimitValue,
    Word::AllowedExceedances,
    Word::Exceedances,
    Word::YearlyMean,
    Word::ValidPeriods,
    Word::RequiredPeriods,
    Word::Verdict,
];

struct Station {
    id: String,
    label: Text,
    /// What is limited, and the datastream that measures it.
    series: Vec<(Word, String)>,
}

/// A table for each year that has a rule set.
pub(super) async fn tables(
    session: &mut Session<'_>,
    wanted: &Wanted,
    air: &Air,
    overview: &mut Overview,
) -> Result<Vec<Table>, Rejection> {
    let stations = stations(session, wanted, air, overview).await?;
    let mut tables = Vec::new();
    for year in wanted.definition.years() {
        let mut rows = Vec::new();
        for station in &stations {
            for (pollutant, datastream) in &station.series {
                rows.extend(checks(session, wanted, air, station, (*pollutant, datastream), year).await?);
            }
        }
        if !rows.is_empty() {
            tables.push(Table {
                kind: Kind::AirLimits,
                subject: year.to_string(),
                row_headings: [Word::Station, Word::Pollutant, Word::AveragingTime].map(Into::into).to_vec(),
                columns: COLUMNS.map(Into::into).to_vec(),
                rows,
            });
        }
    }
    Ok(tables)
}

async fn stations(
    session: &mut Session<'_>,
    wanted: &Wanted,
    air: &Air,
    overview: &mut Overview,
) -> Result<Vec<Station>, Rejection> {
    let tenant = wanted.tenant.as_str();
    let mut found = Vec::new();
    let mut sources = Vec::new();
    if air.stations.is_empty() {
        let request = json!({ "tenant": tenant, "page_size": MAX_THINGS });
        for page in session.pages(LIST_STATIONS, request, "stations", MAX_THINGS).await? {
            sources.push(count(page, "$.stations[*]"));
            let stations = session.answer(page)["stations"].as_array();
            found.extend(stations.into_iter().flatten().map(station));
        }
    }
    for id in &air.stations {
        let query = session.ask(GET_STATION, json!({ "tenant": tenant, "station_id": id.to_string() })).await?;
        sources.push(count(query, "$.station"));
        found.push(station(&session.answer(query)["station"]));
    }
    overview.tell(Word::Stations, session.cell(0, sources)?);
    Ok(found)
}

fn station(answer: &Json) -> Station {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let id = text(&answer["station_id"]);
    let short = id.split('-').next_back().unwrap_or_default().to_owned();
    let size = answer["cell"]["size_m"].as_u64().unwrap_or_default();
    let label = match answer["kind"].as_str() {
        Some("STATION_KIND_REFERENCE") => Text::new(
            format!("Amtliche Messstelle {short}, Feld von {size} m"),
            format!("Official station {short}, {size} m cell"),
        ),
        _ => Text::new(
            format!("Bürgersensor {short}, Feld von {size} m"),
            format!("Citizen sensor {short}, {size} m cell"),
        ),
    };
    let series = answer["sensors"].as_array().into_iter().flatten();
    let series = series.flat_map(|sensor| sensor["datastreams"].as_array().into_iter().flatten());
    let series = series.filter_map(|datastream| {
        let pollutant = match datastream["observed_property"].as_str()? {
            "OBSERVED_PROPERTY_PM10" => Word::Pm10,
            "OBSERVED_PROPERTY_PM25" => Word::Pm25,
            "OBSERVED_PROPERTY_NO2" => Word::No2,
            _ => return None,
        };
        Some((pollutant, text(&datastream["datastream_id"])))
    });
    Station { label: label.unwrap_or_else(|_| Text::plain(&id)), series: series.collect(), id }
}

/// A row for each limit on a datastream in a year; none if nothing was observed or no rule set was in force.
async fn checks(
    session: &mut Session<'_>,
    wanted: &Wanted,
    air: &Air,
    station: &Station,
    (pollutant, datastream): (Word, &str),
    year: i32,
) -> Result<Vec<Row>, Rejection> {
    let request = json!({
        "tenant": wanted.tenant.as_str(),
        "station_id": station.id,
        "datastream_id": datastream,
        "year": year,
        "selection": match air.selection {
            AirSelection::All => "SELECTION_ALL",
            AirSelection::Dry => "SELECTION_DRY",
            AirSelection::Unflagged => "SELECTION_UNFLAGGED",
        },
    });
    let query = match session.ask(CHECK_LIMITS, request).await {
        Ok(query) => query,
        Err(Rejection::Source(refused)) if refused.is("RULE_SET_UNKNOWN") => return Ok(Vec::new()),
        Err(other) => return Err(other),
    };
    let checks = session.answer(query)["checks"].as_array().cloned().unwrap_or_default();
    if checks.iter().all(|check| check["valid_periods"] == json!(0)) {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    for check in &checks {
        let at = |field: &str| {
            let rule = check["rule_id"].as_str().unwrap_or_default();
            vec![value(query, format!("$.checks[?@.rule_id=='{rule}'].{field}"))]
        };
        let nothing = Cell::plain(Value::Nothing);
        let period = match check["period"].as_str() {
            Some("PERIOD_HOUR") => Word::Hour,
            Some("PERIOD_YEAR") => Word::Year,
            _ => Word::Day,
        };
        let (allowed, exceedances) = match period {
            Word::Year => (nothing.clone(), nothing.clone()),
            _ => (session.cell(0, at("allowed_exceedances"))?, session.cell(0, at("exceedances"))?),
        };
        let mean = match check["mean"].is_number() {
            true => session.cell(MEAN_DECIMALS, at("mean"))?,
            false => nothing,
        };
        rows.push(Row {
            labels: vec![station.label.clone().into(), pollutant.into(), period.into()],
            cells: vec![
                session.cell(0, at("limit"))?,
                allowed,
                exceedances,
                mean,
                session.cell(0, at("valid_periods"))?,
                session.cell(0, at("required_periods"))?,
                Cell::plain(Value::Word(verdict(check))),
            ],
        });
    }
    Ok(rows)
}

fn verdict(check: &Json) -> Word {
    let indicative = check["indicative"] == json!(true);
    match (check["verdict"].as_str(), indicative) {
        (Some("VERDICT_KEPT"), false) => Word::VerdictKept,
        (Some("VERDICT_KEPT"), true) => Word::VerdictKeptIndicative,
        (Some("VERDICT_EXCEEDED"), false) => Word::VerdictExceeded,
        (Some("VERDICT_EXCEEDED"), true) => Word::VerdictExceededIndicative,
        _ => Word::VerdictInsufficientData,
    }
}

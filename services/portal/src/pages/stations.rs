use allmende_proto::telemetry::v1::{
    CheckLimitsRequest, Datastream, GetLatestRequest, GetStationRequest, ListMeansRequest, ListStationsRequest,
    ListStationsResponse, Mean, ObservedProperty, Period, Selection, Station, StationKind, Verdict,
};
use axum::Extension;
use axum::extract::Path;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::Outcome;
use crate::failure::Failure;
use crate::view::{
    Card, Cards, Cell, Chart, Facts, Figures, Heading, Links, Notice, Page, Pager, Paragraph, Point, Table,
};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// How many days the chart shows.
const DAYS: i64 = 60;

/// The page of all stations that the address names.
pub(crate) async fn page_of(visit: &Visit) -> Result<ListStationsResponse, Failure> {
    let request = ListStationsRequest {
        tenant: visit.of_tenant(),
        page_size: 60,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Telemetry),
    };
    Ok(visit.api.telemetry().list_stations(visit.ask(request)).await?.into_inner())
}

/// A station among others.
pub(crate) fn card(visit: &Visit, station: &Station) -> Card {
    let m = visit.m;
    let properties: Vec<_> = station
        .sensors
        .iter()
        .flat_map(|sensor| &sensor.datastreams)
        .map(|stream| words::observed_property(stream.observed_property(), visit.language))
        .collect();
    let (badge, tone) = if station.retired_at_us.is_some() { (m.retired, "") } else { (m.in_service, "good") };
    Card {
        href: visit.to(&format!("/messstellen/{}", station.station_id)),
        title: name(visit, station),
        kicker: words::station_kind(station.kind(), visit.language).to_owned(),
        text: properties.join(", "),
        badge: badge.to_owned(),
        tone,
        note: place(visit, station).map(|place| fill(m.place_near, &[&place])).unwrap_or_default(),
    }
}

/// The middle of the cell that a station stands in.
fn place(visit: &Visit, station: &Station) -> Option<String> {
    let centre = station.cell.as_ref()?.centre.as_ref()?;
    Some(words::degrees((centre.latitude, centre.longitude), visit.language))
}

/// Where a station is, as exactly as anybody may know, and what it measures with.
fn facts(visit: &Visit, station: &Station) -> Facts {
    let m = visit.m;
    let models: Vec<_> = station.sensors.iter().map(|sensor| words::clean(&sensor.model)).collect();
    let cell = station.cell.clone().unwrap_or_default();
    let near = place(visit, station).map(|place| (m.about_where.to_owned(), place));
    let exact = (m.how_exactly.to_owned(), fill(m.within_a_cell, &[&cell.size_m.to_string()]));
    let devices = (!models.is_empty()).then(|| (m.devices.to_owned(), models.join(", ")));
    Facts { rows: near.into_iter().chain([exact]).chain(devices).collect() }
}

/// The station of this id.
pub(crate) async fn find(visit: &Visit, station_id: &str) -> Result<Station, Failure> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Telemetry));
    let request = GetStationRequest { tenant, station_id: station_id.to_owned(), consistency_token };
    let answer = visit.api.telemetry().get_station(visit.ask(request)).await?.into_inner();
    answer.station.ok_or(Failure::NotFound)
}

/// All stations.
pub(crate) async fn list(Extension(visit): Visiting) -> Outcome {
    let m = visit.m;
    let answer = page_of(&visit).await?;
    let page = Page::new(m.stations).lead(m.stations_lead).section(m.stations);
    let page = if answer.stations.is_empty() {
        page.with(Paragraph::soft(m.no_stations))
    } else {
        page.with(Heading::new(m.all_stations))
            .with(Cards { items: answer.stations.iter().map(|station| card(&visit, station)).collect() })
    };
    Ok(page.with_some(Pager::new(&visit, &answer.next_page_token)).respond(&visit))
}

/// A station has no name of its own: it is called by the grid cell it stands in.
pub(crate) fn name(visit: &Visit, station: &Station) -> String {
    let cell = station.cell.as_ref().map_or("", |cell| cell.code.as_str());
    let short = cell.split_once('m').map_or(cell, |(_, rest)| rest);
    fill(visit.m.station_in, &[short])
}

/// The days that the chart shows: those up to the one that the address names, or up to the last observation.
fn days(visit: &Visit, last_observed_us: i64) -> (Date, Date) {
    // An air-quality day is UTC+1 all year.
    let moment = Timestamp::from_microsecond(last_observed_us).unwrap_or_default() + SignedDuration::from_hours(1);
    let observed = jiff::tz::TimeZone::UTC.to_datetime(moment).date();
    let last = visit.query("bis").parse::<Date>().unwrap_or(observed);
    (last.saturating_sub((DAYS - 1).days()), last)
}

/// One of them: a chart of one datastream, the table beside it, and the limits.
pub(crate) async fn show(Extension(visit): Visiting, Path((_, station_id)): Path<(String, String)>) -> Outcome {
    let (m, language) = (visit.m, visit.language);
    let station = find(&visit, &station_id).await?;
    let request = GetLatestRequest {
        tenant: visit.of_tenant(),
        station_id: station_id.clone(),
        consistency_token: String::new(),
    };
    let latest = visit.api.telemetry().get_latest(visit.ask(request)).await?.into_inner().latest;

    let title = name(&visit, &station);
    let mut page = Page::new(title)
        .kicker(words::station_kind(station.kind(), language))
        .crumb(visit.to("/messstellen"), m.stations)
        .section(m.stations);
    if station.kind() == StationKind::Citizen {
        page = page.with(Notice::plain(m.indicative));
    }
    let streams: Vec<_> = latest.iter().filter_map(|latest| latest.datastream.as_ref()).collect();
    let figures = latest.iter().filter_map(|latest| {
        let (stream, observation) = (latest.datastream.as_ref()?, latest.observation.as_ref()?);
        let label = format!(
            "{}, {}",
            words::observed_property(stream.observed_property(), language),
            words::moment(observation.phenomenon_time_us, language)
        );
        Some((label, format!("{}\u{a0}{}", language.number(observation.result, 1), words::unit(&stream.unit))))
    });
    page = page.with(facts(&visit, &station));
    page = page.with(Heading::new(m.latest_values)).with(Figures { rows: figures.collect() });
    let asked = visit.query("reihe");
    let chosen = streams.iter().position(|stream| stream.datastream_id == asked).unwrap_or(0);
    let Some(stream) = streams.get(chosen).copied() else {
        return Ok(page.with(Paragraph::soft(m.nothing_observed)).respond(&visit));
    };
    let last_us = latest
        .iter()
        .filter(|latest| latest.datastream.as_ref().is_some_and(|of| of.datastream_id == stream.datastream_id))
        .find_map(|latest| latest.observation.as_ref())
        .map_or(0, |observation| observation.phenomenon_time_us);
    let ways = streams.iter().map(|stream| {
        let to = format!("{}?reihe={}#verlauf", visit.path, stream.datastream_id);
        (to, words::observed_property(stream.observed_property(), language).to_owned())
    });
    page = page.with(Heading::anchored(m.course, "verlauf")).with(Links::choices(ways.collect(), chosen));
    if last_us == 0 {
        return Ok(page.with(Paragraph::soft(m.nothing_observed)).respond(&visit));
    }
    Ok(with_course(&visit, page, &station_id, stream, last_us).await?.respond(&visit))
}

async fn with_course(
    visit: &Visit,
    page: Page,
    station_id: &str,
    stream: &Datastream,
    last_us: i64,
) -> Result<Page, Failure> {
    let (m, language) = (visit.m, visit.language);
    let (first, last) = days(visit, last_us);
    let request = ListMeansRequest {
        tenant: visit.of_tenant(),
        station_id: station_id.to_owned(),
        datastream_id: stream.datastream_id.clone(),
        period: Period::Day.into(),
        first_day: first.to_string(),
        last_day: last.to_string(),
        selection: Selection::All.into(),
        page_size: 400,
        ..ListMeansRequest::default()
    };
    let means = visit.api.telemetry().list_means(visit.ask(request)).await?.into_inner().means;
    let checks = match stream.observed_property() {
        ObservedProperty::Pm10 | ObservedProperty::Pm25 | ObservedProperty::No2 => {
            let request = CheckLimitsRequest {
                tenant: visit.of_tenant(),
                station_id: station_id.to_owned(),
                datastream_id: stream.datastream_id.clone(),
                year: u32::try_from(last.year()).unwrap_or_default(),
                selection: Selection::All.into(),
                ..CheckLimitsRequest::default()
            };
            visit.api.telemetry().check_limits(visit.ask(request)).await?.into_inner().checks
        }
        _ => Vec::new(),
    };
    let unit = words::unit(&stream.unit);
    let limit = checks
        .iter()
        .find(|check| check.period() == Period::Day)
        .map(|check| (check.limit, fill(m.limit_line, &[&language.number(check.limit, 0), unit])));
    let property = words::observed_property(stream.observed_property(), language);
    let range = words::days(&first.to_string(), &last.to_string(), language);
    let title = fill(m.chart_title, &[property, unit]);
    let valid: Vec<_> = means.iter().filter(|mean| mean.valid).filter_map(|mean| mean.mean).collect();
    let highest = valid.iter().copied().fold(f64::NAN, f64::max);
    let text = if valid.is_empty() {
        fill(m.chart_text_empty, &[&range])
    } else {
        fill(m.chart_text, &[&range, &valid.len().to_string(), &language.number(highest, 1), unit])
    };
    let points: Vec<_> =
        means.iter().map(|mean| Point { day: mean.label.clone(), value: mean.mean, is_valid: mean.valid }).collect();
    let mut page = page.with(Paragraph::soft(&text)).with(Chart::new(m, language, title, text, &points, limit));
    let earlier = first.saturating_sub(1.day());
    let way = format!("{}?reihe={}&bis={earlier}#verlauf", visit.path, stream.datastream_id);
    page = page.with(Links::list(vec![(way, m.earlier.to_owned())]));
    page = page.with(table(visit, property, unit, &means));
    if !checks.is_empty() {
        let row = |check: &allmende_proto::telemetry::v1::LimitCheck| {
            let verdict = match (check.verdict(), check.indicative) {
                (Verdict::Kept, false) => m.verdict_kept,
                (Verdict::Kept, true) => m.verdict_kept_indicative,
                (Verdict::Exceeded, false) => m.verdict_exceeded,
                (Verdict::Exceeded, true) => m.verdict_exceeded_indicative,
                _ => m.verdict_insufficient,
            };
            vec![
                Cell::text(words::period(check.period(), language)),
                Cell::number(format!("{} {unit}", language.number(check.limit, 0))),
                Cell::number(format!("{} / {}", check.exceedances, check.allowed_exceedances)),
                Cell::number(format!("{} / {}", check.valid_periods, check.required_periods)),
                Cell::text(verdict),
            ]
        };
        let heads = vec![
            Cell::text(m.mean_over),
            Cell::number(m.limit),
            Cell::number(m.exceedances),
            Cell::number(m.valid_means),
            Cell::text(m.result),
        ];
        let caption = fill(m.limits_of_year, &[&last.year().to_string()]);
        page = page.with(Heading::new(&caption)).with(Table { caption, heads, rows: checks.iter().map(row).collect() });
        let sources: Vec<_> = checks.iter().map(|check| (check.rule_id.clone(), words::clean(&check.source))).collect();
        page = page.with(Facts { rows: sources });
    }
    Ok(page)
}

fn table(visit: &Visit, property: &str, unit: &str, means: &[Mean]) -> Table {
    let (m, language) = (visit.m, visit.language);
    let row = |mean: &Mean| {
        vec![
            Cell::text(words::day(&mean.label, language)),
            Cell::number(mean.mean.map_or_else(|| "–".to_owned(), |value| language.number(value, 1))),
            Cell::number(format!("{} / {}", mean.count, mean.required)),
            Cell::text(if mean.valid { m.yes } else { m.no }),
        ]
    };
    Table {
        caption: fill(m.table_of_means, &[property]),
        heads: vec![
            Cell::text(m.day),
            Cell::number(fill(m.mean_in, &[unit])),
            Cell::number(m.valid_hours),
            Cell::text(m.valid),
        ],
        rows: means.iter().rev().map(row).collect(),
    }
}

use allmende_kernel::{Duration, Timestamp};
use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields::{self, ConsistencyToken, Paging};
use allmende_telemetry_domain::means::Period;
use allmende_telemetry_domain::{AirQualityDay, StationId, Year};
use tonic::Status;

use super::{UNKNOWN_VALUE, range, selection, series, station_id};
use crate::app::{CheckLimits, ListConflicts, ListMeans, ListObservations, ListStations};

/// A page that was asked for: what it lists, what it has to show, and how to name the page after it.
pub(crate) struct Query<T> {
    pub(crate) asked: T,
    pub(crate) token: ConsistencyToken,
    pub(crate) pages: Paging,
}

/// Longer than everything that can be stored: a list may be of all there is.
const ANY_LENGTH: Duration = Duration::from_secs(201 * 366 * 86_400);
/// Years whose moments [`fields::timestamp`] takes.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2099;

const NO_CURSOR: &str = "must be empty or a next_page_token as it was given";

pub(crate) fn of_station(station: &str, token: &str) -> Result<(StationId, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let station = violations.check("station_id", station_id(station));
    let token = violations.check("consistency_token", fields::consistency_token(token));
    violations.finish(|| Some((station?, token?)))
}

pub(crate) fn list_stations(caller: &Caller, message: &pb::ListStationsRequest) -> Result<Query<ListStations>, Status> {
    let mut violations = Violations::default();
    let pages = Paging::of(caller.path(), &[message.tenant.as_bytes()]);
    let max = violations.check("page_size", fields::page_size(message.page_size, 50, 500));
    let after = pages.cursor(&message.page_token).and_then(|cursor| {
        let id = |bytes: Vec<u8>| bytes.try_into().map(StationId::from_bytes).map_err(|_| Problem::from(NO_CURSOR));
        cursor.map(id).transpose()
    });
    let after = violations.check("page_token", after);
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| Some(Query { asked: ListStations { after: after?, max: max? }, token: token?, pages }))
}

pub(crate) fn list_observations(
    caller: &Caller,
    message: &pb::ListObservationsRequest,
) -> Result<Query<ListObservations>, Status> {
    let mut violations = Violations::default();
    let pages = Paging::of(
        caller.path(),
        &[
            message.tenant.as_bytes(),
            message.station_id.as_bytes(),
            message.datastream_id.as_bytes(),
            &message.from_us.to_be_bytes(),
            &message.to_us.to_be_bytes(),
            &message.selection.to_be_bytes(),
        ],
    );
    let series = series(&mut violations, &message.station_id, &message.datastream_id);
    let range = range(&mut violations, message.from_us, message.to_us, ANY_LENGTH);
    let selection = violations.check("selection", selection(message.selection));
    let max = violations.check("page_size", fields::page_size(message.page_size, 1_000, 10_000));
    let cursor = violations.check("page_token", time_cursor(&pages, &message.page_token));
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| {
        let (from, to) = range?;
        let from = cursor?.map_or(from, |cursor| cursor.max(from));
        let asked = ListObservations { series: series?, from, to, selection: selection?, max: max? };
        Some(Query { asked, token: token?, pages })
    })
}

pub(crate) fn list_means(caller: &Caller, message: &pb::ListMeansRequest) -> Result<Query<ListMeans>, Status> {
    let mut violations = Violations::default();
    let pages = Paging::of(
        caller.path(),
        &[
            message.tenant.as_bytes(),
            message.station_id.as_bytes(),
            message.datastream_id.as_bytes(),
            &message.period.to_be_bytes(),
            message.first_day.as_bytes(),
            message.last_day.as_bytes(),
            &message.selection.to_be_bytes(),
        ],
    );
    let series = series(&mut violations, &message.station_id, &message.datastream_id);
    let period = violations.check("period", period(message.period));
    let first = violations.check("first_day", day(&message.first_day));
    let last = violations.check("last_day", day(&message.last_day));
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        violations.add("last_day", "must not be before first_day");
    }
    let selection = violations.check("selection", selection(message.selection));
    let max = violations.check("page_size", fields::page_size(message.page_size, 400, 1_000));
    let cursor = violations.check("page_token", time_cursor(&pages, &message.page_token));
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| {
        let (first, last) = (first?, last?);
        let asked = ListMeans {
            series: series?,
            period: period?,
            first,
            last,
            selection: selection?,
            from: cursor?.map_or(first.start(), |cursor| cursor.max(first.start())),
            max: max?,
        };
        Some(Query { asked, token: token?, pages })
    })
}

pub(crate) fn list_conflicts(
    caller: &Caller,
    message: &pb::ListConflictsRequest,
) -> Result<Query<ListConflicts>, Status> {
    let mut violations = Violations::default();
    let ids = [message.tenant.as_bytes(), message.station_id.as_bytes(), message.datastream_id.as_bytes()];
    let pages = Paging::of(caller.path(), &ids);
    let series = series(&mut violations, &message.station_id, &message.datastream_id);
    let max = violations.check("page_size", fields::page_size(message.page_size, 50, 1_000));
    let after = violations.check("page_token", pages.cursor(&message.page_token));
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| {
        Some(Query { asked: ListConflicts { series: series?, after: after?, max: max? }, token: token?, pages })
    })
}

pub(crate) fn check_limits(message: &pb::CheckLimitsRequest) -> Result<(CheckLimits, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let series = series(&mut violations, &message.station_id, &message.datastream_id);
    let year = Year::new(message.year).filter(|_| YEARS.contains(&message.year));
    let year = violations.check("year", year.ok_or(Problem::from(Rule::Number(1900, 2099))));
    let selection = violations.check("selection", selection(message.selection));
    if message.rule_set_id.len() > 60 {
        violations.add("rule_set_id", Rule::Length(0, 60));
    }
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| {
        let rule_set = (!message.rule_set_id.is_empty()).then(|| message.rule_set_id.clone());
        Some((CheckLimits { series: series?, year: year?, selection: selection?, rule_set }, token?))
    })
}

fn period(value: i32) -> Result<Period, Problem> {
    match pb::Period::try_from(value) {
        Ok(pb::Period::Hour) => Ok(Period::Hour),
        Ok(pb::Period::Day) => Ok(Period::Day),
        Ok(pb::Period::Year) => Ok(Period::Year),
        Ok(pb::Period::Unspecified) | Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    }
}

fn day(text: &str) -> Result<AirQualityDay, Problem> {
    let day: Option<AirQualityDay> = text.parse().ok();
    day.filter(|day| YEARS.contains(&day.year().number().unsigned_abs()))
        .ok_or(Rule::Day.says("must look like 2018-07-28, from 1900 to 2099"))
}

/// The token of a page that begins at a moment.
pub(crate) fn time_token(pages: &Paging, next: Timestamp) -> String {
    pages.token(&next.as_micros().to_be_bytes())
}

fn time_cursor(pages: &Paging, token: &str) -> Result<Option<Timestamp>, Problem> {
    let moment = |bytes: Vec<u8>| {
        let bytes: [u8; 8] = bytes.try_into().map_err(|_| Problem::from(NO_CURSOR))?;
        Ok(Timestamp::from_micros(i64::from_be_bytes(bytes)))
    };
    pages.cursor(token)?.map(moment).transpose()
}

use std::collections::BTreeMap;
use std::sync::Arc;

use allmende_eventlog::{Aggregate, CommitView, EventView, TraceContext};
use allmende_instrumentation::context;
use allmende_kernel::Decider;
use allmende_telemetry_domain::means::hour_means;
use allmende_telemetry_domain::observations::{self, Event, Observation, parse_stream_id};
use allmende_telemetry_domain::quality::Selection;
use allmende_telemetry_domain::{AirQualityDay, DatastreamId, Hour, StationId, station};
use allmende_views::{Tables as _, View, ViewError, WriteSet};

use super::archive::Archive;
use super::day_hours::DayHours;
use super::keys::{BLOCKS, CONFLICTS, FLAGS, HOURS, LATEST, Place, STATIONS, Span, StationKey, time_bytes};
use super::query::Conflict;
use super::recent_hours::RecentHours;
use super::rows;
use super::station_data::{self, StationData};
use super::touched::Touched;
use crate::wire::{Observations, Station, station_to_bytes};

/// Stations, where their observations stand, and their means.
///
/// A commit's effect depends on the order of arrival as little as can be: means of an hour are always computed from all
/// its observations in order of time, so an import that was cut off and sent again ends in the same rows.
pub(crate) struct TelemetryView {
    archive: Archive,
    recent: RecentHours,
}

/// Memory for the readings of hours that are not over yet: some 2,000 hours of a box.
const RECENT_BYTES: usize = 1 << 20;

impl TelemetryView {
    /// `archive` is for the fold alone: questions would push out what it needs next.
    pub(crate) fn new(archive: Archive) -> Self {
        Self { archive, recent: RecentHours::new(RECENT_BYTES) }
    }
}

impl View for TelemetryView {
    const NAME: &'static str = "telemetry";
    const VERSION: u32 = 1;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        let _folding = linked_span(commit).map(tracing::Span::entered);
        let mut touched = std::mem::take(tables.pending::<AllTouched>());
        let events = commit.writes().flat_map(|write| write.events().map(move |event| (write.stream_parts(), event)));
        for (ordinal, ((tenant, category, id), event)) in (0..).zip(events) {
            let place = Place { position: commit.position(), ordinal };
            match category {
                station::Model::CATEGORY => {
                    let station = StationId::parse(id).map_err(|_| ViewError::unreadable(event))?;
                    fold_station(tables, &StationKey::new(tenant, station), event)?;
                }
                observations::Model::CATEGORY => {
                    let (station, datastream, day) = parse_stream_id(id).map_err(|_| ViewError::unreadable(event))?;
                    let key = StationKey::new(tenant, station);
                    let touched = touched.entry(key.clone()).or_default();
                    self.fold_day(tables, Source { key, datastream, day, place }, event, touched)?;
                }
                _ => {}
            }
        }
        *tables.pending::<AllTouched>() = touched;
        Ok(())
    }

    /// Hours are computed once for all the commits of a batch: under load a box's readings of a second, say, cost one
    /// look at their hour and not one each.
    fn finish(&self, tables: &mut WriteSet<'_>) -> Result<(), ViewError> {
        let touched = std::mem::take(tables.pending::<AllTouched>());
        for (key, touched) in &touched {
            touched.blocks().for_each(|(datastream, block)| self.recent.add(&key.series(datastream), block));
        }
        let computed = touched.into_iter().try_for_each(|(key, touched)| self.compute_hours(tables, key, &touched));
        if computed.is_err() {
            self.recent.clear();
        }
        computed
    }
}

/// What the commits of a batch have changed, by station.
type AllTouched = BTreeMap<StationKey, Touched>;

/// A span that leads from the command's trace to what the view made of it. Commands that nobody traces get none.
fn linked_span(commit: CommitView<'_>) -> Option<tracing::Span> {
    let TraceContext { trace_id, span_id, flags } = commit.trace()?;
    if flags & SAMPLED == 0 {
        return None;
    }
    let span = tracing::info_span!("fold", view = TelemetryView::NAME, position = %commit.position());
    context::link(&span, allmende_instrumentation::TraceContext { trace_id, span_id, flags });
    Some(span)
}

/// The flag of the W3C trace context.
const SAMPLED: u8 = 1;

/// Which day's stream an event is from, and where it stands.
struct Source {
    key: StationKey,
    datastream: DatastreamId,
    day: AirQualityDay,
    place: Place,
}

fn fold_station(tables: &mut WriteSet<'_>, key: &StationKey, event: EventView<'_>) -> Result<(), ViewError> {
    let happened = Station::decode(event.event_type(), event.payload()).map_err(|_| ViewError::unreadable(event))?;
    let state = station::Model::evolve(station_data::state(tables, key)?, &happened);
    tables.put(STATIONS, key.as_bytes(), station_to_bytes(&state));
    Ok(())
}

impl TelemetryView {
    fn fold_day(
        &self,
        tables: &mut WriteSet<'_>,
        source: Source,
        event: EventView<'_>,
        touched: &mut Touched,
    ) -> Result<(), ViewError> {
        let Source { key, datastream, day, place } = source;
        let series = key.series(datastream);
        let happened =
            Observations::decode(event.event_type(), event.payload()).map_err(|_| ViewError::unreadable(event))?;
        match happened {
            Event::Recorded { observations } => {
                let (Some(first), Some(last)) = (observations.first(), observations.last()) else { return Ok(()) };
                let (first, last) = (first.time, last.time);
                let span = if Hour::of(first) == Hour::of(last) { Span::Hour } else { Span::Day };
                tables.put(BLOCKS, &series.block(span, first, place), time_bytes(last));
                let latest = tables.get(LATEST, series.as_bytes())?;
                if latest.and_then(|row| rows::moment_of(&row)).is_none_or(|latest| latest < last) {
                    tables.put(LATEST, series.as_bytes(), time_bytes(last));
                }
                let block: Arc<[Observation]> = observations.into();
                touched.observations(datastream, Arc::clone(&block));
                self.archive.keep(place, block);
            }
            Event::Conflicted { time, kept, refused, received_at } => {
                let conflict = Conflict { time, kept, refused, received_at };
                tables.put(CONFLICTS, &series.with(&place.to_bytes()), rows::conflict_to_bytes(&conflict));
            }
            Event::Flagged(flag) => {
                tables.put(FLAGS, &series.day_and_place(day, place), rows::flag_to_bytes(&flag));
                touched.range(datastream, flag.from, flag.to);
            }
        }
        Ok(())
    }

    fn compute_hours(&self, tables: &mut WriteSet<'_>, key: StationKey, touched: &Touched) -> Result<(), ViewError> {
        let mut days = Vec::new();
        {
            let data = StationData::with_key(&*tables, &self.archive, key)?.with_recent(&self.recent);
            // The decider took the observations, so the station and its datastreams are known.
            let station = data.station().ok_or(ViewError::Row(STATIONS))?;
            for (datastream, hours) in touched.hours(station) {
                let hours: Vec<Hour> = hours.into_iter().collect();
                for hours in hours.chunk_by(|a, b| a.day() == b.day()) {
                    let (sensor, datastream) = station.datastream(datastream).ok_or(ViewError::Row(STATIONS))?;
                    let row = data.key().series(datastream.id).day(hours[0].day());
                    let before = match tables.get(HOURS, &row)? {
                        Some(day) => DayHours::from_bytes(&day).ok_or(ViewError::Row(HOURS))?,
                        None => DayHours::default(),
                    };
                    let mut day = before.clone();
                    for run in hours.chunk_by(|a, b| a.end() == b.start()) {
                        let (from, to) = (run[0].start(), run[run.len() - 1].end());
                        let judged = data.judged(sensor, datastream, from, to)?;
                        for selection in Selection::ALL {
                            let means = hour_means(&judged.observations, &judged.flags, selection, 0);
                            for hour in run {
                                day.set(selection, *hour, means.iter().find(|mean| mean.period == *hour));
                            }
                        }
                    }
                    // Near a reading of humidity there need not be anything that depends on it.
                    if day != before {
                        days.push((row, day));
                    }
                }
            }
        }
        days.into_iter().for_each(|(row, day)| tables.put(HOURS, &row, day.to_bytes()));
        Ok(())
    }
}

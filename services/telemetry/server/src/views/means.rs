use allmende_kernel::Timestamp;
use allmende_telemetry_domain::limits::YearOfMeans;
use allmende_telemetry_domain::means::{Coverage, DayMean, HourMean, YearMean, day_mean, day_means, year_mean};
use allmende_telemetry_domain::quality::Selection;
use allmende_telemetry_domain::{AirQualityDay, Datastream, DatastreamId, Year};
use allmende_views::{Keys, Order, Tables as _, ViewError};

use super::day_hours::DayHours;
use super::keys::{HOURS, day_at_end};
use super::query::{Page, StationReader};

/// Which means are asked for.
pub(crate) struct Means<'a> {
    pub(crate) datastream: &'a Datastream,
    pub(crate) first: AirQualityDay,
    pub(crate) last: AirQualityDay,
    pub(crate) selection: Selection,
    pub(crate) coverage: &'a Coverage,
    pub(crate) max: usize,
}

impl Means<'_> {
    fn required_readings(&self) -> u32 {
        self.coverage.required_readings(self.datastream.interval)
    }
}

impl StationReader<'_> {
    /// Days from `first` to `last` of which something is known, in order.
    fn days(
        &self,
        datastream: DatastreamId,
        first: AirQualityDay,
        last: AirQualityDay,
    ) -> impl Iterator<Item = Result<(AirQualityDay, DayHours), ViewError>> {
        let series = self.0.key().series(datastream);
        let keys = Keys::prefix(series.as_bytes()).from(&series.day(first)).before(&series.day(last.next()));
        self.0.tables().scan(HOURS, &keys, Order::Ascending).map(|row| {
            let row = row?;
            let day = day_at_end(row.key()).ok_or(ViewError::Row(HOURS))?;
            Ok((day, DayHours::from_bytes(&row.value).ok_or(ViewError::Row(HOURS))?))
        })
    }

    /// Means of the hours in which something of the selection was observed, from that hour on which holds `from`.
    pub(crate) fn hour_means(
        &self,
        asked: &Means<'_>,
        from: Timestamp,
    ) -> Result<Page<Vec<HourMean>, Timestamp>, ViewError> {
        let mut items = Vec::new();
        for day in self.days(asked.datastream.id, asked.first.max(AirQualityDay::of(from)), asked.last) {
            let (day, hours) = day?;
            for mean in hours.means(day, asked.selection, asked.required_readings()) {
                if mean.period.end() <= from {
                    continue;
                }
                if items.len() == asked.max {
                    return Ok(Page { items, next: Some(mean.period.start()) });
                }
                items.push(mean);
            }
        }
        Ok(Page { items, next: None })
    }

    /// Means of the days in which something of the selection was observed.
    pub(crate) fn day_means(
        &self,
        asked: &Means<'_>,
        from: Timestamp,
    ) -> Result<Page<Vec<DayMean>, Timestamp>, ViewError> {
        let mut items = Vec::new();
        for day in self.days(asked.datastream.id, asked.first.max(AirQualityDay::of(from)), asked.last) {
            let (day, hours) = day?;
            let hours = hours.means(day, asked.selection, asked.required_readings());
            if hours.is_empty() {
                continue;
            }
            if items.len() == asked.max {
                return Ok(Page { items, next: Some(day.start()) });
            }
            items.push(day_mean(day, &hours, asked.coverage));
        }
        Ok(Page { items, next: None })
    }

    /// Means of the whole years that the range touches and in which something of the selection was observed.
    pub(crate) fn year_means(
        &self,
        asked: &Means<'_>,
        from: Timestamp,
    ) -> Result<Page<Vec<YearMean>, Timestamp>, ViewError> {
        let mut items = Vec::new();
        let first = asked.first.max(AirQualityDay::of(from)).year();
        let mut of_year: Vec<DayMean> = Vec::new();
        let finished = |year: Year, days: &mut Vec<DayMean>| year_mean(year, &std::mem::take(days), asked.coverage);
        for day in self.days(asked.datastream.id, first.first_day(), asked.last.year().last_day()) {
            let (day, hours) = day?;
            let hours = hours.means(day, asked.selection, asked.required_readings());
            if hours.is_empty() {
                continue;
            }
            if let Some(year) = of_year.first().map(|mean| mean.period.year()).filter(|year| *year != day.year()) {
                items.push(finished(year, &mut of_year));
                if items.len() == asked.max {
                    return Ok(Page { items, next: Some(day.year().start()) });
                }
            }
            of_year.push(day_mean(day, &hours, asked.coverage));
        }
        if let Some(year) = of_year.first().map(|mean| mean.period.year()) {
            items.push(finished(year, &mut of_year));
        }
        Ok(Page { items, next: None })
    }

    /// A year of means by hour and day, to be held against limits.
    pub(crate) fn with_year<R>(
        &self,
        asked: &Means<'_>,
        year: Year,
        check: impl FnOnce(&YearOfMeans<'_>) -> R,
    ) -> Result<R, ViewError> {
        let mut hours = Vec::new();
        for day in self.days(asked.datastream.id, year.first_day(), year.last_day()) {
            let (day, of_day) = day?;
            hours.extend(of_day.means(day, asked.selection, asked.required_readings()));
        }
        let days = day_means(&hours, asked.coverage);
        Ok(check(&YearOfMeans { year, hours: &hours, days: &days }))
    }
}

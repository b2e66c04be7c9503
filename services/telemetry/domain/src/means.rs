//! Means of observations by hour, day and year. Unrounded: a limit check rounds last.

use std::fmt;

use crate::observations::Observation;
use crate::quality::{Flags, Selection};
use crate::{AirQualityDay, Hour, ReadingInterval, Year};

/// The length of what a mean or a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// An hour of an air-quality day.
    Hour,
    /// An air-quality day.
    Day,
    /// A calendar year.
    Year,
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Year => "year",
        })
    }
}

/// How much must have been observed for a mean to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Readings an hour needs, in percent of those expected.
    pub hour_percent: u32,
    /// Valid hours a day needs, of 24.
    pub day_hours: u32,
    /// Valid periods a year needs, in percent of the year's.
    pub year_percent: u32,
}

impl Coverage {
    /// 75 % of an hour's readings, 18 hours of a day, 90 % of a year: Directive 2008/50/EC, annex XI A (aggregation) and
    /// annex I A (data capture). Rule sets carry their own.
    pub const STANDARD: Self = Self { hour_percent: 75, day_hours: 18, year_percent: 90 };

    /// Readings an hour needs: 18 of 24 at 145 s; 1 at least, which suits stations that report hourly means.
    pub const fn required_readings(&self, interval: ReadingInterval) -> u32 {
        let required = share(self.hour_percent, interval.readings_per_hour());
        if required == 0 { 1 } else { required }
    }

    /// Valid days a year needs: 329 of 365 and 330 of 366 at 90 %.
    pub const fn required_days(&self, year: Year) -> u32 {
        share(self.year_percent, year.days())
    }

    /// Valid hours a year needs where hours are counted.
    pub const fn required_hours(&self, year: Year) -> u32 {
        share(self.year_percent, year.days() * 24)
    }
}

const fn share(percent: u32, of: u32) -> u32 {
    (percent * of).div_ceil(100)
}

/// The mean of one period with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean<P> {
    /// Which hour, day or year.
    pub period: P,
    /// Unrounded; absent if nothing was there to take the mean of.
    pub mean: Option<f64>,
    /// What it is the mean of: an hour's readings, a day's valid hours, a year's valid days.
    pub count: u32,
    /// What `count` must reach.
    pub required: u32,
}

/// The mean of an hour's readings.
pub type HourMean = Mean<Hour>;
/// The mean of a day's valid hours.
pub type DayMean = Mean<AirQualityDay>;
/// The mean of a year's valid days.
pub type YearMean = Mean<Year>;

impl<P> Mean<P> {
    /// Whether enough was observed.
    pub const fn is_valid(&self) -> bool {
        self.mean.is_some() && self.count >= self.required
    }

    /// The mean, if enough was observed.
    pub fn valid(&self) -> Option<f64> {
        self.mean.filter(|_| self.is_valid())
    }

    /// Sums in the given order, so that equal input gives equal bits.
    fn over(period: P, values: impl Iterator<Item = f64>, required: u32) -> Self {
        let (count, sum) = values.fold((0u32, 0.0), |(count, sum), value| (count + 1, sum + value));
        Self { period, mean: (count > 0).then(|| sum / f64::from(count)), count, required }
    }
}

/// Means of the hours in which something of the selection was observed, in order.
///
/// `observations` ascend in time and `flags` are theirs, one each.
pub fn hour_means(
    observations: &[Observation],
    flags: &[Flags],
    selection: Selection,
    required_readings: u32,
) -> Vec<HourMean> {
    debug_assert_eq!(observations.len(), flags.len(), "each observation has its flags");
    let selected: Vec<Observation> =
        observations.iter().zip(flags).filter(|(_, flags)| selection.admits(**flags)).map(|(o, _)| *o).collect();
    selected
        .chunk_by(|a, b| Hour::of(a.time) == Hour::of(b.time))
        .map(|hour| Mean::over(Hour::of(hour[0].time), hour.iter().map(|o| o.result), required_readings))
        .collect()
}

/// The mean of a day: of its valid hours among `hours`, which ascend; hours of other days are left out. Without a valid
/// hour there is no mean.
pub fn day_mean(day: AirQualityDay, hours: &[HourMean], coverage: &Coverage) -> DayMean {
    let of_day = hours.iter().filter(|hour| hour.period.day() == day);
    Mean::over(day, of_day.filter_map(Mean::valid), coverage.day_hours)
}

/// Means of the days that have an hour in `hours`, which ascend.
pub fn day_means(hours: &[HourMean], coverage: &Coverage) -> Vec<DayMean> {
    hours
        .chunk_by(|a, b| a.period.day() == b.period.day())
        .map(|hours| day_mean(hours[0].period.day(), hours, coverage))
        .collect()
}

/// The mean of a year: of its valid days among `days`, which ascend; days of other years are left out.
pub fn year_mean(year: Year, days: &[DayMean], coverage: &Coverage) -> YearMean {
    let of_year = days.iter().filter(|day| day.period.year() == year);
    Mean::over(year, of_year.filter_map(Mean::valid), coverage.required_days(year))
}

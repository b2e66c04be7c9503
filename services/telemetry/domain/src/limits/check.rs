use std::fmt;

use super::{Limit, round_half_up};
use crate::Year;
use crate::means::{Coverage, DayMean, HourMean, Mean, Period, year_mean};

/// The means of a property over a year, as far as they are there, ascending; those of other years are left out.
#[derive(Debug, Clone, Copy)]
pub struct YearOfMeans<'a> {
    /// Which year.
    pub year: Year,
    /// By hour; may be empty if no limit is on hours.
    pub hours: &'a [HourMean],
    /// By day.
    pub days: &'a [DayMean],
}

/// Whether a limit was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It was.
    Kept,
    /// It was not; more data cannot undo it for limits that count exceedances.
    Exceeded,
    /// Too few valid periods to say.
    InsufficientData,
}

/// One limit held against a year of means. Whether it is more than indicative depends on the station.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitCheck {
    /// The limit.
    pub limit: Limit,
    /// Valid periods whose rounded mean lies above the limit.
    pub exceedances: u32,
    /// Valid hours for a limit on hours, else valid days.
    pub valid_periods: u32,
    /// What that must reach for a limit to be kept, or for a yearly mean to count.
    pub required_periods: u32,
    /// The yearly mean, unrounded, for a limit on it; present also if too little was observed.
    pub mean: Option<f64>,
    /// What follows.
    pub verdict: Verdict,
    /// Labels of the periods above the limit, in order.
    pub exceeded: Vec<String>,
}

impl Limit {
    /// Whether a mean lies above the limit once it is rounded to the limit's precision: at 50 without decimals, 50.4
    /// does not and 50.5 does.
    pub fn is_exceeded_by(&self, mean: f64) -> bool {
        round_half_up(mean, self.decimals) > self.value
    }

    /// Holds a year of means against the limit.
    pub fn check(&self, means: &YearOfMeans<'_>, coverage: &Coverage) -> LimitCheck {
        let year = means.year;
        match self.period {
            Period::Hour => {
                let hours = means.hours.iter().filter(|hour| hour.period.day().year() == year);
                self.count(hours, coverage.required_hours(year))
            }
            Period::Day => {
                let days = means.days.iter().filter(|day| day.period.year() == year);
                self.count(days, coverage.required_days(year))
            }
            Period::Year => self.compare(&year_mean(year, means.days, coverage)),
        }
    }

    /// More exceedances than allowed stay more, however much is missing; that there were few is known only once enough
    /// was observed.
    fn count<'a, P: fmt::Display + 'a>(&self, means: impl Iterator<Item = &'a Mean<P>>, required: u32) -> LimitCheck {
        let mut valid_periods = 0;
        let mut exceeded = Vec::new();
        for (period, mean) in means.filter_map(|mean| Some((&mean.period, mean.valid()?))) {
            valid_periods += 1;
            if self.is_exceeded_by(mean) {
                exceeded.push(period.to_string());
            }
        }
        let exceedances = exceeded.len() as u32;
        let verdict = match exceedances > self.allowed_exceedances {
            true => Verdict::Exceeded,
            false if valid_periods >= required => Verdict::Kept,
            false => Verdict::InsufficientData,
        };
        LimitCheck {
            limit: self.clone(),
            exceedances,
            valid_periods,
            required_periods: required,
            mean: None,
            verdict,
            exceeded,
        }
    }

    fn compare(&self, mean: &Mean<Year>) -> LimitCheck {
        let exceeded = mean.valid().map(|mean| self.is_exceeded_by(mean));
        LimitCheck {
            limit: self.clone(),
            exceedances: u32::from(exceeded == Some(true)),
            valid_periods: mean.count,
            required_periods: mean.required,
            mean: mean.mean,
            verdict: match exceeded {
                Some(true) => Verdict::Exceeded,
                Some(false) => Verdict::Kept,
                None => Verdict::InsufficientData,
            },
            exceeded: if exceeded == Some(true) { vec![mean.period.to_string()] } else { Vec::new() },
        }
    }
}

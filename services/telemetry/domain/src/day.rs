mod civil;

use std::fmt;
use std::str::FromStr;

use allmende_kernel::Timestamp;

use civil::{civil_from_days, days_from_civil, days_in, is_leap};

const SECS_PER_HOUR: i64 = 3_600;
const MICROS_PER_HOUR: i64 = SECS_PER_HOUR * 1_000_000;
const SECS_PER_DAY: i64 = 24 * SECS_PER_HOUR;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// A text that is not the label of a day, an hour or a year.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must look like {0}")]
pub struct InvalidLabel(&'static str);

/// A day as air quality counts it: 24 hours of UTC+1, all year.
///
/// Local standard time, never Europe/Berlin, whose days have 23 to 25 hours. Written `2018-07-28`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AirQualityDay(i32);

impl AirQualityDay {
    const FORM: InvalidLabel = InvalidLabel("2018-07-28");

    /// The day a moment lies in.
    pub const fn of(moment: Timestamp) -> Self {
        // The widest timestamp is 106,751,992 days from the epoch, which an i32 holds.
        Self(moment.as_micros().saturating_add(MICROS_PER_HOUR).div_euclid(MICROS_PER_DAY) as i32)
    }

    /// The day of a Gregorian date; `None` if there is no such date or its year is not 0 to 9999.
    pub fn from_date(year: i32, month: u32, day: u32) -> Option<Self> {
        let exists = (0..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
        exists.then(|| Self(days_from_civil(year, month, day)))
    }

    /// Year, month (1 to 12) and day of the month (1 to 31) in the Gregorian calendar.
    pub const fn date(self) -> (i32, u32, u32) {
        civil_from_days(self.0)
    }

    /// Days since 1970-01-01, negative before: a compact key.
    pub const fn as_epoch_days(self) -> i32 {
        self.0
    }

    /// The day that is so many days after 1970-01-01.
    pub const fn from_epoch_days(days: i32) -> Self {
        Self(days)
    }

    /// Whether the day can be written with a year of four digits, 0 to 9999, and so be stored.
    pub const fn is_writable(self) -> bool {
        matches!(self.date().0, 0..=9999)
    }

    /// The first moment of the day.
    pub const fn start(self) -> Timestamp {
        Timestamp::from_secs(self.0 as i64 * SECS_PER_DAY - SECS_PER_HOUR)
    }

    /// The first moment after the day.
    pub const fn end(self) -> Timestamp {
        self.next().start()
    }

    /// The day's 24 hours, in order.
    pub fn hours(self) -> impl Iterator<Item = Hour> {
        (0..24).map(move |of_day| Hour { day: self, of_day })
    }

    /// The day after.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The day before.
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// This day and those after it up to `last`, which is included; none if `last` is earlier.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// The year the day lies in.
    pub const fn year(self) -> Year {
        Year(self.date().0)
    }
}

impl fmt::Display for AirQualityDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{}-{month:02}-{day:02}", Year(year))
    }
}

impl fmt::Debug for AirQualityDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AirQualityDay({self})")
    }
}

impl FromStr for AirQualityDay {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(Self::FORM);
        }
        match (digits(&bytes[..4]), digits(&bytes[5..7]), digits(&bytes[8..])) {
            (Some(year), Some(month), Some(day)) => Self::from_date(year as i32, month, day).ok_or(Self::FORM),
            _ => Err(Self::FORM),
        }
    }
}

/// An hour of an air-quality day, named by its start: `2018-07-28T14` is 14:00 to 15:00 in UTC+1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour {
    day: AirQualityDay,
    of_day: u8,
}

impl Hour {
    const FORM: InvalidLabel = InvalidLabel("2018-07-28T14");

    /// The hour a moment lies in.
    pub const fn of(moment: Timestamp) -> Self {
        let shifted = moment.as_micros().saturating_add(MICROS_PER_HOUR);
        let of_day = shifted.rem_euclid(MICROS_PER_DAY) / MICROS_PER_HOUR;
        Self { day: AirQualityDay::of(moment), of_day: of_day as u8 }
    }

    /// Hour 0 to 23 of a day.
    pub const fn new(day: AirQualityDay, of_day: u8) -> Option<Self> {
        match of_day {
            0..=23 => Some(Self { day, of_day }),
            _ => None,
        }
    }

    /// The day it belongs to.
    pub const fn day(self) -> AirQualityDay {
        self.day
    }

    /// 0 to 23.
    pub const fn of_day(self) -> u8 {
        self.of_day
    }

    /// Its first moment.
    pub const fn start(self) -> Timestamp {
        Timestamp::from_secs(self.day.0 as i64 * SECS_PER_DAY + (self.of_day as i64 - 1) * SECS_PER_HOUR)
    }

    /// The first moment after it.
    pub const fn end(self) -> Timestamp {
        Timestamp::from_secs(self.day.0 as i64 * SECS_PER_DAY + self.of_day as i64 * SECS_PER_HOUR)
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{:02}", self.day, self.of_day)
    }
}

impl fmt::Debug for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hour({self})")
    }
}

impl FromStr for Hour {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (day, of_day) = text.split_once('T').filter(|(_, of_day)| of_day.len() == 2).ok_or(Self::FORM)?;
        let day = day.parse().map_err(|_| Self::FORM)?;
        digits(of_day.as_bytes()).and_then(|of_day| Self::new(day, of_day as u8)).ok_or(Self::FORM)
    }
}

/// A calendar year of air-quality days, written `2018`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Year(i32);

impl Year {
    /// A year from 1 to 9998; outside, days would lie beyond what can be written.
    pub const fn new(year: u32) -> Option<Self> {
        match year {
            1..=9998 => Some(Self(year as i32)),
            _ => None,
        }
    }

    /// The year's number.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// 1 January.
    pub const fn first_day(self) -> AirQualityDay {
        AirQualityDay(days_from_civil(self.0, 1, 1))
    }

    /// 31 December.
    pub const fn last_day(self) -> AirQualityDay {
        AirQualityDay(days_from_civil(self.0, 12, 31))
    }

    /// 365 or 366.
    pub const fn days(self) -> u32 {
        if is_leap(self.0) { 366 } else { 365 }
    }

    /// Its first moment.
    pub const fn start(self) -> Timestamp {
        self.first_day().start()
    }

    /// The first moment after it.
    pub const fn end(self) -> Timestamp {
        self.last_day().end()
    }
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            // ISO 8601's expanded form, for moments that are only ever shown in an error.
            year @ (..0 | 10_000..) => write!(f, "{year:+07}"),
            year => write!(f, "{year:04}"),
        }
    }
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

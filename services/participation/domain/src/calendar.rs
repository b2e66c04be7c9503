use std::fmt;
use std::str::FromStr;

use allmende_kernel::Timestamp;

/// A text that is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a day like 2019-09-27, from 1900 to 2099")]
pub struct InvalidDay;

/// A day of the calendar in Europe/Berlin, from 1900 to 2099. What moment it begins at is no matter of this crate: it
/// takes a time zone's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// Takes a date of the Gregorian calendar.
    pub fn from_date(year: u16, month: u8, day: u8) -> Result<Self, InvalidDay> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let length = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return Err(InvalidDay),
        };
        match (1900..=2099).contains(&year) && (1..=length).contains(&day) {
            true => Ok(Self { year, month, day }),
            false => Err(InvalidDay),
        }
    }

    /// Year, month and day of the month.
    pub const fn date(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| {
            let digits = &bytes[range];
            let value = |value: u16, digit: &u8| value * 10 + u16::from(digit - b'0');
            digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, value)).ok_or(InvalidDay)
        };
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(InvalidDay);
        }
        // Two digits fit a byte.
        Self::from_date(digits(0..4)?, digits(5..7)? as u8, digits(8..10)? as u8)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Whole days as they were said, and the moments they were resolved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    /// The first day.
    pub from: Day,
    /// The last day, to its end.
    pub to: Day,
    /// The first moment.
    pub opens: Timestamp,
    /// The first moment after the last day.
    pub closes: Timestamp,
}

impl DayRange {
    /// Whether a moment is in time: the last microsecond of the last day is, the next one is not.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.opens <= at && at < self.closes
    }

    /// Whether what was received on a day was received in time.
    pub fn contains_day(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}

use std::fmt;
use std::str::FromStr;

/// A text that names no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a day like 2026-11-24")]
pub struct InvalidDay;

/// A calendar day, counted from 1970-01-01. Written 2026-11-24, in years of four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(i32);

impl Day {
    /// The day so many days after 1970-01-01.
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }

    /// Days after 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day of a date; nothing for a date that the calendar does not have.
    pub fn from_date(year: i32, month: u32, day: u32) -> Option<Self> {
        let days = Self(days_from_civil(year, month, day));
        (days.date() == (year, month, day)).then_some(days)
    }

    /// Year, month and day of the month.
    pub const fn date(self) -> (i32, u32, u32) {
        civil_from_days(self.0)
    }

    /// Its year.
    pub const fn year(self) -> i32 {
        self.date().0
    }

    /// Days from `earlier` to this one.
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
        if !shaped || !bytes.iter().enumerate().all(|(at, byte)| matches!(at, 4 | 7) || byte.is_ascii_digit()) {
            return Err(InvalidDay);
        }
        let number = |from: usize, to: usize| text[from..to].parse().map_err(|_| InvalidDay);
        let year = i32::try_from(number(0, 4)?).map_err(|_| InvalidDay)?;
        Self::from_date(year, number(5, 7)?, number(8, 10)?).ok_or(InvalidDay)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Howard Hinnant, *chrono-compatible low-level date algorithms*, `days_from_civil`: years begin in March, so that the
/// leap day is the last one.
const fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse, `civil_from_days` of the same paper; in 64 bits, so that every `i32` has a date.
const fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let days = days as i64 + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year as i32, month as u32, day as u32)
}

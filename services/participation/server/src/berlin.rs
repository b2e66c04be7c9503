//! Days in Europe/Berlin as moments.

use allmende_kernel::Timestamp;
use allmende_participation_domain::{Day, DayRange};
use jiff::civil::Date;
use jiff::tz::TimeZone;

const NAME: &str = "Europe/Berlin";

/// The time zone that procedures are held in, by the rules that this version comes with.
#[derive(Debug, Clone)]
pub(crate) struct Berlin(TimeZone);

impl Berlin {
    /// Fails only if this version comes without rules.
    pub(crate) fn new() -> Result<Self, jiff::Error> {
        TimeZone::get(NAME).map(Self)
    }

    /// The first moment of a day.
    pub(crate) fn begins(&self, day: Day) -> Timestamp {
        self.midnight(date(day))
    }

    /// The first moment after a day: 23, 24 or 25 hours later.
    pub(crate) fn ends(&self, day: Day) -> Timestamp {
        let date = date(day);
        self.midnight(date.tomorrow().unwrap_or(date))
    }

    /// Whole days, the last one to its end.
    pub(crate) fn range(&self, from: Day, to: Day) -> DayRange {
        DayRange { from, to, opens: self.begins(from), closes: self.ends(to) }
    }

    fn midnight(&self, date: Date) -> Timestamp {
        // A day from 1900 to 2100 is in the range of the library's calendar.
        let midnight = date.to_zoned_datetime(self.0.clone()).map(|zoned| zoned.timestamp().as_microsecond());
        Timestamp::from_micros(midnight.unwrap_or_default())
    }
}

fn date(day: Day) -> Date {
    let (year, month, day) = day.date();
    // At most 2099, 12 and 31.
    Date::new(year as i16, month as i8, day as i8).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn a_day_ends_where_the_next_begins_whatever_the_clocks_do() {
        let berlin = Berlin::new().unwrap();
        for (day, begins, ends) in [
            ("2019-09-27", "2019-09-26T22:00:00Z", "2019-09-27T22:00:00Z"),
            // Clocks go forward, and back.
            ("2019-03-31", "2019-03-30T23:00:00Z", "2019-03-31T22:00:00Z"),
            ("2019-10-27", "2019-10-26T22:00:00Z", "2019-10-27T23:00:00Z"),
            ("2024-02-29", "2024-02-28T23:00:00Z", "2024-02-29T23:00:00Z"),
        ] {
            let day = day.parse().unwrap();
            assert_eq!((berlin.begins(day), berlin.ends(day)), (utc(begins), utc(ends)), "{day}");
        }
        let range = berlin.range("2019-09-07".parse().unwrap(), "2019-09-27".parse().unwrap());
        assert!(range.contains(utc("2019-09-27T21:59:59.999999Z")) && !range.contains(utc("2019-09-27T22:00:00Z")));
    }
}

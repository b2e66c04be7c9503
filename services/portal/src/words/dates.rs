use allmende_kernel::{MONTHS_IN_ENGLISH, MONTHS_IN_GERMAN};
use jiff::civil::Date;
use jiff::{Timestamp, tz};

use super::Language;

/// A day as people write it: 27. September 2019. What is no day stays as it is.
pub(crate) fn day(iso: &str, language: Language) -> String {
    iso.parse::<Date>().map_or_else(|_| iso.to_owned(), |date| written(date, language))
}

/// A range of days, both in it.
pub(crate) fn days(from: &str, to: &str, language: Language) -> String {
    format!("{} {} {}", day(from, language), language.of("bis", "to"), day(to, language))
}

/// A moment in microseconds since 1970, to the minute, as clocks in Germany show it.
pub(crate) fn moment(micros: i64, language: Language) -> String {
    let Ok(timestamp) = Timestamp::from_microsecond(micros) else { return String::new() };
    let there = berlin().to_datetime(timestamp);
    let time = format!("{:02}:{:02}", there.hour(), there.minute());
    let date = written(there.date(), language);
    language.of(format!("{date}, {time} Uhr"), format!("{date}, {time}"))
}

/// A moment as a field for date and time has it, e.g. 2019-09-27T14:30, on clocks in Germany; in microseconds since 1970.
pub(crate) fn micros(local: &str) -> Option<i64> {
    let there: jiff::civil::DateTime = local.parse().ok()?;
    Some(berlin().to_timestamp(there).ok()?.as_microsecond())
}

fn berlin() -> tz::TimeZone {
    tz::TimeZone::get("Europe/Berlin").unwrap_or(tz::TimeZone::UTC)
}

fn written(date: Date, language: Language) -> String {
    let month = usize::try_from(date.month() - 1).unwrap_or_default();
    let (day, year) = (date.day(), date.year());
    let (german, english) = (MONTHS_IN_GERMAN[month], MONTHS_IN_ENGLISH[month]);
    language.of(format!("{day}. {german} {year}"), format!("{day} {english} {year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_written_out() {
        assert_eq!(day("2019-09-27", Language::German), "27. September 2019");
        assert_eq!(day("2019-09-27", Language::English), "27 September 2019");
        assert_eq!(day("soon", Language::German), "soon");
        // 28 September, 00:00 in Berlin is 22:00 the day before in UTC.
        assert_eq!(moment(1_569_621_600_000_000, Language::German), "28. September 2019, 00:00 Uhr");
    }

    #[test]
    fn a_moment_is_typed_as_clocks_show_it() {
        assert_eq!(micros("2019-09-28T00:00"), Some(1_569_621_600_000_000));
        assert_eq!(micros("yesterday"), None);
    }
}

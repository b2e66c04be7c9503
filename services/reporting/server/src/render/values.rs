//! Values as people write them.

use allmende_kernel::{MONTHS_IN_ENGLISH, Timestamp};
use allmende_reporting_domain::table::{Label, Value};
use allmende_reporting_domain::{Day, Text};

use super::Language;
use super::phrases::word;

/// A number with so many decimal places, its thousands set apart.
pub(super) fn number(value: f64, decimals: u8, language: Language) -> String {
    let text = format!("{value:.*}", usize::from(decimals));
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let (thousands, point) = (language.of(".", ","), language.of(",", "."));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push_str(thousands);
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{sign}{grouped}{point}{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

/// A day in words: 24.11.2026, 24 November 2026.
pub(super) fn day(day: Day, language: Language) -> String {
    let (year, month, date) = day.date();
    match language {
        Language::German => format!("{date:02}.{month:02}.{year}"),
        Language::English => format!("{date} {} {year}", MONTHS_IN_ENGLISH[(month as usize).clamp(1, 12) - 1]),
    }
}

const SECONDS_OF_A_DAY: i64 = 86_400;

/// A moment to the minute, in UTC.
pub(super) fn moment(at: Timestamp, language: Language) -> String {
    let seconds = at.as_micros().div_euclid(1_000_000);
    let on = Day::from_number(seconds.div_euclid(SECONDS_OF_A_DAY) as i32);
    let minutes = seconds.rem_euclid(SECONDS_OF_A_DAY) / 60;
    let (hour, minute) = (minutes / 60, minutes % 60);
    match language {
        Language::German => format!("{}, {hour:02}:{minute:02} Uhr (UTC)", day(on, language)),
        Language::English => format!("{}, {hour:02}:{minute:02} (UTC)", day(on, language)),
    }
}

/// A moment for machines.
pub(super) fn iso_moment(at: Timestamp) -> String {
    let seconds = at.as_micros().div_euclid(1_000_000);
    let on = Day::from_number(seconds.div_euclid(SECONDS_OF_A_DAY) as i32);
    let of_day = seconds.rem_euclid(SECONDS_OF_A_DAY);
    format!("{on}T{:02}:{:02}:{:02}Z", of_day / 3_600, of_day / 60 % 60, of_day % 60)
}

/// A text in the language, or else in German.
pub(super) fn text(text: &Text, language: Language) -> &str {
    match language {
        Language::German => text.de(),
        Language::English => text.en().unwrap_or(text.de()),
    }
}

/// What stands at the head of a row or a column, in words.
pub(super) fn label(label: &Label, language: Language) -> String {
    match label {
        Label::Word(of) => word(*of, language).to_owned(),
        Label::Text(of) => text(of, language).to_owned(),
        Label::Day(of) => day(*of, language),
    }
}

/// What stands in a cell, in words; nothing for what is suppressed or not there.
pub(super) fn value(value: &Value, language: Language) -> Option<String> {
    match value {
        Value::Number { value, decimals } => Some(number(*value, *decimals, language)),
        Value::Word(of) => Some(word(*of, language).to_owned()),
        Value::Text(of) => Some(text(of, language).to_owned()),
        Value::Day(of) => Some(day(*of, language)),
        Value::Suppressed | Value::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_their_language() {
        use Language::{English, German};
        assert_eq!(number(1_234_567.891, 2, German), "1.234.567,89");
        assert_eq!(number(1_234_567.891, 2, English), "1,234,567.89");
        assert_eq!(number(999.0, 0, German), "999");
        assert_eq!(number(-1_000.0, 0, English), "−1,000");
        assert_eq!(number(0.05, 1, German), "0,1");
    }

    #[test]
    fn days_and_moments_are_written_as_in_their_language() {
        let on: Day = "2026-11-04".parse().unwrap();
        assert_eq!(day(on, Language::German), "04.11.2026");
        assert_eq!(day(on, Language::English), "4 November 2026");
        let at = Timestamp::from_secs(i64::from(on.number()) * 86_400 + 3_661);
        assert_eq!(moment(at, Language::German), "04.11.2026, 01:01 Uhr (UTC)");
        assert_eq!(iso_moment(at), "2026-11-04T01:01:01Z");
    }
}

//! Days are calendar days.

use crate::day;
use allmende_reporting_domain::Day;
use proptest::prelude::*;

#[test]
fn a_day_reads_back_as_written() {
    for text in ["1970-01-01", "2019-09-27", "2024-02-29", "0001-01-01", "9999-12-31"] {
        assert_eq!(day(text).to_string(), text);
    }
    assert_eq!(day("1970-01-01").number(), 0);
    assert_eq!(day("2026-11-24").year(), 2026);
    assert_eq!(day("2024-03-01").since(day("2024-02-28")), 2);
}

#[test]
fn what_is_no_day_is_refused() {
    for text in [
        "",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-1-1",
        "24-01-01",
        "2024-01-0a",
        "+024-01-01",
        "2024-01-01 ",
    ] {
        assert!(text.parse::<Day>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn days_have_one_text_and_keep_their_order(number in -700_000..2_900_000_i32) {
        let one = Day::from_number(number);
        prop_assert_eq!(one.to_string().parse::<Day>(), Ok(one));
        prop_assert!(one.to_string() < Day::from_number(number + 1).to_string());
    }
}

//! Air-quality days: UTC+1 all year.

use crate::given::day;
use allmende_kernel::Timestamp;
use allmende_telemetry_domain::{AirQualityDay, Hour, Year};
use proptest::prelude::*;

#[test]
fn a_day_begins_at_23_utc_in_summer_as_in_winter() {
    // 2018-07-27T23:00:00Z and 2018-01-14T23:00:00Z
    for (first, label) in [(1_532_732_400, "2018-07-28"), (1_515_970_800, "2018-01-15")] {
        let first = Timestamp::from_secs(first);
        assert_eq!(AirQualityDay::of(first), day(label));
        assert_eq!(AirQualityDay::of(Timestamp::from_micros(first.as_micros() - 1)), day(label).previous());
        assert_eq!(day(label).start(), first);
        assert_eq!(day(label).end(), Timestamp::from_secs(first.as_micros() / 1_000_000 + 86_400));
    }
}

#[test]
fn every_day_has_24_hours_also_when_the_clocks_change() {
    for label in ["2018-03-25", "2018-10-28"] {
        let hours: Vec<Hour> = day(label).hours().collect();
        assert_eq!(hours.len(), 24);
        assert_eq!(hours[0].start(), day(label).start());
        assert_eq!(hours[23].end(), day(label).end());
        assert!(hours.windows(2).all(|pair| pair[0].end() == pair[1].start()));
    }
}

#[test]
fn an_hour_is_named_by_its_start() {
    // 2018-07-28T13:00:00Z
    let hour = Hour::of(Timestamp::from_secs(1_532_782_800));
    assert_eq!(hour.to_string(), "2018-07-28T14");
    assert_eq!("2018-07-28T14".parse(), Ok(hour));
    assert_eq!(Hour::of(Timestamp::from_micros(hour.end().as_micros() - 1)), hour);
    for wrong in ["2018-07-28T24", "2018-07-28T4", "2018-07-28 14", "2018-07-28", "2018-07-28T+1", "2018-02-29T00"] {
        assert!(wrong.parse::<Hour>().is_err(), "{wrong}");
    }
}

#[test]
fn a_date_must_exist_and_is_written_in_one_way() {
    for right in ["2016-02-29", "2000-02-29", "1970-01-01", "0000-01-01", "9999-12-31", "2018-12-31"] {
        assert_eq!(day(right).to_string(), right);
    }
    for wrong in [
        "2018-02-29",
        "1900-02-29",
        "2018-13-01",
        "2018-00-10",
        "2018-04-31",
        "2018-7-28",
        "2018-07-28 ",
        "",
        "+018-07-28",
        "2018/07/28",
        "２018-07-2",
    ] {
        assert!(wrong.parse::<AirQualityDay>().is_err(), "{wrong}");
    }
}

#[test]
fn a_year_has_its_days() {
    for (year, days) in [(2018, 365), (2020, 366), (1900, 365), (2000, 366)] {
        let year = Year::new(year).unwrap();
        assert_eq!(year.days(), days);
        assert_eq!(year.first_day().through(year.last_day()).count() as u32, days);
        assert_eq!(year.first_day().year(), year);
        assert_eq!(year.last_day().next().year().number(), year.number() + 1);
        assert_eq!(year.end(), year.last_day().next().start());
    }
    assert_eq!(Year::new(2018).unwrap().to_string(), "2018");
    assert_eq!((Year::new(0), Year::new(10_000)), (None, None));
}

proptest! {
    #[test]
    fn a_moment_lies_in_its_day_and_hour(micros in -60_000_000_000_000_000i64..250_000_000_000_000_000) {
        let moment = Timestamp::from_micros(micros);
        let (day, hour) = (AirQualityDay::of(moment), Hour::of(moment));
        prop_assert!(day.start() <= moment && moment < day.end());
        prop_assert!(hour.start() <= moment && moment < hour.end());
        prop_assert_eq!(hour.day(), day);
        prop_assert_eq!(Hour::new(day, hour.of_day()), Some(hour));
    }

    #[test]
    fn a_label_reads_back(days in -719_528i32..2_932_896) {
        let day = AirQualityDay::from_epoch_days(days);
        prop_assert!(day.is_writable());
        prop_assert_eq!(day.to_string().parse(), Ok(day));
        let (year, month, of_month) = day.date();
        prop_assert_eq!(AirQualityDay::from_date(year, month, of_month), Some(day));
        prop_assert_eq!(day.next().previous(), day);
        prop_assert!(day.to_string() < day.next().to_string() || day.to_string() == "9999-12-31");
    }

    #[test]
    fn no_moment_is_too_far(micros in any::<i64>()) {
        let day = AirQualityDay::of(Timestamp::from_micros(micros));
        prop_assert!(day.start() <= day.end());
        prop_assert!(!day.to_string().is_empty());
        prop_assert_eq!(day.is_writable(), day.to_string().parse::<AirQualityDay>().is_ok());
    }
}

#[test]
fn the_ends_of_time_are_only_shown() {
    for micros in [i64::MIN, i64::MAX] {
        let day = AirQualityDay::of(Timestamp::from_micros(micros));
        assert!(!day.is_writable());
        assert!(day.start() <= day.end());
        assert!(day.to_string().starts_with(if micros < 0 { "-290308" } else { "+294247" }), "{day}");
    }
}

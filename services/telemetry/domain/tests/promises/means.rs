//! Means by hour, day and year.

use crate::given::{at, day};
use allmende_kernel::Duration;
use allmende_telemetry_domain::means::{Coverage, HourMean, Mean, day_mean, day_means, hour_means, year_mean};
use allmende_telemetry_domain::observations::Observation;
use allmende_telemetry_domain::quality::{Flag, Flags, Selection};
use allmende_telemetry_domain::{Hour, ReadingInterval, Year};

const STANDARD: Coverage = Coverage::STANDARD;

fn readings(hour: &str, results: &[f64]) -> Vec<Observation> {
    let start = at(&format!("{hour}:00:00"));
    let every = 3_600 / results.len() as i64;
    let times = (0..).map(|n| start + Duration::from_secs(n * every));
    times.zip(results).map(|(time, result)| Observation { time, result: *result }).collect()
}

fn hours_of(observations: &[Observation], required: u32) -> Vec<HourMean> {
    hour_means(observations, &vec![Flags::NONE; observations.len()], Selection::All, required)
}

/// The first `valid` hours of a day with a mean, the others with one reading too few.
fn hours(label: &str, valid: usize, mean: f64) -> Vec<HourMean> {
    let hour = |(n, period)| Mean { period, mean: Some(mean), count: if n < valid { 18 } else { 17 }, required: 18 };
    day(label).hours().enumerate().map(hour).collect()
}

#[test]
fn an_hour_needs_three_quarters_of_its_readings() {
    let required = |secs| STANDARD.required_readings(ReadingInterval::from_secs(secs).unwrap());
    assert_eq!([145, 60, 900, 3_600, 7_200, 1_000].map(required), [18, 45, 3, 1, 1, 3]);
    let mut series = readings("2018-07-28T14", &[10.0; 18]);
    assert!(hours_of(&series, 18)[0].is_valid());
    series.pop();
    let hour = hours_of(&series, 18)[0];
    assert!(!hour.is_valid());
    assert_eq!((hour.mean, hour.count, hour.required, hour.valid()), (Some(10.0), 17, 18, None));
}

#[test]
fn a_reading_on_the_hour_belongs_to_the_hour_it_begins() {
    let series = [readings("2018-07-28T14", &[1.0, 2.0]), readings("2018-07-28T15", &[5.0])].concat();
    let means = hours_of(&series, 1);
    assert_eq!(means[0], Mean { period: "2018-07-28T14".parse().unwrap(), mean: Some(1.5), count: 2, required: 1 });
    assert_eq!(means[1], Mean { period: "2018-07-28T15".parse().unwrap(), mean: Some(5.0), count: 1, required: 1 });
    assert_eq!(means.len(), 2);
}

#[test]
fn a_selection_makes_its_own_means() {
    let series = readings("2018-07-28T14", &[1.0, 2.0, 6.0, 100.0]);
    let flags =
        [Flags::NONE, Flags::NONE.with(Flag::Manual), Flags::NONE.with(Flag::Humid), Flags::NONE.with(Flag::Humid)];
    let mean = |selection| hour_means(&series, &flags, selection, 1)[0].mean.unwrap();
    assert_eq!(Selection::ALL.map(mean), [27.25, 1.5, 1.0]);
    let humid = [Flags::NONE.with(Flag::Humid); 4];
    assert_eq!(hour_means(&series, &humid, Selection::Dry, 1), []);
}

#[test]
fn a_day_is_the_mean_of_its_valid_hours_and_needs_18() {
    let mut of_day = hours("2018-07-28", 18, 10.0);
    of_day[0].mean = Some(28.0);
    of_day[23].mean = Some(1_000.0);
    let mean = day_mean(day("2018-07-28"), &of_day, &STANDARD);
    assert_eq!((mean.mean, mean.count, mean.required, mean.is_valid()), (Some(11.0), 18, 18, true));
    let mean = day_mean(day("2018-07-28"), &hours("2018-07-28", 17, 10.0), &STANDARD);
    assert_eq!((mean.mean, mean.count, mean.is_valid()), (Some(10.0), 17, false));
}

#[test]
fn a_day_without_a_valid_hour_has_no_mean() {
    let mean = day_mean(day("2018-07-28"), &hours("2018-07-28", 0, 10.0), &STANDARD);
    assert_eq!((mean.mean, mean.count, mean.is_valid(), mean.valid()), (None, 0, false, None));
}

#[test]
fn an_hour_counts_once_however_many_readings_it_has() {
    let dense = readings("2018-07-28T00", &[100.0; 36]);
    let sparse: Vec<Observation> = (1..24).flat_map(|h| readings(&format!("2018-07-28T{h:02}"), &[4.0; 18])).collect();
    let mean = day_mean(day("2018-07-28"), &hours_of(&[dense, sparse].concat(), 18), &STANDARD);
    assert_eq!((mean.mean, mean.count), (Some(8.0), 24));
}

#[test]
fn days_keep_their_hours_apart() {
    let both = [hours("2018-07-28", 24, 10.0), hours("2018-07-29", 20, 30.0)].concat();
    let means: Vec<_> = day_means(&both, &STANDARD).iter().map(|m| (m.period.to_string(), m.mean, m.count)).collect();
    let expected = [("2018-07-28".to_owned(), Some(10.0), 24), ("2018-07-29".to_owned(), Some(30.0), 20)];
    assert_eq!(means, expected);
    assert_eq!(day_mean(day("2018-07-29"), &both, &STANDARD).mean, Some(30.0));
}

#[test]
fn a_year_needs_nine_tenths_of_its_days() {
    let [normal, leap] = [2018, 2020].map(|year| Year::new(year).unwrap());
    assert_eq!((STANDARD.required_days(normal), STANDARD.required_days(leap)), (329, 330));
    assert_eq!(STANDARD.required_hours(normal), 7_884);
    let days = |n| {
        let all: Vec<_> = normal.first_day().through(normal.last_day()).take(n).collect();
        all.into_iter().map(|period| Mean { period, mean: Some(20.0), count: 24, required: 18 }).collect::<Vec<_>>()
    };
    assert!(year_mean(normal, &days(329), &STANDARD).is_valid());
    let short = year_mean(normal, &days(328), &STANDARD);
    assert_eq!((short.mean, short.count, short.required, short.is_valid()), (Some(20.0), 328, 329, false));
    assert_eq!(year_mean(leap, &days(329), &STANDARD).mean, None);
}

#[test]
fn hourly_readings_of_a_reference_station_make_valid_hours() {
    let required = STANDARD.required_readings(ReadingInterval::from_secs(3_600).unwrap());
    let series: Vec<Observation> = day("2018-07-28")
        .hours()
        .take(18)
        .map(|hour: Hour| Observation { time: hour.start(), result: f64::from(hour.of_day()) })
        .collect();
    let mean = day_mean(day("2018-07-28"), &hours_of(&series, required), &STANDARD);
    assert_eq!((mean.mean, mean.is_valid()), (Some(8.5), true));
}

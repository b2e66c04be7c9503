//! What a year of means says about the limits in force.

use allmende_telemetry_domain::limits::{
    AIR_QUALITY_TOML, Fault, InvalidRules, LimitCheck, RuleSets, Verdict, YearOfMeans, round_half_up,
};
use allmende_telemetry_domain::means::{DayMean, HourMean, Mean};
use allmende_telemetry_domain::{ObservedProperty, Year};
use proptest::prelude::*;

use crate::given::day;

fn rules() -> RuleSets {
    RuleSets::parse(AIR_QUALITY_TOML).unwrap()
}

/// Valid days of a year: the first `above` with the one mean, the others, `days` in all, with the other.
fn days(year: u32, days: usize, above: usize, high: f64, low: f64) -> Vec<DayMean> {
    let year = Year::new(year).unwrap();
    let all = year.first_day().through(year.last_day()).take(days).enumerate();
    all.map(|(n, period)| Mean { period, mean: Some(if n < above { high } else { low }), count: 24, required: 18 })
        .collect()
}

fn hours(year: u32, hours: usize, above: usize, high: f64) -> Vec<HourMean> {
    let year = Year::new(year).unwrap();
    let all = year.first_day().through(year.last_day()).flat_map(|day| day.hours()).take(hours).enumerate();
    all.map(|(n, period)| Mean { period, mean: Some(if n < above { high } else { 10.0 }), count: 1, required: 1 })
        .collect()
}

fn check(limit: &str, year: u32, hours: &[HourMean], days: &[DayMean]) -> LimitCheck {
    let rules = rules();
    let set = rules.by_id(limit.split('/').next().unwrap()).unwrap();
    let property = set.limits.iter().find(|known| known.id == limit).unwrap().property;
    let means = YearOfMeans { year: Year::new(year).unwrap(), hours, days };
    set.check(property, &means).into_iter().find(|check| check.limit.id == limit).unwrap()
}

fn of_days(limit: &str, year: u32, means: &[DayMean]) -> (Verdict, u32) {
    let check = check(limit, year, &[], means);
    (check.verdict, check.exceedances)
}

#[test]
fn thirty_six_days_above_50_exceed_and_35_do_not() {
    let of = |above| of_days("eu-2008-50/pm10-day", 2018, &days(2018, 365, above, 51.0, 20.0));
    assert_eq!(of(35), (Verdict::Kept, 35));
    assert_eq!(of(36), (Verdict::Exceeded, 36));
}

#[test]
fn from_2030_nineteen_days_above_45_exceed_and_18_do_not() {
    let of = |above| of_days("eu-2024-2881/pm10-day", 2030, &days(2030, 365, above, 46.0, 20.0));
    assert_eq!(of(18), (Verdict::Kept, 18));
    assert_eq!(of(19), (Verdict::Exceeded, 19));
    let of = |above| of_days("eu-2024-2881/pm25-day", 2030, &days(2030, 365, above, 26.0, 5.0));
    assert_eq!((of(18), of(19)), ((Verdict::Kept, 18), (Verdict::Exceeded, 19)));
}

#[test]
fn a_mean_is_rounded_to_the_limit_before_it_is_compared() {
    let of = |mean| of_days("eu-2008-50/pm10-day", 2018, &days(2018, 365, 365, mean, 0.0));
    assert_eq!(of(50.4), (Verdict::Kept, 0));
    assert_eq!(of(50.499), (Verdict::Kept, 0));
    assert_eq!(of(50.5), (Verdict::Exceeded, 365));
    let yearly = |mean| of_days("eu-2008-50/pm10-year", 2018, &days(2018, 365, 365, mean, 0.0));
    assert_eq!(yearly(40.4), (Verdict::Kept, 0));
    assert_eq!(yearly(40.5), (Verdict::Exceeded, 1));
}

#[test]
fn what_is_exceeded_stays_exceeded_however_much_is_missing() {
    let check = check("eu-2008-50/pm10-day", 2018, &[], &days(2018, 54, 36, 60.0, 20.0));
    assert_eq!((check.verdict, check.valid_periods, check.required_periods), (Verdict::Exceeded, 54, 329));
    assert_eq!(of_days("eu-2008-50/pm10-day", 2018, &days(2018, 54, 35, 60.0, 20.0)).0, Verdict::InsufficientData);
    assert_eq!(of_days("eu-2008-50/pm10-day", 2018, &days(2018, 328, 35, 60.0, 20.0)).0, Verdict::InsufficientData);
    assert_eq!(of_days("eu-2008-50/pm10-day", 2018, &days(2018, 329, 35, 60.0, 20.0)).0, Verdict::Kept);
}

#[test]
fn eight_weeks_never_give_a_yearly_verdict() {
    for mean in [1.0, 500.0] {
        let check = check("eu-2008-50/pm10-year", 2018, &[], &days(2018, 56, 56, mean, 0.0));
        assert_eq!((check.verdict, check.exceedances, check.mean), (Verdict::InsufficientData, 0, Some(mean)));
        assert_eq!((check.valid_periods, check.required_periods), (56, 329));
        assert!(check.exceeded.is_empty());
    }
}

#[test]
fn the_exceeded_periods_are_named() {
    let check = check("eu-2008-50/pm10-day", 2018, &[], &days(2018, 365, 2, 51.0, 20.0));
    assert_eq!(check.exceeded, ["2018-01-01", "2018-01-02"]);
    let check = self::check("eu-2008-50/no2-hour", 2018, &hours(2018, 8_760, 2, 201.0), &[]);
    assert_eq!(check.exceeded, ["2018-01-01T00", "2018-01-01T01"]);
    let check = self::check("eu-2008-50/no2-year", 2018, &[], &days(2018, 365, 365, 41.0, 0.0));
    assert_eq!(check.exceeded, ["2018"]);
}

#[test]
fn hours_of_nitrogen_dioxide_are_counted_against_the_hours_of_the_year() {
    let of = |year: u32, valid, above| {
        let limit = if year < 2030 { "eu-2008-50/no2-hour" } else { "eu-2024-2881/no2-hour" };
        let check = check(limit, year, &hours(year, valid, above, 200.5), &[]);
        (check.verdict, check.valid_periods, check.required_periods)
    };
    assert_eq!(of(2018, 8_760, 18), (Verdict::Kept, 8_760, 7_884));
    assert_eq!(of(2018, 8_760, 19), (Verdict::Exceeded, 8_760, 7_884));
    assert_eq!(of(2018, 7_883, 18), (Verdict::InsufficientData, 7_883, 7_884));
    assert_eq!((of(2030, 8_760, 3).0, of(2030, 8_760, 4).0), (Verdict::Kept, Verdict::Exceeded));
}

#[test]
fn what_is_not_valid_or_of_another_year_does_not_count() {
    let mut means = days(2018, 365, 365, 60.0, 0.0);
    for mean in &mut means[35..] {
        mean.count = 17;
    }
    means.extend(days(2019, 30, 30, 60.0, 0.0));
    let check = check("eu-2008-50/pm10-day", 2018, &[], &means);
    assert_eq!((check.verdict, check.exceedances, check.valid_periods), (Verdict::InsufficientData, 35, 35));
}

#[test]
fn the_rules_in_force_depend_on_the_day() {
    let rules = rules();
    let id = |label: &str| rules.in_force_on(day(label)).map(|set| set.id.as_str());
    assert_eq!(id("2018-12-31"), Some("eu-2008-50"));
    assert_eq!(id("2026-12-11"), Some("eu-2008-50"));
    assert_eq!(id("2026-12-12"), Some("eu-2024-2881-transition"));
    assert_eq!(id("2029-12-31"), Some("eu-2024-2881-transition"));
    assert_eq!(id("2030-01-01"), Some("eu-2024-2881"));
    assert_eq!(id("2077-12-31"), Some("eu-2024-2881"));
    assert_eq!(id("2002-12-31"), None);
    assert!(rules.by_id("eu-1999-30").is_none());
}

#[test]
fn the_limits_are_those_of_the_directives() {
    let rules = rules();
    let table = |id: &str| {
        let limits = rules.by_id(id).unwrap().limits.iter();
        limits.map(|l| (l.id.split_once('/').unwrap().1, l.value, l.allowed_exceedances)).collect::<Vec<_>>()
    };
    let until_2029 = [
        ("pm10-year", 40.0, 0),
        ("pm10-day", 50.0, 35),
        ("pm25-year", 25.0, 0),
        ("no2-year", 40.0, 0),
        ("no2-hour", 200.0, 18),
    ];
    assert_eq!(table("eu-2008-50"), until_2029);
    assert_eq!(table("eu-2024-2881-transition"), until_2029);
    let from_2030 = [
        ("pm10-year", 20.0, 0),
        ("pm10-day", 45.0, 18),
        ("pm25-year", 10.0, 0),
        ("pm25-day", 25.0, 18),
        ("no2-year", 20.0, 0),
        ("no2-day", 50.0, 18),
        ("no2-hour", 200.0, 3),
    ];
    assert_eq!(table("eu-2024-2881"), from_2030);
    assert!(rules.iter().flat_map(|set| &set.limits).all(|limit| limit.decimals == 0 && !limit.source.is_empty()));
    let on = |property| rules.by_id("eu-2024-2881").unwrap().limits_on(property).count();
    assert_eq!((on(ObservedProperty::No2), on(ObservedProperty::AirPressure)), (3, 0));
}

#[test]
fn a_fault_in_the_rules_is_named_by_its_entry() {
    let fault = |from: &str, to: &str| {
        assert!(AIR_QUALITY_TOML.contains(from), "{from}");
        match RuleSets::parse(&AIR_QUALITY_TOML.replacen(from, to, 1)) {
            Err(InvalidRules::Entry { entry, fault }) => (entry, fault),
            other => panic!("{from} -> {to}: {other:?}"),
        }
    };
    let set = |fault| ("eu-2008-50".to_owned(), fault);
    let limit = |fault| ("eu-2008-50/pm10-year".to_owned(), fault);
    assert_eq!(fault("id = \"eu-2008-50\"", "id = \"EU 2008\""), ("EU 2008".to_owned(), Fault::Id));
    assert_eq!(fault("id = \"eu-2024-2881\"", "id = \"eu-2008-50\""), set(Fault::Twice));
    assert_eq!(fault("\"2026-12-11\"", "\"2026-12-32\""), set(Fault::Date));
    assert_eq!(fault("\"2026-12-11\"", "\"2014-12-31\""), set(Fault::Order));
    assert_eq!(fault("\"2026-12-11\"", "\"2026-12-12\"").1, Fault::Overlap);
    assert_eq!(fault("valid_until = \"2026-12-11\"\n", ""), ("eu-2024-2881-transition".to_owned(), Fault::Overlap));
    assert_eq!(fault("day_hours = 18", "day_hours = 25"), set(Fault::Coverage));
    assert_eq!(fault("hour_percent = 75", "hour_percent = 0"), set(Fault::Coverage));
    assert_eq!(fault("id = \"pm10-day\"", "id = \"pm10-year\""), limit(Fault::Twice));
    assert_eq!(fault("property = \"pm10\"", "property = \"soot\""), limit(Fault::Property));
    assert_eq!(fault("unit = \"ug/m3\"", "unit = \"mg/m3\""), limit(Fault::Unit));
    assert_eq!(fault("value = 40", "value = -40"), limit(Fault::Value));
    assert_eq!(fault("value = 40", "value = nan"), limit(Fault::Value));
    assert_eq!(fault("value = 40", "value = 40.5"), limit(Fault::Value));
    assert_eq!(fault("decimals = 0", "decimals = 9"), limit(Fault::Decimals));
    assert_eq!(fault("decimals = 0", "decimals = 0\nallowed_exceedances = 1"), limit(Fault::Exceedances));
    assert_eq!(fault("allowed_exceedances = 35", ""), ("eu-2008-50/pm10-day".to_owned(), Fault::Exceedances));
    let error = RuleSets::parse(&AIR_QUALITY_TOML.replacen("value = 40", "value = -40", 1)).unwrap_err();
    assert!(error.to_string().starts_with("eu-2008-50/pm10-year: "), "{error}");
}

#[test]
fn an_unknown_key_or_a_missing_one_is_an_error() {
    for (from, to) in [("value = 40", "values = 40"), ("value = 40\n", ""), ("period = \"year\"", "period = \"week\"")]
    {
        let parsed = RuleSets::parse(&AIR_QUALITY_TOML.replacen(from, to, 1));
        assert!(matches!(parsed, Err(InvalidRules::Syntax(_))), "{from} -> {to}");
    }
}

#[test]
fn a_half_is_rounded_up_as_on_paper() {
    let cases = [
        (50.4, 0, 50.0),
        (50.5, 0, 51.0),
        (0.5, 0, 1.0),
        (2.5, 0, 3.0),
        (0.285, 2, 0.29),
        (1.005, 2, 1.01),
        (2.675, 2, 2.68),
        (-0.5, 0, 0.0),
        (-0.6, 0, -1.0),
        (0.0, 3, 0.0),
        (1e300, 0, 1e300),
        (99.995, 2, 100.0),
        (-932_022.435, 2, -932_022.43),
    ];
    for (value, decimals, expected) in cases {
        assert_eq!(round_half_up(value, decimals), expected, "{value} to {decimals}");
    }
    // The mean of exact halves, as it comes out of a sum in binary fractions.
    let mean = [50.1, 50.2, 50.3, 50.4, 50.5, 50.6, 50.7, 50.8, 50.9].iter().sum::<f64>() / 9.0;
    assert_eq!(round_half_up(mean, 0), 51.0, "{mean}");
    assert_eq!(round_half_up(50.5 - 1e-13, 0), 51.0);
    assert_eq!(round_half_up(50.5 - 1e-9, 0), 50.0);
}

proptest! {
    #[test]
    fn rounding_is_what_whole_numbers_say(thousandths in -1_000_000_000i64..1_000_000_000) {
        let value = thousandths as f64 / 1_000.0;
        prop_assert_eq!(round_half_up(value, 2), (thousandths + 5).div_euclid(10) as f64 / 100.0);
        prop_assert_eq!(round_half_up(value, 3), value);
        prop_assert_eq!(round_half_up(value, 0), (thousandths + 500).div_euclid(1_000) as f64);
    }

    #[test]
    fn no_number_makes_it_panic(value in any::<f64>(), decimals in any::<u8>()) {
        let rounded = round_half_up(value, decimals);
        prop_assert!(rounded.is_finite() == value.is_finite());
    }
}

//! What the flags say.

use crate::given::at;
use allmende_kernel::Duration;
use allmende_telemetry_domain::observations::{FlagReason, ManualFlag, Observation};
use allmende_telemetry_domain::quality::{Flag, Flags, QualityRules, Selection, Series, usable_humidity};
use allmende_telemetry_domain::{ObservedProperty, SensorModel};
use proptest::prelude::*;

fn seen(secs: i64, result: f64) -> Observation {
    Observation { time: at("2018-07-28T12:00:00") + Duration::from_secs(secs), result }
}

fn model(name: &str) -> SensorModel {
    SensorModel::parse(name).unwrap()
}

fn flags(property: ObservedProperty, observations: &[Observation], humidity: &[Observation]) -> Vec<Flags> {
    let model = model("SDS011");
    QualityRules::V1.flags(&Series { model: &model, property, observations, humidity, manual: &[] })
}

/// What humidity does to a reading at second 0.
fn humid(humidity: &[Observation]) -> Option<Flag> {
    let flags = flags(ObservedProperty::Pm10, &[seen(0, 10.0)], humidity)[0];
    assert!(flags.iter().count() <= 1);
    flags.iter().next()
}

#[test]
fn above_70_percent_it_is_humid_and_at_70_it_is_not() {
    assert_eq!(humid(&[seen(0, 70.0)]), None);
    assert_eq!(humid(&[seen(0, 70.01)]), Some(Flag::Humid));
}

#[test]
fn a_reading_pairs_within_150_seconds_to_either_side() {
    assert_eq!(humid(&[seen(-150, 50.0)]), None);
    assert_eq!(humid(&[seen(150, 50.0)]), None);
    assert_eq!(humid(&[seen(-151, 50.0)]), Some(Flag::HumidityUnknown));
    assert_eq!(humid(&[seen(151, 50.0)]), Some(Flag::HumidityUnknown));
    assert_eq!(humid(&[]), Some(Flag::HumidityUnknown));
}

#[test]
fn the_nearest_humidity_counts_and_the_earlier_one_on_a_tie() {
    assert_eq!(humid(&[seen(-20, 90.0), seen(19, 50.0)]), None);
    assert_eq!(humid(&[seen(-19, 90.0), seen(20, 50.0)]), Some(Flag::Humid));
    assert_eq!(humid(&[seen(-20, 90.0), seen(20, 50.0)]), Some(Flag::Humid));
    assert_eq!(humid(&[seen(-20, 50.0), seen(20, 90.0)]), None);
    assert_eq!(humid(&[seen(-20, 90.0), seen(0, 50.0), seen(20, 90.0)]), None);
}

#[test]
fn humidity_is_nothing_to_gases_and_to_itself() {
    for property in [ObservedProperty::No2, ObservedProperty::RelativeHumidity, ObservedProperty::AirTemperature] {
        assert_eq!(flags(property, &[seen(0, 10.0)], &[seen(0, 99.0)]), [Flags::NONE]);
    }
}

#[test]
fn a_value_the_maker_rules_out_is_flagged_and_kept() {
    let dry = [seen(0, 50.0)];
    let results = [0.0, 999.9, 1_000.0, -0.1].map(|result| flags(ObservedProperty::Pm25, &[seen(0, result)], &dry)[0]);
    let out = Flags::NONE.with(Flag::OutOfRange);
    assert_eq!(results, [Flags::NONE, Flags::NONE, out, out]);
    let series = Series {
        model: &model("HOMEMADE-1"),
        property: ObservedProperty::Pm25,
        observations: &[seen(0, 1e9)],
        humidity: &dry,
        manual: &[],
    };
    assert_eq!(QualityRules::V1.flags(&series), [Flags::NONE]);
}

#[test]
fn a_person_marks_from_a_moment_to_before_another() {
    let mark = ManualFlag {
        from: seen(0, 0.0).time,
        to: seen(10, 0.0).time,
        reason: FlagReason::LocalSource,
        at: seen(99, 0.0).time,
    };
    let series = Series {
        model: &model("REFERENCE"),
        property: ObservedProperty::No2,
        observations: &[seen(-1, 1.0), seen(0, 1.0), seen(9, 1.0), seen(10, 1.0)],
        humidity: &[],
        manual: &[mark],
    };
    let marked: Vec<bool> = QualityRules::V1.flags(&series).iter().map(|flags| flags.contains(Flag::Manual)).collect();
    assert_eq!(marked, [false, true, true, false]);
}

#[test]
fn a_broken_humidity_sensor_leaves_unknown_not_dry() {
    let (bme280, unknown) = (model("BME280"), model("HOMEMADE-1"));
    let mark = ManualFlag {
        from: seen(10, 0.0).time,
        to: seen(20, 0.0).time,
        reason: FlagReason::Defect,
        at: seen(99, 0.0).time,
    };
    let readings = [seen(0, -3.0), seen(1, 50.0), seen(5, 100.1), seen(12, 50.0)];
    assert_eq!(usable_humidity([(&bme280, &readings[..], &[mark][..])]), [seen(1, 50.0)]);
    let other = [seen(0, 40.0), seen(1, 60.0), seen(2, 101.0)];
    let both = usable_humidity([(&bme280, &readings[..], &[mark][..]), (&unknown, &other[..], &[][..])]);
    assert_eq!(both, [seen(0, 40.0), seen(1, 50.0), seen(1, 60.0)]);
}

#[test]
fn a_selection_takes_what_it_says() {
    let sets = [
        Flags::NONE,
        Flags::NONE.with(Flag::Humid),
        Flags::NONE.with(Flag::HumidityUnknown),
        Flags::NONE.with(Flag::Manual),
        Flags::from_iter([Flag::OutOfRange, Flag::Manual]),
    ];
    assert_eq!(sets.map(|flags| Selection::All.admits(flags)), [true; 5]);
    assert_eq!(sets.map(|flags| Selection::Dry.admits(flags)), [true, false, false, true, true]);
    assert_eq!(sets.map(|flags| Selection::Unflagged.admits(flags)), [true, false, false, false, false]);
    assert_eq!(sets[4].iter().collect::<Vec<_>>(), [Flag::OutOfRange, Flag::Manual]);
}

proptest! {
    #[test]
    fn pairing_in_one_walk_finds_what_a_search_finds(
        mut times in prop::collection::vec(0i64..2_000, 0..40),
        mut readings in prop::collection::vec((0i64..2_000, 0u8..100), 0..60),
    ) {
        times.sort_unstable();
        readings.sort_by_key(|(secs, _)| *secs);
        let observations: Vec<_> = times.iter().map(|secs| seen(*secs, 1.0)).collect();
        let humidity: Vec<_> = readings.iter().map(|(secs, percent)| seen(*secs, f64::from(*percent))).collect();
        let found = flags(ObservedProperty::Pm10, &observations, &humidity);
        for (secs, flags) in times.iter().zip(found) {
            // `min_by_key` takes the first of equals: the earlier reading, and of one moment the first in the slice.
            let nearest = readings.iter().min_by_key(|(other, _)| (other - secs).abs());
            let near = nearest.filter(|(other, _)| (other - secs).abs() <= 150);
            prop_assert_eq!(flags.contains(Flag::HumidityUnknown), near.is_none());
            prop_assert_eq!(flags.contains(Flag::Humid), near.is_some_and(|(_, percent)| *percent > 70));
        }
    }
}

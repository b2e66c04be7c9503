//! A citizen's real box: an SDS011 and a BME280, 7 July to 31 August 2018, from the archive of sensor.community.

use std::path::PathBuf;

use allmende_kernel::{Decider, Duration, Timestamp};
use allmende_telemetry_domain::limits::{AIR_QUALITY_TOML, RuleSets, Verdict, YearOfMeans};
use allmende_telemetry_domain::means::{Coverage, DayMean, HourMean, Mean, day_means, hour_means};
use allmende_telemetry_domain::observations::{self, Command, DatastreamContext, Observation, split_by_day};
use allmende_telemetry_domain::quality::{Flag, Flags, QualityRules, Selection, Series, usable_humidity};
use allmende_telemetry_domain::{AirQualityDay, ObservedProperty, ReadingInterval, SensorModel, Year};

const PM: &str = "sds011_sensor_15092_2018-07-07_2018-08-31.csv";
const CLIMATE: &str = "bme280_sensor_15093_2018-07-07_2018-08-31.csv";

/// The archive's folder, or nothing, so that the tests can be skipped where the data is not at hand.
fn archive() -> Option<PathBuf> {
    let data = std::env::var_os("ALLMENDE_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data"), PathBuf::from);
    let folder = data.join("telemetry/sensor_community_csv");
    if !folder.join(PM).exists() {
        println!("skipped: no test data at {}; set ALLMENDE_TEST_DATA", folder.display());
        return None;
    }
    Some(folder)
}

/// `2018-07-07T20:03:06`, in UTC.
fn utc(text: &str) -> Timestamp {
    let (date, time) = text.split_once('T').unwrap();
    let midnight = date.parse::<AirQualityDay>().unwrap().start() + Duration::from_secs(3_600);
    let secs = time.split(':').fold(0, |secs, part| secs * 60 + part.parse::<i64>().unwrap());
    midnight + Duration::from_secs(secs)
}

fn column(file: &PathBuf, name: &str) -> Vec<Observation> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(';').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (time, result) = (place("timestamp"), place(name));
    let rows = lines.map(|line| line.split(';').collect::<Vec<_>>()).filter(|row| !row[result].is_empty());
    rows.map(|row| Observation { time: utc(row[time]), result: row[result].parse().unwrap() }).collect()
}

/// What the platform keeps of the rows, and the number of conflicts.
fn stored(rows: &[Observation]) -> (Vec<Observation>, usize) {
    let context = DatastreamContext::Known { retired_at: None };
    let mut kept = Vec::new();
    let mut conflicts = 0;
    for (_, observations) in split_by_day(rows).unwrap() {
        let command = Command::Record { observations, received_at: Timestamp::from_secs(1_600_000_000) };
        let events = observations::Model::decide(&observations::Model::initial(), &context, &command).unwrap();
        let state = events.iter().fold(observations::Model::initial(), observations::Model::evolve);
        conflicts += events.len() - 1;
        kept.extend(state.observations());
    }
    (kept, conflicts)
}

struct Judged {
    rows: usize,
    conflicts: usize,
    observations: Vec<Observation>,
    flags: Vec<Flags>,
}

impl Judged {
    fn read(property: ObservedProperty, name: &str) -> Option<Self> {
        let folder = archive()?;
        let rows = column(&folder.join(PM), name);
        let bme280 = SensorModel::parse("BME280").unwrap();
        let (readings, _) = stored(&column(&folder.join(CLIMATE), "humidity"));
        let humidity = usable_humidity([(&bme280, &readings[..], &[][..])]);
        let (observations, conflicts) = stored(&rows);
        let model = SensorModel::parse("SDS011").unwrap();
        let series = Series { model: &model, property, observations: &observations, humidity: &humidity, manual: &[] };
        let flags = QualityRules::V1.flags(&series);
        Some(Self { rows: rows.len(), conflicts, observations, flags })
    }

    fn count(&self, flag: Flag) -> usize {
        self.flags.iter().filter(|flags| flags.contains(flag)).count()
    }

    fn hours(&self, selection: Selection) -> Vec<HourMean> {
        let interval = ReadingInterval::from_secs(145).unwrap();
        hour_means(&self.observations, &self.flags, selection, Coverage::STANDARD.required_readings(interval))
    }

    fn days(&self, selection: Selection) -> Vec<DayMean> {
        day_means(&self.hours(selection), &Coverage::STANDARD)
    }
}

/// The mean of 28 July if days began so many hours later than in UTC+1.
fn mean_of_28_july(pm10: &Judged, days_of_utc_plus: i64) -> f64 {
    let shift = Duration::from_secs(3_600 * (days_of_utc_plus - 1));
    let shifted = pm10.observations.iter().map(|o| Observation { time: o.time + shift, ..*o }).collect();
    let shifted = Judged { observations: shifted, flags: pm10.flags.clone(), ..*pm10 };
    let days = shifted.days(Selection::All);
    days.iter().find(|day| day.period == crate::given::day("2018-07-28")).and_then(DayMean::valid).unwrap()
}

fn valid<P>(means: &[Mean<P>]) -> usize {
    means.iter().filter(|mean| mean.is_valid()).count()
}

#[test]
fn every_row_is_stored_and_none_contradicts_another() {
    let Some(pm10) = Judged::read(ObservedProperty::Pm10, "P1") else { return };
    assert_eq!((pm10.rows, pm10.observations.len(), pm10.conflicts), (31_442, 31_442, 0));
}

#[test]
fn more_than_half_of_its_readings_are_humid_and_34_unknown() {
    for (property, name) in [(ObservedProperty::Pm10, "P1"), (ObservedProperty::Pm25, "P2")] {
        let Some(pm) = Judged::read(property, name) else { return };
        // 17,811 of 31,442 are 56.6 %.
        assert_eq!((pm.count(Flag::Humid), pm.count(Flag::HumidityUnknown)), (17_811, 34));
        assert_eq!((pm.count(Flag::OutOfRange), pm.count(Flag::Manual)), (0, 0));
    }
}

#[test]
fn dropping_humid_readings_would_leave_3_valid_days_of_54() {
    let Some(pm10) = Judged::read(ObservedProperty::Pm10, "P1") else { return };
    let count = |selection| {
        let (hours, days) = (pm10.hours(selection), pm10.days(selection));
        (hours.len(), valid(&hours), days.len(), valid(&days))
    };
    // Hours with a reading, valid ones; days with a reading, valid ones. Not valid are 7 July, when the box began in the
    // evening, 12 July, when it was silent for hours, and 1 September, of which the archive's last file has one hour.
    assert_eq!(count(Selection::All), (1_316, 1_300, 57, 54));
    assert_eq!(count(Selection::Dry), (655, 526, 51, 3));
    assert_eq!(count(Selection::Unflagged), count(Selection::Dry));
}

#[test]
fn where_the_day_begins_matters_by_12_micrograms() {
    let Some(pm10) = Judged::read(ObservedProperty::Pm10, "P1") else { return };
    let [utc, utc_plus_1, utc_plus_2] = [0, 1, 2].map(|offset| mean_of_28_july(&pm10, offset));
    assert!((utc - 57.37).abs() < 0.005 && (utc_plus_1 - 63.15).abs() < 0.005 && (utc_plus_2 - 69.05).abs() < 0.005);
    assert_eq!((utc_plus_2 - utc).round(), 12.0);
}

#[test]
fn its_eight_weeks_name_two_days_above_50_and_give_no_verdict() {
    let Some(pm10) = Judged::read(ObservedProperty::Pm10, "P1") else { return };
    let rules = RuleSets::parse(AIR_QUALITY_TOML).unwrap();
    let year = Year::new(2018).unwrap();
    let days = pm10.days(Selection::All);
    let means = YearOfMeans { year, hours: &[], days: &days };
    let checks = rules.in_force_on(year.last_day()).unwrap().check(ObservedProperty::Pm10, &means);
    let [yearly, daily] = &checks[..] else { panic!("{checks:?}") };
    assert_eq!((yearly.limit.id.as_str(), daily.limit.id.as_str()), ("eu-2008-50/pm10-year", "eu-2008-50/pm10-day"));
    assert_eq!(daily.exceeded, ["2018-07-27", "2018-07-28"]);
    for check in [yearly, daily] {
        assert_eq!(check.verdict, Verdict::InsufficientData);
        assert_eq!((check.valid_periods, check.required_periods), (54, 329));
    }
}

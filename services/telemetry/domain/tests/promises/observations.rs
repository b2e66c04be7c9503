//! What becomes of observations of one datastream on one day.

use crate::given::{Given, assert_laws, at, day, fold};
use allmende_kernel::{Decider, Duration, Timestamp};
use allmende_telemetry_domain::observations::{
    Command, DatastreamContext, Event, FlagReason, InvalidObservation, MAX_PER_DAY, ManualFlag, Model, Observation,
    Outcome, Rejection, parse_stream_id, split_by_day, split_range_by_day, stream_id,
};
use allmende_telemetry_domain::{AirQualityDay, DatastreamId, StationId};
use proptest::prelude::*;

const KNOWN: DatastreamContext = DatastreamContext::Known { retired_at: None };

fn given(events: impl IntoIterator<Item = Event>) -> Given<Model> {
    crate::given::given(KNOWN, events)
}

fn noon() -> Timestamp {
    at("2018-07-28T12:00:00")
}

fn seen(secs: i64, result: f64) -> Observation {
    Observation { time: noon() + Duration::from_secs(secs), result }
}

fn record(observations: &[Observation]) -> Command {
    Command::Record { observations: observations.to_vec(), received_at: noon() }
}

fn recorded(observations: &[Observation]) -> Event {
    Event::Recorded { observations: observations.to_vec() }
}

fn conflicted(secs: i64, kept: f64, refused: f64) -> Event {
    Event::Conflicted { time: seen(secs, 0.0).time, kept, refused, received_at: noon() }
}

fn flag(from: &str, to: &str, reason: FlagReason) -> ManualFlag {
    ManualFlag { from: at(from), to: at(to), reason, at: noon() }
}

#[test]
fn what_comes_unsorted_is_stored_in_order_of_time() {
    let [a, b, c] = [seen(0, 1.0), seen(145, 2.0), seen(290, 3.0)];
    given([]).when(record(&[c, a, b])).then([recorded(&[a, b, c])]);
    given([]).when(record(&[])).then_nothing();
    let state = fold::<Model>(&[recorded(&[b]), recorded(&[a, c])]);
    assert_eq!(state.observations().collect::<Vec<_>>(), [a, b, c]);
}

#[test]
fn an_equal_value_again_changes_nothing() {
    let first = seen(0, 17.47);
    given([recorded(&[first])]).when(record(&[first])).then_nothing();
    given([recorded(&[first])]).when(record(&[first, seen(145, 2.0)])).then([recorded(&[seen(145, 2.0)])]);
    given([recorded(&[seen(0, 0.0)])]).when(record(&[seen(0, -0.0)])).then_nothing();
    given([]).when(record(&[first, first])).then([recorded(&[first])]);
}

#[test]
fn another_value_for_a_stored_time_is_kept_as_a_conflict_and_the_first_stays() {
    let history = [recorded(&[seen(0, 1.0)]), conflicted(0, 1.0, 2.0)];
    given([history[0].clone()]).when(record(&[seen(0, 2.0)])).then([conflicted(0, 1.0, 2.0)]);
    given(history.clone()).when(record(&[seen(0, 2.0)])).then_nothing();
    given(history.clone()).when(record(&[seen(0, 3.0)])).then([conflicted(0, 1.0, 3.0)]);
    assert_eq!(fold::<Model>(&history).result_at(noon()), Some(1.0));
}

#[test]
fn within_a_batch_what_comes_first_is_first() {
    let batch = [seen(145, 9.0), seen(0, 1.0), seen(0, 2.0), seen(0, 1.0), seen(0, 2.0)];
    given([]).when(record(&batch)).then([recorded(&[seen(0, 1.0), seen(145, 9.0)]), conflicted(0, 1.0, 2.0)]);
    // A stored value is earlier than all of the batch.
    given([recorded(&[seen(0, 2.0)])])
        .when(record(&batch))
        .then([recorded(&[seen(145, 9.0)]), conflicted(0, 2.0, 1.0)]);
}

#[test]
fn the_sender_is_told_what_became_of_each() {
    let batch = [seen(145, 9.0), seen(0, 1.0), seen(0, 2.0), seen(0, 1.0), seen(0, 2.0)];
    let empty = Model::initial();
    assert_eq!(Outcome::of(&empty, &batch), Outcome { recorded: 2, repeated: 1, conflicting: 2 });
    let after = fold::<Model>(&Model::decide(&empty, &KNOWN, &record(&batch)).unwrap());
    assert_eq!(Outcome::of(&after, &batch), Outcome { recorded: 0, repeated: 3, conflicting: 2 });
}

#[test]
fn a_result_must_be_a_finite_number() {
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        given([]).when(record(&[seen(0, 1.0), seen(1, wrong)])).then_rejected(Rejection::NotFinite { index: 1 });
    }
}

#[test]
fn a_stream_holds_one_day() {
    let late = Observation { time: at("2018-07-29T00:00:00"), result: 1.0 };
    given([]).when(record(&[seen(0, 1.0), late])).then_rejected(Rejection::OtherDay { index: 1 });
    given([recorded(&[seen(0, 1.0)])]).when(record(&[late])).then_rejected(Rejection::OtherDay { index: 0 });
}

#[test]
fn a_retired_station_takes_what_it_observed_before() {
    let retired = || crate::given::given::<Model>(DatastreamContext::Known { retired_at: Some(noon()) }, []);
    retired().when(record(&[seen(-1, 1.0), seen(0, 1.0)])).then([recorded(&[seen(-1, 1.0), seen(0, 1.0)])]);
    retired().when(record(&[seen(0, 1.0), seen(1, 1.0)])).then_rejected(Rejection::StationRetired { index: 1 });
    let mark = flag("2018-07-28T10:00:00", "2018-07-28T11:00:00", FlagReason::Defect);
    retired().when(Command::Flag(mark)).then([Event::Flagged(mark)]);
}

#[test]
fn station_and_datastream_must_be_known() {
    let of = |context| crate::given::given::<Model>(context, []).when(record(&[seen(0, 1.0)]));
    of(DatastreamContext::StationUnknown).then_rejected(Rejection::StationUnknown);
    of(DatastreamContext::DatastreamUnknown).then_rejected(Rejection::DatastreamUnknown);
}

#[test]
fn a_day_holds_one_observation_a_second() {
    let start = day("2018-07-28").start();
    let all: Vec<Observation> = (0..MAX_PER_DAY as i64)
        .map(|s| Observation { time: start + Duration::from_secs(s), result: s as f64 })
        .collect();
    let between = Observation { time: start + Duration::from_micros(1), result: 1.0 };
    given([]).when(record(&all)).then([recorded(&all)]);
    given([recorded(&all)]).when(record(&[between])).then_rejected(Rejection::DayFull);
    given([recorded(&all)]).when(record(&all[..1_000])).then_nothing();
    given([recorded(&all[1..])]).when(record(&[between, all[0]])).then_rejected(Rejection::DayFull);
    given([recorded(&all[1..])]).when(record(&[between])).then([recorded(&[between])]);
}

#[test]
fn a_mark_is_set_once_and_lies_within_a_day() {
    let mark = flag("2018-07-28T20:00:00", "2018-07-28T22:00:00", FlagReason::LocalSource);
    given([]).when(Command::Flag(mark)).then([Event::Flagged(mark)]);
    let later = ManualFlag { at: noon() + Duration::from_secs(1), ..mark };
    given([Event::Flagged(mark)]).when(Command::Flag(later)).then_nothing();
    let other = ManualFlag { reason: FlagReason::Defect, ..mark };
    given([Event::Flagged(mark)]).when(Command::Flag(other)).then([Event::Flagged(other)]);
    let whole_day = flag("2018-07-28T00:00:00", "2018-07-29T00:00:00", FlagReason::Maintenance);
    given([]).when(Command::Flag(whole_day)).then([Event::Flagged(whole_day)]);
    for (from, to) in [
        ("2018-07-28T22:00:00", "2018-07-28T22:00:00"),
        ("2018-07-28T22:00:00", "2018-07-28T20:00:00"),
        ("2018-07-28T22:00:00", "2018-07-29T00:00:01"),
    ] {
        given([]).when(Command::Flag(flag(from, to, FlagReason::Defect))).then_rejected(Rejection::FlagRange);
    }
}

#[test]
fn a_stream_is_named_by_station_datastream_and_day() {
    const STATION: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57";
    const DATASTREAM: &str = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    let (station, datastream) = (StationId::parse(STATION).unwrap(), DatastreamId::parse(DATASTREAM).unwrap());
    let name = stream_id(station, datastream, day("2018-07-28"));
    assert_eq!(name, format!("{STATION}.{DATASTREAM}.2018-07-28"));
    assert_eq!(parse_stream_id(&name), Ok((station, datastream, day("2018-07-28"))));
    assert!(name.len() <= 100, "longer than a stream's id may be");
    for wrong in [
        String::new(),
        STATION.to_owned(),
        format!("{DATASTREAM}.2018-07-28"),
        format!("{STATION}.{}.2018-07-28", DATASTREAM.replace('-', "")),
        format!("{STATION}.{}.2018-07-28", DATASTREAM.to_uppercase()),
        format!("{STATION}.{DATASTREAM}.2018-07-32"),
        format!("{STATION}.{DATASTREAM}.2018-07-28."),
    ] {
        assert!(parse_stream_id(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_batch_is_split_into_days_and_keeps_its_order() {
    let [before, after] =
        ["2018-07-27T23:59:59", "2018-07-28T00:00:00"].map(|label| Observation { time: at(label), result: 1.0 });
    let split = split_by_day(&[seen(9, 1.0), before, seen(0, 2.0), after]).unwrap();
    let expected = [(day("2018-07-27"), vec![before]), (day("2018-07-28"), vec![seen(9, 1.0), seen(0, 2.0), after])];
    assert_eq!(split, expected);
    assert_eq!(split_by_day(&[before, seen(0, f64::NAN)]), Err(InvalidObservation::NotFinite { index: 1 }));
    let far = Observation { time: Timestamp::from_micros(i64::MAX), result: 1.0 };
    assert_eq!(split_by_day(&[far]), Err(InvalidObservation::OutsideCalendar { index: 0 }));
}

#[test]
fn a_range_is_cut_at_midnight() {
    let [from, midnight, to] = ["2018-07-28T22:00:00", "2018-07-29T00:00:00", "2018-07-29T02:00:00"].map(at);
    let cut = split_range_by_day(from, to).unwrap();
    assert_eq!(cut, [(day("2018-07-28"), from, midnight), (day("2018-07-29"), midnight, to)]);
    assert_eq!(split_range_by_day(from, midnight).unwrap(), [(day("2018-07-28"), from, midnight)]);
    assert_eq!(split_range_by_day(to, from).unwrap(), []);
    assert!(split_range_by_day(from, Timestamp::from_micros(i64::MAX)).is_err());
}

fn batches() -> impl Strategy<Value = Command> {
    let observation = (0i64..40, -2i8..3).prop_map(|(secs, result)| seen(secs, f64::from(result) * 0.5));
    let mark = (0i64..5, 1i64..5).prop_map(|(from, length)| {
        let [from, to] = [from, from + length].map(|secs| noon() + Duration::from_secs(secs));
        Command::Flag(ManualFlag { from, to, reason: FlagReason::Defect, at: noon() })
    });
    prop_oneof![4 => prop::collection::vec(observation, 0..30).prop_map(|batch| record(&batch)), 1 => mark]
}

proptest! {
    #[test]
    fn the_laws_hold(commands in prop::collection::vec(batches(), 0..12)) {
        assert_laws::<Model>(&KNOWN, &commands, |state| {
            let times: Vec<Timestamp> = state.observations().map(|observation| observation.time).collect();
            assert!(times.is_sorted_by(|a, b| a < b));
            assert_eq!(times.len(), state.len());
        });
    }

    #[test]
    fn the_first_value_of_a_time_stays_however_batches_are_cut(
        observations in prop::collection::vec((0i64..40, 0i8..3), 0..60),
        cut in 1usize..20,
    ) {
        let all: Vec<Observation> = observations.iter().map(|(secs, r)| seen(*secs, f64::from(*r))).collect();
        let mut state = Model::initial();
        let mut outcome = Outcome::default();
        for batch in all.chunks(cut) {
            outcome += Outcome::of(&state, batch);
            state = Model::decide(&state, &KNOWN, &record(batch)).unwrap().iter().fold(state, Model::evolve);
        }
        for observation in &all {
            let first = all.iter().find(|other| other.time == observation.time).unwrap();
            prop_assert_eq!(state.result_at(observation.time), Some(first.result));
        }
        prop_assert_eq!(outcome.recorded, state.len());
        prop_assert_eq!(outcome.recorded + outcome.repeated + outcome.conflicting, all.len());
    }

    #[test]
    fn splitting_loses_nothing(secs in prop::collection::vec(-300_000i64..300_000, 0..50)) {
        let all: Vec<Observation> = secs.iter().map(|secs| seen(*secs, 1.0)).collect();
        let split = split_by_day(&all).unwrap();
        prop_assert_eq!(split.iter().map(|(_, part)| part.len()).sum::<usize>(), all.len());
        prop_assert!(split.is_sorted_by(|a, b| a.0 < b.0));
        for (day, part) in split {
            prop_assert!(part.iter().all(|observation| AirQualityDay::of(observation.time) == day));
        }
    }
}

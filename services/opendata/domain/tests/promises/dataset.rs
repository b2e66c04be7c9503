//! The life of a dataset.

use allmende_opendata_domain::dataset::{Command, Event, Model, Rejection, Release, State, WithdrawalReason};
use allmende_opendata_domain::{Finding, Requirement, Source};
use allmende_testkit::given;

use crate::sample::*;

fn withdraw(version: u32) -> Command {
    Command::Withdraw { version, reason: WithdrawalReason::Erasure, at: at(5) }
}

fn withdrawn(version: u32) -> Event {
    Event::VersionWithdrawn { version, reason: WithdrawalReason::Erasure, at: at(5) }
}

#[test]
fn it_is_registered_once() {
    given::<Model>([]).with(None).when(register(observations())).then([registered(observations())]);
    given::<Model>([registered(observations())]).with(None).when(register(observations())).then([]);
    given::<Model>([registered(observations())])
        .with(None)
        .when(register(Source::Manual))
        .then_rejected(Rejection::DatasetDiffers);
    given::<Model>([]).with(None).when(begin(1)).then_rejected(Rejection::DatasetUnknown);
}

#[test]
fn a_version_is_begun_once_for_a_position_of_its_source() {
    let known = || given::<Model>([registered(observations())]).with(None);
    known().when(begin(10)).then([begun(1, 10)]);
    let with_first = || given::<Model>([registered(observations()), begun(1, 10)]).with(None);
    with_first().when(begin(10)).then([]);
    // Whoever issues versions was interrupted and read an older position again.
    with_first().when(begin(9)).then([]);
    with_first().when(begin(11)).then([begun(2, 11)]);
    known().when(Command::BeginVersion { source: None, at: at(2) }).then_rejected(Rejection::SourceDiffers);
}

#[test]
fn an_uploaded_dataset_has_one_draft_at_a_time() {
    let begin = || Command::BeginVersion { source: None, at: at(2) };
    let begun = |version| Event::VersionBegun { version, source: None, at: at(2) };
    let history = vec![registered(Source::Manual), begun(1)];
    given::<Model>(history.clone()).with(None).when(begin()).then([]);
    let released = released(1, Release::Public, zero());
    let history = [history, vec![added(1, file(1)), passed(1), released]].concat();
    given::<Model>(history).with(None).when(begin()).then([begun(2)]);
    given::<Model>([registered(Source::Manual)])
        .with(None)
        .when(crate::sample::begin(1))
        .then_rejected(Rejection::SourceDiffers);
}

#[test]
fn nothing_is_released_unchecked() {
    let draft = || vec![registered(observations()), begun(1, 10), added(1, file(1))];
    let release = || release(1, Release::Cleared);
    given::<Model>(draft()).with(Some(odbl())).when(release()).then_rejected(Rejection::CheckFailed(Vec::new()));
    let with_check = |findings| [draft(), vec![Event::ReleaseChecked { version: 1, findings, at: at(3) }]].concat();
    given::<Model>(with_check(Vec::new())).with(Some(odbl())).when(release()).then([released(
        1,
        Release::Cleared,
        odbl(),
    )]);
    let missing = vec![Finding { requirement: Requirement::Schema, subject: "observations.csv".into() }];
    given::<Model>(with_check(missing.clone()))
        .with(Some(odbl()))
        .when(release())
        .then_rejected(Rejection::CheckFailed(missing));
    // A file that came after the check was not looked at.
    let later = [with_check(Vec::new()), vec![added(1, other_file())]].concat();
    given::<Model>(later).with(Some(odbl())).when(release()).then_rejected(Rejection::CheckFailed(Vec::new()));
}

#[test]
fn the_licence_follows_the_source_at_the_moment_of_release() {
    let checked = vec![registered(observations()), begun(1, 10), added(1, file(1)), passed(1)];
    given::<Model>(checked.clone()).with(Some(odbl())).when(release(1, Release::Public)).then([released(
        1,
        Release::Public,
        odbl(),
    )]);
    let licence = vec![Finding { requirement: Requirement::Licence, subject: String::new() }];
    given::<Model>(checked).with(None).when(release(1, Release::Public)).then_rejected(Rejection::CheckFailed(licence));
}

#[test]
fn public_and_cleared_are_two_states() {
    let public = [&cleared()[..4], &[released(1, Release::Public, odbl())]].concat();
    given::<Model>(public.clone()).with(Some(odbl())).when(release(1, Release::Public)).then([]);
    given::<Model>(public).with(Some(odbl())).when(release(1, Release::Cleared)).then([released(
        1,
        Release::Cleared,
        odbl(),
    )]);
    given::<Model>(cleared()).with(Some(odbl())).when(release(1, Release::Public)).then([]);
    given::<Model>(cleared()).with(Some(odbl())).when(release(1, Release::Draft)).then_rejected(Rejection::NotARelease);
}

#[test]
fn a_released_version_is_the_same_bytes() {
    given::<Model>(cleared()).with(None).when(add(1, file(1))).then([]);
    given::<Model>(cleared()).with(None).when(add(1, file(2))).then_rejected(Rejection::DistributionDiffers);
    given::<Model>(cleared()).with(None).when(add(1, other_file())).then_rejected(Rejection::VersionReleased);
    given::<Model>([cleared(), vec![begun(2, 11)]].concat())
        .with(None)
        .when(add(1, other_file()))
        .then_rejected(Rejection::VersionSuperseded);
    given::<Model>(cleared()).with(None).when(add(2, file(1))).then_rejected(Rejection::VersionUnknown);
}

#[test]
fn a_withdrawn_version_stays_so_and_is_issued_anew() {
    given::<Model>(cleared()).with(None).when(withdraw(1)).then([withdrawn(1)]);
    let gone = || [cleared(), vec![withdrawn(1)]].concat();
    given::<Model>(gone()).with(None).when(withdraw(1)).then([]);
    given::<Model>(gone())
        .with(Some(odbl()))
        .when(release(1, Release::Cleared))
        .then_rejected(Rejection::VersionWithdrawn);
    given::<Model>(gone()).with(None).when(begin(10)).then([begun(2, 10)]);
    given::<Model>(gone()).with(None).when(withdraw(7)).then_rejected(Rejection::VersionUnknown);
}

#[test]
fn an_older_version_can_be_withdrawn_too() {
    let history = [cleared(), vec![begun(2, 11), added(2, file(2))]].concat();
    let state = given::<Model>(history).with(None).when(withdraw(1)).then([withdrawn(1)]);
    let State::Registered(dataset) = state else { panic!("it was registered") };
    assert!(dataset.version(1).unwrap().withdrawn && !dataset.version(2).unwrap().withdrawn);
    assert_eq!((dataset.version(0), dataset.version(3)), (None, None));
}

#[test]
fn files_go_with_a_withdrawal_only() {
    let note = || Command::NoteFilesRemoved { version: 1, at: at(6) };
    given::<Model>(cleared()).with(None).when(note()).then_rejected(Rejection::VersionStands);
    let removed = Event::FilesRemoved { version: 1, at: at(6) };
    let gone = [cleared(), vec![withdrawn(1)]].concat();
    given::<Model>(gone.clone()).with(None).when(note()).then([removed.clone()]);
    given::<Model>([gone, vec![removed]].concat()).with(None).when(note()).then([]);
}

#[test]
fn a_deprecated_dataset_takes_no_new_version() {
    let deprecate = |successor| Command::Deprecate { successor, at: at(7) };
    let deprecated = Event::Deprecated { successor: None, at: at(7) };
    given::<Model>(cleared()).with(None).when(deprecate(None)).then([deprecated.clone()]);
    let old = || [cleared(), vec![deprecated.clone()]].concat();
    given::<Model>(old()).with(None).when(deprecate(None)).then([]);
    given::<Model>(old()).with(None).when(begin(10)).then([]);
    given::<Model>(old()).with(None).when(begin(11)).then_rejected(Rejection::DatasetDeprecated);
}

fn other_file() -> allmende_opendata_domain::Distribution {
    use allmende_opendata_domain::{FileName, Format};
    let file_name = FileName::parse("observations.json", Format::Json).unwrap();
    allmende_opendata_domain::Distribution { file: file_name, format: Format::Json, ..file(9) }
}

//! What is looked at before anything is public: a failed check names what is missing.

use allmende_opendata_domain::dataset::{Command, Event, Model};
use allmende_opendata_domain::{
    Distribution, FileName, Finding, Format, Licence, LicenceTerms, Requirement, Text, findings,
};
use allmende_testkit::given;

use crate::sample::*;

fn found(requirement: Requirement, subject: &str) -> Finding {
    Finding { requirement, subject: subject.into() }
}

#[test]
fn what_has_everything_passes() {
    assert_eq!(findings(Some(&odbl()), &[file(1)], &[]), []);
    let named = LicenceTerms { licence: Licence::CcZero, attribution: String::new() };
    assert_eq!(findings(Some(&named), &[file(1)], &[]), []);
}

#[test]
fn what_is_missing_is_named_all_of_it() {
    let nameless = LicenceTerms { attribution: "  ".into(), ..odbl() };
    let plain = Distribution { columns: Vec::new(), ..file(1) };
    let mut half = file(1);
    half.file = FileName::parse("half.json", Format::Json).unwrap();
    half.columns = vec![column("result"), column("kontakt_email"), column("time")];
    half.columns[0].kind = None;
    half.columns[2].description = Text::default();
    assert_eq!(
        findings(Some(&nameless), &[plain, half], &["half.json".into()]),
        [
            found(Requirement::Attribution, ""),
            found(Requirement::Schema, "observations.csv"),
            found(Requirement::Schema, "half.json#result"),
            found(Requirement::NoPersonalData, "half.json#kontakt_email"),
            found(Requirement::Schema, "half.json#time"),
            found(Requirement::Checksum, "half.json"),
        ]
    );
    assert_eq!(findings(None, &[], &[]), [found(Requirement::Licence, ""), found(Requirement::Distribution, "")]);
}

#[test]
fn a_check_is_kept_and_made_again_when_something_has_changed() {
    let draft = || vec![registered(observations()), begun(1, 10), added(1, file(1))];
    let missing = || vec![found(Requirement::Licence, "")];
    let checked = |findings| Event::ReleaseChecked { version: 1, findings, at: at(3) };
    given::<Model>(draft()).with(None).when(check(1)).then([checked(missing())]);
    let failed = || [draft(), vec![checked(missing())]].concat();
    given::<Model>(failed()).with(None).when(check(1)).then([]);
    given::<Model>(failed()).with(Some(odbl())).when(check(1)).then([passed(1)]);
    let damaged = vec![FileName::parse("observations.csv", Format::Csv).unwrap()];
    given::<Model>(failed())
        .with(Some(odbl()))
        .when(Command::Check { version: 1, damaged, at: at(3) })
        .then([checked(vec![found(Requirement::Checksum, "observations.csv")])]);
}

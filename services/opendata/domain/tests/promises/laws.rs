//! The laws of deciders, for any commands.

use allmende_opendata_domain::dataset::{Command, Model, Release, State, WithdrawalReason};
use allmende_opendata_domain::{DatasetId, LicenceTerms, Source};
use allmende_testkit::laws;
use proptest::prelude::*;

use crate::sample::*;

fn command() -> impl Strategy<Value = Command> {
    let version = 1u32..4;
    let releases = prop_oneof![Just(Release::Draft), Just(Release::Public), Just(Release::Cleared)];
    prop_oneof![
        prop_oneof![Just(observations()), Just(Source::Manual)].prop_map(register),
        prop_oneof![Just("Messwerte"), Just("Anderes")]
            .prop_map(|title| Command::Describe { description: description(title), at: at(9) }),
        prop::option::of(1u64..6).prop_map(|group| Command::BeginVersion { source: group.map(position), at: at(2) }),
        (version.clone(), 0u8..3).prop_map(|(version, content)| add(version, file(content))),
        version.clone().prop_map(check),
        (version.clone(), releases).prop_map(|(version, to)| release(version, to)),
        version.clone().prop_map(|version| Command::Withdraw {
            version,
            reason: WithdrawalReason::Incorrect,
            at: at(5)
        }),
        version.prop_map(|version| Command::NoteFilesRemoved { version, at: at(6) }),
        prop::option::of(Just(DatasetId::from_bytes([3; 16])))
            .prop_map(|successor| Command::Deprecate { successor, at: at(7) }),
        Just(Command::MarkHvd { categories: vec!["http://data.europa.eu/bna/c_dd313021".into()], at: at(8) }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<(Option<LicenceTerms>, Command)>> {
    let terms = prop_oneof![Just(None), Just(Some(odbl())), Just(Some(zero()))];
    prop::collection::vec((terms, command()), 0..40)
}

/// Numbers are dense, what is released was checked and has a licence, and files go only with their version.
fn invariant(state: &State) -> Result<(), String> {
    let State::Registered(dataset) = state else { return Ok(()) };
    if dataset.past.len() as u32 + 1 != dataset.versions().max(1) {
        return Err("numbers of versions have a gap".into());
    }
    if let Some(version) = &dataset.last {
        let sound = version.release == Release::Draft
            || (version.terms.is_some() && version.check.as_ref().is_some_and(|check| check.findings.is_empty()));
        // A check after the release may find that a file was damaged or a licence went; the release was sound.
        if !sound && version.check.as_ref().is_none_or(|check| check.findings.is_empty()) {
            return Err("released without a check".into());
        }
        if version.files_removed && version.withdrawn.is_none() {
            return Err("the files of a version that stands are gone".into());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn replay_keeps_what_always_holds(steps in steps()) {
        laws::replay_keeps::<Model>(&steps, invariant)?;
    }

    #[test]
    fn snapshot_and_tail_are_the_whole(steps in steps()) {
        laws::snapshot_and_tail_are_the_whole::<Model>(&steps, |state| state)?;
    }

    #[test]
    fn decided_again_yields_nothing(steps in steps()) {
        laws::decided_again_yields_nothing::<Model>(&steps)?;
    }
}

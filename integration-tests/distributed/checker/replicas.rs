//! What holds of logs whatever is in them.

use std::collections::{BTreeMap, HashMap};

use super::{Findings, Promise};
use crate::ledger::Ledger;

pub(super) fn check(ledgers: &[Ledger], longest: &BTreeMap<&str, &Ledger>, findings: &mut Findings) {
    for ledger in ledgers {
        chain(ledger, findings);
        revisions(ledger, findings);
        let other = longest[ledger.partition.as_str()];
        let differs = ledger.groups.iter().zip(&other.groups).find(|(own, other)| own.hash != other.hash);
        findings.unless(differs.is_none(), Promise::ReplicasAreEqual, || {
            let number = differs.map_or(0, |(own, _)| own.number);
            format!(
                "group {number} of {} is another one on {} than on {}",
                ledger.partition, ledger.member, other.member
            )
        });
    }
}

fn chain(ledger: &Ledger, findings: &mut Findings) {
    let place = |number: u64| format!("group {number} of {} on {}", ledger.partition, ledger.member);
    let mut before = None;
    for (group, number) in ledger.groups.iter().zip(1..) {
        let follows = group.number == number && before.is_none_or(|hash| hash == group.previous);
        findings.unless(follows, Promise::NoGap, || format!("{} does not follow the one before", place(number)));
        findings.unless(group.whole, Promise::NoGap, || format!("{} is not what its hash says", place(number)));
        before = Some(group.hash);
    }
}

fn revisions(ledger: &Ledger, findings: &mut Findings) {
    let mut reached: HashMap<&str, u64> = HashMap::new();
    for commit in ledger.commits() {
        for event in &commit.events {
            let last = reached.entry(&event.stream).or_default();
            findings.unless(event.revision == *last + 1, Promise::NoGap, || {
                let (stream, at, on) = (&event.stream, commit.position, &ledger.member);
                format!("{stream} goes from revision {last} to {} at {at} on {on}", event.revision)
            });
            *last = event.revision;
        }
    }
}

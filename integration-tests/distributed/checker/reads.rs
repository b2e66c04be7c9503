//! Reads: each shows what the log has at the position that it names, and names none before its token.

use std::collections::BTreeMap;

use super::{Findings, Promise};
use crate::history::{History, Partition, Read, Shown};
use crate::ledger::{Fact, Ledger};

/// How many notices are shown.
const LATEST: usize = 20;

pub(super) fn check(history: &History, logs: &BTreeMap<&str, &Ledger>, findings: &mut Findings) {
    for reason in &history.refused_reads {
        findings.unless(false, Promise::NoStaleRead, || format!("a read was refused: {reason}"));
    }
    for partition in Partition::ALL {
        let Some(log) = logs.get(partition.name()) else { continue };
        let mut reads: Vec<_> = history.reads.iter().filter(|read| read.shown.partition() == partition).collect();
        reads.sort_by_key(|read| read.seen);
        let (mut facts, mut state) = (log.facts().peekable(), State::default());
        for read in reads {
            while let Some((_, fact)) = facts.next_if(|(at, _)| *at <= read.seen) {
                state.add(fact);
            }
            one(read, &state, findings);
        }
    }
}

fn one(read: &Read, state: &State, findings: &mut Findings) {
    let Read { given, seen, shown } = read;
    findings.unless(seen >= given, Promise::NoStaleRead, || {
        format!("a read was given {given} and answered from {seen}: {shown:?}")
    });
    let expected = state.as_asked_by(shown);
    findings.unless(expected == *shown, Promise::NoStaleRead, || {
        format!("a read at {seen} (given {given}) showed {shown:?}, and the log has {expected:?}")
    });
}

/// What can be read at a position.
#[derive(Default)]
struct State {
    notices: Vec<String>,
    readings: BTreeMap<u32, u32>,
}

impl State {
    fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::Notice { text } => self.notices.push(text.clone()),
            Fact::Readings { values } => self.readings.extend(values),
            _ => {}
        }
    }

    fn as_asked_by(&self, shown: &Shown) -> Shown {
        match *shown {
            Shown::Notices(_) => Shown::Notices(self.notices.iter().rev().take(LATEST).cloned().collect()),
            Shown::Readings { from, to, .. } => {
                let values = self.readings.range(from..to).map(|(slot, value)| (*slot, *value)).collect();
                Shown::Readings { from, to, values }
            }
        }
    }
}

//! Goes over a run at its end: pure, on what clients were told and what the members have stored.
//!
//! | promise | rule |
//! |---|---|
//! | nothing acknowledged is lost | `commands`: what an answer says is in the log, no later than the answer's position |
//! | nothing happens twice | `commands`: a request has one commit, a text one event, a time one recorded value |
//! | nobody is told two things | `commands`: all answers to a request agree with its commit, and so with each other |
//! | nothing is there that nobody asked for | `commands` |
//! | revisions are dense, the chain has no gap | `replicas` |
//! | every replica has the same hash at the same position | `replicas` |
//! | no answer of a deposed leader | `order`: whoever was answered comes before whoever asked later; `commands`: a refusal rests on what is in the log |
//! | no read older than its token | `reads`: it shows exactly what the log has at a position that is not before the token |

mod commands;
mod order;
mod reads;
mod replicas;

use std::collections::BTreeMap;
use std::fmt;

use crate::history::History;
use crate::ledger::Ledger;

/// What the platform promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    NothingIsLost,
    NothingTwice,
    OneAnswer,
    NothingInvented,
    NoGap,
    ReplicasAreEqual,
    NoDeposedAnswer,
    NoStaleRead,
}

/// A promise that was not kept, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) promise: Promise,
    pub(crate) what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.promise, self.what)
    }
}

/// Collects what is found.
#[derive(Debug, Default)]
struct Findings(Vec<Broken>);

impl Findings {
    fn unless(&mut self, holds: bool, promise: Promise, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Broken { promise, what: what() });
        }
    }
}

/// Everything that is wrong. `ledgers` hold each partition of each member.
pub(crate) fn check(history: &History, ledgers: &[Ledger]) -> Vec<Broken> {
    let mut findings = Findings::default();
    // As far as they reach, replicas are the same; what is looked for is in the longest one.
    let mut longest: BTreeMap<&str, &Ledger> = BTreeMap::new();
    for ledger in ledgers {
        let kept = longest.entry(&ledger.partition).or_insert(ledger);
        if ledger.head() > kept.head() {
            *kept = ledger;
        }
    }
    replicas::check(ledgers, &longest, &mut findings);
    commands::check(history, &longest, &mut findings);
    order::check(history, &longest, &mut findings);
    reads::check(history, &longest, &mut findings);
    findings.0
}

//! Each command against the log: whether it is there as it was told, once, and nothing else.

use std::collections::{BTreeMap, HashMap};

use allmende_kernel::Position;
use uuid::Uuid;

use super::{Findings, Promise};
use crate::history::{Command, Content, Fate, History, Told};
use crate::ledger::{Commit, Fact, Ledger};

/// Where what can be there once is.
#[derive(Default)]
struct Places<'a> {
    commits: HashMap<Uuid, &'a Commit>,
    notices: HashMap<&'a str, Position>,
    readings: HashMap<u32, (Position, u32)>,
    stations: HashMap<Uuid, (Position, bool)>,
}

pub(super) fn check(history: &History, logs: &BTreeMap<&str, &Ledger>, findings: &mut Findings) {
    let asked: HashMap<Uuid, &Command> = history.commands.iter().map(|command| (command.request, command)).collect();
    let places = places(logs, &asked, findings);
    for command in &history.commands {
        let stored = places.commits.get(&command.request).copied();
        for (_, position, told) in command.acknowledgements() {
            answer(command, stored, position, told, &places, findings);
        }
        for (_, reason) in command.refusals() {
            refusal(command, stored, reason, &places, findings);
        }
    }
}

/// Finds everything, and what is there twice or was asked for by nobody.
fn places<'a>(
    logs: &BTreeMap<&str, &'a Ledger>,
    asked: &HashMap<Uuid, &Command>,
    findings: &mut Findings,
) -> Places<'a> {
    let mut places = Places::default();
    for commit in logs.values().flat_map(|log| log.commits()) {
        let at = commit.position;
        if let Some(request) = commit.request {
            // The first one counts; another one is wrong, and once is enough.
            let first = *places.commits.entry(request).or_insert(commit);
            findings.unless(first.position == at, Promise::NothingTwice, || {
                format!("request {request} is stored at {} and again at {at}", first.position)
            });
        }
        let command = commit.request.and_then(|request| asked.get(&request));
        for fact in commit.events.iter().map(|event| &event.fact) {
            let wanted = command.is_some_and(|command| is_asked_for(fact, &command.content));
            findings.unless(wanted || *fact == Fact::Other, Promise::NothingInvented, || {
                format!("{fact:?} at {at} is not what {:?} asked for", commit.request)
            });
            let once = places.note(fact, at);
            findings.unless(once, Promise::NothingTwice, || format!("{fact:?} at {at} was there before"));
        }
    }
    places
}

impl<'a> Places<'a> {
    /// False if there is something at its place.
    fn note(&mut self, fact: &'a Fact, at: Position) -> bool {
        match fact {
            Fact::Notice { text } => self.notices.insert(text, at).is_none(),
            Fact::Readings { values } => {
                // Each of them, whatever became of the ones before.
                values
                    .iter()
                    .map(|(slot, value)| self.readings.insert(*slot, (at, *value)).is_none())
                    .fold(true, |a, b| a & b)
            }
            Fact::Station { station, reference } => self.stations.insert(*station, (at, *reference)).is_none(),
            Fact::Conflict { .. } | Fact::Other => true,
        }
    }
}

fn is_asked_for(fact: &Fact, content: &Content) -> bool {
    match (fact, content) {
        (Fact::Notice { text }, Content::Notice { text: asked }) => text == asked,
        (Fact::Readings { values }, Content::Reading { slot, value }) => *values == BTreeMap::from([(*slot, *value)]),
        (Fact::Conflict { slot, refused }, Content::Reading { slot: asked, value }) => {
            slot == asked && refused == value
        }
        (Fact::Station { station, reference }, Content::Claim { station: asked, reference: wanted }) => {
            station == asked && reference == wanted
        }
        _ => false,
    }
}

/// An answer against the command's commit, or against what it rests on if it changed nothing.
fn answer(
    command: &Command,
    stored: Option<&Commit>,
    told_at: Position,
    told: Told,
    places: &Places<'_>,
    findings: &mut Findings,
) {
    let request = command.request;
    let has =
        |fact: fn(&Fact) -> bool| stored.is_some_and(|commit| commit.events.iter().any(|event| fact(&event.fact)));
    let agrees = match (&command.content, told) {
        (Content::Notice { .. }, Told::Published) => has(|fact| matches!(fact, Fact::Notice { .. })),
        (Content::Reading { .. }, Told::Reading(Fate::Recorded)) => has(|fact| matches!(fact, Fact::Readings { .. })),
        (Content::Reading { .. }, Told::Reading(Fate::Conflicting)) => {
            has(|fact| matches!(fact, Fact::Conflict { .. }))
        }
        // No two commands have the same value for a time: it would be this one that is done a second time.
        (Content::Reading { .. }, Told::Reading(Fate::Repeated)) => {
            findings.unless(false, Promise::NothingTwice, || format!("request {request} met its own value"));
            return;
        }
        (Content::Claim { station, reference }, Told::Station { reference: is }) => {
            // Again with the same properties it changes nothing.
            reference == &is && places.stations.get(station).is_some_and(|(at, stored)| *at <= told_at && *stored == is)
        }
        _ => false,
    };
    findings.unless(agrees, Promise::NothingIsLost, || {
        format!("request {request} ({:?}) was told {told:?} at {told_at}; its commit is {stored:?}", command.content)
    });
    if let Some(commit) = stored {
        let at = commit.position;
        findings.unless(at <= told_at, Promise::NothingIsLost, || {
            format!("request {request} was told {told_at}, where it is not: it is at {at}")
        });
        // Telemetry tells where the command's commit is, participation a position that shows it.
        let exact = command.content.partition() == crate::history::Partition::Telemetry;
        findings.unless(!exact || at == told_at, Promise::OneAnswer, || {
            format!("request {request} was told {told_at} and is at {at}")
        });
    }
}

/// A refusal is final, and rests on what is in the log.
fn refusal(command: &Command, stored: Option<&Commit>, reason: &str, places: &Places<'_>, findings: &mut Findings) {
    let request = command.request;
    findings.unless(stored.is_none(), Promise::OneAnswer, || {
        format!("request {request} was refused ({reason}) and is stored: {stored:?}")
    });
    let rests = match &command.content {
        Content::Claim { station, reference } if reason == "STATION_DIFFERS" => {
            places.stations.get(station).is_some_and(|(_, stored)| stored != reference)
        }
        _ => false,
    };
    findings.unless(rests, Promise::NoDeposedAnswer, || {
        format!("request {request} ({:?}) was refused for nothing that is in the log: {reason}", command.content)
    });
}

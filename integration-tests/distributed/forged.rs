//! The checker itself: a run as it should be is found good, and each way to break a promise is found in it.

use std::collections::BTreeMap;
use std::time::Duration;

use allmende_eventlog::Hash;
use allmende_kernel::Position;
use uuid::Uuid;

use crate::checker::{Promise, check};
use crate::history::{Attempt, Command, Content, Fate, History, Outcome, Read, Shown, Told};
use crate::ledger::{Commit, Event, Fact, Group, Ledger};

const STATION: Uuid = Uuid::from_u128(9);

fn at(group: u64) -> Position {
    Position::new(group, 0)
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A command that was sent at a second and answered in the next.
fn command(request: u128, content: Content, second: u64, outcome: Outcome) -> Command {
    let asked = Duration::from_secs(second);
    Command { request: id(request), content, attempts: vec![again(asked, outcome)] }
}

fn again(asked: Duration, outcome: Outcome) -> Attempt {
    Attempt { asked, answered: asked + Duration::from_millis(500), outcome }
}

fn done(group: u64, told: Told) -> Outcome {
    Outcome::Acknowledged { position: at(group), told }
}

fn notice(text: &str) -> Content {
    Content::Notice { text: text.into() }
}

fn stored(number: u64, request: u128, stream: &str, revision: u64, fact: Fact) -> Group {
    let event = Event { stream: stream.into(), revision, fact };
    let commit = Commit { position: at(number), request: Some(id(request)), events: vec![event] };
    let (previous, hash) = (Hash([number as u8 - 1; 32]), Hash([number as u8; 32]));
    Group { number, previous, hash, whole: true, commits: vec![commit] }
}

fn values(slot: u32, value: u32) -> BTreeMap<u32, u32> {
    BTreeMap::from([(slot, value)])
}

fn text(text: &str) -> Fact {
    Fact::Notice { text: text.into() }
}

struct Run {
    history: History,
    ledgers: Vec<Ledger>,
}

impl Run {
    /// Two notices, the first one asked for twice; a time that two wanted; a station that three wanted.
    fn good() -> Self {
        let reading = |value| Content::Reading { slot: 4, value };
        let claim = |reference| Content::Claim { station: STATION, reference };
        let is = Told::Station { reference: true };
        let mut first = command(1, notice("one"), 1, done(1, Told::Published));
        first.attempts.push(again(Duration::from_secs(3), done(2, Told::Published)));
        let commands = vec![
            first,
            command(2, notice("two"), 2, done(2, Told::Published)),
            command(3, reading(30), 1, done(1, Told::Reading(Fate::Recorded))),
            command(4, reading(40), 1, done(2, Told::Reading(Fate::Conflicting))),
            command(5, claim(true), 2, done(3, is)),
            command(6, claim(false), 3, Outcome::Refused { reason: "STATION_DIFFERS".into() }),
            command(7, claim(true), 4, done(3, is)),
            command(8, notice("three"), 4, Outcome::Unknown),
        ];
        let shown = Shown::Notices(vec!["two".into(), "one".into()]);
        let readings = Shown::Readings { from: 0, to: 10, values: values(4, 30) };
        let reads =
            vec![Read { given: at(1), seen: at(2), shown }, Read { given: at(1), seen: at(1), shown: readings }];
        let participation =
            vec![stored(1, 1, "t/procedure/1", 1, text("one")), stored(2, 2, "t/procedure/1", 2, text("two"))];
        let telemetry = vec![
            stored(1, 3, "t/day/1", 1, Fact::Readings { values: values(4, 30) }),
            stored(2, 4, "t/day/1", 2, Fact::Conflict { slot: 4, refused: 40 }),
            stored(3, 5, "t/station/9", 1, Fact::Station { station: STATION, reference: true }),
        ];
        let mut ledgers = Vec::new();
        for member in ["m0", "m1"] {
            for (partition, groups) in [("participation-0", &participation), ("telemetry-0", &telemetry)] {
                let (member, partition, groups) = (member.to_owned(), partition.to_owned(), groups.clone());
                ledgers.push(Ledger { member, partition, groups });
            }
        }
        Self { history: History { commands, reads, ..History::default() }, ledgers }
    }

    fn attempt(&mut self, command: usize) -> &mut Attempt {
        &mut self.history.commands[command].attempts[0]
    }

    /// Changes a group on all members.
    fn group(&mut self, partition: &str, number: usize, change: impl Fn(&mut Group)) {
        let ledgers = self.ledgers.iter_mut().filter(|ledger| ledger.partition == partition);
        ledgers.for_each(|ledger| change(&mut ledger.groups[number - 1]));
    }
}

fn found(forge: impl FnOnce(&mut Run)) -> Vec<Promise> {
    let mut run = Run::good();
    forge(&mut run);
    let mut promises: Vec<_> = check(&run.history, &run.ledgers).iter().map(|broken| broken.promise).collect();
    promises.sort_unstable();
    promises.dedup();
    promises
}

#[test]
fn a_good_run_is_good() {
    let run = Run::good();
    assert_eq!(check(&run.history, &run.ledgers), []);
}

#[test]
fn what_is_not_known_may_be_done_or_not() {
    let done_later = |run: &mut Run| {
        for ledger in run.ledgers.iter_mut().filter(|ledger| ledger.partition == "participation-0") {
            ledger.groups.push(stored(3, 8, "t/procedure/1", 3, text("three")));
        }
    };
    assert_eq!(found(done_later), []);
}

#[test]
fn a_member_may_be_behind() {
    assert_eq!(found(|run| drop(run.ledgers[1].groups.pop())), []);
}

#[test]
fn what_was_acknowledged_and_is_not_there_is_found() {
    let lost = |run: &mut Run| run.group("participation-0", 2, |group| group.commits.clear());
    assert!(found(lost).contains(&Promise::NothingIsLost));
    let lost_claim = |run: &mut Run| run.group("telemetry-0", 3, |group| group.commits.clear());
    assert!(found(lost_claim).contains(&Promise::NothingIsLost));
    let told_too_early = |run: &mut Run| run.attempt(1).outcome = done(1, Told::Published);
    assert_eq!(found(told_too_early), [Promise::NothingIsLost]);
}

#[test]
fn what_happened_twice_is_found() {
    let again_stored = |request, fact: Fact| {
        move |run: &mut Run| {
            for ledger in run.ledgers.iter_mut().filter(|ledger| ledger.partition == "participation-0") {
                ledger.groups.push(stored(3, request, "t/procedure/1", 3, fact.clone()));
            }
        }
    };
    assert_eq!(found(again_stored(1, text("one"))), [Promise::NothingTwice]);
    // The event is another one's, but no less there for the second time.
    assert!(found(again_stored(8, text("one"))).contains(&Promise::NothingTwice));
    let met_its_own = |run: &mut Run| run.attempt(3).outcome = done(2, Told::Reading(Fate::Repeated));
    assert_eq!(found(met_its_own), [Promise::NothingTwice]);
    let recorded_twice = |run: &mut Run| {
        run.group("telemetry-0", 2, |group| group.commits[0].events[0].fact = Fact::Readings { values: values(4, 40) });
    };
    assert!(found(recorded_twice).contains(&Promise::NothingTwice));
}

#[test]
fn two_answers_to_one_request_are_found() {
    let elsewhere = |run: &mut Run| {
        let second = again(Duration::from_secs(5), done(3, Told::Reading(Fate::Recorded)));
        run.history.commands[2].attempts.push(second);
    };
    assert_eq!(found(elsewhere), [Promise::OneAnswer]);
    let another_fate = |run: &mut Run| {
        let second = again(Duration::from_secs(5), done(1, Told::Reading(Fate::Conflicting)));
        run.history.commands[2].attempts.push(second);
    };
    assert!(!found(another_fate).is_empty());
    let done_and_refused = |run: &mut Run| {
        let refused = Outcome::Refused { reason: "STATION_DIFFERS".into() };
        run.history.commands[4].attempts.push(again(Duration::from_secs(5), refused));
    };
    assert!(found(done_and_refused).contains(&Promise::OneAnswer));
}

#[test]
fn what_nobody_asked_for_is_found() {
    let unknown = |run: &mut Run| drop(run.history.commands.remove(1));
    assert_eq!(found(unknown), [Promise::NothingInvented]);
    let changed = |run: &mut Run| run.group("participation-0", 2, |group| group.commits[0].events[0].fact = text("2"));
    assert!(found(changed).contains(&Promise::NothingInvented));
}

#[test]
fn gaps_are_found() {
    let revision = |run: &mut Run| run.group("participation-0", 2, |group| group.commits[0].events[0].revision = 3);
    assert_eq!(found(revision), [Promise::NoGap]);
    let chain = |run: &mut Run| run.group("participation-0", 2, |group| group.previous = Hash([7; 32]));
    assert_eq!(found(chain), [Promise::NoGap]);
    let damaged = |run: &mut Run| run.ledgers[0].groups[0].whole = false;
    assert_eq!(found(damaged), [Promise::NoGap]);
    let number = |run: &mut Run| run.group("participation-0", 2, |group| group.number = 4);
    assert_eq!(found(number), [Promise::NoGap]);
}

#[test]
fn members_that_differ_are_found() {
    let differs = |run: &mut Run| run.ledgers[3].groups[2].hash = Hash([7; 32]);
    assert_eq!(found(differs), [Promise::ReplicasAreEqual]);
}

#[test]
fn answers_of_a_deposed_leader_are_found() {
    // It was sent after the second one was answered, and has the place before it.
    let before_its_time = |run: &mut Run| run.attempt(0).asked = Duration::from_secs(20);
    let and_again = move |run: &mut Run| {
        before_its_time(run);
        run.history.commands[0].attempts.truncate(1);
    };
    assert_eq!(found(and_again), [Promise::NoDeposedAnswer]);
    let already_so_but_old = |run: &mut Run| {
        run.attempt(6).outcome = done(2, Told::Station { reference: true });
    };
    assert!(found(already_so_but_old).contains(&Promise::NoDeposedAnswer));
    let refused_for_nothing =
        |run: &mut Run| run.history.commands[5].content = Content::Claim { station: id(8), reference: false };
    assert_eq!(found(refused_for_nothing), [Promise::NoDeposedAnswer]);
}

#[test]
fn reads_of_the_past_are_found() {
    let before_its_token = |run: &mut Run| run.history.reads[1].given = at(2);
    assert_eq!(found(before_its_token), [Promise::NoStaleRead]);
    let not_all = |run: &mut Run| run.history.reads[0].shown = Shown::Notices(vec!["one".into()]);
    assert_eq!(found(not_all), [Promise::NoStaleRead]);
    let not_yet = |run: &mut Run| run.history.reads[1].seen = at(0);
    assert_eq!(found(not_yet), [Promise::NoStaleRead]);
    let refused = |run: &mut Run| run.history.refused_reads.push("TOKEN_AHEAD".into());
    assert_eq!(found(refused), [Promise::NoStaleRead]);
}

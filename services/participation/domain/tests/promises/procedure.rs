//! A procedure is opened once, amended while it goes on, and closed for good.

use allmende_participation_domain::procedure::{Command, Event, Model, Rejection, Terms};
use allmende_participation_domain::{PhaseKind, Schedule};
use allmende_testkit::given;

use crate::fixture::{opened, phase, schedule, september, terms};

fn open(terms: Terms) -> Command {
    Command::Open { terms, schedule: schedule(), at: september(1) }
}

fn longer() -> Schedule {
    Schedule::new(vec![phase(PhaseKind::Submission, 7, 20)], None)
}

fn amend() -> Command {
    Command::AmendPhases { schedule: longer(), reason: "Viele Anfragen".into(), at: september(14) }
}

fn closed() -> Event {
    Event::Closed { reason: "Beendet".into(), at: september(15) }
}

#[test]
fn it_is_opened_once() {
    given::<Model>([]).when(open(terms())).then([opened()]);
    given::<Model>([opened()]).when(open(terms())).then([]);
    let other = Terms { title: "Anders".into(), ..terms() };
    given::<Model>([opened()]).when(open(other)).then_rejected(Rejection::Differs);
    given::<Model>([]).when(amend()).then_rejected(Rejection::Unknown);
}

#[test]
fn it_is_amended_while_it_goes_on() {
    let amended = Event::PhasesAmended { schedule: longer(), reason: "Viele Anfragen".into(), at: september(14) };
    given::<Model>([opened()]).when(amend()).then([amended.clone()]);
    given::<Model>([opened(), amended]).when(amend()).then([]);
    given::<Model>([opened(), closed()]).when(amend()).then_rejected(Rejection::Closed);
}

#[test]
fn the_public_is_told_how_it_stands_also_after_the_end() {
    let tell = || Command::PublishStatus { text: "Der Rat berät".into(), at: september(20) };
    let told = Event::StatusPublished { text: "Der Rat berät".into(), at: september(20) };
    given::<Model>([opened(), closed()]).when(tell()).then([told.clone()]);
    given::<Model>([opened(), told]).when(tell()).then([]);
}

#[test]
fn it_is_closed_once() {
    let close = || Command::Close { reason: "Beendet".into(), at: september(15) };
    given::<Model>([opened()]).when(close()).then([closed()]);
    given::<Model>([opened(), closed()]).when(close()).then([]);
}

#[test]
fn phases_stand_in_order_of_time_and_may_overlap() {
    let schedule = Schedule::new(vec![phase(PhaseKind::Support, 10, 20), phase(PhaseKind::Submission, 7, 15)], None);
    assert_eq!(schedule.phases()[0].kind, PhaseKind::Submission);
    let open = |day| schedule.open_at(september(day)).map(|phase| phase.kind).collect::<Vec<_>>();
    assert_eq!(open(9), [PhaseKind::Submission]);
    assert_eq!(open(12), [PhaseKind::Submission, PhaseKind::Support]);
    assert_eq!(open(21), []);
}

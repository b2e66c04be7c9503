use allmende_gateway_domain::erasure::{
    AtHome, Command, Decision, Due, Event, Exception, Ground, Model, Rejection, Request, Scope, Verdict,
};
use allmende_testkit::given;
use proptest::prelude::*;

use crate::support::{at, contribution, laws_hold, subject};

fn request(scope: Scope) -> Request {
    let due = Due { day: "2026-12-24".to_owned(), until: at(2_592_000) };
    Request { subject: subject(1), scope, due, at: at(0) }
}

fn accepted(kept: &[u128]) -> Verdict {
    let exception = |number: &u128| Exception {
        contribution: contribution(*number),
        ground: Ground::Archiving,
        legal_basis: "§ 3 Archivgesetz".to_owned(),
    };
    Verdict::Accepted { exceptions: kept.iter().map(exception).collect() }
}

fn refused() -> Verdict {
    Verdict::Refused { ground: Ground::LegalClaims, legal_basis: "Art. 17 Abs. 3 lit. e DSGVO".to_owned() }
}

fn decision(verdict: Verdict) -> Decision {
    Decision { verdict, by: subject(2), at: at(50) }
}

fn decided(scope: Scope, verdict: Verdict) -> Event {
    Event::Decided { subject: subject(1), scope, decision: decision(verdict) }
}

#[test]
fn an_account_is_erased_where_it_is() {
    let ask = |scope| Command::Request(request(scope));
    given::<Model>([]).with(AtHome(false)).when(ask(Scope::Account)).then_rejected(Rejection::Elsewhere);
    let requested = Event::Requested(request(Scope::Contributions));
    given::<Model>([]).with(AtHome(false)).when(ask(Scope::Contributions)).then([requested.clone()]);
    given::<Model>([requested.clone()]).with(AtHome(false)).when(ask(Scope::Contributions)).then([]);
    given::<Model>([requested]).with(AtHome(true)).when(ask(Scope::Account)).then_rejected(Rejection::Differs);
}

#[test]
fn decided_is_decided() {
    let requested = || Event::Requested(request(Scope::Contributions));
    let decide = |verdict| Command::Decide(decision(verdict));
    let asked = || given::<Model>([requested()]).with(AtHome(true));
    asked().when(decide(accepted(&[]))).then([decided(Scope::Contributions, accepted(&[]))]);
    asked().when(decide(refused())).then([decided(Scope::Contributions, refused())]);
    let over = || given::<Model>([requested(), decided(Scope::Contributions, refused())]).with(AtHome(true));
    over().when(decide(refused())).then([]);
    over().when(decide(accepted(&[]))).then_rejected(Rejection::Decided);
    given::<Model>([]).with(AtHome(true)).when(decide(refused())).then_rejected(Rejection::Unknown);
}

#[test]
fn an_exception_is_part_of_what_was_asked_for() {
    let scope = || Scope::Named(vec![contribution(1), contribution(2)]);
    let asked = || given::<Model>([Event::Requested(request(scope()))]).with(AtHome(true));
    let decide = |kept: &[u128]| Command::Decide(decision(accepted(kept)));
    asked().when(decide(&[2])).then([decided(scope(), accepted(&[2]))]);
    asked().when(decide(&[3])).then_rejected(Rejection::ExceptionOutOfScope);
}

#[test]
fn what_was_not_accepted_is_not_executed() {
    let note = Command::NoteExecution { at: at(60) };
    let with = |scope: Scope, verdict| {
        given::<Model>([Event::Requested(request(scope.clone())), decided(scope, verdict)]).with(AtHome(true))
    };
    with(Scope::Account, accepted(&[])).when(note.clone()).then([Event::Executed { at: at(60) }]);
    for given in [with(Scope::Account, refused()), with(Scope::Contributions, accepted(&[]))] {
        given.when(note.clone()).then_rejected(Rejection::NothingToExecute);
    }
}

proptest! {
    #[test]
    fn the_laws_hold(wishes in prop::collection::vec((0u8..5, any::<bool>()), 0..12)) {
        let steps: Vec<_> = wishes.into_iter().map(|(wish, at_home)| {
            let command = match wish {
                0 => Command::Request(request(Scope::Account)),
                1 => Command::Request(request(Scope::Contributions)),
                2 => Command::Decide(decision(accepted(&[1]))),
                3 => Command::Decide(decision(refused())),
                _ => Command::NoteExecution { at: at(60) },
            };
            (AtHome(at_home), command)
        }).collect();
        laws_hold::<Model>(&steps, |state| match state {
            Some(erasure) if erasure.executed_at.is_some() && !erasure.takes_the_account() => Err("executed".to_owned()),
            _ => Ok(()),
        })?;
    }
}

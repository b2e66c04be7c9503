use allmende_gateway_domain::session::{Command, End, Event, Model, Rejection, Standing};
use allmende_kernel::Level;
use allmende_testkit::{Given, given};
use proptest::prelude::*;

use crate::support::{at, laws_hold, subject, token};

const GOOD: Standing = Standing { sessions_since: Some(allmende_kernel::Timestamp::from_secs(0)) };

fn begun() -> Event {
    Event::Begun { subject: subject(1), level: Level::Email, token: token(1), at: at(10), ends_at: at(10_000) }
}

fn begin() -> Command {
    Command::Begin { subject: subject(1), level: Level::Email, token: token(1), at: at(10), ends_at: at(10_000) }
}

fn refreshed(with: u8, when: i64) -> Event {
    Event::Refreshed { token: token(with), at: at(when) }
}

fn refresh(presented: u8, next: u8, when: i64) -> Command {
    Command::Refresh { presented: token(presented), next: token(next), at: at(when) }
}

fn going_on() -> Given<Model> {
    given([begun(), refreshed(2, 900)])
}

#[test]
fn a_token_is_good_once() {
    given::<Model>([]).with(GOOD).when(begin()).then([begun()]);
    given::<Model>([begun()]).with(GOOD).when(begin()).then([]);
    given::<Model>([begun()]).with(GOOD).when(refresh(1, 2, 900)).then([refreshed(2, 900)]);
    going_on().with(GOOD).when(refresh(2, 3, 1_800)).then([refreshed(3, 1_800)]);
}

#[test]
fn used_a_second_time_at_once_it_is_a_lost_answer_and_later_a_theft() {
    going_on().with(GOOD).when(refresh(1, 2, 930)).then([]);
    let ended = Event::Ended { reason: End::TokenReused, at: at(931) };
    going_on().with(GOOD).when(refresh(1, 2, 931)).then([ended.clone()]);
    given::<Model>([begun(), refreshed(2, 900), ended])
        .with(GOOD)
        .when(refresh(2, 3, 940))
        .then_rejected(Rejection::TokenWrong);
}

#[test]
fn who_asks_for_several_pages_at_once_goes_on_with_one_token() {
    for _ in 0..3 {
        going_on().with(GOOD).when(refresh(1, 2, 901)).then([]);
    }
    going_on().with(GOOD).when(refresh(2, 3, 1_800)).then([refreshed(3, 1_800)]);
    // It went on by two steps meanwhile.
    let twice = || given::<Model>([begun(), refreshed(2, 900), refreshed(3, 910)]);
    assert_eq!(twice().with(GOOD).when(refresh(1, 2, 930)).then([]), twice().state());
    twice().with(GOOD).when(refresh(2, 3, 940)).then([]);
    let ended = |when| [Event::Ended { reason: End::TokenReused, at: at(when) }];
    twice().with(GOOD).when(refresh(1, 2, 931)).then(ended(931));
    twice().with(GOOD).when(refresh(2, 3, 941)).then(ended(941));
}

#[test]
fn however_fast_a_session_goes_on_it_remembers_few_tokens() {
    let steps = (2..=40).map(|with| refreshed(with, 900));
    let fast = || given::<Model>([begun()].into_iter().chain(steps.clone()));
    fast().with(GOOD).when(refresh(24, 25, 901)).then([]);
    let ended = Event::Ended { reason: End::TokenReused, at: at(901) };
    fast().with(GOOD).when(refresh(23, 24, 901)).then([ended]);
}

#[test]
fn a_session_ends_in_time_with_the_password_and_with_the_account() {
    going_on().with(GOOD).when(refresh(2, 3, 10_000)).then_rejected(Rejection::TokenWrong);
    let changed = Standing { sessions_since: Some(at(11)) };
    going_on().with(changed).when(refresh(2, 3, 1_800)).then_rejected(Rejection::TokenWrong);
    let gone = Standing { sessions_since: None };
    going_on().with(gone).when(refresh(2, 3, 1_800)).then_rejected(Rejection::TokenWrong);
    let ended = Event::Ended { reason: End::SignedOut, at: at(950) };
    going_on().with(GOOD).when(Command::SignOut { at: at(950) }).then([ended.clone()]);
    let over = || given::<Model>([begun(), ended.clone()]);
    over().with(GOOD).when(Command::SignOut { at: at(960) }).then([]);
    over().with(GOOD).when(refresh(1, 3, 960)).then_rejected(Rejection::TokenWrong);
    given::<Model>([]).with(GOOD).when(refresh(1, 3, 960)).then_rejected(Rejection::TokenWrong);
}

proptest! {
    /// Times run, as they do, and every next token is new.
    #[test]
    fn the_laws_hold(wishes in prop::collection::vec((0u8..5, 0u8..12, 1i64..60), 0..30)) {
        let mut now = 0;
        let steps: Vec<_> = wishes.into_iter().enumerate().map(|(index, (wish, presented, later))| {
            now += later;
            let command = match wish {
                0 => begin(),
                1 => Command::SignOut { at: at(now) },
                _ => refresh(presented, 100 + index as u8, now),
            };
            (GOOD, command)
        }).collect();
        // Beginning again is "already so" only for the same session.
        laws_hold::<Model>(&steps, |_| Ok(()))?;
    }
}

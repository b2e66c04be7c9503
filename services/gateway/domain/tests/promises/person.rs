use allmende_gateway_domain::person::{Code, Command, Details, Event, Model, Rejection};
use allmende_gateway_domain::{AddressKey, Language};
use allmende_kernel::Level;
use allmende_testkit::{Given, given};
use proptest::prelude::*;

use crate::support::{at, code, erasure, laws_hold, password, sealed};

const DAY: i64 = 86_400;

fn sent(number: u8, until: i64) -> Code {
    Code { hash: code(number), expires: at(until) }
}

fn details(with: u8) -> Details {
    Details {
        email: sealed("email"),
        address: AddressKey::from_bytes([9; 32]),
        name: None,
        password: Some(password(&format!("password {with}"))),
        language: Language::German,
        code: Some(sent(with, DAY)),
        level: Level::None,
    }
}

fn registered(with: u8) -> Event {
    Event::Registered { details: details(with), at: at(0) }
}

fn confirmed() -> Given<Model> {
    given([registered(1), Event::EmailConfirmed { at: at(10) }])
}

fn register(with: u8, when: i64) -> Command {
    Command::Register { details: details(with), at: at(when) }
}

fn failed(when: i64) -> Event {
    Event::SignInFailed { at: at(when) }
}

#[test]
fn who_never_confirmed_keeps_nobody_out() {
    given::<Model>([]).when(register(1, 0)).then([registered(1)]);
    given::<Model>([registered(1)]).when(register(1, 5)).then([]);
    given::<Model>([registered(1)]).when(register(2, 59)).then_rejected(Rejection::CodeJustSent);
    let again = Event::Registered { details: details(2), at: at(60) };
    given::<Model>([registered(1)]).when(register(2, 60)).then([again.clone()]);
    given::<Model>([registered(1), again.clone()])
        .when(Command::ConfirmEmail { code: code(1), at: at(61) })
        .then_rejected(Rejection::CodeWrong);
    // The gap grows: nobody's mailbox is filled by somebody else.
    given::<Model>([registered(1), again]).when(register(3, 179)).then_rejected(Rejection::CodeJustSent);
    confirmed().when(register(2, 2 * DAY)).then_rejected(Rejection::AlreadyRegistered);
}

#[test]
fn a_code_confirms_once_and_for_a_day() {
    let confirm = |with, when| Command::ConfirmEmail { code: code(with), at: at(when) };
    given::<Model>([registered(1)]).when(confirm(1, DAY - 1)).then([Event::EmailConfirmed { at: at(DAY - 1) }]);
    given::<Model>([registered(1)]).when(confirm(1, DAY)).then_rejected(Rejection::CodeWrong);
    given::<Model>([registered(1)]).when(confirm(2, 1)).then_rejected(Rejection::CodeWrong);
    confirmed().when(confirm(1, 2 * DAY)).then([]);
    given::<Model>([]).when(confirm(1, 1)).then_rejected(Rejection::Unknown);
    let state = confirmed().state();
    assert_eq!(state.account().unwrap().level(), Level::Email);
    assert_eq!(given::<Model>([registered(1)]).state().account().unwrap().level(), Level::None);
}

#[test]
fn whom_somebody_vouches_for_has_nothing_to_confirm() {
    let details = Details { code: None, password: None, level: Level::Substantial, ..details(1) };
    let state = given::<Model>([Event::Registered { details, at: at(0) }]).state();
    let account = state.account().unwrap();
    assert_eq!((account.level(), account.confirmed_at), (Level::Substantial, Some(at(0))));
}

#[test]
fn a_password_is_reset_with_the_code_that_was_sent_last() {
    let request = |with, when: i64| Command::RequestPasswordReset { code: sent(with, when + 3_600), at: at(when) };
    let requested = |with, when: i64| Event::PasswordResetRequested { code: sent(with, when + 3_600), at: at(when) };
    let reset = |with, when| Command::ResetPassword { code: code(with), password: password("new"), at: at(when) };
    let changed = |when| Event::PasswordChanged { password: password("new"), at: at(when) };
    let begin = [registered(1), Event::EmailConfirmed { at: at(10) }, requested(5, 20)];
    let asked = || given::<Model>(begin.clone());

    confirmed().when(request(5, 20)).then([requested(5, 20)]);
    asked().when(request(6, 79)).then_rejected(Rejection::CodeJustSent);
    asked().when(request(6, 80)).then([requested(6, 80)]);
    asked().when(reset(6, 30)).then_rejected(Rejection::CodeWrong);
    asked().when(reset(5, 3_620)).then_rejected(Rejection::CodeWrong);
    let state = asked().when(reset(5, 3_619)).then([changed(3_619)]);
    assert_eq!(state.account().unwrap().sessions_since, at(3_619));
    let done = || given::<Model>(begin.iter().cloned().chain([changed(30)]));
    done().when(reset(5, 40)).then([]);
    let other = Command::ResetPassword { code: code(5), password: password("other"), at: at(40) };
    done().when(other).then_rejected(Rejection::CodeWrong);
    confirmed().when(reset(5, 30)).then_rejected(Rejection::CodeWrong);
}

#[test]
fn failures_make_the_next_attempt_wait_and_success_ends_it() {
    let right = |when| Command::NoteSuccess { password: password("password 1"), at: at(when) };
    let after = |failures: i64| {
        given::<Model>(
            [registered(1), Event::EmailConfirmed { at: at(10) }]
                .into_iter()
                .chain((0..failures).map(|n| failed(20 + n))),
        )
    };
    after(0).when(right(20)).then([]);
    after(4).when(right(24)).then([Event::SignInSucceeded { at: at(24) }]);
    after(5).when(right(28)).then_rejected(Rejection::Locked { until: at(29) });
    after(5).when(Command::NoteFailure { at: at(28) }).then_rejected(Rejection::Locked { until: at(29) });
    after(5).when(Command::NoteFailure { at: at(29) }).then([failed(29)]);
    after(5).when(right(29)).then([Event::SignInSucceeded { at: at(29) }]);
    after(40).when(right(59 + 900)).then([Event::SignInSucceeded { at: at(959) }]);
}

#[test]
fn the_password_that_was_compared_must_still_be_the_accounts() {
    let with = |text| Command::NoteSuccess { password: password(text), at: at(20) };
    confirmed().when(with("password 2")).then_rejected(Rejection::CredentialsWrong);
    given::<Model>([registered(1)]).when(with("password 1")).then_rejected(Rejection::CredentialsWrong);
}

#[test]
fn an_erased_account_takes_nothing() {
    let erase = Command::Erase { erasure: erasure(7), at: at(50) };
    let erased = Event::Erased { erasure: erasure(7), at: at(50) };
    let state = confirmed().when(erase.clone()).then([erased.clone()]);
    assert!(state.account().is_none());
    let gone = || given::<Model>([registered(1), erased.clone()]);
    gone().when(erase).then([]);
    for command in [
        register(1, 60),
        Command::ConfirmEmail { code: code(1), at: at(60) },
        Command::RequestPasswordReset { code: sent(2, 90), at: at(60) },
        Command::NoteFailure { at: at(60) },
        Command::NoteSuccess { password: password("password 1"), at: at(60) },
    ] {
        gone().when(command).then_rejected(Rejection::Erased);
    }
}

fn commands() -> impl Strategy<Value = Command> {
    let (with, when) = (0u8..4, 0i64..5_000);
    prop_oneof![
        3 => (with.clone(), when.clone()).prop_map(|(with, when)| register(with, when)),
        3 => (with.clone(), when.clone()).prop_map(|(with, when)| Command::ConfirmEmail { code: code(with), at: at(when) }),
        2 => (with.clone(), when.clone())
            .prop_map(|(with, when)| Command::RequestPasswordReset { code: sent(with, when + 900), at: at(when) }),
        2 => (with.clone(), when.clone()).prop_map(|(with, when)| Command::ResetPassword {
            code: code(with), password: password(&format!("password {with}")), at: at(when)
        }),
        4 => when.clone().prop_map(|when| Command::NoteFailure { at: at(when) }),
        2 => (with, when.clone()).prop_map(|(with, when)| Command::NoteSuccess {
            password: password(&format!("password {with}")), at: at(when)
        }),
        1 => when.prop_map(|when| Command::Erase { erasure: erasure(1), at: at(when) }),
    ]
}

proptest! {
    #[test]
    fn the_laws_hold(commands in prop::collection::vec(commands(), 0..40)) {
        let steps: Vec<_> = commands.into_iter().map(|command| ((), command)).collect();
        laws_hold::<Model>(&steps, |_| Ok(()))?;
    }
}

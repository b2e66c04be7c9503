use std::collections::BTreeSet;

use allmende_gateway_domain::person::{Code, Command, Details, Event, MAX_IDENTITIES, Model, Rejection, State};
use allmende_gateway_domain::{AddressKey, KeptPassword, Language, PasswordHash};
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
        password: None,
        language: Language::German,
        code: Some(sent(with, DAY)),
        level: Level::None,
    }
}

fn registered(with: u8) -> Event {
    Event::Registered { details: details(with), at: at(0) }
}

fn confirmation() -> Event {
    Event::EmailConfirmed { password: Some(password("password 1")), at: at(10) }
}

fn confirmed() -> Given<Model> {
    given([registered(1), confirmation()])
}

fn confirm(with: u8, when: i64) -> Command {
    Command::ConfirmEmail { code: code(with), password: password("password 1"), at: at(when) }
}

fn register(with: u8, when: i64) -> Command {
    Command::Register { details: details(with), at: at(when) }
}

#[test]
fn who_never_confirmed_keeps_nobody_out() {
    given::<Model>([]).when(register(1, 0)).then([registered(1)]);
    given::<Model>([registered(1)]).when(register(1, 5)).then([]);
    let again = Event::Registered { details: details(2), at: at(60) };
    given::<Model>([registered(1)]).when(register(2, 60)).then([again]);
    confirmed().when(register(2, 2 * DAY)).then_rejected(Rejection::AlreadyRegistered);
}

#[test]
fn whoever_reads_any_of_the_mails_sets_the_password() {
    let registered = |with: u8| Event::Registered { details: details(with), at: at(60 * i64::from(with)) };
    let history = || (1..=5).map(registered);
    for with in 2..=5 {
        let state = given::<Model>(history())
            .when(confirm(with, 400))
            .then([Event::EmailConfirmed { password: Some(password("password 1")), at: at(400) }]);
        assert_eq!(state.account().unwrap().password, Some(password("password 1")));
    }
    // Of the first one too long ago nothing is kept.
    given::<Model>(history()).when(confirm(1, 400)).then_rejected(Rejection::CodeWrong);
}

#[test]
fn a_password_that_was_set_in_the_beginning_stays_when_the_confirmation_says_nothing() {
    let first = PasswordHash::new("first".to_owned());
    let details = Details { password: Some(first.clone()), ..details(1) };
    let begin = [Event::Registered { details, at: at(0) }, Event::EmailConfirmed { password: None, at: at(10) }];
    given::<Model>(begin).when(Command::SignIn { password: KeptPassword::Open(first) }).then([]);
}

#[test]
fn what_nobody_confirms_is_forgotten_a_week_after_its_code() {
    let (expire, gone) = (|when| Command::Expire { at: at(when) }, |when| Event::Abandoned { at: at(when) });
    given::<Model>([registered(1)]).when(expire(8 * DAY - 1)).then_rejected(Rejection::TooEarly);
    given::<Model>([registered(1)]).when(expire(8 * DAY)).then([gone(8 * DAY)]);
    let again = Event::Registered { details: Details { code: Some(sent(2, 3 * DAY)), ..details(2) }, at: at(2 * DAY) };
    given::<Model>([registered(1), again.clone()]).when(expire(8 * DAY)).then_rejected(Rejection::TooEarly);
    // Begun anew elsewhere it goes at once.
    given::<Model>([registered(1)]).when(Command::Abandon { at: at(5) }).then([gone(5)]);
    for late in [expire(80 * DAY), Command::Abandon { at: at(80 * DAY) }] {
        confirmed().when(late.clone()).then_rejected(Rejection::AlreadyRegistered);
        given::<Model>([registered(1), gone(5)]).when(late).then([]);
    }
    given::<Model>([registered(1), gone(5)]).when(confirm(1, 6)).then_rejected(Rejection::Erased);
}

#[test]
fn a_code_confirms_once_and_for_a_day() {
    let last = Event::EmailConfirmed { password: Some(password("password 1")), at: at(DAY - 1) };
    given::<Model>([registered(1)]).when(confirm(1, DAY - 1)).then([last]);
    given::<Model>([registered(1)]).when(confirm(1, DAY)).then_rejected(Rejection::CodeWrong);
    given::<Model>([registered(1)]).when(confirm(2, 1)).then_rejected(Rejection::CodeWrong);
    let other = Command::ConfirmEmail { code: code(1), password: password("other"), at: at(2 * DAY) };
    confirmed().when(other).then([]);
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

fn identity(number: u8) -> AddressKey {
    AddressKey::from_bytes([number; 32])
}

fn link(number: u8, when: i64) -> Command {
    Command::LinkProvider { identity: identity(number), provider: sealed("provider"), at: at(when) }
}

fn linked(number: u8, when: i64) -> Event {
    Event::ProviderLinked { identity: identity(number), provider: sealed("provider"), at: at(when) }
}

fn unlink(number: u8, when: i64) -> Command {
    Command::UnlinkProvider { identity: identity(number), dead: BTreeSet::new(), at: at(when) }
}

fn unlinked(number: u8, when: i64) -> Event {
    Event::ProviderUnlinked { identity: identity(number), at: at(when) }
}

/// Of whom a provider vouched for with the identity 9, before it was kept which.
fn vouched() -> Event {
    let details = Details { code: None, level: Level::Substantial, ..details(1) };
    Event::Registered { details, at: at(0) }
}

#[test]
fn an_identity_is_linked_once_and_unlinked_where_there_is_a_password() {
    confirmed().when(link(1, 20)).then([linked(1, 20)]);
    let history = || [registered(1), confirmation(), linked(1, 20)];
    // In another box it is the same.
    let again = Command::LinkProvider { identity: identity(1), provider: sealed("the same"), at: at(30) };
    given::<Model>(history()).when(again).then([]);
    given::<Model>(history()).when(unlink(2, 30)).then([]);
    let state = given::<Model>(history()).when(unlink(1, 30)).then([unlinked(1, 30)]);
    let account = state.account().unwrap();
    assert_eq!((account.identities.len(), account.sessions_since), (0, at(30)));
    let gone = || given::<Model>(history().into_iter().chain([unlinked(1, 30)]));
    gone().when(unlink(1, 40)).then([]);
    gone().when(link(1, 40)).then([linked(1, 40)]);
}

#[test]
fn the_last_way_to_sign_in_stays() {
    given::<Model>([vouched()]).when(unlink(9, 10)).then_rejected(Rejection::LastSignInMethod);
    let two = || given::<Model>([vouched(), linked(1, 10)]);
    two().when(unlink(9, 20)).then([unlinked(9, 20)]);
    two().when(unlink(1, 20)).then([unlinked(1, 20)]);
    let one = || given::<Model>([vouched(), linked(1, 10), unlinked(9, 20)]);
    one().when(unlink(1, 30)).then_rejected(Rejection::LastSignInMethod);
    // Nobody signs in with a provider that is not there any more; it can go itself.
    let with_dead = |number, dead| Command::UnlinkProvider {
        identity: identity(number),
        dead: [identity(dead)].into(),
        at: at(20),
    };
    two().when(with_dead(9, 1)).then_rejected(Rejection::LastSignInMethod);
    two().when(with_dead(1, 1)).then([unlinked(1, 20)]);
}

#[test]
fn which_provider_an_account_was_begun_with_is_kept_at_the_next_sign_in() {
    let state = given::<Model>([vouched()]).when(link(9, 50)).then([linked(9, 50)]);
    let (since, provider) = {
        let identity = &state.account().unwrap().identities[&identity(9)];
        (identity.linked_at, identity.provider.clone())
    };
    assert_eq!((since, provider), (at(0), Some(sealed("provider"))));
    given::<Model>([vouched(), linked(9, 50)]).when(link(9, 60)).then([]);
}

#[test]
fn an_account_has_so_many_identities_and_no_more() {
    let most = MAX_IDENTITIES as u8;
    let full = || {
        given::<Model>([registered(1), confirmation()].into_iter().chain((1..=most).map(|number| linked(number, 20))))
    };
    full().when(link(most + 1, 30)).then_rejected(Rejection::TooManyProviders);
    full().when(link(most, 30)).then([]);
}

#[test]
fn everything_that_leads_to_an_account_is_told_with_it() {
    let of = |history: &[Event]| given::<Model>(history.iter().cloned()).state().account().unwrap().addresses();
    // The e-mail address is 9 as well.
    assert_eq!(of(&[registered(1), confirmation(), linked(1, 20), linked(2, 20)]), [1, 2, 9].map(identity).into());
    assert_eq!(of(&[vouched(), linked(1, 20)]), [1, 9].map(identity).into());
}

#[test]
fn who_reads_mail_at_the_address_is_known_so_however_they_sign_in() {
    let level = |history: &[Event], level| {
        given::<Model>(history.iter().cloned()).state().account().unwrap().level_vouched(level)
    };
    let own = [registered(1), confirmation(), linked(1, 20)];
    assert_eq!(level(&own, Level::None), Level::Email);
    assert_eq!(level(&own, Level::High), Level::High);
    // Whom a provider alone vouches for is known as it says each time.
    assert_eq!(level(&[vouched()], Level::None), Level::None);
}

#[test]
fn a_password_is_reset_with_the_code_that_was_sent_last() {
    let request = |with, when: i64| Command::RequestPasswordReset { code: sent(with, when + 3_600), at: at(when) };
    let requested = |with, when: i64| Event::PasswordResetRequested { code: sent(with, when + 3_600), at: at(when) };
    let reset = |with, when| Command::ResetPassword { code: code(with), password: password("new"), at: at(when) };
    let changed = |when| Event::PasswordChanged { password: password("new"), at: at(when) };
    let begin = [registered(1), confirmation(), requested(5, 20)];
    let asked = || given::<Model>(begin.clone());

    confirmed().when(request(5, 20)).then([requested(5, 20)]);
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
fn the_password_that_was_compared_must_still_be_the_accounts() {
    let with = |text| Command::SignIn { password: password(text) };
    confirmed().when(with("password 1")).then([]);
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
        confirm(1, 60),
        Command::RequestPasswordReset { code: sent(2, 90), at: at(60) },
        Command::SignIn { password: password("password 1") },
        link(1, 60),
        unlink(1, 60),
    ] {
        gone().when(command).then_rejected(Rejection::Erased);
    }
}

fn commands() -> impl Strategy<Value = Command> {
    let (with, when) = (0u8..4, 0i64..5_000);
    prop_oneof![
        3 => (with.clone(), when.clone()).prop_map(|(with, when)| register(with, when)),
        3 => (with.clone(), when.clone()).prop_map(|(with, when)| confirm(with, when)),
        2 => (with.clone(), when.clone())
            .prop_map(|(with, when)| Command::RequestPasswordReset { code: sent(with, when + 900), at: at(when) }),
        2 => (with.clone(), when.clone()).prop_map(|(with, when)| Command::ResetPassword {
            code: code(with), password: password(&format!("password {with}")), at: at(when)
        }),
        3 => (with.clone(), when.clone()).prop_map(|(with, when)| link(with, when)),
        3 => (with.clone(), with.clone(), when.clone()).prop_map(|(with, dead, when)| Command::UnlinkProvider {
            identity: identity(with), dead: [identity(dead)].into(), at: at(when)
        }),
        2 => with.prop_map(|with| Command::SignIn { password: password(&format!("password {with}")) }),
        1 => when.clone().prop_map(|when| Command::Abandon { at: at(when) }),
        1 => when.clone().prop_map(|when| Command::Expire { at: at(when * 200) }),
        1 => when.prop_map(|when| Command::Erase { erasure: erasure(1), at: at(when) }),
    ]
}

proptest! {
    #[test]
    fn the_laws_hold(commands in prop::collection::vec(commands(), 0..40)) {
        let steps: Vec<_> = commands.into_iter().map(|command| ((), command)).collect();
        laws_hold::<Model>(&steps, can_be_signed_in_to)?;
    }

    #[test]
    fn the_laws_hold_for_whom_a_provider_vouched_for(commands in prop::collection::vec(commands(), 0..40)) {
        let details = Details { code: None, ..details(1) };
        let begin = Command::Register { details, at: at(0) };
        let steps: Vec<_> = std::iter::once(begin).chain(commands).map(|command| ((), command)).collect();
        laws_hold::<Model>(&steps, can_be_signed_in_to)?;
    }
}

/// Whoever could sign in once always can.
fn can_be_signed_in_to(state: &State) -> Result<(), String> {
    match state.account() {
        Some(account)
            if account.confirmed_at.is_some() && account.password.is_none() && account.identities.is_empty() =>
        {
            Err("nobody can sign in".to_owned())
        }
        Some(account) if account.identities.len() > MAX_IDENTITIES => Err("too many identities".to_owned()),
        _ => Ok(()),
    }
}

//! What is decided of an account, wish by wish.

use std::collections::BTreeSet;

use allmende_kernel::{Sealed, Timestamp};

use super::{Account, Code, Details, Event, Identity, MAX_IDENTITIES, Rejection, State};
use crate::{AddressKey, CodeHash, KeptPassword};

pub(super) fn register(state: &State, details: &Details, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let registered = || Ok(vec![Event::Registered { details: details.clone(), at }]);
    match state {
        State::Absent => registered(),
        State::Erased { .. } => Err(Rejection::Erased),
        State::Present(account) if account.details == *details => Ok(Vec::new()),
        State::Present(account) if account.confirmed_at.is_some() => Err(Rejection::AlreadyRegistered),
        State::Present(_) => registered(),
    }
}

pub(super) fn confirm(
    account: &Account,
    code: CodeHash,
    password: &KeptPassword,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let mut sent = account.earlier.iter().chain(&account.details.code);
    let sent = sent.find(|sent| sent.hash == code).ok_or(Rejection::CodeWrong)?;
    match account.confirmed_at {
        Some(_) => Ok(Vec::new()),
        None if at >= sent.expires => Err(Rejection::CodeWrong),
        None => Ok(vec![Event::EmailConfirmed { password: Some(password.clone()), at }]),
    }
}

pub(super) fn request_reset(account: &Account, code: Code, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    match account.reset {
        Some(sent) if sent == code => Ok(Vec::new()),
        _ => Ok(vec![Event::PasswordResetRequested { code, at }]),
    }
}

pub(super) fn reset(
    account: &Account,
    code: CodeHash,
    password: &KeptPassword,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if account.used_reset == Some(code) && account.password.as_ref() == Some(password) {
        return Ok(Vec::new());
    }
    match account.reset {
        Some(sent) if sent.hash == code && at < sent.expires => {
            Ok(vec![Event::PasswordChanged { password: password.clone(), at }])
        }
        _ => Err(Rejection::CodeWrong),
    }
}

pub(super) fn sign_in(account: &Account, password: &KeptPassword) -> Result<Vec<Event>, Rejection> {
    match account.confirmed_at {
        Some(_) if account.password.as_ref() == Some(password) => Ok(Vec::new()),
        _ => Err(Rejection::CredentialsWrong),
    }
}

pub(super) fn link(
    account: &Account,
    identity: AddressKey,
    provider: &Sealed,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match account.identities.get(&identity) {
        Some(Identity { provider: Some(_), .. }) => Ok(Vec::new()),
        None if account.identities.len() >= MAX_IDENTITIES => Err(Rejection::TooManyProviders),
        _ => Ok(vec![Event::ProviderLinked { identity, provider: provider.clone(), at }]),
    }
}

pub(super) fn unlink(
    account: &Account,
    identity: AddressKey,
    dead: &BTreeSet<AddressKey>,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if !account.identities.contains_key(&identity) {
        return Ok(Vec::new());
    }
    let others = account.identities.keys().any(|other| *other != identity && !dead.contains(other));
    match others || account.password.is_some() {
        true => Ok(vec![Event::ProviderUnlinked { identity, at }]),
        false => Err(Rejection::LastSignInMethod),
    }
}

pub(super) fn abandon(
    state: &State,
    at: Timestamp,
    in_time: impl Fn(&Account) -> Result<(), Rejection>,
) -> Result<Vec<Event>, Rejection> {
    match state {
        State::Absent => Err(Rejection::Unknown),
        State::Erased { .. } => Ok(Vec::new()),
        State::Present(account) if account.confirmed_at.is_some() => Err(Rejection::AlreadyRegistered),
        State::Present(account) => in_time(account).map(|()| vec![Event::Abandoned { at }]),
    }
}

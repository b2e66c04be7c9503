use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_gateway_domain::person::{Account, Code, Details, Event, Model, State};
use allmende_gateway_domain::{AddressKey, CodeHash, ErasureId, KeptPassword, PasswordHash};
use allmende_proto::gateway::events::v1 as stored;
use bytes::Bytes;

use super::{
    Malformed, event, hash, hash_bytes, id_bytes, language_message, language_of, level_message, level_of, maybe_sealed,
    maybe_sealed_bytes, moment, read, sealed, sealed_bytes, unknown, uuid,
};

pub(super) const REGISTERED: &str = "allmende.gateway.events.v1.PersonRegistered";
pub(super) const EMAIL_CONFIRMED: &str = "allmende.gateway.events.v1.EmailConfirmed";
pub(super) const PASSWORD_RESET_REQUESTED: &str = "allmende.gateway.events.v1.PasswordResetRequested";
pub(super) const PASSWORD_CHANGED: &str = "allmende.gateway.events.v1.PasswordChanged";
pub(super) const PROVIDER_LINKED: &str = "allmende.gateway.events.v1.ProviderLinked";
pub(super) const PROVIDER_UNLINKED: &str = "allmende.gateway.events.v1.ProviderUnlinked";
pub(super) const SIGN_IN_FAILED: &str = "allmende.gateway.events.v1.SignInFailed";
pub(super) const SIGN_IN_SUCCEEDED: &str = "allmende.gateway.events.v1.SignInSucceeded";
pub(super) const ERASED: &str = "allmende.gateway.events.v1.PersonErased";
pub(super) const ABANDONED: &str = "allmende.gateway.events.v1.PersonAbandoned";

/// A person as the log keeps them.
#[derive(Debug)]
pub(crate) enum Person {}

impl Aggregate for Person {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Registered { details, at } => event(
                REGISTERED,
                &stored::PersonRegistered {
                    email_sealed: sealed_bytes(&details.email),
                    email_hash: hash_bytes(details.address.as_bytes()),
                    name_sealed: maybe_sealed_bytes(details.name.as_ref()),
                    password_hash: details.password.as_ref().map(phc).unwrap_or_default(),
                    language: language_message(details.language).into(),
                    code_hash: details.code.map(|code| hash_bytes(code.hash.as_bytes())).unwrap_or_default(),
                    code_expires_at_us: details.code.map_or(0, |code| code.expires.as_micros()),
                    at_us: at.as_micros(),
                    level: level_message(details.level).into(),
                },
            ),
            Event::EmailConfirmed { password, at } => {
                let (password_hash, password_sealed) = kept_bytes(password.as_ref());
                let at_us = at.as_micros();
                event(EMAIL_CONFIRMED, &stored::EmailConfirmed { at_us, password_hash, password_sealed })
            }
            Event::PasswordResetRequested { code, at } => event(
                PASSWORD_RESET_REQUESTED,
                &stored::PasswordResetRequested {
                    code_hash: hash_bytes(code.hash.as_bytes()),
                    expires_at_us: code.expires.as_micros(),
                    at_us: at.as_micros(),
                },
            ),
            Event::PasswordChanged { password, at } => {
                let (password_hash, password_sealed) = kept_bytes(Some(password));
                let at_us = at.as_micros();
                event(PASSWORD_CHANGED, &stored::PasswordChanged { password_hash, at_us, password_sealed })
            }
            Event::SignInFailed { at } => event(SIGN_IN_FAILED, &stored::SignInFailed { at_us: at.as_micros() }),
            Event::SignInSucceeded { at } => {
                event(SIGN_IN_SUCCEEDED, &stored::SignInSucceeded { at_us: at.as_micros() })
            }
            Event::ProviderLinked { identity, provider, at } => event(
                PROVIDER_LINKED,
                &stored::ProviderLinked {
                    identity_hash: hash_bytes(identity.as_bytes()),
                    provider_sealed: sealed_bytes(provider),
                    at_us: at.as_micros(),
                },
            ),
            Event::ProviderUnlinked { identity, at } => event(
                PROVIDER_UNLINKED,
                &stored::ProviderUnlinked { identity_hash: hash_bytes(identity.as_bytes()), at_us: at.as_micros() },
            ),
            Event::Erased { erasure, at } => {
                event(ERASED, &stored::PersonErased { erasure_id: id_bytes(erasure.as_bytes()), at_us: at.as_micros() })
            }
            Event::Abandoned { at } => event(ABANDONED, &stored::PersonAbandoned { at_us: at.as_micros() }),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        match event_type {
            REGISTERED => read(event_type, payload, registered),
            EMAIL_CONFIRMED => read(event_type, payload, |message: stored::EmailConfirmed| {
                let password = kept(message.password_hash, &message.password_sealed);
                Ok(Event::EmailConfirmed { password, at: moment(message.at_us) })
            }),
            PASSWORD_RESET_REQUESTED => read(event_type, payload, |message: stored::PasswordResetRequested| {
                let code = code_of(&message.code_hash, message.expires_at_us)?.ok_or(Malformed)?;
                Ok(Event::PasswordResetRequested { code, at: moment(message.at_us) })
            }),
            PASSWORD_CHANGED => read(event_type, payload, |message: stored::PasswordChanged| {
                let password = kept(message.password_hash, &message.password_sealed).ok_or(Malformed)?;
                Ok(Event::PasswordChanged { password, at: moment(message.at_us) })
            }),
            SIGN_IN_FAILED => read(event_type, payload, |message: stored::SignInFailed| {
                Ok(Event::SignInFailed { at: moment(message.at_us) })
            }),
            SIGN_IN_SUCCEEDED => read(event_type, payload, |message: stored::SignInSucceeded| {
                Ok(Event::SignInSucceeded { at: moment(message.at_us) })
            }),
            PROVIDER_LINKED => read(event_type, payload, |message: stored::ProviderLinked| {
                let identity = AddressKey::from_bytes(hash(&message.identity_hash)?);
                let provider = maybe_sealed(&message.provider_sealed).ok_or(Malformed)?;
                Ok(Event::ProviderLinked { identity, provider, at: moment(message.at_us) })
            }),
            PROVIDER_UNLINKED => read(event_type, payload, |message: stored::ProviderUnlinked| {
                let identity = AddressKey::from_bytes(hash(&message.identity_hash)?);
                Ok(Event::ProviderUnlinked { identity, at: moment(message.at_us) })
            }),
            ERASED => read(event_type, payload, |message: stored::PersonErased| {
                let erasure = ErasureId::new(uuid(&message.erasure_id)?);
                Ok(Event::Erased { erasure, at: moment(message.at_us) })
            }),
            ABANDONED => read(event_type, payload, |message: stored::PersonAbandoned| {
                Ok(Event::Abandoned { at: moment(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        let boxes = |details: &Details| {
            details.email.as_bytes().len() + details.name.as_ref().map_or(0, |name| name.as_bytes().len())
        };
        let of = |account: &Account| boxes(&account.details) + account.identities.len() * 256;
        512 + state.account().map_or(0, of)
    }
}

fn registered(message: stored::PersonRegistered) -> Result<Event, Malformed> {
    let (language, level) = (language_of(message.language())?, level_of(message.level())?);
    let details = Details {
        email: sealed(&message.email_sealed),
        address: AddressKey::from_bytes(hash(&message.email_hash)?),
        name: maybe_sealed(&message.name_sealed),
        password: hash_of(message.password_hash),
        language,
        code: code_of(&message.code_hash, message.code_expires_at_us)?,
        level,
    };
    Ok(Event::Registered { details, at: moment(message.at_us) })
}

/// The linked identity that an event is about, if it is about one.
pub(super) fn identity(event_type: &str, payload: &[u8]) -> Option<AddressKey> {
    match Person::decode(event_type, payload).ok()? {
        Event::ProviderLinked { identity, .. } | Event::ProviderUnlinked { identity, .. } => Some(identity),
        _ => None,
    }
}

fn hash_of(phc: String) -> Option<PasswordHash> {
    (!phc.is_empty()).then(|| PasswordHash::new(phc))
}

fn phc(password: &PasswordHash) -> String {
    password.as_str().to_owned()
}

/// Older events have the hash itself.
fn kept(phc: String, sealed: &Bytes) -> Option<KeptPassword> {
    maybe_sealed(sealed).map(KeptPassword::Sealed).or_else(|| hash_of(phc).map(KeptPassword::Open))
}

fn kept_bytes(password: Option<&KeptPassword>) -> (String, Bytes) {
    match password {
        None => Default::default(),
        Some(KeptPassword::Open(hash)) => (phc(hash), Bytes::new()),
        Some(KeptPassword::Sealed(sealed)) => (String::new(), sealed_bytes(sealed)),
    }
}

fn code_of(bytes: &[u8], expires_us: i64) -> Result<Option<Code>, Malformed> {
    match bytes.is_empty() {
        true => Ok(None),
        false => Ok(Some(Code { hash: CodeHash::from_bytes(hash(bytes)?), expires: moment(expires_us) })),
    }
}

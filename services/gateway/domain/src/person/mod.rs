//! A person: an account with its address, its name and the ways to sign in to it, as far as they can be known here.
//! Stream `{home tenant}/person/{subject_id}`.

mod rules;

use std::collections::{BTreeMap, BTreeSet};

use allmende_kernel::{Decider, Duration, Level, Sealed, SubjectId, Timestamp};

use crate::{AddressKey, CodeHash, ErasureId, KeptPassword, Language, PasswordHash};

/// Codes that confirm an address at once: with more of them the first ones do not.
const MAX_CODES: usize = 4;
/// How long after its last code an account is kept whose address nobody has confirmed.
const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// Identities elsewhere that an account is signed in to with.
pub const MAX_IDENTITIES: usize = 10;

/// A code that was sent, by its hash, and until when it is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// What it is known by.
    pub hash: CodeHash,
    /// It is good before this moment.
    pub expires: Timestamp,
}

/// What an account is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Where mail goes.
    pub email: Sealed,
    /// What the account is found by.
    pub address: AddressKey,
    /// How the person wants to be called; absent if they gave nothing.
    pub name: Option<Sealed>,
    /// The password as the first accounts had it from the beginning. Now it is set when the address is confirmed.
    pub password: Option<PasswordHash>,
    /// What mail is written in.
    pub language: Language,
    /// What confirms the address; absent where somebody vouches for it.
    pub code: Option<Code>,
    /// How surely the person is known from the beginning.
    pub level: Level,
}

/// What somebody wants of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Begin it. Until the address is confirmed the last one who tried counts: an account that nobody confirms keeps
    /// nobody out. All codes that were sent stay good: whoever reads them reads mail at the address.
    Register {
        /// What it is made of.
        details: Details,
        /// When.
        at: Timestamp,
    },
    /// Show that mail to the address is read, and set the password: who registered the address may have been somebody
    /// else.
    ConfirmEmail {
        /// The code from the mail.
        code: CodeHash,
        /// The password.
        password: KeptPassword,
        /// When.
        at: Timestamp,
    },
    /// Get a code that a new password can be set with.
    RequestPasswordReset {
        /// The code that is sent.
        code: Code,
        /// When.
        at: Timestamp,
    },
    /// Set a new password.
    ResetPassword {
        /// The code from the mail.
        code: CodeHash,
        /// The new password.
        password: KeptPassword,
        /// When.
        at: Timestamp,
    },
    /// Begin a session with the password.
    SignIn {
        /// What was compared with: another password may have been set meanwhile.
        password: KeptPassword,
    },
    /// Sign in with an identity elsewhere from now on, too. Whether it is free is decided by its [`address`](crate::address).
    LinkProvider {
        /// Whom the provider vouches for.
        identity: AddressKey,
        /// Which provider.
        provider: Sealed,
        /// When.
        at: Timestamp,
    },
    /// Sign in with an identity elsewhere no more.
    UnlinkProvider {
        /// Which.
        identity: AddressKey,
        /// Those of the account that nobody can sign in with, as their provider is not there any more.
        dead: BTreeSet<AddressKey>,
        /// When.
        at: Timestamp,
    },
    /// Forget it because it is begun anew elsewhere.
    Abandon {
        /// When.
        at: Timestamp,
    },
    /// Forget it because nobody has confirmed the address for long.
    Expire {
        /// When.
        at: Timestamp,
    },
    /// Forget everything but the id.
    Erase {
        /// The request that was accepted.
        erasure: ErasureId,
        /// When.
        at: Timestamp,
    },
}

/// What happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was begun, or begun anew before its address was confirmed.
    Registered {
        /// What it is made of.
        details: Details,
        /// When.
        at: Timestamp,
    },
    /// Mail to the address is read.
    EmailConfirmed {
        /// The password from then on; absent where it was set when the account was begun.
        password: Option<KeptPassword>,
        /// When.
        at: Timestamp,
    },
    /// A code to set a new password was sent.
    PasswordResetRequested {
        /// The code.
        code: Code,
        /// When.
        at: Timestamp,
    },
    /// A new password was set: sessions begun before are over.
    PasswordChanged {
        /// The new password.
        password: KeptPassword,
        /// When.
        at: Timestamp,
    },
    /// Somebody tried a wrong password. What is tried has streams of its own since: [`attempts`](crate::attempts).
    SignInFailed {
        /// When.
        at: Timestamp,
    },
    /// After failures the password was right; as above.
    SignInSucceeded {
        /// When.
        at: Timestamp,
    },
    /// The account is signed in to with an identity elsewhere.
    ProviderLinked {
        /// Whom the provider vouches for.
        identity: AddressKey,
        /// Which provider.
        provider: Sealed,
        /// When.
        at: Timestamp,
    },
    /// No more: sessions begun before are over, as one of them may have been begun with it.
    ProviderUnlinked {
        /// Which identity.
        identity: AddressKey,
        /// When.
        at: Timestamp,
    },
    /// Everything but the id was forgotten.
    Erased {
        /// The request that was accepted.
        erasure: ErasureId,
        /// When.
        at: Timestamp,
    },
    /// Everything but the id was forgotten: nobody has confirmed the address.
    Abandoned {
        /// When.
        at: Timestamp,
    },
}

/// Why a change of an account is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is an account already, and its address is confirmed.
    #[error("there is an account already")]
    AlreadyRegistered,
    /// No such account.
    #[error("there is no such account")]
    Unknown,
    /// The account was erased.
    #[error("the account was erased")]
    Erased,
    /// The code is unknown, used or too old.
    #[error("the code is wrong, was used before, or is too old")]
    CodeWrong,
    /// The password is not the account's, or its address is not confirmed.
    #[error("address or password is wrong, or the address was not confirmed")]
    CredentialsWrong,
    /// The address may yet be confirmed.
    #[error("the address may yet be confirmed")]
    TooEarly,
    /// There is no other way to sign in to the account.
    #[error("there is no other way to sign in to the account")]
    LastSignInMethod,
    /// The account has as many identities as it can have.
    #[error("the account has as many identities of providers as it can have")]
    TooManyProviders,
}

/// An identity elsewhere that an account is signed in to with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Which provider; absent until the next sign-in with it where the account was begun with it before that was kept.
    pub provider: Option<Sealed>,
    /// Since when.
    pub linked_at: Timestamp,
}

/// An account as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What it is made of; the code is the one that was sent last.
    pub details: Details,
    /// Absent until the address is confirmed, and for who signs in elsewhere.
    pub password: Option<KeptPassword>,
    /// When it was begun.
    pub registered_at: Timestamp,
    /// When the address was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// The code that a new password can be set with.
    pub reset: Option<Code>,
    /// The code that the password was last set with: used again for the same it is "already so".
    used_reset: Option<CodeHash>,
    /// Sessions begun before are over.
    pub sessions_since: Timestamp,
    /// Identities elsewhere that it is signed in to with.
    pub identities: BTreeMap<AddressKey, Identity>,
    /// Codes that were sent before the last one.
    earlier: Vec<Code>,
}

impl Account {
    /// How surely somebody with the password is known.
    pub fn level(&self) -> Level {
        match self.confirmed_at {
            Some(_) => self.details.level.max(Level::Email),
            None => self.details.level,
        }
    }

    /// How surely somebody is known whom a provider vouches for so: at least as surely as who reads mail at the address,
    /// where that was shown here.
    pub fn level_vouched(&self, level: Level) -> Level {
        match self.confirmed_at {
            Some(_) if self.details.code.is_some() => level.max(Level::Email),
            _ => level,
        }
    }

    /// Everything that leads to the account: its e-mail address, and identities elsewhere.
    pub fn addresses(&self) -> BTreeSet<AddressKey> {
        self.identities.keys().copied().chain([self.details.address]).collect()
    }

    /// From when on it is forgotten if nobody confirms the address.
    pub fn expires(&self) -> Option<Timestamp> {
        self.details.code.filter(|_| self.confirmed_at.is_none()).map(|code| code.expires + KEPT)
    }
}

/// What became of an account so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// Never begun.
    #[default]
    Absent,
    /// There.
    Present(Box<Account>),
    /// Forgotten.
    Erased {
        /// When.
        at: Timestamp,
    },
}

impl State {
    /// The account, if it is there.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Present(account) => Some(account),
            Self::Absent | Self::Erased { .. } => None,
        }
    }

    fn present(&self) -> Result<&Account, Rejection> {
        match self {
            Self::Present(account) => Ok(account),
            Self::Absent => Err(Rejection::Unknown),
            Self::Erased { .. } => Err(Rejection::Erased),
        }
    }
}

/// The stream's id.
pub fn stream_id(subject: SubjectId) -> String {
    subject.to_string()
}

/// The account's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "person";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Register { details, at } => rules::register(state, details, *at),
            Command::ConfirmEmail { code, password, at } => rules::confirm(state.present()?, *code, password, *at),
            Command::RequestPasswordReset { code, at } => rules::request_reset(state.present()?, *code, *at),
            Command::ResetPassword { code, password, at } => rules::reset(state.present()?, *code, password, *at),
            Command::SignIn { password } => rules::sign_in(state.present()?, password),
            Command::LinkProvider { identity, provider, at } => rules::link(state.present()?, *identity, provider, *at),
            Command::UnlinkProvider { identity, dead, at } => rules::unlink(state.present()?, *identity, dead, *at),
            Command::Abandon { at } => rules::abandon(state, *at, |_| Ok(())),
            Command::Expire { at } => rules::abandon(state, *at, |account| match account.expires() {
                Some(expires) if *at < expires => Err(Rejection::TooEarly),
                _ => Ok(()),
            }),
            Command::Erase { erasure, at } => match state {
                State::Absent => Err(Rejection::Unknown),
                State::Present(_) => Ok(vec![Event::Erased { erasure: *erasure, at: *at }]),
                State::Erased { .. } => Ok(Vec::new()),
            },
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (State::Absent, Event::Registered { details, at }) => State::Present(Box::new(begun(details, *at))),
            (State::Present(account), Event::Registered { details, at }) => {
                let mut earlier = account.earlier;
                earlier.extend(account.details.code);
                let superfluous = earlier.len().saturating_sub(MAX_CODES - 1);
                earlier.drain(..superfluous);
                State::Present(Box::new(Account { earlier, ..begun(details, *at) }))
            }
            (State::Present(_), Event::Erased { at, .. } | Event::Abandoned { at }) => State::Erased { at: *at },
            (State::Present(mut account), event) => {
                apply(&mut account, event);
                State::Present(account)
            }
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}

fn begun(details: &Details, at: Timestamp) -> Account {
    Account {
        details: details.clone(),
        password: details.password.clone().map(KeptPassword::Open),
        registered_at: at,
        // Without a code there is nothing to confirm: somebody else has.
        confirmed_at: details.code.is_none().then_some(at),
        reset: None,
        used_reset: None,
        sessions_since: at,
        // Whom somebody vouches for has no other address.
        identities: match details.code {
            None => [(details.address, Identity { provider: None, linked_at: at })].into(),
            Some(_) => BTreeMap::new(),
        },
        earlier: Vec::new(),
    }
}

fn apply(account: &mut Account, event: &Event) {
    match event {
        Event::EmailConfirmed { password, at } => {
            account.confirmed_at = Some(*at);
            account.password = password.clone().or(account.password.take());
        }
        Event::PasswordResetRequested { code, .. } => account.reset = Some(*code),
        Event::PasswordChanged { password, at } => {
            account.used_reset = account.reset.take().map(|code| code.hash);
            account.password = Some(password.clone());
            // Who set it read mail at the address.
            account.confirmed_at = account.confirmed_at.or(Some(*at));
            account.sessions_since = *at;
        }
        Event::ProviderLinked { identity, provider, at } => {
            let since = account.identities.get(identity).map_or(*at, |identity| identity.linked_at);
            let linked = Identity { provider: Some(provider.clone()), linked_at: since };
            account.identities.insert(*identity, linked);
        }
        Event::ProviderUnlinked { identity, at } => {
            account.identities.remove(identity);
            account.sessions_since = *at;
        }
        Event::SignInFailed { .. } | Event::SignInSucceeded { .. } => {}
        Event::Registered { .. } | Event::Erased { .. } | Event::Abandoned { .. } => {}
    }
}

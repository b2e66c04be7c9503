use allmende_eventlog::CommandError;
use allmende_gateway_domain::address::Holder;
use allmende_gateway_domain::person::{self, State as PersonState};
use allmende_gateway_domain::session::{Command, Rejection as Refused, Standing, State};
use allmende_gateway_domain::{AddressKey, KeptPassword, SessionId};
use allmende_kernel::{Level, SubjectId, TenantId, Timestamp};
use allmende_runtime::limits::Origin;
use bytes::Bytes;
use uuid::{NoContext, Uuid};

use super::App;
use super::accounts::Email;
use super::attempts::succeeded;
use super::streams::{attempts_stream, person_stream, session_stream};
use crate::error::{Error, Rejection};
use crate::secrets::{Device, Password, RefreshToken};
use crate::wire::{Attempts, Person, Session};

/// A session that goes on, and what it goes on with.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(crate) access_token: String,
    pub(crate) expires: Timestamp,
    pub(crate) refresh_token: String,
    pub(crate) ends_at: Timestamp,
    pub(crate) subject: SubjectId,
    pub(crate) home: TenantId,
    pub(crate) level: Level,
}

impl App {
    /// Begins a session with address and password, and tells what the device is known by from then on.
    pub(crate) async fn sign_in(
        &self,
        email: &Email,
        password: &Password,
        device: &str,
        by: Origin,
    ) -> Result<(Begun, String), Error> {
        let address = self.address(email);
        let device = Device::parse(&self.installation, address, device);
        let counted = self.counted(address, device.as_ref());
        self.commands.warm::<Attempts>(&attempts_stream(counted)).await?;
        let found = self.account_at(address).await?;
        let known = match &found {
            Some((_, PersonState::Present(account))) => account.password.clone(),
            _ => None,
        };
        let hash = match (&found, &known) {
            (Some((holder, _)), Some(kept)) => self.open_password(&holder.home, holder.subject, kept)?,
            _ => None,
        };
        let right = self.passwords.matches(password, hash.as_ref(), by).await?;
        let wrong = Error::from(Rejection::from(person::Rejection::CredentialsWrong));
        let begun = match (found, known) {
            (Some((holder, _)), Some(compared)) if right => self.begin(holder, compared, counted).await,
            _ => Err(wrong),
        };
        match begun {
            // All that is wrong counts, or what does not would tell of an account.
            Err(Error::Rejected(Rejection::Person(refused))) => {
                self.failed(counted).await?;
                Err(Rejection::from(refused).into())
            }
            Err(error) => Err(error.at(self.now())),
            Ok(begun) => {
                let device = device.unwrap_or_else(Device::fresh);
                Ok((begun, device.text(&self.installation, address)))
            }
        }
    }

    async fn begin(&self, holder: Holder, compared: KeptPassword, counted: AddressKey) -> Result<Begun, Error> {
        let stream = person_stream(&holder.home, holder.subject);
        let (session, token) = self.fresh_session(&holder.home);
        let mut begun = None;
        let done = self.act(|transaction, now| {
            succeeded(transaction, counted, now)?;
            let command = person::Command::SignIn { password: compared.clone() };
            let decided = transaction.decide::<Person>(&stream, &(), &command);
            decided.map_err(|error| error.map_rejection(signing_in))?;
            let account = transaction.state::<Person>(&stream)?.account().cloned();
            let account = account.ok_or(CommandError::Rejected(signing_in(person::Rejection::Unknown)))?;
            let standing = Standing { sessions_since: Some(account.sessions_since) };
            let ends_at = now + self.session;
            let (subject, level, token) = (holder.subject, account.level(), token.hash);
            let command = Command::Begin { subject, level, token, at: now, ends_at };
            let decided = transaction.decide::<Session>(&session_stream(&holder.home, session), &standing, &command);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            begun = Some((level, now, ends_at));
            Ok(Bytes::new())
        });
        done.await?;
        let (level, now, ends_at) = begun.ok_or(Rejection::from(person::Rejection::CredentialsWrong))?;
        self.begun(holder, session, token, level, now, ends_at)
    }

    pub(super) fn fresh_session(&self, home: &TenantId) -> (SessionId, RefreshToken) {
        let micros = u64::try_from(self.now().as_micros()).unwrap_or_default();
        let nanos = (micros % 1_000_000) as u32 * 1_000;
        let id = Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, micros / 1_000_000, nanos));
        let session = SessionId::new(id);
        (session, RefreshToken::fresh(&self.installation, home, session))
    }

    pub(super) fn begun(
        &self,
        Holder { subject, home }: Holder,
        session: SessionId,
        token: RefreshToken,
        level: Level,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<Begun, Error> {
        let (access_token, expires) = self.issuer.issue(subject, &home, session, level, now)?;
        let refresh_token = token.text(&self.installation);
        Ok(Begun { access_token, expires, refresh_token, ends_at, subject, home, level })
    }

    /// Goes on with a session: another access token, another refresh token.
    pub(crate) async fn refresh(&self, presented: Option<RefreshToken>) -> Result<Begun, Error> {
        let wrong = || Error::from(Rejection::from(Refused::TokenWrong));
        let presented = presented.ok_or_else(wrong)?;
        let RefreshToken { home, session, hash, .. } = presented.clone();
        let stream = session_stream(&home, session);
        let next = presented.next(&self.installation).hash;
        let mut open = None;
        let done = self.act(|transaction, now| {
            let State::Open(before) = transaction.state::<Session>(&stream)? else {
                return Err(CommandError::Rejected(Refused::TokenWrong.into()));
            };
            let person = person_stream(&home, before.subject);
            let account = transaction.state::<Person>(&person)?.account();
            let standing = Standing { sessions_since: account.map(|account| account.sessions_since) };
            let command = Command::Refresh { presented: hash, next, at: now };
            let decided = transaction.decide::<Session>(&stream, &standing, &command);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            open = match transaction.state::<Session>(&stream)? {
                State::Open(open) => Some((open.clone(), now)),
                State::Absent | State::Ended { .. } => None,
            };
            Ok(Bytes::new())
        });
        let done = done.await?;
        let Some((open, now)) = open else {
            // The session was ended: a token was used twice.
            tracing::warn!("a refresh token was used a second time: its session was ended");
            self.in_force(done.position).await?;
            return Err(wrong());
        };
        // It may have gone on by more than one step since.
        let token = presented.later(&self.installation, open.token).ok_or_else(wrong)?;
        self.begun(Holder { subject: open.subject, home }, session, token, open.level, now, open.ends_at)
    }

    /// Ends a session; its access tokens are no longer good either.
    pub(crate) async fn sign_out(&self, presented: Option<RefreshToken>) -> Result<(), Error> {
        // Whoever shows what is no token of ours has nothing to sign out of.
        let Some(RefreshToken { home, session, .. }) = presented else { return Ok(()) };
        let stream = session_stream(&home, session);
        let done = self.act(|transaction, now| {
            let standing = Standing { sessions_since: None };
            let decided = transaction.decide::<Session>(&stream, &standing, &Command::SignOut { at: now });
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.in_force(done.position).await
    }
}

/// Whether there is an account shows in no answer.
fn signing_in(rejection: person::Rejection) -> Rejection {
    match rejection {
        person::Rejection::Unknown | person::Rejection::Erased => person::Rejection::CredentialsWrong.into(),
        other => other.into(),
    }
}

use allmende_eventlog::{CommandError, Request};
use allmende_gateway_domain::address::{Command as AddressCommand, Holder};
use allmende_gateway_domain::mail::Kind;
use allmende_gateway_domain::person::{self, Code, Command, Details, State};
use allmende_gateway_domain::{AddressKey, Language, PasswordHash};
use allmende_kernel::{Duration, Level, SubjectId, TenantId, Timestamp};
use allmende_keyring::KeyId;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::accounts::Email;
use super::mails::{Letter, Recipient};
use super::streams::{address_stream, person_stream};
use super::{App, PATIENCE};
use crate::error::{Error, Rejection};
use crate::secrets::{OneTimeCode, Password};
use crate::wire::{Address, Person};

/// How long a code confirms an address.
const CODE_GOOD_FOR: Duration = Duration::from_secs(86_400);
/// How often is begun anew because somebody else was faster.
const ATTEMPTS: usize = 3;

/// An account to be made.
#[derive(Debug, Clone)]
pub(crate) struct Register {
    pub(crate) email: Email,
    pub(crate) password: Password,
    pub(crate) name: Option<String>,
    pub(crate) language: Language,
}

/// What is to be stored for it.
struct Prepared {
    address: AddressKey,
    /// Where the address led when it was looked up.
    held: Option<Holder>,
    /// Where it is to lead.
    holder: Holder,
    details: Details,
    mail: Letter,
}

impl App {
    /// Makes an account that its address has yet to confirm, and sends it a code. Whether there was one already shows in
    /// neither the answer nor its time.
    pub(crate) async fn register(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        wanted: Register,
    ) -> Result<ConsistencyToken, Error> {
        let password = self.passwords.hash(&wanted.password).await?;
        let address = self.address(&wanted.email);
        for _ in 0..ATTEMPTS {
            let attempt = match self.account_at(address).await? {
                Some((holder, State::Present(account))) if account.confirmed_at.is_some() => {
                    self.tell_holder(request, holder, account.details.language).await
                }
                found => {
                    let held = found.map(|(holder, _)| holder);
                    let prepared = self.prepare(tenant.id(), held, address, &password, &wanted).await?;
                    self.store(request, &prepared).await
                }
            };
            match attempt {
                Err(error) if error.is(&Rejection::Moved) => {}
                // A code is on its way.
                Err(error) if error.is(&person::Rejection::CodeJustSent.into()) => {
                    return Ok(ConsistencyToken::default());
                }
                attempt => return attempt,
            }
        }
        Err(Rejection::Moved.into())
    }

    async fn prepare(
        &self,
        tenant: &TenantId,
        held: Option<Holder>,
        address: AddressKey,
        password: &PasswordHash,
        wanted: &Register,
    ) -> Result<Prepared, Error> {
        // An account that nobody confirmed elsewhere keeps nobody out here.
        let subject = match &held {
            Some(holder) if holder.home == *tenant => holder.subject,
            _ => fresh_subject(),
        };
        let key = self.keyring.ensure(tenant, KeyId::person(subject)).await?;
        let (email, name) = Self::seal_person(&key, subject, &wanted.email, wanted.name.as_deref())?;
        let code = OneTimeCode::fresh(&self.installation, subject);
        let to = Recipient { subject, home: tenant.clone(), language: wanted.language };
        let mail = self.code_mail(&key, Kind::ConfirmEmail, to, &code)?;
        let details = Details {
            email,
            address,
            name,
            password: Some(password.clone()),
            language: wanted.language,
            code: Some(Code { hash: code.hash, expires: self.now() + CODE_GOOD_FOR }),
            level: Level::None,
        };
        Ok(Prepared { address, held, holder: Holder { subject, home: tenant.clone() }, details, mail })
    }

    async fn store(&self, request: &Request, prepared: &Prepared) -> Result<ConsistencyToken, Error> {
        let Prepared { address, held, holder, details, mail } = prepared;
        let (address, person) = (address_stream(*address), person_stream(&holder.home, holder.subject));
        let done = self.commands.execute(request, |transaction, now| {
            if transaction.state::<Address>(&address)? != held {
                return Err(CommandError::Rejected(Rejection::Moved));
            }
            if let Some(before) = held.as_ref().filter(|before| *before != holder) {
                // It may have been confirmed a moment ago.
                let state = transaction.state::<Person>(&person_stream(&before.home, before.subject))?;
                if state.account().is_some_and(|account| account.confirmed_at.is_some()) {
                    return Err(CommandError::Rejected(Rejection::Moved));
                }
                let release = AddressCommand::Release { subject: before.subject };
                let decided = transaction.decide::<Address>(&address, &(), &release);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
            }
            let decided = transaction.decide::<Address>(&address, &(), &AddressCommand::Take(holder.clone()));
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            let command = Command::Register { details: details.clone(), at: now };
            let decided = transaction.decide::<Person>(&person, &(), &command);
            decided.map_err(|error| match error {
                CommandError::Rejected(person::Rejection::AlreadyRegistered) => {
                    CommandError::Rejected(Rejection::Moved)
                }
                error => error.map_rejection(Rejection::from),
            })?;
            mail.queue(transaction, now)?;
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.queries.view().wait_for(done.position, PATIENCE).await?;
        Ok(self.queries.seen(done.position))
    }

    /// Writes to the holder of an account that somebody tried to register its address; once a day at most.
    async fn tell_holder(
        &self,
        request: &Request,
        holder: Holder,
        language: Language,
    ) -> Result<ConsistencyToken, Error> {
        let to = Recipient { subject: holder.subject, home: holder.home.clone(), language };
        let day = day_number(self.now()).to_string();
        let mail = self.mail_about(&holder.home, Kind::AlreadyRegistered, to, None, &day);
        let done = self.commands.execute(request, |transaction, now| {
            mail.queue(transaction, now)?;
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.queries.view().wait_for(done.position, PATIENCE).await?;
        Ok(self.queries.seen(done.position))
    }
}

fn fresh_subject() -> SubjectId {
    // Version 4: an id that tells when somebody registered would tell something about them.
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    SubjectId::new(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// Days since 1970, in UTC: for what happens once a day at most.
pub(super) fn day_number(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(86_400_000_000)
}

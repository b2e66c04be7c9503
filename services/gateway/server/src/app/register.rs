use allmende_eventlog::{CommandError, Request};
use allmende_gateway_domain::address::{Command as AddressCommand, Holder};
use allmende_gateway_domain::attempts;
use allmende_gateway_domain::mail::Kind;
use allmende_gateway_domain::person::{self, Code, Command, Details, State};
use allmende_gateway_domain::{AddressKey, Language};
use allmende_kernel::{Duration, Level, SubjectId, TenantId, Timestamp};
use allmende_keyring::KeyId;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::accounts::Email;
use super::attempts::{evenly, send_code};
use super::glance::confirmed_holder;
use super::mails::{Letter, Recipient};
use super::streams::{address_stream, attempts_stream, person_stream};
use super::{App, PATIENCE};
use crate::error::{Error, Rejection};
use crate::secrets::OneTimeCode;
use crate::wire::{Address, Attempts, Person};

/// How long a code confirms an address.
const CODE_GOOD_FOR: Duration = Duration::from_secs(86_400);
/// How often is begun anew because somebody else was faster.
const ATTEMPTS: usize = 3;

/// An account to be made.
#[derive(Debug, Clone)]
pub(crate) struct Register {
    pub(crate) email: Email,
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
    /// neither the answer nor its time, nor in when the next mail is sent.
    pub(crate) async fn register(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        wanted: Register,
    ) -> Result<ConsistencyToken, Error> {
        evenly(self.make_account(tenant.id(), request, &wanted)).await
    }

    async fn make_account(
        &self,
        tenant: &TenantId,
        request: &Request,
        wanted: &Register,
    ) -> Result<ConsistencyToken, Error> {
        let (address, fresh) = (self.address(&wanted.email), fresh_subject());
        self.commands.warm::<Attempts>(&attempts_stream(self.registering(address))).await?;
        for _ in 0..ATTEMPTS {
            let attempt = match self.account_at(address).await? {
                Some((holder, State::Present(account))) if account.confirmed_at.is_some() => {
                    self.tell_holder(request, address, holder, account.details.language).await
                }
                found => {
                    let held = found.map(|(holder, _)| holder);
                    let prepared = self.prepare(tenant, held, fresh, address, wanted).await?;
                    self.store(request, &prepared).await
                }
            };
            match attempt {
                // It has changed since it was looked up.
                Err(error) if error.is(&Rejection::Moved) => {}
                // A mail is on its way.
                Err(error) if error.is(&attempts::Rejection::CodeJustSent.into()) => {
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
        fresh: SubjectId,
        address: AddressKey,
        wanted: &Register,
    ) -> Result<Prepared, Error> {
        // An account that nobody confirmed elsewhere keeps nobody out here.
        let subject = match &held {
            Some(holder) if holder.home == *tenant => holder.subject,
            _ => fresh,
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
            password: None,
            language: wanted.language,
            code: Some(Code { hash: code.hash, expires: self.now() + CODE_GOOD_FOR }),
            level: Level::None,
        };
        Ok(Prepared { address, held, holder: Holder { subject, home: tenant.clone() }, details, mail })
    }

    async fn store(&self, request: &Request, prepared: &Prepared) -> Result<ConsistencyToken, Error> {
        let Prepared { address: key, held, holder, details, mail } = prepared;
        let (address, person) = (address_stream(*key), person_stream(&holder.home, holder.subject));
        let registering = self.registering(*key);
        let done = self.commands.execute(request, |transaction, now| {
            send_code(transaction, registering, now)?;
            if transaction.state::<Address>(&address)? != held {
                return Err(CommandError::Rejected(Rejection::Moved));
            }
            if let Some(before) = held.as_ref().filter(|before| *before != holder) {
                // Nothing is kept of it there.
                let there = person_stream(&before.home, before.subject);
                let decided = transaction.decide::<Person>(&there, &(), &Command::Abandon { at: now });
                decided.map_err(|error| error.map_rejection(confirmed_meanwhile))?;
                let release = AddressCommand::Release { subject: before.subject };
                let decided = transaction.decide::<Address>(&address, &(), &release);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
            }
            let decided = transaction.decide::<Address>(&address, &(), &AddressCommand::Take(holder.clone()));
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            let command = Command::Register { details: details.clone(), at: now };
            let decided = transaction.decide::<Person>(&person, &(), &command);
            decided.map_err(|error| error.map_rejection(confirmed_meanwhile))?;
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
        address: AddressKey,
        holder: Holder,
        language: Language,
    ) -> Result<ConsistencyToken, Error> {
        let to = Recipient { subject: holder.subject, home: holder.home.clone(), language };
        let registering = self.registering(address);
        let day = day_number(self.now()).to_string();
        let mail = self.mail_about(&holder.home, Kind::AlreadyRegistered, to, None, &day);
        let done = self.commands.execute(request, |transaction, now| {
            send_code(transaction, registering, now)?;
            // Forgotten meanwhile, the address is anybody's.
            if confirmed_holder(transaction, address)?.as_ref() != Some(&holder) {
                return Err(CommandError::Rejected(Rejection::Moved));
            }
            mail.queue(transaction, now)?;
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.queries.view().wait_for(done.position, PATIENCE).await?;
        Ok(self.queries.seen(done.position))
    }
}

/// An account whose address was confirmed since it was looked up is looked up again.
fn confirmed_meanwhile(rejection: person::Rejection) -> Rejection {
    match rejection {
        person::Rejection::AlreadyRegistered => Rejection::Moved,
        other => other.into(),
    }
}

pub(super) fn fresh_subject() -> SubjectId {
    // Version 4: an id that tells when somebody registered would tell something about them.
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    SubjectId::new(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// Days since 1970, in UTC: for what happens once a day at most.
pub(super) fn day_number(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(86_400_000_000)
}

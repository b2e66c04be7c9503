use allmende_eventlog::Request;
use allmende_gateway_domain::address::Holder;
use allmende_gateway_domain::mail::Kind;
use allmende_gateway_domain::person::{Account, Code, Command, Rejection as Refused, State};
use allmende_gateway_domain::{AddressKey, CodeHash};
use allmende_kernel::{Duration, StreamName, SubjectId};
use allmende_keyring::{KeyId, KeyringError};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::limits::Origin;
use bytes::Bytes;

use super::App;
use super::accounts::Email;
use super::attempts::{code_used, evenly, send_code};
use super::confirm_email::code_wrong;
use super::mails::{Letter, Recipient};
use super::streams::{attempts_stream, person_stream};
use crate::error::{Error, Rejection};
use crate::secrets::{OneTimeCode, Password};
use crate::wire::{Attempts, Person};

/// How long a code sets a new password.
const CODE_GOOD_FOR: Duration = Duration::from_secs(3_600);

impl App {
    /// Sends a code to the address if it has an account that signs in here. Nobody is told whether it has.
    pub(crate) async fn request_password_reset(&self, request: &Request, email: &Email) -> Result<(), Error> {
        evenly(self.send_reset_code(request, self.address(email))).await
    }

    async fn send_reset_code(&self, request: &Request, address: AddressKey) -> Result<(), Error> {
        let prepared = match self.account_at(address).await? {
            // Who signs in elsewhere was never sent a code.
            Some((holder, State::Present(account))) if account.details.code.is_some() => {
                self.prepare_reset(holder, &account).await?
            }
            _ => None,
        };
        self.commands.warm::<Attempts>(&attempts_stream(address)).await?;
        let done = self.commands.execute(request, |transaction, now| {
            send_code(transaction, address, now)?;
            if let Some((stream, code, mail)) = &prepared {
                let sent = Code { hash: *code, expires: now + CODE_GOOD_FOR };
                let command = Command::RequestPasswordReset { code: sent, at: now };
                let decided = transaction.decide::<Person>(stream, &(), &command);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                mail.queue(transaction, now)?;
            }
            Ok(Bytes::new())
        });
        match done.await.map_err(Error::from) {
            // One is on its way, or there is nobody to write to.
            Ok(_) | Err(Error::Rejected(Rejection::Attempts(_) | Rejection::Person(_))) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn prepare_reset(
        &self,
        holder: Holder,
        account: &Account,
    ) -> Result<Option<(StreamName, CodeHash, Letter)>, Error> {
        let key = match self.keyring.ensure(&holder.home, KeyId::person(holder.subject)).await {
            // It was erased a moment ago.
            Err(KeyringError::Erased(_)) => return Ok(None),
            key => key?,
        };
        let code = OneTimeCode::fresh(&self.installation, holder.subject);
        let to = Recipient { subject: holder.subject, home: holder.home.clone(), language: account.details.language };
        let mail = self.code_mail(&key, Kind::ResetPassword, to, &code)?;
        Ok(Some((person_stream(&holder.home, holder.subject), code.hash, mail)))
    }

    /// Sets a new password; all sessions are over from then on.
    pub(crate) async fn reset_password(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        code: Option<(SubjectId, CodeHash)>,
        password: &Password,
        by: Origin,
    ) -> Result<ConsistencyToken, Error> {
        self.takes_commands().await?;
        let hash = self.passwords.hash(password, by).await?;
        let (subject, code) = code.ok_or(Rejection::from(Refused::CodeWrong))?;
        let password = self.keep_password(tenant.id(), subject, &hash).await?;
        let stream = person_stream(tenant.id(), subject);
        let done = self.commands.execute(request, |transaction, now| {
            let command = Command::ResetPassword { code, password: password.clone(), at: now };
            let decided = transaction.decide::<Person>(&stream, &(), &command);
            decided.map_err(|error| error.map_rejection(code_wrong))?;
            if let Some(account) = transaction.state::<Person>(&stream)?.account() {
                let (language, address) = (account.details.language, account.details.address);
                code_used(transaction, (address, self.registering(address)), now)?;
                let to = Recipient { subject, home: tenant.id().clone(), language };
                let mark = now.as_micros().to_string();
                self.mail_about(tenant.id(), Kind::PasswordChanged, to, None, &mark).queue(transaction, now)?;
            }
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.in_force(done.position).await?;
        Ok(self.queries.seen(done.position))
    }
}

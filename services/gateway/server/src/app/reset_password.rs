use allmende_eventlog::Request;
use allmende_gateway_domain::CodeHash;
use allmende_gateway_domain::mail::Kind;
use allmende_gateway_domain::person::{Code, Command, Rejection as Refused, State};
use allmende_kernel::{Duration, SubjectId};
use allmende_keyring::{KeyId, KeyringError};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::App;
use super::accounts::Email;
use super::confirm_email::code_wrong;
use super::mails::Recipient;
use super::streams::person_stream;
use crate::error::{Error, Rejection};
use crate::secrets::{OneTimeCode, Password};
use crate::wire::Person;

/// How long a code sets a new password.
const CODE_GOOD_FOR: Duration = Duration::from_secs(3_600);

impl App {
    /// Sends a code to the address if it has an account that signs in here. Nobody is told whether it has.
    pub(crate) async fn request_password_reset(&self, request: &Request, email: &Email) -> Result<(), Error> {
        let Some((holder, State::Present(account))) = self.account_at(self.address(email)).await? else {
            return Ok(());
        };
        if account.details.password.is_none() {
            return Ok(());
        }
        let key = match self.keyring.ensure(&holder.home, KeyId::person(holder.subject)).await {
            // It was erased a moment ago.
            Err(KeyringError::Erased(_)) => return Ok(()),
            key => key?,
        };
        let code = OneTimeCode::fresh(&self.installation, holder.subject);
        let to = Recipient { subject: holder.subject, home: holder.home.clone(), language: account.details.language };
        let mail = self.code_mail(&key, Kind::ResetPassword, to, &code)?;
        let stream = person_stream(&holder.home, holder.subject);
        let done = self.commands.execute(request, |transaction, now| {
            let sent = Code { hash: code.hash, expires: now + CODE_GOOD_FOR };
            let command = Command::RequestPasswordReset { code: sent, at: now };
            let decided = transaction.decide::<Person>(&stream, &(), &command);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            mail.queue(transaction, now)?;
            Ok(Bytes::new())
        });
        match done.await.map_err(Error::from) {
            // One is on its way, or there is nobody to write to.
            Ok(_) | Err(Error::Rejected(Rejection::Person(_))) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sets a new password; all sessions are over from then on.
    pub(crate) async fn reset_password(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        code: Option<(SubjectId, CodeHash)>,
        password: &Password,
    ) -> Result<ConsistencyToken, Error> {
        let password = self.passwords.hash(password).await?;
        let (subject, code) = code.ok_or(Rejection::from(Refused::CodeWrong))?;
        let stream = person_stream(tenant.id(), subject);
        self.commands.warm::<Person>(&stream).await?;
        let done = self.commands.execute(request, |transaction, now| {
            let command = Command::ResetPassword { code, password: password.clone(), at: now };
            let decided = transaction.decide::<Person>(&stream, &(), &command);
            decided.map_err(|error| error.map_rejection(code_wrong))?;
            if let Some(account) = transaction.state::<Person>(&stream)?.account() {
                let language = account.details.language;
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

use allmende_eventlog::Request;
use allmende_gateway_domain::CodeHash;
use allmende_gateway_domain::person::{Command, Rejection as Refused};
use allmende_kernel::SubjectId;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::limits::Origin;
use bytes::Bytes;

use super::attempts::code_used;
use super::streams::person_stream;
use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::secrets::Password;
use crate::wire::Person;

impl App {
    /// Confirms the address of the account that the code was sent to, and sets its password.
    pub(crate) async fn confirm_email(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        code: Option<(SubjectId, CodeHash)>,
        password: &Password,
        by: Origin,
    ) -> Result<Answer<SubjectId>, Error> {
        let (subject, code) = code.ok_or(Rejection::from(Refused::CodeWrong))?;
        self.takes_commands().await?;
        let hash = self.passwords.hash(password, by).await?;
        let password = self.keep_password(tenant.id(), subject, &hash).await?;
        let stream = person_stream(tenant.id(), subject);
        let done = self.commands.execute(request, |transaction, now| {
            let command = Command::ConfirmEmail { code, password: password.clone(), at: now };
            let decided = transaction.decide::<Person>(&stream, &(), &command);
            let decided = decided.map_err(|error| error.map_rejection(code_wrong))?;
            let address = transaction.state::<Person>(&stream)?.account().map(|account| account.details.address);
            if let (false, Some(address)) = (decided.is_empty(), address) {
                code_used(transaction, (address, self.registering(address)), now)?;
            }
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.in_force(done.position).await?;
        Ok(Answer { value: subject, seen: self.queries.seen(done.position) })
    }
}

/// A code for an account that is not there is as wrong as any other.
pub(super) fn code_wrong(rejection: Refused) -> Rejection {
    match rejection {
        Refused::Unknown | Refused::Erased => Refused::CodeWrong.into(),
        other => other.into(),
    }
}

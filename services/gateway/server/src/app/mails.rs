//! Queueing mails, in the commit of what they are about.

use allmende_eventlog::{CommandError, Request, Transaction};
use allmende_gateway_domain::mail::{Command, Kind, Mail};
use allmende_gateway_domain::{Language, MailId, mail};
use allmende_kernel::{Sealed, SubjectId, TenantId, Timestamp};
use allmende_keyring::{Key, KeyId};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;
use uuid::Uuid;

use super::streams::mail_stream;
use super::{Answer, App, Listing};
use crate::error::{Error, Rejection};
use crate::secrets::OneTimeCode;
use crate::views::{MailRow, Page};
use crate::wire;

/// What is sealed of a mail, and as what.
#[derive(Debug)]
pub(crate) enum MailBoxes {}

impl MailBoxes {
    /// A code, under the person's key.
    pub(crate) fn code(id: MailId) -> String {
        format!("mail/{id}/code")
    }

    /// An address that outlives the account, under the mail's key.
    pub(crate) fn address(id: MailId) -> String {
        format!("mail/{id}/address")
    }
}

/// A mail that is to be queued under an id that follows from its cause.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) tenant: TenantId,
    pub(crate) id: MailId,
    pub(crate) mail: Mail,
}

impl Letter {
    /// Queues it in the commit that is being made; once it is there, again it does nothing.
    pub(crate) fn queue(
        &self,
        transaction: &mut Transaction<'_>,
        at: Timestamp,
    ) -> Result<(), CommandError<Rejection>> {
        let command = Command::Queue { mail: self.mail.clone(), at };
        let decided = transaction.decide::<wire::Mail>(&mail_stream(&self.tenant, self.id), &(), &command);
        decided.map(drop).map_err(|error| error.map_rejection(Rejection::from))
    }
}

/// What an operator wants of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Another attempt at once.
    Retry,
    /// No further attempt.
    Drop,
}

/// Who gets a mail.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    pub(crate) subject: SubjectId,
    pub(crate) home: TenantId,
    pub(crate) language: Language,
}

impl App {
    /// A mail with a code, known by the code.
    pub(super) fn code_mail(&self, key: &Key, kind: Kind, to: Recipient, code: &OneTimeCode) -> Result<Letter, Error> {
        let id =
            self.mail_id(&["code", &Uuid::from_slice(&code.hash.as_bytes()[..16]).unwrap_or_default().to_string()]);
        let sealed = key.seal(&MailBoxes::code(id), code.text.as_bytes())?;
        Ok(letter(to.home.clone(), id, kind, to, Some(sealed), None))
    }

    /// A mail that is known by what it is about and, where it may come again, by a mark of its time.
    pub(crate) fn mail_about(
        &self,
        tenant: &TenantId,
        kind: Kind,
        to: Recipient,
        about: Option<Uuid>,
        mark: &str,
    ) -> Letter {
        let (recipient, subject) = (to.subject.to_string(), about.map(|id| id.to_string()).unwrap_or_default());
        let id = self.mail_id(&["about", &format!("{kind:?}"), &recipient, &subject, mark]);
        letter(tenant.clone(), id, kind, to, None, about)
    }

    /// Has a mail carry its address, under a key of its own: the account may be gone when it is sent.
    pub(super) async fn carry_address(&self, mut letter: Letter, address: &str) -> Result<Letter, Error> {
        let key = self.keyring.ensure(&letter.tenant, KeyId::mail(letter.id.as_uuid())).await?;
        letter.mail.address = Some(key.seal(&MailBoxes::address(letter.id), address.as_bytes())?);
        Ok(letter)
    }

    fn mail_id(&self, parts: &[&str]) -> MailId {
        MailId::new(self.installation.derive_id("mail", parts))
    }

    /// Notes how a mail fared.
    pub(crate) async fn note_mail(&self, tenant: &TenantId, id: MailId, command: Command) -> Result<(), Error> {
        let stream = mail_stream(tenant, id);
        let done = self.act(|transaction, _| {
            let decided = transaction.decide::<wire::Mail>(&stream, &(), &command);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            Ok(Bytes::new())
        });
        let done = done.await?;
        // The next look at what is due must not find it again.
        self.queries.view().wait_for(done.position, super::PATIENCE).await?;
        Ok(())
    }

    /// Queues mails in one commit, but those that were queued before under their ids.
    pub(crate) async fn queue_all(&self, letters: &[Letter]) -> Result<(), Error> {
        let done = self.act(|transaction, now| {
            for letter in letters {
                // It may have been queued in another language.
                if transaction.state::<wire::Mail>(&mail_stream(&letter.tenant, letter.id))?.is_none() {
                    letter.queue(transaction, now)?;
                }
            }
            Ok(Bytes::new())
        });
        done.await.map(drop)
    }

    /// Has a mail tried once more, or no more, as an operator wants it.
    pub(crate) async fn direct_mail(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: MailId,
        wish: Wish,
    ) -> Result<Answer<MailRow>, Error> {
        let tenant = tenant.id().clone();
        let stream = mail_stream(&tenant, id);
        let done = self.commands.execute(request, |transaction, at| {
            let command = match wish {
                Wish::Retry => Command::Retry { at },
                Wish::Drop => Command::Drop { at },
            };
            let decided = transaction.decide::<wire::Mail>(&stream, &(), &command);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            Ok(Bytes::new())
        });
        let seen = self.queries.seen(done.await?.position);
        let of = tenant.clone();
        let read = self.read(&seen, move |reader| {
            reader.mail(&of, id)?.ok_or_else(|| Rejection::from(mail::Rejection::Unknown).into())
        });
        let Answer { value: queued, seen } = read.await?;
        self.forget_address(&tenant, id).await?;
        Ok(Answer { value: (id, queued), seen })
    }

    /// Mails of a tenant, the latest first.
    pub(crate) async fn list_outbox(
        &self,
        tenant: &AuthorizedTenant,
        wanted: impl Fn(&mail::Queued) -> bool + Send + 'static,
        Listing { after, max }: Listing,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<MailRow>>, Error> {
        let tenant = tenant.id().clone();
        self.read(token, move |reader| Ok(reader.mails(&tenant, wanted, after.as_deref(), max)?)).await
    }
}

fn letter(
    tenant: TenantId,
    id: MailId,
    kind: Kind,
    Recipient { subject, home, language }: Recipient,
    code: Option<Sealed>,
    about: Option<Uuid>,
) -> Letter {
    Letter {
        tenant,
        id,
        mail: Mail { recipient: subject, home, kind, language, code, about, address: None, deadline: None },
    }
}

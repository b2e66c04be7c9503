use allmende_eventlog::{CommandError, Rehearsal, Request, Transaction};
use allmende_gateway_domain::FeedbackId;
use allmende_gateway_domain::feedback::{self, Command, Feedback, Topic};
use allmende_kernel::{Sealed, StreamName, SubjectId, TenantId, Timestamp};
use allmende_keyring::{KeyId, Opened, open_text};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::streams::feedback_stream;
use super::{Answer, App, Listing, PATIENCE};
use crate::error::{Error, Rejection};
use crate::views::{FeedbackRow, Page};
use crate::wire;

/// What somebody tells a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SendFeedback {
    pub(crate) id: FeedbackId,
    pub(crate) topic: Topic,
    pub(crate) text: String,
    pub(crate) reply_to: Option<String>,
    pub(crate) page: String,
    /// Who tells it, if they have signed in.
    pub(crate) by: Option<SubjectId>,
}

/// The same as it is read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) id: FeedbackId,
    pub(crate) topic: Topic,
    /// The words and where to answer; absent when they were erased.
    pub(crate) words: Option<(String, String)>,
    pub(crate) page: String,
    pub(crate) at: Timestamp,
}

fn text_context(id: FeedbackId) -> String {
    format!("feedback/{id}/text")
}

fn reply_context(id: FeedbackId) -> String {
    format!("feedback/{id}/reply-to")
}

impl App {
    /// Takes feedback.
    pub(crate) async fn send_feedback(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        told: SendFeedback,
    ) -> Result<ConsistencyToken, Error> {
        let stream = feedback_stream(tenant.id(), told.id);
        let unused = |transaction: &mut Transaction<'_>| match transaction.state::<wire::Feedback>(&stream)? {
            None => Ok(()),
            // Boxes differ each time, so whether it is the same cannot be told: the request id tells repetitions.
            Some(_) => Err(CommandError::Rejected(feedback::Rejection::Differs.into())),
        };
        // Before the key, which is gone for ever where this was told and erased.
        if let Rehearsal::Done(done) = self.commands.rehearse(request, |transaction, _| unused(transaction)).await? {
            return Ok(self.queries.seen(done.position));
        }
        let key = self.keyring.ensure(tenant.id(), KeyId::feedback(told.id.as_uuid())).await?;
        let text = key.seal(&text_context(told.id), told.text.as_bytes())?;
        let reply_to = told.reply_to.as_ref().map(|to| key.seal(&reply_context(told.id), to.as_bytes())).transpose()?;
        let done = self.commands.execute(request, |transaction, now| {
            unused(transaction)?;
            let feedback = Feedback {
                topic: told.topic,
                text: text.clone(),
                reply_to: reply_to.clone(),
                page: told.page.clone(),
                by: told.by,
                at: now,
            };
            decide(transaction, &stream, Command::Send(feedback))
        });
        Ok(self.queries.seen(done.await?.position))
    }

    /// Erases feedback because somebody wants it who is to read it. Again it changes nothing.
    pub(crate) async fn erase_feedback(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: FeedbackId,
        by: SubjectId,
    ) -> Result<ConsistencyToken, Error> {
        let stream = feedback_stream(tenant.id(), id);
        let erase =
            |transaction: &mut Transaction<'_>, at| decide(transaction, &stream, Command::Erase { by: Some(by), at });
        if let Rehearsal::Done(done) = self.commands.rehearse(request, erase).await? {
            return Ok(self.queries.seen(done.position));
        }
        // First the key: what is noted as gone must be gone.
        self.keyring.erase(tenant.id(), KeyId::feedback(id.as_uuid())).await?;
        let done = self.commands.execute(request, erase).await?;
        Ok(self.queries.seen(done.position))
    }

    /// Erases what somebody told who asked to be forgotten. Cut off anywhere it is done again from the beginning.
    pub(crate) async fn forget_feedback(&self, tenant: &TenantId, id: FeedbackId) -> Result<(), Error> {
        self.keyring.erase(tenant, KeyId::feedback(id.as_uuid())).await?;
        let stream = feedback_stream(tenant, id);
        let done = self.act(|transaction, at| decide(transaction, &stream, Command::Erase { by: None, at }));
        // The next look at what is due must not find it again.
        Ok(self.queries.view().wait_for(done.await?.position, PATIENCE).await?)
    }

    /// What a tenant was told.
    pub(crate) async fn list_feedback(
        &self,
        tenant: &AuthorizedTenant,
        Listing { after, max }: Listing,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<Told>>, Error> {
        let of = tenant.id().clone();
        let read = self.read(token, move |reader| Ok(reader.feedback(&of, after.as_deref(), max)?));
        let Answer { value: page, seen } = read.await?;
        let told: Result<_, Error> = page.items.into_iter().map(|row| self.told(tenant.id(), row)).collect();
        Ok(Answer { value: Page { items: told?, next: page.next }, seen })
    }

    fn told(&self, tenant: &TenantId, (id, told): FeedbackRow) -> Result<Told, Error> {
        let feedback = told.feedback;
        let open = |context: &str, sealed: &Sealed| open_text(self.keyring.as_ref(), tenant, context, sealed);
        let words = match open(&text_context(id), &feedback.text)? {
            Opened::Content(text) => {
                let reply_to = feedback.reply_to.as_ref().map(|sealed| open(&reply_context(id), sealed)).transpose()?;
                Some((text, reply_to.and_then(Opened::content).unwrap_or_default()))
            }
            Opened::Erased => None,
        };
        Ok(Told { id, topic: feedback.topic, words, page: feedback.page, at: feedback.at })
    }
}

fn decide(
    transaction: &mut Transaction<'_>,
    stream: &StreamName,
    command: Command,
) -> Result<Bytes, CommandError<Rejection>> {
    let decided = transaction.decide::<wire::Feedback>(stream, &(), &command);
    decided.map(|_| Bytes::new()).map_err(|error| error.map_rejection(Rejection::from))
}

use allmende_eventlog::{CommandError, Request};
use allmende_gateway_domain::FeedbackId;
use allmende_gateway_domain::feedback::{Feedback, Send, Topic};
use allmende_kernel::{Sealed, TenantId, Timestamp};
use allmende_keyring::{KeyId, Opened, open_text};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::streams::feedback_stream;
use super::{Answer, App, Listing};
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
        self.must_be_there(tenant.id()).await?;
        let stream = feedback_stream(tenant.id(), told.id);
        let key = self.keyring.ensure(tenant.id(), KeyId::feedback(told.id.as_uuid())).await?;
        let text = key.seal(&text_context(told.id), told.text.as_bytes())?;
        let reply_to = told.reply_to.as_ref().map(|to| key.seal(&reply_context(told.id), to.as_bytes())).transpose()?;
        let done = self.commands.execute(request, |transaction, now| {
            if transaction.state::<wire::Feedback>(&stream)?.is_some() {
                // Boxes differ each time, so whether it is the same cannot be told: the request id tells repetitions.
                let differs = allmende_gateway_domain::feedback::Rejection::Differs;
                return Err(CommandError::Rejected(differs.into()));
            }
            let (text, reply_to) = (text.clone(), reply_to.clone());
            let feedback = Feedback { topic: told.topic, text, reply_to, page: told.page.clone(), at: now };
            let decided = transaction.decide::<wire::Feedback>(&stream, &(), &Send(feedback));
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            Ok(Bytes::new())
        });
        Ok(self.queries.seen(done.await?.position))
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

    fn told(&self, tenant: &TenantId, (id, feedback): FeedbackRow) -> Result<Told, Error> {
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

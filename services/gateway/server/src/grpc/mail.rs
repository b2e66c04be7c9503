use allmende_proto::gateway::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::invalid_field;
use tonic::Status;

use super::parse::{next_page, query};
use super::{Grpc, reply};

impl Grpc {
    pub(super) async fn list_outbox(
        &self,
        caller: Caller,
        message: pb::ListOutboxRequest,
    ) -> Result<pb::ListOutboxResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let state = pb::MailState::try_from(message.state)
            .map_err(|_| invalid_field("state", "must be one of the values of its type"))?;
        let pb::ListOutboxRequest { tenant: name, page_size, page_token, consistency_token, .. } = &message;
        let parameters = [name.as_bytes(), &message.state.to_be_bytes()];
        let query = query(&caller, &parameters, (*page_size, 50, 500), page_token, consistency_token)?;
        let wanted = move |queued: &allmende_gateway_domain::mail::Queued| {
            state == pb::MailState::Unspecified || reply::mail_state(queued) == state
        };
        let answer = self.app.list_outbox(&tenant, wanted, query.listing, &query.token).await?;
        Ok(pb::ListOutboxResponse {
            next_page_token: next_page(&query.pages, answer.value.next.as_ref()),
            mails: answer.value.items.into_iter().map(reply::mail).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }
}

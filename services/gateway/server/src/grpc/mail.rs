use allmende_gateway_domain::MailId;
use allmende_kernel::RequestId;
use allmende_proto::gateway::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::{Violations, invalid_field};
use allmende_runtime::fields;
use tonic::Status;

use super::parse::{self, next_page, query};
use super::{Grpc, reply};
use crate::app::Wish;

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

    pub(super) async fn retry_mail(
        &self,
        caller: Caller,
        message: pb::RetryMailRequest,
    ) -> Result<pb::RetryMailResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, mail) = of_one_mail(&message.request_id, &message.mail_id)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.direct_mail(&tenant, &asked, mail, Wish::Retry).await?;
        Ok(pb::RetryMailResponse { mail: Some(reply::mail(answer.value)), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn drop_mail(
        &self,
        caller: Caller,
        message: pb::DropMailRequest,
    ) -> Result<pb::DropMailResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, mail) = of_one_mail(&message.request_id, &message.mail_id)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.direct_mail(&tenant, &asked, mail, Wish::Drop).await?;
        Ok(pb::DropMailResponse { mail: Some(reply::mail(answer.value)), consistency_token: answer.seen.to_text() })
    }
}

fn of_one_mail(request_id: &str, mail_id: &str) -> Result<(RequestId, MailId), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(request_id));
    let mail = violations.check("mail_id", parse::mail_id(mail_id));
    violations.finish(|| Some((id?, mail?)))
}

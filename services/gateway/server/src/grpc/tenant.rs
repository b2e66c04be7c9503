use allmende_gateway_domain::PLATFORM_TENANT;
use allmende_gateway_domain::tenant::{Profile, Text};
use allmende_proto::gateway::v1 as pb;
use allmende_runtime::authorize::{AuthorizedTenant, Caller};
use allmende_runtime::errors::{Violations, invalid_field};
use allmende_runtime::fields;
use tonic::Status;

use super::parse::{self, next_page, query};
use super::{Grpc, reply};
use crate::app::SendFeedback;

const MAX_TEXT: usize = 50_000;

impl Grpc {
    pub(super) async fn register_tenant(
        &self,
        caller: Caller,
        message: pb::RegisterTenantRequest,
    ) -> Result<pb::RegisterTenantResponse, Status> {
        let given = message.tenant.as_ref().ok_or_else(|| invalid_field("tenant", "must be set"))?;
        let tenant = new_tenant(&caller, &given.tenant)?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let profile = profile(&mut violations, given);
        let (id, profile) = violations.finish(|| Some((id?, profile?)))?;
        let demo = given.demo;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.register_tenant(&tenant, &asked, profile, demo).await?;
        Ok(pb::RegisterTenantResponse {
            tenant: Some(reply::tenant(tenant.id(), answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn update_tenant(
        &self,
        caller: Caller,
        message: pb::UpdateTenantRequest,
    ) -> Result<pb::UpdateTenantResponse, Status> {
        let given = message.tenant.as_ref().ok_or_else(|| invalid_field("tenant", "must be set"))?;
        let tenant = caller.tenant(&given.tenant)?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let profile = profile(&mut violations, given);
        let (id, profile) = violations.finish(|| Some((id?, profile?)))?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.update_tenant(&tenant, &asked, profile).await?;
        Ok(pb::UpdateTenantResponse {
            tenant: Some(reply::tenant(tenant.id(), answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_tenant(
        &self,
        caller: Caller,
        message: pb::GetTenantRequest,
    ) -> Result<pb::GetTenantResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let token = parse::token(&message.consistency_token)?;
        let answer = self.app.get_tenant(tenant.id(), &token).await?;
        Ok(pb::GetTenantResponse {
            tenant: Some(reply::tenant(tenant.id(), answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_tenants(
        &self,
        caller: Caller,
        message: pb::ListTenantsRequest,
    ) -> Result<pb::ListTenantsResponse, Status> {
        let pb::ListTenantsRequest { page_size, page_token, consistency_token } = &message;
        let query = query(&caller, &[], (*page_size, 50, 200), page_token, consistency_token)?;
        let answer = self.app.list_tenants(query.listing, &query.token).await?;
        Ok(pb::ListTenantsResponse {
            next_page_token: next_page(&query.pages, answer.value.next.as_ref()),
            tenants: answer.value.items.into_iter().map(reply::tenant_in_list).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn send_feedback(
        &self,
        caller: Caller,
        message: pb::SendFeedbackRequest,
    ) -> Result<pb::SendFeedbackResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let feedback = violations.check("feedback_id", parse::feedback_id(&message.feedback_id));
        let topic = violations.check("topic", parse::value(message.topic, reply::topic_of));
        let text = violations.check("text", fields::text(&message.text, 1..=5_000));
        let reply_to = violations.check("reply_to", fields::line(&message.reply_to, 0..=254));
        let page = violations.check("page", parse::page(&message.page));
        let (id, told) = violations.finish(|| {
            let reply_to = Some(reply_to?).filter(|to| !to.is_empty());
            let by = caller.subject();
            Some((id?, SendFeedback { id: feedback?, topic: topic?, text: text?, reply_to, page: page?, by }))
        })?;
        let asked = self.asked(&caller, id, &message);
        let seen = self.app.send_feedback(&tenant, &asked, told).await?;
        Ok(pb::SendFeedbackResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn list_feedback(
        &self,
        caller: Caller,
        message: pb::ListFeedbackRequest,
    ) -> Result<pb::ListFeedbackResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let pb::ListFeedbackRequest { tenant: name, page_size, page_token, consistency_token } = &message;
        let query = query(&caller, &[name.as_bytes()], (*page_size, 20, 100), page_token, consistency_token)?;
        let answer = self.app.list_feedback(&tenant, query.listing, &query.token).await?;
        Ok(pb::ListFeedbackResponse {
            next_page_token: next_page(&query.pages, answer.value.next.as_ref()),
            feedback: answer.value.items.into_iter().map(reply::feedback).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn erase_feedback(
        &self,
        caller: Caller,
        message: pb::EraseFeedbackRequest,
    ) -> Result<pb::EraseFeedbackResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let by = caller.signed_in()?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let feedback = violations.check("feedback_id", parse::feedback_id(&message.feedback_id));
        let (id, feedback) = violations.finish(|| Some((id?, feedback?)))?;
        let asked = self.asked(&caller, id, &message);
        let seen = self.app.erase_feedback(&tenant, &asked, feedback, by).await?;
        Ok(pb::EraseFeedbackResponse { consistency_token: seen.to_text() })
    }
}

/// The name of what belongs to the whole installation is nobody's.
fn new_tenant(caller: &Caller, name: &str) -> Result<AuthorizedTenant, Status> {
    match name {
        PLATFORM_TENANT => Err(invalid_field("tenant", "is kept for the installation itself")),
        name => caller.tenant_to_be(name),
    }
}

fn profile(violations: &mut Violations, given: &pb::Tenant) -> Option<Profile> {
    let name = violations.check("tenant.name", fields::line(&given.name, 1..=200));
    let kind = violations.check("tenant.kind", parse::value(given.kind, reply::kind_of));
    let key = &given.regional_key;
    if !(key.is_empty() || (key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit()))) {
        violations.add("tenant.regional_key", "must be empty or have 12 digits");
    }
    let mut text = |field: &str, text: Option<&pb::LocalizedText>| {
        let (de, en) = text.map_or(("", ""), |text| (text.de.as_str(), text.en.as_str()));
        let de = violations.check(format_args!("tenant.{field}.de"), fields::text(de, 0..=MAX_TEXT));
        let en = violations.check(format_args!("tenant.{field}.en"), fields::text(en, 0..=MAX_TEXT));
        if de.as_ref().zip(en.as_ref()).is_some_and(|(de, en)| de.is_empty() && !en.is_empty()) {
            violations.add(format_args!("tenant.{field}.de"), "must be set where the English text is");
        }
        Some(Text { de: de?, en: en? })
    };
    let imprint = text("imprint", given.imprint.as_ref());
    let privacy_notice = text("privacy_notice", given.privacy_notice.as_ref());
    let accessibility_statement = text("accessibility_statement", given.accessibility_statement.as_ref());
    let contact = text("contact", given.contact.as_ref());
    Some(Profile {
        name: name?,
        kind: kind?,
        regional_key: key.clone(),
        imprint: imprint?,
        privacy_notice: privacy_notice?,
        accessibility_statement: accessibility_statement?,
        contact: contact?,
    })
}

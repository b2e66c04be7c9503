//! The rpcs: parse, do, reply.

mod erasure;
mod identity;
mod mail;
mod parse;
mod providers;
mod reply;
mod tenant;

use std::sync::Arc;

use allmende_eventlog::Request as Asked;
use allmende_hosting::{asked, rpcs};
use allmende_kernel::RequestId;
use allmende_proto::gateway::v1 as pb;
use allmende_proto::gateway::v1::erasure_service_server::ErasureService;
use allmende_proto::gateway::v1::identity_service_server::IdentityService;
use allmende_proto::gateway::v1::mail_service_server::MailService;
use allmende_proto::gateway::v1::tenant_service_server::TenantService;
use allmende_runtime::authorize::Caller;
use prost::Message;

use crate::app::App;

/// `allmende.gateway.v1`: `IdentityService`, `TenantService`, `ErasureService`, `MailService`.
#[derive(Clone)]
pub struct Grpc {
    app: Arc<App>,
}

impl Grpc {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Who asks, and by what the request is known again. Secrets are taken out of `message` before: what is kept of it
    /// could be tried out by whoever has the installation's key.
    fn asked(&self, caller: &Caller, id: RequestId, message: &impl Message) -> Asked {
        asked(&self.app.installation, caller, id, message)
    }
}

rpcs! {
    impl IdentityService for Grpc {
        register(pb::RegisterRequest) -> pb::RegisterResponse;
        confirm_email(pb::ConfirmEmailRequest) -> pb::ConfirmEmailResponse;
        sign_in(pb::SignInRequest) -> pb::SignInResponse;
        get_sign_in_providers(pb::GetSignInProvidersRequest) -> pb::GetSignInProvidersResponse;
        begin_provider_sign_in(pb::BeginProviderSignInRequest) -> pb::BeginProviderSignInResponse;
        complete_provider_sign_in(pb::CompleteProviderSignInRequest) -> pb::CompleteProviderSignInResponse;
        get_sign_in_methods(pb::GetSignInMethodsRequest) -> pb::GetSignInMethodsResponse;
        begin_provider_link(pb::BeginProviderLinkRequest) -> pb::BeginProviderLinkResponse;
        link_provider(pb::LinkProviderRequest) -> pb::LinkProviderResponse;
        unlink_provider(pb::UnlinkProviderRequest) -> pb::UnlinkProviderResponse;
        refresh(pb::RefreshRequest) -> pb::RefreshResponse;
        sign_out(pb::SignOutRequest) -> pb::SignOutResponse;
        request_password_reset(pb::RequestPasswordResetRequest) -> pb::RequestPasswordResetResponse;
        reset_password(pb::ResetPasswordRequest) -> pb::ResetPasswordResponse;
        get_me(pb::GetMeRequest) -> pb::GetMeResponse;
        list_people(pb::ListPeopleRequest) -> pb::ListPeopleResponse;
        grant_role(pb::GrantRoleRequest) -> pb::GrantRoleResponse;
        revoke_role(pb::RevokeRoleRequest) -> pb::RevokeRoleResponse;
        list_grants(pb::ListGrantsRequest) -> pb::ListGrantsResponse;
    }
}

rpcs! {
    impl TenantService for Grpc {
        register_tenant(pb::RegisterTenantRequest) -> pb::RegisterTenantResponse;
        update_tenant(pb::UpdateTenantRequest) -> pb::UpdateTenantResponse;
        get_tenant(pb::GetTenantRequest) -> pb::GetTenantResponse;
        list_tenants(pb::ListTenantsRequest) -> pb::ListTenantsResponse;
        send_feedback(pb::SendFeedbackRequest) -> pb::SendFeedbackResponse;
        list_feedback(pb::ListFeedbackRequest) -> pb::ListFeedbackResponse;
        erase_feedback(pb::EraseFeedbackRequest) -> pb::EraseFeedbackResponse;
    }
}

rpcs! {
    impl ErasureService for Grpc {
        request_erasure(pb::RequestErasureRequest) -> pb::RequestErasureResponse;
        decide_erasure(pb::DecideErasureRequest) -> pb::DecideErasureResponse;
        list_erasure_requests(pb::ListErasureRequestsRequest) -> pb::ListErasureRequestsResponse;
        get_erasure(pb::GetErasureRequest) -> pb::GetErasureResponse;
    }
}

rpcs! {
    impl MailService for Grpc {
        list_outbox(pb::ListOutboxRequest) -> pb::ListOutboxResponse;
        retry_mail(pb::RetryMailRequest) -> pb::RetryMailResponse;
        drop_mail(pb::DropMailRequest) -> pb::DropMailResponse;
    }
}

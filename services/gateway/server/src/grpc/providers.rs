use allmende_proto::gateway::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::Grpc;
use super::identity::open_tenant;

impl Grpc {
    pub(super) async fn get_sign_in_providers(
        &self,
        caller: Caller,
        message: pb::GetSignInProvidersRequest,
    ) -> Result<pb::GetSignInProvidersResponse, Status> {
        open_tenant(&caller, &message.tenant)?;
        Ok(pb::GetSignInProvidersResponse { providers: Vec::new() })
    }

    pub(super) async fn begin_provider_sign_in(
        &self,
        caller: Caller,
        message: pb::BeginProviderSignInRequest,
    ) -> Result<pb::BeginProviderSignInResponse, Status> {
        open_tenant(&caller, &message.tenant)?;
        Err(Status::not_found("there is no such identity provider"))
    }

    pub(super) async fn complete_provider_sign_in(
        &self,
        _: Caller,
        _: pb::CompleteProviderSignInRequest,
    ) -> Result<pb::CompleteProviderSignInResponse, Status> {
        Err(Status::failed_precondition("the sign-in was not begun here"))
    }
}

use allmende_proto::gateway::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::Violations;
use allmende_runtime::fields;
use tonic::Status;

use super::{Grpc, parse, reply};

/// What providers send along is longer than a code of our own.
const MAX_CODE: usize = 4 * 1_024;

impl Grpc {
    pub(super) async fn get_sign_in_providers(
        &self,
        caller: Caller,
        message: pb::GetSignInProvidersRequest,
    ) -> Result<pb::GetSignInProvidersResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let providers = self.app.sign_in_providers(&tenant);
        let providers = providers.into_iter().map(|(provider, name)| pb::SignInProvider { provider, name });
        Ok(pb::GetSignInProvidersResponse { providers: providers.collect() })
    }

    pub(super) async fn begin_provider_sign_in(
        &self,
        caller: Caller,
        message: pb::BeginProviderSignInRequest,
    ) -> Result<pb::BeginProviderSignInResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut violations = Violations::default();
        let provider = violations.check("provider", fields::line(&message.provider, 1..=32));
        let provider = violations.finish(|| provider)?;
        let (authorization_url, sign_in) = self.app.begin_provider_sign_in(&tenant, &provider).await?;
        Ok(pb::BeginProviderSignInResponse { authorization_url, sign_in })
    }

    pub(super) async fn complete_provider_sign_in(
        &self,
        _: Caller,
        message: pb::CompleteProviderSignInRequest,
    ) -> Result<pb::CompleteProviderSignInResponse, Status> {
        let mut violations = Violations::default();
        let sign_in = violations.check("sign_in", parse::secret(&message.sign_in));
        let state = violations.check("state", parse::secret(&message.state));
        let code = violations.check("code", fields::line(&message.code, 1..=MAX_CODE));
        let language = violations.check("language", parse::language(message.language));
        let (sign_in, state, code, language) = violations.finish(|| Some((sign_in?, state?, code?, language?)))?;
        let begun = self.app.complete_provider_sign_in(sign_in, state, &code, language).await?;
        Ok(pb::CompleteProviderSignInResponse { session: Some(reply::session(begun)) })
    }
}

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

    pub(super) async fn get_sign_in_methods(
        &self,
        caller: Caller,
        message: pb::GetSignInMethodsRequest,
    ) -> Result<pb::GetSignInMethodsResponse, Status> {
        let token = parse::token(&message.consistency_token)?;
        let answer = self.app.sign_in_methods(caller.signed_in()?, &token).await?;
        Ok(pb::GetSignInMethodsResponse {
            password: answer.value.password,
            providers: answer.value.providers.into_iter().map(reply::linked_provider).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn begin_provider_link(
        &self,
        caller: Caller,
        message: pb::BeginProviderLinkRequest,
    ) -> Result<pb::BeginProviderLinkResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let subject = caller.signed_in()?;
        let mut violations = Violations::default();
        let provider = violations.check("provider", fields::line(&message.provider, 1..=32));
        let provider = violations.finish(|| provider)?;
        let (authorization_url, link) = self.app.begin_provider_link(&tenant, &provider, subject).await?;
        Ok(pb::BeginProviderLinkResponse { authorization_url, link })
    }

    pub(super) async fn link_provider(
        &self,
        caller: Caller,
        message: pb::LinkProviderRequest,
    ) -> Result<pb::LinkProviderResponse, Status> {
        let subject = caller.signed_in()?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let link = violations.check("link", parse::secret(&message.link));
        let state = violations.check("state", parse::secret(&message.state));
        let code = violations.check("code", fields::line(&message.code, 1..=MAX_CODE));
        let (id, link, state, code) = violations.finish(|| Some((id?, link?, state?, code?)))?;
        let secretless = pb::LinkProviderRequest { request_id: message.request_id.clone(), ..Default::default() };
        let asked = self.asked(&caller, id, &secretless);
        let seen = self.app.link_provider(&asked, subject, (link, state, &code)).await?;
        Ok(pb::LinkProviderResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn unlink_provider(
        &self,
        caller: Caller,
        message: pb::UnlinkProviderRequest,
    ) -> Result<pb::UnlinkProviderResponse, Status> {
        let subject = caller.signed_in()?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let linked = violations.check("linked_provider_id", fields::uuid(&message.linked_provider_id));
        let (id, linked) = violations.finish(|| Some((id?, linked?)))?;
        let asked = self.asked(&caller, id, &message);
        let seen = self.app.unlink_provider(&asked, subject, linked).await?;
        Ok(pb::UnlinkProviderResponse { consistency_token: seen.to_text() })
    }
}

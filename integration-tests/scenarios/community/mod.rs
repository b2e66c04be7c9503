//! What people do in a town of a running platform, over gRPC: they register, hand in ideas, and see them published.

#![allow(dead_code, reason = "every scenario uses a part of it")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use allmende::client::Token;
use allmende_proto::gateway::v1 as gateway;
use allmende_proto::gateway::v1::erasure_service_client::ErasureServiceClient;
use allmende_proto::gateway::v1::identity_service_client::IdentityServiceClient;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use uuid::Uuid;

const LICENCE: &str = "dl-de/by-2-0";
const PASSWORD: &str = "Die Hecke am Bach";

/// A channel with somebody's token.
pub(crate) type Caller = InterceptedService<Channel, Token>;

/// A fresh id.
pub(crate) fn id() -> String {
    Uuid::now_v7().to_string()
}

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) subject: String,
    pub(crate) token: String,
}

impl Person {
    /// Takes another token.
    pub(crate) fn renew(&mut self, token: String) {
        self.token = token;
    }
}

/// The people of one town.
#[derive(Clone)]
pub(crate) struct Community {
    pub(crate) tenant: &'static str,
    pub(crate) channel: Channel,
    pub(crate) operator: String,
    /// Where mails go to.
    pub(crate) outbox: PathBuf,
}

impl Community {
    /// Another town on the same platform.
    pub(crate) fn of(&self, tenant: &'static str) -> Self {
        Self { tenant, ..self.clone() }
    }

    pub(crate) fn with(&self, token: &str) -> (Channel, Token) {
        (self.channel.clone(), Token::new(token).unwrap())
    }

    pub(crate) fn participation(&self, token: &str) -> ParticipationServiceClient<Caller> {
        let (channel, token) = self.with(token);
        ParticipationServiceClient::with_interceptor(channel, token)
    }

    /// Adds the town. Again it changes nothing.
    pub(crate) async fn found(&self) {
        let (channel, token) = self.with(&self.operator);
        let tenant = gateway::Tenant {
            tenant: self.tenant.into(),
            name: self.tenant.into(),
            kind: gateway::TenantKind::Municipality.into(),
            ..Default::default()
        };
        let request = gateway::RegisterTenantRequest { request_id: id(), tenant: Some(tenant) };
        TenantServiceClient::with_interceptor(channel, token).register_tenant(request).await.unwrap();
    }

    /// Somebody who has registered, with a confirmed address, and signed in.
    pub(crate) async fn somebody(&self, name: &str, email: &str) -> Person {
        let mut visitor = IdentityServiceClient::new(self.channel.clone());
        let register = gateway::RegisterRequest {
            tenant: self.tenant.into(),
            request_id: id(),
            email: email.into(),
            password: String::new(),
            name: name.into(),
            language: gateway::Language::De.into(),
        };
        visitor.register(register).await.unwrap();
        let (tenant, password, code) = (self.tenant.into(), PASSWORD.into(), self.code_for(email).await);
        let confirm = gateway::ConfirmEmailRequest { tenant, request_id: id(), code, password };
        let subject = visitor.confirm_email(confirm).await.unwrap().into_inner().subject_id;
        Person { email: email.into(), subject, token: self.token_of(email).await }
    }

    /// A new token of somebody who has registered.
    pub(crate) async fn token_of(&self, email: &str) -> String {
        let mut visitor = IdentityServiceClient::new(self.channel.clone());
        let sign_in = gateway::SignInRequest { email: email.into(), password: PASSWORD.into(), ..Default::default() };
        visitor.sign_in(sign_in).await.unwrap().into_inner().session.unwrap().access_token
    }

    async fn code_for(&self, email: &str) -> String {
        for _ in 0..3_000 {
            for entry in fs::read_dir(&self.outbox).unwrap() {
                let path = entry.unwrap().path();
                let mail = fs::read_to_string(path).unwrap_or_default().replace("=\r\n", "").replace("=3D", "=");
                let code = mail.split_once("?code=").filter(|_| mail.contains(&format!("To: {email}")));
                if let Some((_, rest)) = code {
                    return rest.split_whitespace().next().unwrap().to_owned();
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no mail to {email}");
    }

    pub(crate) async fn open_procedure(&self) -> String {
        let procedure_id = id();
        let phase = participation::Phase {
            kind: participation::PhaseKind::Submission.into(),
            from_day: "2020-01-01".into(),
            to_day: "2090-12-31".into(),
            ..Default::default()
        };
        let open = participation::OpenProcedureRequest {
            tenant: self.tenant.into(),
            request_id: id(),
            procedure_id: procedure_id.clone(),
            title: "Ideenaufruf".into(),
            summary: "Was fehlt in der Stadt?".into(),
            method: "Ideenaufruf".into(),
            required_level: participation::SignInLevel::Email.into(),
            phases: vec![phase],
            transcription_until_day: "2090-12-31".into(),
            licence: LICENCE.into(),
            ..Default::default()
        };
        self.participation(&self.operator).open_procedure(open).await.unwrap();
        procedure_id
    }

    /// An idea that somebody hands in and that is published; its id, and a token that shows it.
    pub(crate) async fn published(&self, procedure: &str, by: &Person, title: &str, body: &str) -> (String, String) {
        self.published_with(procedure, by, title, body, Vec::new()).await
    }

    /// The same with files.
    pub(crate) async fn published_with(
        &self,
        procedure: &str,
        by: &Person,
        title: &str,
        body: &str,
        attachments: Vec<participation::AttachmentUpload>,
    ) -> (String, String) {
        let contribution_id = id();
        let submit = participation::SubmitContributionRequest {
            tenant: self.tenant.into(),
            request_id: id(),
            contribution_id: contribution_id.clone(),
            procedure_id: procedure.into(),
            text: Some(participation::Text { title: title.into(), body: body.into(), ..Default::default() }),
            granted_licence: LICENCE.into(),
            attachments,
            ..Default::default()
        };
        self.participation(&by.token).submit_contribution(submit).await.unwrap();
        let publish = participation::ModerateContributionRequest {
            tenant: self.tenant.into(),
            request_id: id(),
            procedure_id: procedure.into(),
            contribution_id: contribution_id.clone(),
            decision: participation::ModerationDecision::Publish.into(),
            ..Default::default()
        };
        let published = self.participation(&self.operator).moderate_contribution(publish).await.unwrap();
        (contribution_id, published.into_inner().consistency_token)
    }

    fn identity(&self) -> IdentityServiceClient<Caller> {
        let (channel, token) = self.with(&self.operator);
        IdentityServiceClient::with_interceptor(channel, token)
    }

    pub(crate) fn erasure(&self, who: &Person) -> ErasureServiceClient<Caller> {
        let (channel, token) = self.with(&who.token);
        ErasureServiceClient::with_interceptor(channel, token)
    }

    /// Lets somebody decide on requests to be forgotten.
    pub(crate) async fn make_officer(&self, person: &Person) {
        let grant = gateway::GrantRoleRequest {
            tenant: self.tenant.into(),
            request_id: id(),
            subject_id: person.subject.clone(),
            role: gateway::Role::DataProtectionOfficer.into(),
            ..Default::default()
        };
        self.identity().grant_role(grant).await.unwrap();
    }

    /// A text as a visitor sees it.
    pub(crate) async fn text(&self, contribution_id: &str) -> participation::Contribution {
        let get = participation::GetContributionRequest {
            tenant: self.tenant.into(),
            contribution_id: contribution_id.into(),
            consistency_token: String::new(),
        };
        let mut visitor = ParticipationServiceClient::new(self.channel.clone());
        visitor.get_contribution(get).await.unwrap().into_inner().contribution.unwrap()
    }

    /// Asks to forget, as the person; the request's id.
    pub(crate) async fn ask_to_forget(&self, who: &Person, scope: gateway::ErasureScope) -> String {
        let erasure_id = id();
        let request = gateway::RequestErasureRequest {
            tenant: self.tenant.into(),
            request_id: id(),
            erasure_id: erasure_id.clone(),
            scope: scope.into(),
            ..Default::default()
        };
        self.erasure(who).request_erasure(request).await.unwrap();
        erasure_id
    }

    /// Decides to forget all but `kept`.
    pub(crate) async fn accept(&self, officer: &Person, erasure_id: &str, kept: &[&str]) {
        let exception = |id: &&str| gateway::ErasureException {
            contribution_id: (*id).to_owned(),
            ground: gateway::ErasureGround::LegalClaims.into(),
            legal_basis: "Art. 17 Abs. 3 lit. e DSGVO".into(),
        };
        let accepted = gateway::ErasureAccepted { exceptions: kept.iter().map(exception).collect() };
        let decide = gateway::DecideErasureRequest {
            tenant: self.tenant.into(),
            request_id: id(),
            erasure_id: erasure_id.into(),
            verdict: Some(gateway::decide_erasure_request::Verdict::Accepted(accepted)),
        };
        self.erasure(officer).decide_erasure(decide).await.unwrap();
    }
}

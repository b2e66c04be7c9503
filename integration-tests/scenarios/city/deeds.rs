//! What people do in a city, over gRPC.

use std::fs;
use std::time::Duration;

use allmende::client::Token;
use allmende_proto::gateway::v1 as gateway;
use allmende_proto::gateway::v1::erasure_service_client::ErasureServiceClient;
use allmende_proto::gateway::v1::identity_service_client::IdentityServiceClient;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::opendata::v1 as opendata;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use uuid::Uuid;

use super::City;

const TENANT: &str = "brandis";
pub(super) const LICENCE: &str = "dl-de/by-2-0";
const PASSWORD: &str = "Die Hecke am Bach";

type Caller = InterceptedService<Channel, Token>;

/// A fresh id.
fn id() -> String {
    Uuid::now_v7().to_string()
}

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) subject: String,
    pub(super) token: String,
}

impl Person {
    /// Takes another token.
    pub(crate) fn renew(&mut self, token: String) {
        self.token = token;
    }
}

impl City {
    fn with(&self, token: &str) -> (Channel, Token) {
        (self.channel.clone(), Token::new(token).unwrap())
    }

    fn identity(&self) -> IdentityServiceClient<Caller> {
        let (channel, token) = self.with(&self.operator);
        IdentityServiceClient::with_interceptor(channel, token)
    }

    fn participation(&self, token: &str) -> ParticipationServiceClient<Caller> {
        let (channel, token) = self.with(token);
        ParticipationServiceClient::with_interceptor(channel, token)
    }

    fn erasure(&self, who: &Person) -> ErasureServiceClient<Caller> {
        let (channel, token) = self.with(&who.token);
        ErasureServiceClient::with_interceptor(channel, token)
    }

    /// Adds the town. Again it changes nothing.
    async fn found(&self) {
        let (channel, token) = self.with(&self.operator);
        let tenant = gateway::Tenant {
            tenant: TENANT.into(),
            name: "Brandis".into(),
            kind: gateway::TenantKind::Municipality.into(),
            ..Default::default()
        };
        let request = gateway::RegisterTenantRequest { request_id: id(), tenant: Some(tenant) };
        TenantServiceClient::with_interceptor(channel, token).register_tenant(request).await.unwrap();
    }

    /// Somebody who has registered, with a confirmed address, and signed in.
    pub(crate) async fn somebody(&self, name: &str, email: &str) -> Person {
        self.found().await;
        let mut visitor = IdentityServiceClient::new(self.channel.clone());
        let register = gateway::RegisterRequest {
            tenant: TENANT.into(),
            request_id: id(),
            email: email.into(),
            password: String::new(),
            name: name.into(),
            language: gateway::Language::De.into(),
        };
        visitor.register(register).await.unwrap();
        let code = self.code_for(email).await;
        let (tenant, password) = (TENANT.into(), PASSWORD.into());
        let confirm = gateway::ConfirmEmailRequest { tenant, request_id: id(), code, password };
        let subject = visitor.confirm_email(confirm).await.unwrap().into_inner().subject_id;
        Person { subject, token: self.token_of(email).await }
    }

    /// A new token of somebody who has registered.
    pub(crate) async fn token_of(&self, email: &str) -> String {
        let mut visitor = IdentityServiceClient::new(self.channel.clone());
        let sign_in = gateway::SignInRequest { email: email.into(), password: PASSWORD.into(), ..Default::default() };
        visitor.sign_in(sign_in).await.unwrap().into_inner().session.unwrap().access_token
    }

    async fn code_for(&self, email: &str) -> String {
        for _ in 0..500 {
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

    /// Lets somebody decide on requests to be forgotten.
    pub(crate) async fn make_officer(&self, person: &Person) {
        let grant = gateway::GrantRoleRequest {
            tenant: TENANT.into(),
            request_id: id(),
            subject_id: person.subject.clone(),
            role: gateway::Role::DataProtectionOfficer.into(),
            ..Default::default()
        };
        self.identity().grant_role(grant).await.unwrap();
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
            tenant: TENANT.into(),
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
        let contribution_id = id();
        let text = participation::Text { title: title.into(), body: body.into(), proposed_text: String::new() };
        let submit = participation::SubmitContributionRequest {
            tenant: TENANT.into(),
            request_id: id(),
            contribution_id: contribution_id.clone(),
            procedure_id: procedure.into(),
            text: Some(text),
            granted_licence: LICENCE.into(),
            ..Default::default()
        };
        self.participation(&by.token).submit_contribution(submit).await.unwrap();
        let publish = participation::ModerateContributionRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id: procedure.into(),
            contribution_id: contribution_id.clone(),
            decision: participation::ModerationDecision::Publish.into(),
            ..Default::default()
        };
        let published = self.participation(&self.operator).moderate_contribution(publish).await.unwrap();
        (contribution_id, published.into_inner().consistency_token)
    }

    /// A text as a visitor sees it.
    pub(crate) async fn text(&self, contribution_id: &str) -> participation::Contribution {
        let get = participation::GetContributionRequest {
            tenant: TENANT.into(),
            contribution_id: contribution_id.into(),
            consistency_token: String::new(),
        };
        let mut visitor = ParticipationServiceClient::new(self.channel.clone());
        visitor.get_contribution(get).await.unwrap().into_inner().contribution.unwrap()
    }

    /// How many public texts have a word.
    pub(crate) async fn hits(&self, word: &str, token: &str) -> usize {
        let query = participation::SearchPublicRequest {
            tenant: TENANT.into(),
            query: word.into(),
            consistency_token: token.into(),
            ..Default::default()
        };
        let mut visitor = ParticipationServiceClient::new(self.channel.clone());
        visitor.search_public(query).await.unwrap().into_inner().hits.len()
    }

    /// Public datasets that show what the token stands for.
    pub(crate) async fn datasets(&self, token: &str) -> Vec<opendata::Dataset> {
        let list = opendata::ListDatasetsRequest {
            tenant: TENANT.into(),
            consistency_token: token.into(),
            ..Default::default()
        };
        let mut visitor = CatalogServiceClient::new(self.channel.clone());
        visitor.list_datasets(list).await.unwrap().into_inner().datasets
    }

    pub(crate) async fn versions(&self, dataset_id: &str) -> Vec<opendata::Version> {
        let list = opendata::ListVersionsRequest {
            tenant: TENANT.into(),
            dataset_id: dataset_id.into(),
            ..Default::default()
        };
        let mut visitor = CatalogServiceClient::new(self.channel.clone());
        visitor.list_versions(list).await.unwrap().into_inner().versions
    }

    /// Asks to forget, as the person; the request's id.
    pub(crate) async fn ask_to_forget(&self, who: &Person, scope: gateway::ErasureScope) -> String {
        let erasure_id = id();
        let request = gateway::RequestErasureRequest {
            tenant: TENANT.into(),
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
            tenant: TENANT.into(),
            request_id: id(),
            erasure_id: erasure_id.into(),
            verdict: Some(gateway::decide_erasure_request::Verdict::Accepted(accepted)),
        };
        self.erasure(officer).decide_erasure(decide).await.unwrap();
    }

    pub(crate) async fn erasure_state(&self, officer: &Person, erasure_id: &str) -> gateway::Erasure {
        let get = gateway::GetErasureRequest {
            tenant: TENANT.into(),
            erasure_id: erasure_id.into(),
            consistency_token: String::new(),
        };
        self.erasure(officer).get_erasure(get).await.unwrap().into_inner().erasure.unwrap()
    }
}

//! A small town on a running platform: people, a procedure, a station, a report; and what anybody is answered about it.

mod answers;
mod staff;

use std::fs;
use std::path::{Path, PathBuf};

use allmende::client::Token;
use allmende_proto::gateway::v1 as gateway;
use allmende_proto::gateway::v1::identity_service_client::IdentityServiceClient;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

use crate::platform::Platform;

pub(crate) const TENANT: &str = "brandis";
const LICENCE: &str = "dl-de/by-2-0";
const PASSWORD: &str = "Die Hecke am Bach";

type Caller = InterceptedService<Channel, Token>;

fn id() -> String {
    Uuid::now_v7().to_string()
}

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) email: String,
    subject: String,
    token: String,
}

/// Talks to a platform.
#[derive(Clone)]
pub(crate) struct Town {
    url: String,
    channel: Channel,
    operator: String,
    outbox: PathBuf,
}

/// Writes settings of a platform whose mails go to `outbox`, and which publishes at once.
pub(crate) fn settings(folder: &Path) -> PathBuf {
    let path = folder.join("allmende.toml");
    let outbox = folder.join("outbox");
    fs::create_dir_all(&outbox).unwrap();
    let text = format!(
        "[gateway.mail]\nfolder = {outbox:?}\n\
         [opendata]\ntexts_every_s = 0\nobservations_every_s = 0\nobservations_settle_s = 0\n"
    );
    fs::write(&path, text).unwrap();
    path
}

impl Town {
    pub(crate) async fn on(platform: &Platform, folder: &Path) -> Self {
        let channel = Endpoint::from_shared(platform.grpc.clone()).unwrap().connect().await.unwrap();
        let (url, operator) = (platform.grpc.clone(), platform.token.clone());
        Self { url, channel, operator, outbox: folder.join("outbox") }
    }

    fn with(&self, token: &str) -> (Channel, Token) {
        (self.channel.clone(), Token::new(token).unwrap())
    }

    fn participation(&self, token: &str) -> ParticipationServiceClient<Caller> {
        let (channel, token) = self.with(token);
        ParticipationServiceClient::with_interceptor(channel, token)
    }

    fn reporting(&self) -> ReportingServiceClient<Caller> {
        let (channel, token) = self.with(&self.operator);
        ReportingServiceClient::with_interceptor(channel, token)
    }

    pub(crate) async fn found(&self) {
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
        let (tenant, password, code) = (TENANT.into(), PASSWORD.into(), self.code_for(email).await);
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
        for _ in 0..500 {
            for entry in fs::read_dir(&self.outbox).unwrap() {
                let path = entry.unwrap().path();
                let mail = fs::read_to_string(path).unwrap_or_default().replace("=\r\n", "").replace("=3D", "=");
                let code = mail.split_once("?code=").filter(|_| mail.contains(&format!("To: {email}")));
                if let Some((_, rest)) = code {
                    return rest.split_whitespace().next().unwrap().to_owned();
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
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

    /// An idea with a picture that somebody hands in and that is published; its id, and a token that shows it.
    pub(crate) async fn published(&self, procedure: &str, by: &Person, body: &str) -> (String, String) {
        let contribution_id = id();
        let picture = [b"\x89PNG\r\n\x1a\n", body.as_bytes()].concat();
        let submit = participation::SubmitContributionRequest {
            tenant: TENANT.into(),
            request_id: id(),
            contribution_id: contribution_id.clone(),
            procedure_id: procedure.into(),
            text: Some(participation::Text { title: "Idee".into(), body: body.into(), ..Default::default() }),
            granted_licence: LICENCE.into(),
            attachments: vec![participation::AttachmentUpload {
                media_type: "image/png".into(),
                content: picture.into(),
            }],
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
}

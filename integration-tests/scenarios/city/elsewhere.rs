//! What people do in another town of the same installation.

use allmende::client::Token;
use allmende_proto::gateway::v1 as gateway;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use uuid::Uuid;

use super::City;
use super::deeds::{LICENCE, Person};

const TENANT: &str = "moers";

fn id() -> String {
    Uuid::now_v7().to_string()
}

impl City {
    /// A public text of somebody who has an account in the first town: its id.
    pub(crate) async fn published_elsewhere(&self, by: &Person, body: &str) -> String {
        let with = |token: &str| (self.channel.clone(), Token::new(token).unwrap());
        let (channel, token) = with(&self.operator);
        let mut tenants = TenantServiceClient::with_interceptor(channel, token);
        let kind = gateway::TenantKind::Municipality.into();
        let tenant = gateway::Tenant { tenant: TENANT.into(), name: "Moers".into(), kind, ..Default::default() };
        let register = gateway::RegisterTenantRequest { request_id: id(), tenant: Some(tenant) };
        tenants.register_tenant(register).await.unwrap();

        let (channel, token) = with(&self.operator);
        let mut operator = ParticipationServiceClient::with_interceptor(channel, token);
        let phase = participation::Phase {
            kind: participation::PhaseKind::Submission.into(),
            from_day: "2020-01-01".into(),
            to_day: "2090-12-31".into(),
            ..Default::default()
        };
        let open = participation::OpenProcedureRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id: id(),
            title: "Hackerspace".into(),
            method: "Ideenaufruf".into(),
            required_level: participation::SignInLevel::Email.into(),
            phases: vec![phase],
            licence: LICENCE.into(),
            ..Default::default()
        };
        let procedure_id = open.procedure_id.clone();
        operator.open_procedure(open).await.unwrap();
        let submit = participation::SubmitContributionRequest {
            tenant: TENANT.into(),
            request_id: id(),
            contribution_id: id(),
            procedure_id: procedure_id.clone(),
            text: Some(participation::Text { body: body.into(), ..Default::default() }),
            granted_licence: LICENCE.into(),
            ..Default::default()
        };
        let contribution_id = submit.contribution_id.clone();
        let (channel, token) = with(&by.token);
        let mut author = ParticipationServiceClient::with_interceptor(channel, token);
        author.submit_contribution(submit).await.unwrap();
        let publish = participation::ModerateContributionRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id,
            contribution_id: contribution_id.clone(),
            decision: participation::ModerationDecision::Publish.into(),
            ..Default::default()
        };
        operator.moderate_contribution(publish).await.unwrap();
        contribution_id
    }

    /// A text of there as a visitor sees it.
    pub(crate) async fn text_elsewhere(&self, contribution_id: &str) -> participation::Contribution {
        let get = participation::GetContributionRequest {
            tenant: TENANT.into(),
            contribution_id: contribution_id.into(),
            ..Default::default()
        };
        let mut visitor = ParticipationServiceClient::new(self.channel.clone());
        visitor.get_contribution(get).await.unwrap().into_inner().contribution.unwrap()
    }
}

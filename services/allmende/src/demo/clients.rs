//! Everything goes over gRPC, as it does for any client.

use std::time::Duration;

use allmende_proto::gateway::v1::identity_service_client::IdentityServiceClient;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};

use crate::client::Token;

type Called = InterceptedService<Channel, Token>;

/// The services, as one caller calls them.
#[derive(Clone)]
pub(super) struct Clients {
    channel: Channel,
    token: Token,
}

impl Clients {
    /// Connects on the first request.
    pub(super) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        let endpoint = Endpoint::from_shared(url.to_owned())?.tcp_nodelay(true).timeout(Duration::from_secs(60));
        Ok(Self { channel: endpoint.connect_lazy(), token: Token::new(token)? })
    }

    /// Somebody else over the same connection.
    pub(super) fn with_token(&self, token: &str) -> anyhow::Result<Self> {
        Ok(Self { channel: self.channel.clone(), token: Token::new(token)? })
    }

    pub(super) fn identity(&self) -> IdentityServiceClient<Called> {
        IdentityServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
    }

    pub(super) fn tenants(&self) -> TenantServiceClient<Called> {
        TenantServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
    }

    pub(super) fn telemetry(&self) -> TelemetryServiceClient<Called> {
        TelemetryServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
    }

    pub(super) fn participation(&self) -> ParticipationServiceClient<Called> {
        ParticipationServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
    }

    pub(super) fn catalogue(&self) -> CatalogServiceClient<Called> {
        CatalogServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
    }

    pub(super) fn reporting(&self) -> ReportingServiceClient<Called> {
        ReportingServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
    }
}

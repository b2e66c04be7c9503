//! The services that pages ask.

use std::time::Duration;

use allmende_proto::gateway::v1::erasure_service_client::ErasureServiceClient;
use allmende_proto::gateway::v1::identity_service_client::IdentityServiceClient;
use allmende_proto::gateway::v1::mail_service_client::MailServiceClient;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use tonic::transport::Channel;

/// A report or a text of a thousand sections is larger than what a client takes by default.
const MAX_ANSWER: usize = 32 << 20;

/// Clients over one channel; making one costs nothing.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    channel: Channel,
    timeout: Duration,
}

macro_rules! clients {
    ($($name:ident: $client:ident;)*) => {
        $(pub(crate) fn $name(&self) -> $client<Channel> {
            $client::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER)
        })*
    };
}

impl Api {
    pub(crate) fn new(channel: Channel, timeout: Duration) -> Self {
        Self { channel, timeout }
    }

    clients! {
        identity: IdentityServiceClient;
        tenants: TenantServiceClient;
        erasures: ErasureServiceClient;
        mail: MailServiceClient;
        participation: ParticipationServiceClient;
        telemetry: TelemetryServiceClient;
        opendata: CatalogServiceClient;
        reporting: ReportingServiceClient;
    }

    /// The longest that a page waits for one answer.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }
}

//! The rpcs: parse, do, reply.

mod commands;
mod download;
mod parse;
mod queries;
mod reply;
mod upload;

use std::sync::Arc;

use allmende_eventlog::Request as Asked;
use allmende_hosting::{asked, opened, rpcs};
use allmende_kernel::RequestId;
use allmende_proto::opendata::v1 as pb;
use allmende_proto::opendata::v1::catalog_service_server::CatalogService;
use allmende_runtime::authorize::{AuthorizedTenant, Caller};
use prost::Message;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::app::App;
use crate::authorization::STAFF;

/// `allmende.opendata.v1.CatalogService`.
#[derive(Clone)]
pub struct Grpc {
    app: Arc<App>,
}

impl Grpc {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Who asks, and by what the request is known again.
    fn asked(&self, caller: &Caller, id: RequestId, message: &impl Message) -> Asked {
        asked(&self.app.installation, caller, id, message)
    }
}

/// Whether whoever asks sees drafts.
fn is_staff(caller: &Caller, tenant: &AuthorizedTenant) -> bool {
    caller.has_role(tenant.id(), STAFF)
}

rpcs! {
    impl CatalogService for Grpc {
        describe_publisher(pb::DescribePublisherRequest) -> pb::DescribePublisherResponse;
        get_publisher(pb::GetPublisherRequest) -> pb::GetPublisherResponse;
        declare_source_licence(pb::DeclareSourceLicenceRequest) -> pb::DeclareSourceLicenceResponse;
        register_dataset(pb::RegisterDatasetRequest) -> pb::RegisterDatasetResponse;
        run_release_check(pb::RunReleaseCheckRequest) -> pb::RunReleaseCheckResponse;
        publish(pb::PublishRequest) -> pb::PublishResponse;
        withdraw(pb::WithdrawRequest) -> pb::WithdrawResponse;
        issue_version(pb::IssueVersionRequest) -> pb::IssueVersionResponse;
        deprecate(pb::DeprecateRequest) -> pb::DeprecateResponse;
        mark_hvd(pb::MarkHvdRequest) -> pb::MarkHvdResponse;
        get_dataset(pb::GetDatasetRequest) -> pb::GetDatasetResponse;
        list_datasets(pb::ListDatasetsRequest) -> pb::ListDatasetsResponse;
        list_versions(pb::ListVersionsRequest) -> pb::ListVersionsResponse;
        get_catalogue(pb::GetCatalogueRequest) -> pb::GetCatalogueResponse;
    } else {
        type GetDistributionStream = ReceiverStream<Result<pb::GetDistributionResponse, Status>>;

        async fn get_distribution(
            &self,
            request: Request<pb::GetDistributionRequest>,
        ) -> Result<Response<Self::GetDistributionStream>, Status> {
            let (caller, message) = opened(request)?;
            Grpc::get_distribution(self, caller, message).await.map(Response::new)
        }

        async fn add_distribution(
            &self,
            request: Request<Streaming<pb::AddDistributionRequest>>,
        ) -> Result<Response<pb::AddDistributionResponse>, Status> {
            let (caller, parts) = opened(request)?;
            Grpc::add_distribution(self, caller, parts).await.map(Response::new)
        }
    }
}

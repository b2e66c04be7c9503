use allmende_opendata_domain::DatasetId;
use allmende_opendata_domain::dataset::Command;
use allmende_proto::opendata::v1 as pb;
use allmende_runtime::authorize::{AuthorizedTenant, Caller};
use allmende_runtime::fields::ConsistencyToken;
use tonic::Status;

use super::{Grpc, parse, reply};

impl Grpc {
    pub(super) async fn describe_publisher(
        &self,
        caller: Caller,
        message: pb::DescribePublisherRequest,
    ) -> Result<pb::DescribePublisherResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, publisher) = parse::describe_publisher(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.describe_publisher(&tenant, &asked, publisher.clone()).await?;
        Ok(pb::DescribePublisherResponse {
            publisher: Some(reply::publisher(&publisher)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn declare_source_licence(
        &self,
        caller: Caller,
        message: pb::DeclareSourceLicenceRequest,
    ) -> Result<pb::DeclareSourceLicenceResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, station, terms) = parse::declare_source_licence(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.declare_source_licence(&tenant, &asked, station, terms).await?;
        Ok(pb::DeclareSourceLicenceResponse { consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn register_dataset(
        &self,
        caller: Caller,
        message: pb::RegisterDatasetRequest,
    ) -> Result<pb::RegisterDatasetResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (request, id, register) = parse::register_dataset(&message)?;
        let asked = self.asked(&caller, request, &message);
        let answer = self.app.change_dataset(&tenant, &asked, id, 0, register).await?;
        let (dataset, consistency_token) = self.dataset(&tenant, id, answer.seen).await?;
        Ok(pb::RegisterDatasetResponse { dataset: Some(dataset), consistency_token })
    }

    pub(super) async fn run_release_check(
        &self,
        caller: Caller,
        message: pb::RunReleaseCheckRequest,
    ) -> Result<pb::RunReleaseCheckResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (request, id, version) = parse::of_version(&message.request_id, &message.dataset_id, message.version)?;
        let asked = self.asked(&caller, request, &message);
        let answer = self.app.run_release_check(&tenant, &asked, id, version).await?;
        let (version, consistency_token) = self.version(&tenant, id, version, answer.seen).await?;
        Ok(pb::RunReleaseCheckResponse { check: version.check, consistency_token })
    }

    pub(super) async fn publish(
        &self,
        caller: Caller,
        message: pb::PublishRequest,
    ) -> Result<pb::PublishResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (request, id, version, release) = parse::publish(&message)?;
        let asked = self.asked(&caller, request, &message);
        let change = Box::new(move |at| Command::Release { version, release, at });
        let answer = self.app.change_dataset(&tenant, &asked, id, version, change).await?;
        let (version, consistency_token) = self.version(&tenant, id, version, answer.seen).await?;
        Ok(pb::PublishResponse { version: Some(version), consistency_token })
    }

    pub(super) async fn withdraw(
        &self,
        caller: Caller,
        message: pb::WithdrawRequest,
    ) -> Result<pb::WithdrawResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (request, id, version, reason) = parse::withdraw(&message)?;
        let asked = self.asked(&caller, request, &message);
        let change = Box::new(move |at| Command::Withdraw { version, reason, at });
        let answer = self.app.change_dataset(&tenant, &asked, id, version, change).await?;
        let (version, consistency_token) = self.version(&tenant, id, version, answer.seen).await?;
        Ok(pb::WithdrawResponse { version: Some(version), consistency_token })
    }

    pub(super) async fn issue_version(
        &self,
        caller: Caller,
        message: pb::IssueVersionRequest,
    ) -> Result<pb::IssueVersionResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (request, id) = parse::of_dataset(&message.request_id, &message.dataset_id)?;
        let asked = self.asked(&caller, request, &message);
        let answer = self.app.issue_version(&tenant, &asked, id).await?;
        let (version, consistency_token) = self.version(&tenant, id, answer.value.version, answer.seen).await?;
        Ok(pb::IssueVersionResponse { version: Some(version), consistency_token })
    }

    pub(super) async fn deprecate(
        &self,
        caller: Caller,
        message: pb::DeprecateRequest,
    ) -> Result<pb::DeprecateResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (request, id, successor) = parse::deprecate(&message)?;
        let asked = self.asked(&caller, request, &message);
        let change = Box::new(move |at| Command::Deprecate { successor, at });
        let answer = self.app.change_dataset(&tenant, &asked, id, 0, change).await?;
        let (dataset, consistency_token) = self.dataset(&tenant, id, answer.seen).await?;
        Ok(pb::DeprecateResponse { dataset: Some(dataset), consistency_token })
    }

    pub(super) async fn mark_hvd(
        &self,
        caller: Caller,
        message: pb::MarkHvdRequest,
    ) -> Result<pb::MarkHvdResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (request, id, categories) = parse::mark_hvd(&message)?;
        let asked = self.asked(&caller, request, &message);
        let change = Box::new(move |at| Command::MarkHvd { categories: categories.clone(), at });
        let answer = self.app.change_dataset(&tenant, &asked, id, 0, change).await?;
        let (dataset, consistency_token) = self.dataset(&tenant, id, answer.seen).await?;
        Ok(pb::MarkHvdResponse { dataset: Some(dataset), consistency_token })
    }

    /// The dataset as a change left it, or as another one did since.
    async fn dataset(
        &self,
        tenant: &AuthorizedTenant,
        id: DatasetId,
        seen: ConsistencyToken,
    ) -> Result<(pb::Dataset, String), Status> {
        let answer = self.app.get_dataset(tenant, id, true, &seen).await?;
        Ok((reply::dataset(&self.app.config, &answer.value), answer.seen.to_text()))
    }

    async fn version(
        &self,
        tenant: &AuthorizedTenant,
        id: DatasetId,
        number: u32,
        seen: ConsistencyToken,
    ) -> Result<(pb::Version, String), Status> {
        let answer = self.app.get_version(tenant, id, number, &seen).await?;
        Ok((reply::version(&self.app.config, id, &answer.value), answer.seen.to_text()))
    }
}

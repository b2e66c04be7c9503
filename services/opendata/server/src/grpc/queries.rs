use allmende_proto::opendata::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::{Grpc, is_staff, parse, reply};

impl Grpc {
    pub(super) async fn get_publisher(
        &self,
        caller: Caller,
        message: pb::GetPublisherRequest,
    ) -> Result<pb::GetPublisherResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let token = parse::token(&message.consistency_token)?;
        let answer = self.app.get_publisher(&tenant, &token).await?;
        Ok(pb::GetPublisherResponse {
            publisher: Some(reply::publisher(&answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_dataset(
        &self,
        caller: Caller,
        message: pb::GetDatasetRequest,
    ) -> Result<pb::GetDatasetResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, token) = parse::get_dataset(&message)?;
        let answer = self.app.get_dataset(&tenant, id, is_staff(&caller, &tenant), &token).await?;
        Ok(pb::GetDatasetResponse {
            dataset: Some(reply::dataset(&self.app.config, &answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_datasets(
        &self,
        caller: Caller,
        message: pb::ListDatasetsRequest,
    ) -> Result<pb::ListDatasetsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let parse::Query { asked, token, pages } = parse::list_datasets(&caller, &message)?;
        let answer = self.app.list_datasets(&tenant, asked, is_staff(&caller, &tenant), &token).await?;
        let page = answer.value;
        Ok(pb::ListDatasetsResponse {
            datasets: page.items.iter().map(|dataset| reply::dataset(&self.app.config, dataset)).collect(),
            next_page_token: page.next.map_or(String::new(), |last| pages.token(last.as_bytes())),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_versions(
        &self,
        caller: Caller,
        message: pb::ListVersionsRequest,
    ) -> Result<pb::ListVersionsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let parse::Query { asked, token, pages } = parse::list_versions(&caller, &message)?;
        let id = asked.id;
        let answer = self.app.list_versions(&tenant, asked, is_staff(&caller, &tenant), &token).await?;
        let page = answer.value;
        Ok(pb::ListVersionsResponse {
            versions: page.items.iter().map(|version| reply::version(&self.app.config, id, version)).collect(),
            next_page_token: page.next.map_or(String::new(), |last| pages.token(&last.to_be_bytes())),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_catalogue(
        &self,
        caller: Caller,
        message: pb::GetCatalogueRequest,
    ) -> Result<pb::GetCatalogueResponse, Status> {
        let tenant = match message.tenant.as_str() {
            "" => None,
            tenant => Some(caller.tenant(tenant)?.id().clone()),
        };
        let (serialisation, page, token) = parse::get_catalogue(&message)?;
        let answer = self.app.get_catalogue(tenant, serialisation, page, &token).await?;
        let page = answer.value;
        Ok(pb::GetCatalogueResponse {
            content: page.content.into(),
            media_type: serialisation.media_type().to_owned(),
            page: u32::try_from(page.number).unwrap_or(u32::MAX),
            pages: u32::try_from(page.pages).unwrap_or(u32::MAX),
            datasets: page.datasets,
            consistency_token: answer.seen.to_text(),
        })
    }
}

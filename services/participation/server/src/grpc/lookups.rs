use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::parse::Parse;
use super::{Grpc, reply, scope};
use crate::app::Asked;
use crate::views::Viewer;

impl Grpc {
    pub(super) async fn get_procedure(
        &self,
        caller: Caller,
        message: pb::GetProcedureRequest,
    ) -> Result<pb::GetProcedureResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let id = parse.id("procedure_id", &message.procedure_id);
        let token = parse.token(&message.consistency_token);
        let (id, token) = parse.finish(|| Some((id?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.procedure(asked, id).await?;
        Ok(pb::GetProcedureResponse {
            procedure: Some(reply::procedure(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_contribution(
        &self,
        caller: Caller,
        message: pb::GetContributionRequest,
    ) -> Result<pb::GetContributionResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let id = parse.id("contribution_id", &message.contribution_id);
        let token = parse.token(&message.consistency_token);
        let (id, token) = parse.finish(|| Some((id?, token?)))?;
        let answer = self.app.contribution(tenant.id(), &Viewer::of(&caller), id, &token).await?;
        Ok(pb::GetContributionResponse {
            contribution: Some(reply::contribution(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_attachment(
        &self,
        caller: Caller,
        message: pb::GetAttachmentRequest,
    ) -> Result<pb::GetAttachmentResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let id = parse.id("contribution_id", &message.contribution_id);
        let attachment = parse.id("attachment_id", &message.attachment_id);
        let token = parse.token(&message.consistency_token);
        let (wanted, token) = parse.finish(|| Some(((id?, attachment?), token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.attachment(asked, wanted).await?;
        let (media_type, content) = answer.value;
        Ok(pb::GetAttachmentResponse { media_type, content: content.into(), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn get_project(
        &self,
        caller: Caller,
        message: pb::GetProjectRequest,
    ) -> Result<pb::GetProjectResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let id = parse.id("project_id", &message.project_id);
        let token = parse.token(&message.consistency_token);
        let (id, token) = parse.finish(|| Some((id?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.project(asked, id).await?;
        Ok(pb::GetProjectResponse {
            project: Some(reply::project(answer.value)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_reach_by_channel(
        &self,
        caller: Caller,
        message: pb::GetReachByChannelRequest,
    ) -> Result<pb::GetReachByChannelResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let mut parse = Parse::default();
        let token = parse.token(&message.consistency_token);
        let token = parse.finish(|| token)?;
        let asked = Asked { tenant: &scope.tenant, viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.reach(asked, scope.procedure).await?;
        Ok(pb::GetReachByChannelResponse {
            reach: answer.value.into_iter().filter_map(reply::channel_reach).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn get_document(
        &self,
        caller: Caller,
        message: pb::GetDocumentRequest,
    ) -> Result<pb::GetDocumentResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let id = parse.id("document_id", &message.document_id);
        let token = parse.token(&message.consistency_token);
        let (id, token) = parse.finish(|| Some((id?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let version = (message.version > 0).then_some(message.version);
        let answer = self.app.document(asked, id, version).await?;
        let (document, version) = answer.value;
        Ok(pb::GetDocumentResponse {
            document: Some(reply::document(document)),
            version: Some(reply::version(version)),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn diff_versions(
        &self,
        caller: Caller,
        message: pb::DiffVersionsRequest,
    ) -> Result<pb::DiffVersionsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut parse = Parse::default();
        let id = parse.id("document_id", &message.document_id);
        let versions = (message.from_version, message.to_version);
        for (field, version) in [("from_version", versions.0), ("to_version", versions.1)] {
            if version == 0 {
                parse.add(field, "must be a version, from 1");
            }
        }
        let token = parse.token(&message.consistency_token);
        let (id, token) = parse.finish(|| Some((id?, token?)))?;
        let asked = Asked { tenant: tenant.id(), viewer: &Viewer::of(&caller), token: &token };
        let answer = self.app.diff(asked, id, versions).await?;
        Ok(pb::DiffVersionsResponse {
            sections: answer.value.into_iter().map(reply::section_diff).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }
}

//! Participation: procedures and what people write to them.

use allmende_proto::participation::v1 as p;
use tonic::Status;

use super::things::{comment, document, find, own, procedure, project, proposal, theme, version};
use super::{AMENDMENT, HOSTILE, NOON, PROCEDURE, STAFF, signed_in};
use crate::fake::Fake;

pub(super) fn serve(fake: Fake) -> Fake {
    let rpc = |name: &str| format!("/allmende.participation.v1.ParticipationService/{name}");
    fake.rpc(&rpc("ListProcedures"), |_, asked: p::ListProceduresRequest| {
        if asked.page_token == "ghi" {
            return Ok(p::ListProceduresResponse::default());
        }
        let closed =
            p::Procedure { title: HOSTILE.into(), closed_at_us: Some(NOON), open_phases: vec![], ..procedure() };
        Ok(p::ListProceduresResponse {
            procedures: vec![procedure(), closed],
            next_page_token: "ghi".into(),
            ..p::ListProceduresResponse::default()
        })
    })
    .rpc(&rpc("GetProcedure"), |_, asked: p::GetProcedureRequest| {
        if asked.procedure_id != PROCEDURE {
            return Err(Status::not_found("unknown"));
        }
        Ok(p::GetProcedureResponse { procedure: Some(procedure()), ..p::GetProcedureResponse::default() })
    })
    .rpc(&rpc("ListDocuments"), |_, _: p::ListDocumentsRequest| {
        Ok(p::ListDocumentsResponse { documents: vec![document()], ..p::ListDocumentsResponse::default() })
    })
    .rpc(&rpc("GetDocument"), |_, _: p::GetDocumentRequest| {
        let (document, version) = (Some(document()), Some(version()));
        Ok(p::GetDocumentResponse { document, version, ..p::GetDocumentResponse::default() })
    })
    .rpc(&rpc("ListContributions"), |_, asked: p::ListContributionsRequest| {
        if asked.page_token == "abc+/=" {
            let contributions = vec![find(AMENDMENT, STAFF)?];
            return Ok(p::ListContributionsResponse { contributions, ..p::ListContributionsResponse::default() });
        }
        let contributions = vec![proposal(), comment()];
        Ok(p::ListContributionsResponse {
            contributions,
            next_page_token: "abc+/=".into(),
            ..p::ListContributionsResponse::default()
        })
    })
    .rpc(&rpc("GetContribution"), |token, asked: p::GetContributionRequest| {
        let contribution = Some(find(&asked.contribution_id, token)?);
        Ok(p::GetContributionResponse { contribution, ..p::GetContributionResponse::default() })
    })
    .rpc(&rpc("ListMyContributions"), |token, _: p::ListMyContributionsRequest| {
        signed_in(token)?;
        Ok(p::ListMyContributionsResponse { contributions: vec![own()], ..p::ListMyContributionsResponse::default() })
    })
    .rpc(&rpc("ListSectionThread"), |_, _: p::ListSectionThreadRequest| {
        Ok(p::ListSectionThreadResponse { contributions: vec![comment()], ..p::ListSectionThreadResponse::default() })
    })
    .rpc(&rpc("ListProposalComments"), |_, _: p::ListProposalCommentsRequest| {
        Ok(p::ListProposalCommentsResponse { comments: vec![comment()], ..p::ListProposalCommentsResponse::default() })
    })
    .rpc(&rpc("ListThemes"), |_, _: p::ListThemesRequest| {
        Ok(p::ListThemesResponse { themes: vec![theme()], ..p::ListThemesResponse::default() })
    })
    .rpc(&rpc("ListProjects"), |_, _: p::ListProjectsRequest| {
        Ok(p::ListProjectsResponse { projects: vec![project()], ..p::ListProjectsResponse::default() })
    })
    .rpc(&rpc("GetProject"), |_, _: p::GetProjectRequest| {
        Ok(p::GetProjectResponse { project: Some(project()), ..p::GetProjectResponse::default() })
    })
    .rpc(&rpc("PostComment"), |token, _: p::PostCommentRequest| {
        signed_in(token)?;
        Ok(p::PostCommentResponse { contribution: Some(own()), consistency_token: "token-1".into() })
    })
}

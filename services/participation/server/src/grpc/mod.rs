//! The rpcs: parse, do, reply.

mod citizens;
mod documents;
mod lists;
mod lookups;
mod parse;
mod procedures;
mod reply;
mod search;
mod staff;

use std::sync::Arc;

use allmende_eventlog::Request as Asked;
use allmende_hosting::{asked, rpcs};
use allmende_kernel::{RequestId, TenantId};
use allmende_participation_domain::ProcedureId;
use allmende_proto::participation::v1 as pb;
use allmende_proto::participation::v1::participation_service_server::ParticipationService;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::invalid_field;
use allmende_runtime::fields;
use prost::Message;
use tonic::Status;

use crate::app::App;
use parse::Parse;

/// `allmende.participation.v1.ParticipationService`.
#[derive(Clone)]
pub struct Grpc {
    app: Arc<App>,
}

/// A procedure in which the caller may do what they ask for.
pub(crate) struct Scope {
    pub(crate) tenant: TenantId,
    pub(crate) procedure: ProcedureId,
}

impl Grpc {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Who asks, and by what the request is known again.
    fn asked(&self, caller: &Caller, id: RequestId, message: &impl Message) -> Asked {
        asked(&self.app.installation, caller, id, message)
    }

    /// What the caller wants done, and by what the request is known again. `what` looks at all the other fields, so that
    /// a refusal names all that are wrong.
    fn command<T>(
        &self,
        caller: &Caller,
        message: &impl Message,
        request_id: &str,
        what: impl FnOnce(&mut Parse) -> Option<T>,
    ) -> Result<(Asked, T), Status> {
        let mut parse = Parse::default();
        let id = parse.request(request_id);
        let what = what(&mut parse);
        let (id, what) = parse.finish(|| Some((id?, what?)))?;
        Ok((self.asked(caller, id, message), what))
    }
}

/// Whether the caller may do it in that procedure.
fn scope(caller: &Caller, tenant: &str, procedure: &str) -> Result<Scope, Status> {
    let procedure = fields::uuid(procedure).map_err(|problem| invalid_field("procedure_id", problem))?;
    let authorized = caller.procedure(tenant, procedure)?;
    Ok(Scope { tenant: authorized.tenant().clone(), procedure: ProcedureId::new(authorized.id()) })
}

rpcs! {
    impl ParticipationService for Grpc {
        open_procedure(pb::OpenProcedureRequest) -> pb::OpenProcedureResponse;
        amend_phases(pb::AmendPhasesRequest) -> pb::AmendPhasesResponse;
        publish_status(pb::PublishStatusRequest) -> pb::PublishStatusResponse;
        close_procedure(pb::CloseProcedureRequest) -> pb::CloseProcedureResponse;
        submit_contribution(pb::SubmitContributionRequest) -> pb::SubmitContributionResponse;
        submit_proposal(pb::SubmitProposalRequest) -> pb::SubmitProposalResponse;
        post_comment(pb::PostCommentRequest) -> pb::PostCommentResponse;
        propose_amendment(pb::ProposeAmendmentRequest) -> pb::ProposeAmendmentResponse;
        transcribe_offline_contribution(pb::TranscribeOfflineContributionRequest)
            -> pb::TranscribeOfflineContributionResponse;
        withdraw_contribution(pb::WithdrawContributionRequest) -> pb::WithdrawContributionResponse;
        support_contribution(pb::SupportContributionRequest) -> pb::SupportContributionResponse;
        withdraw_support(pb::WithdrawSupportRequest) -> pb::WithdrawSupportResponse;
        report_contribution(pb::ReportContributionRequest) -> pb::ReportContributionResponse;
        object_to_moderation(pb::ObjectToModerationRequest) -> pb::ObjectToModerationResponse;
        moderate_contribution(pb::ModerateContributionRequest) -> pb::ModerateContributionResponse;
        decide_objection(pb::DecideObjectionRequest) -> pb::DecideObjectionResponse;
        define_theme(pb::DefineThemeRequest) -> pb::DefineThemeResponse;
        assign_theme(pb::AssignThemeRequest) -> pb::AssignThemeResponse;
        respond_to_theme(pb::RespondToThemeRequest) -> pb::RespondToThemeResponse;
        respond_to_contribution(pb::RespondToContributionRequest) -> pb::RespondToContributionResponse;
        accept_amendment(pb::AcceptAmendmentRequest) -> pb::AcceptAmendmentResponse;
        start_evaluation(pb::StartEvaluationRequest) -> pb::StartEvaluationResponse;
        answer_proposal(pb::AnswerProposalRequest) -> pb::AnswerProposalResponse;
        promote_to_project(pb::PromoteToProjectRequest) -> pb::PromoteToProjectResponse;
        update_project(pb::UpdateProjectRequest) -> pb::UpdateProjectResponse;
        publish_draft(pb::PublishDraftRequest) -> pb::PublishDraftResponse;
        open_consultation(pb::OpenConsultationRequest) -> pb::OpenConsultationResponse;
        publish_revision(pb::PublishRevisionRequest) -> pb::PublishRevisionResponse;
        list_procedures(pb::ListProceduresRequest) -> pb::ListProceduresResponse;
        get_procedure(pb::GetProcedureRequest) -> pb::GetProcedureResponse;
        list_contributions(pb::ListContributionsRequest) -> pb::ListContributionsResponse;
        get_contribution(pb::GetContributionRequest) -> pb::GetContributionResponse;
        get_attachment(pb::GetAttachmentRequest) -> pb::GetAttachmentResponse;
        list_my_contributions(pb::ListMyContributionsRequest) -> pb::ListMyContributionsResponse;
        list_moderation_queue(pb::ListModerationQueueRequest) -> pb::ListModerationQueueResponse;
        list_proposals(pb::ListProposalsRequest) -> pb::ListProposalsResponse;
        list_proposal_comments(pb::ListProposalCommentsRequest) -> pb::ListProposalCommentsResponse;
        list_themes(pb::ListThemesRequest) -> pb::ListThemesResponse;
        list_projects(pb::ListProjectsRequest) -> pb::ListProjectsResponse;
        get_project(pb::GetProjectRequest) -> pb::GetProjectResponse;
        get_reach_by_channel(pb::GetReachByChannelRequest) -> pb::GetReachByChannelResponse;
        list_documents(pb::ListDocumentsRequest) -> pb::ListDocumentsResponse;
        get_document(pb::GetDocumentRequest) -> pb::GetDocumentResponse;
        diff_versions(pb::DiffVersionsRequest) -> pb::DiffVersionsResponse;
        list_section_thread(pb::ListSectionThreadRequest) -> pb::ListSectionThreadResponse;
        list_unanswered_comments(pb::ListUnansweredCommentsRequest) -> pb::ListUnansweredCommentsResponse;
        list_synopsis(pb::ListSynopsisRequest) -> pb::ListSynopsisResponse;
        search_public(pb::SearchPublicRequest) -> pb::SearchPublicResponse;
    }
}

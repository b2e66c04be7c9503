//! Changes, answered with nothing in particular to whoever may make them.

use allmende_proto::{
    gateway::v1 as g, opendata::v1 as o, participation::v1 as p, reporting::v1 as r, telemetry::v1 as t,
};

use tonic::Status;

use super::{signed_in, staff};
use crate::fake::Fake;

fn anybody(_: &str) -> Result<(), Status> {
    Ok(())
}

macro_rules! changes {
    ($fake:ident, $service:literal, [$($who:ident $rpc:ident($request:ty) -> $answer:ty;)*]) => {
        $fake$(.rpc(concat!("/", $service, "/", stringify!($rpc)), |token, _: $request| {
            $who(token)?;
            Ok(<$answer>::default())
        }))*
    };
}

pub(super) fn serve(fake: Fake) -> Fake {
    let fake = changes!(fake, "allmende.participation.v1.ParticipationService", [
        staff OpenProcedure(p::OpenProcedureRequest) -> p::OpenProcedureResponse;
        staff AmendPhases(p::AmendPhasesRequest) -> p::AmendPhasesResponse;
        staff PublishStatus(p::PublishStatusRequest) -> p::PublishStatusResponse;
        staff CloseProcedure(p::CloseProcedureRequest) -> p::CloseProcedureResponse;
        staff TranscribeOfflineContribution(p::TranscribeOfflineContributionRequest) -> p::TranscribeOfflineContributionResponse;
        staff DecideObjection(p::DecideObjectionRequest) -> p::DecideObjectionResponse;
        staff ModerateContribution(p::ModerateContributionRequest) -> p::ModerateContributionResponse;
        staff DefineTheme(p::DefineThemeRequest) -> p::DefineThemeResponse;
        staff AssignTheme(p::AssignThemeRequest) -> p::AssignThemeResponse;
        staff RespondToTheme(p::RespondToThemeRequest) -> p::RespondToThemeResponse;
        staff RespondToContribution(p::RespondToContributionRequest) -> p::RespondToContributionResponse;
        staff AcceptAmendment(p::AcceptAmendmentRequest) -> p::AcceptAmendmentResponse;
        staff StartEvaluation(p::StartEvaluationRequest) -> p::StartEvaluationResponse;
        staff AnswerProposal(p::AnswerProposalRequest) -> p::AnswerProposalResponse;
        staff PromoteToProject(p::PromoteToProjectRequest) -> p::PromoteToProjectResponse;
        staff UpdateProject(p::UpdateProjectRequest) -> p::UpdateProjectResponse;
        staff PublishDraft(p::PublishDraftRequest) -> p::PublishDraftResponse;
        staff OpenConsultation(p::OpenConsultationRequest) -> p::OpenConsultationResponse;
        signed_in SubmitContribution(p::SubmitContributionRequest) -> p::SubmitContributionResponse;
        signed_in SubmitProposal(p::SubmitProposalRequest) -> p::SubmitProposalResponse;
        signed_in ProposeAmendment(p::ProposeAmendmentRequest) -> p::ProposeAmendmentResponse;
        signed_in WithdrawContribution(p::WithdrawContributionRequest) -> p::WithdrawContributionResponse;
        signed_in SupportContribution(p::SupportContributionRequest) -> p::SupportContributionResponse;
        signed_in WithdrawSupport(p::WithdrawSupportRequest) -> p::WithdrawSupportResponse;
        signed_in ReportContribution(p::ReportContributionRequest) -> p::ReportContributionResponse;
        signed_in ObjectToModeration(p::ObjectToModerationRequest) -> p::ObjectToModerationResponse;
    ]);
    let fake = changes!(fake, "allmende.gateway.v1.IdentityService", [
        anybody Register(g::RegisterRequest) -> g::RegisterResponse;
        anybody ConfirmEmail(g::ConfirmEmailRequest) -> g::ConfirmEmailResponse;
        anybody RequestPasswordReset(g::RequestPasswordResetRequest) -> g::RequestPasswordResetResponse;
        anybody ResetPassword(g::ResetPasswordRequest) -> g::ResetPasswordResponse;
        staff GrantRole(g::GrantRoleRequest) -> g::GrantRoleResponse;
        staff RevokeRole(g::RevokeRoleRequest) -> g::RevokeRoleResponse;
    ]);
    let fake = changes!(fake, "allmende.gateway.v1.ErasureService", [
        staff DecideErasure(g::DecideErasureRequest) -> g::DecideErasureResponse;
        signed_in RequestErasure(g::RequestErasureRequest) -> g::RequestErasureResponse;
    ]);
    let fake = changes!(fake, "allmende.gateway.v1.TenantService", [
        staff UpdateTenant(g::UpdateTenantRequest) -> g::UpdateTenantResponse;
        staff EraseFeedback(g::EraseFeedbackRequest) -> g::EraseFeedbackResponse;
    ]);
    let fake = changes!(fake, "allmende.gateway.v1.MailService", [
        staff RetryMail(g::RetryMailRequest) -> g::RetryMailResponse;
        staff DropMail(g::DropMailRequest) -> g::DropMailResponse;
    ]);
    let fake = changes!(fake, "allmende.opendata.v1.CatalogService", [
        staff DescribePublisher(o::DescribePublisherRequest) -> o::DescribePublisherResponse;
        staff DeclareSourceLicence(o::DeclareSourceLicenceRequest) -> o::DeclareSourceLicenceResponse;
        staff RegisterDataset(o::RegisterDatasetRequest) -> o::RegisterDatasetResponse;
        staff AddDistribution(o::AddDistributionRequest) -> o::AddDistributionResponse;
        staff RunReleaseCheck(o::RunReleaseCheckRequest) -> o::RunReleaseCheckResponse;
        staff Publish(o::PublishRequest) -> o::PublishResponse;
        staff Withdraw(o::WithdrawRequest) -> o::WithdrawResponse;
        staff IssueVersion(o::IssueVersionRequest) -> o::IssueVersionResponse;
        staff Deprecate(o::DeprecateRequest) -> o::DeprecateResponse;
        staff MarkHvd(o::MarkHvdRequest) -> o::MarkHvdResponse;
    ]);
    let fake = changes!(fake, "allmende.reporting.v1.ReportingService", [
        staff DefineIndicator(r::DefineIndicatorRequest) -> r::DefineIndicatorResponse;
        staff AddIndicatorRule(r::AddIndicatorRuleRequest) -> r::AddIndicatorRuleResponse;
        staff RecordReading(r::RecordReadingRequest) -> r::RecordReadingResponse;
        staff DefineReport(r::DefineReportRequest) -> r::DefineReportResponse;
        staff RunReport(r::RunReportRequest) -> r::RunReportResponse;
        staff PublishReport(r::PublishReportRequest) -> r::PublishReportResponse;
    ]);
    changes!(fake, "allmende.telemetry.v1.TelemetryService", [
        staff RegisterStation(t::RegisterStationRequest) -> t::RegisterStationResponse;
        staff RelocateStation(t::RelocateStationRequest) -> t::RelocateStationResponse;
        staff RetireStation(t::RetireStationRequest) -> t::RetireStationResponse;
        staff RegisterSensor(t::RegisterSensorRequest) -> t::RegisterSensorResponse;
        staff FlagObservations(t::FlagObservationsRequest) -> t::FlagObservationsResponse;
    ])
}

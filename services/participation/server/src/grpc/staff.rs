use allmende_participation_domain::contribution::Reason;
use allmende_participation_domain::theme;
use allmende_proto::participation::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::parse::{self, Parse};
use super::{Grpc, scope};
use crate::app::{AnswerProposal, Ruling, UpdateProject, Verdict};

/// The most texts that are put under a theme at once, and that a project goes back to.
const TEXTS_AT_ONCE: usize = 100;
const PROJECT_TEXTS: usize = 50;

impl Grpc {
    pub(super) async fn moderate_contribution(
        &self,
        caller: Caller,
        message: pb::ModerateContributionRequest,
    ) -> Result<pb::ModerateContributionResponse, Status> {
        let (scope, moderator) = (scope(&caller, &message.tenant, &message.procedure_id)?, caller.signed_in()?);
        let (asked, ruling) = self.command(&caller, &message, &message.request_id, |parse| ruling(parse, &message))?;
        let seen = self.app.moderate(&scope.tenant, scope.procedure, &asked, moderator, ruling).await?;
        Ok(pb::ModerateContributionResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn decide_objection(
        &self,
        caller: Caller,
        message: pb::DecideObjectionRequest,
    ) -> Result<pb::DecideObjectionResponse, Status> {
        let (scope, by) = (scope(&caller, &message.tenant, &message.procedure_id)?, caller.signed_in()?);
        let (asked, contribution) = self.command(&caller, &message, &message.request_id, |parse| {
            parse.id("contribution_id", &message.contribution_id)
        })?;
        let decision = (contribution, message.grant);
        let seen = self.app.decide_objection(&scope.tenant, scope.procedure, &asked, by, decision).await?;
        Ok(pb::DecideObjectionResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn define_theme(
        &self,
        caller: Caller,
        message: pb::DefineThemeRequest,
    ) -> Result<pb::DefineThemeResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (theme, title, description)) = self.command(&caller, &message, &message.request_id, |parse| {
            let theme = parse.id("theme_id", &message.theme_id);
            let title = parse.line("title", &message.title, 1..=200);
            let description = parse.text("description", &message.description, 0..=2_000);
            Some((theme?, title?, description?))
        })?;
        let command = |at| theme::Command::Define {
            procedure: scope.procedure,
            title: title.clone(),
            description: description.clone(),
            at,
        };
        let seen = self.app.change_theme(&scope.tenant, scope.procedure, &asked, theme, command).await?;
        Ok(pb::DefineThemeResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn respond_to_theme(
        &self,
        caller: Caller,
        message: pb::RespondToThemeRequest,
    ) -> Result<pb::RespondToThemeResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (theme, text)) = self.command(&caller, &message, &message.request_id, |parse| {
            let theme = parse.id("theme_id", &message.theme_id);
            let text = parse.text("text", &message.text, 1..=10_000);
            Some((theme?, text?))
        })?;
        let command = |at| theme::Command::Answer { procedure: scope.procedure, text: text.clone(), at };
        let seen = self.app.change_theme(&scope.tenant, scope.procedure, &asked, theme, command).await?;
        Ok(pb::RespondToThemeResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn assign_theme(
        &self,
        caller: Caller,
        message: pb::AssignThemeRequest,
    ) -> Result<pb::AssignThemeResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (texts, theme)) = self.command(&caller, &message, &message.request_id, |parse| {
            let texts = parse.ids("contribution_ids", &message.contribution_ids, TEXTS_AT_ONCE);
            let theme = parse.id_or_none("theme_id", &message.theme_id);
            Some((texts?, theme?))
        })?;
        let seen = self.app.assign_theme(&scope.tenant, scope.procedure, &asked, texts, theme).await?;
        Ok(pb::AssignThemeResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn respond_to_contribution(
        &self,
        caller: Caller,
        message: pb::RespondToContributionRequest,
    ) -> Result<pb::RespondToContributionResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, answer) = self.command(&caller, &message, &message.request_id, |parse| {
            let contribution = parse.id("contribution_id", &message.contribution_id);
            let text = parse.text("text", &message.text, 1..=10_000);
            Some((contribution?, text?))
        })?;
        let seen = self.app.respond(&scope.tenant, scope.procedure, &asked, answer).await?;
        Ok(pb::RespondToContributionResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn accept_amendment(
        &self,
        caller: Caller,
        message: pb::AcceptAmendmentRequest,
    ) -> Result<pb::AcceptAmendmentResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, contribution) = self.command(&caller, &message, &message.request_id, |parse| {
            parse.id("contribution_id", &message.contribution_id)
        })?;
        let seen = self.app.accept_amendment(&scope.tenant, scope.procedure, &asked, contribution).await?;
        Ok(pb::AcceptAmendmentResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn start_evaluation(
        &self,
        caller: Caller,
        message: pb::StartEvaluationRequest,
    ) -> Result<pb::StartEvaluationResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, contribution) = self.command(&caller, &message, &message.request_id, |parse| {
            parse.id("contribution_id", &message.contribution_id)
        })?;
        let seen = self.app.start_evaluation(&scope.tenant, scope.procedure, &asked, contribution).await?;
        Ok(pb::StartEvaluationResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn answer_proposal(
        &self,
        caller: Caller,
        message: pb::AnswerProposalRequest,
    ) -> Result<pb::AnswerProposalResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (contribution, reasons)) = self.command(&caller, &message, &message.request_id, |parse| {
            let contribution = parse.id("contribution_id", &message.contribution_id);
            let reasons = parse.text("reasons", &message.reasons, 1..=10_000);
            Some((contribution?, reasons?))
        })?;
        let (accepted, cost_cents) = (message.accepted, message.cost_cents);
        let answer = AnswerProposal { id: contribution, accepted, reasons, cost_cents };
        let seen = self.app.answer_proposal(&scope.tenant, scope.procedure, &asked, answer).await?;
        Ok(pb::AnswerProposalResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn promote_to_project(
        &self,
        caller: Caller,
        message: pb::PromoteToProjectRequest,
    ) -> Result<pb::PromoteToProjectResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let (asked, (texts, project)) = self.command(&caller, &message, &message.request_id, |parse| {
            let project = parse.id("project_id", &message.project_id);
            let texts = parse.ids("contribution_ids", &message.contribution_ids, PROJECT_TEXTS);
            let title = parse.line("title", &message.title, 1..=200);
            let summary = parse.text("summary", &message.summary, 0..=5_000);
            Some((texts?, (project?, title?, summary?)))
        })?;
        let seen = self.app.promote(&scope.tenant, scope.procedure, &asked, texts, project).await?;
        Ok(pb::PromoteToProjectResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn update_project(
        &self,
        caller: Caller,
        message: pb::UpdateProjectRequest,
    ) -> Result<pb::UpdateProjectResponse, Status> {
        let scope = scope(&caller, &message.tenant, &message.procedure_id)?;
        let mut parse = Parse::default();
        let id = parse.request(&message.request_id);
        let project = parse.id("project_id", &message.project_id);
        let standing = parse.word::<pb::ProjectState, _>("state", message.state);
        let text = parse.text("text", &message.text, 1..=5_000);
        let parsed = parse.finish(|| Some((id?, UpdateProject { id: project?, standing: standing?, text: text? })));
        let (id, update) = parsed?;
        let asked = self.asked(&caller, id, &message);
        let seen = self.app.update_project(&scope.tenant, scope.procedure, &asked, update).await?;
        Ok(pb::UpdateProjectResponse { consistency_token: seen.to_text() })
    }
}

fn ruling(parse: &mut Parse, message: &pb::ModerateContributionRequest) -> Option<Ruling> {
    let id = parse.id("contribution_id", &message.contribution_id);
    let note = parse.text("note", &message.note, 0..=1_000);
    let verdict = match message.decision() {
        pb::ModerationDecision::Publish => Some(Verdict::Publish),
        pb::ModerationDecision::Reject => Some(Verdict::Reject),
        pb::ModerationDecision::Hide => Some(Verdict::Hide),
        pb::ModerationDecision::Redact => parse::redacted(parse, message.redacted_text.as_ref()).map(Verdict::Redact),
        pb::ModerationDecision::Unspecified => {
            parse.add("decision", parse::not_chosen());
            None
        }
    };
    let reason = match message.decision() {
        pb::ModerationDecision::Publish => Some(None),
        _ => parse.word::<pb::ModerationReason, Reason>("reason", message.reason).map(Some),
    };
    Some(Ruling { id: id?, verdict: verdict?, reason: reason?, note: note? })
}

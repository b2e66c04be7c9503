//! What staff and citizens do with what was handed in.

use allmende_proto::participation::v1 as pb;
use anyhow::Context as _;

use super::scene::Scene;

impl Scene<'_> {
    /// A moderator decides; `None` publishes.
    pub(super) async fn moderate(
        &self,
        contribution: &str,
        decision: pb::ModerationDecision,
        because: Option<(pb::ModerationReason, &str)>,
        redacted_text: Option<pb::Text>,
    ) -> anyhow::Result<()> {
        let (reason, note) = because.unwrap_or((pb::ModerationReason::Unspecified, ""));
        let request = pb::ModerateContributionRequest {
            tenant: self.tenant(),
            request_id: self.request_id(&format!("moderate {contribution}")),
            procedure_id: self.procedure_id(),
            contribution_id: contribution.to_owned(),
            decision: decision.into(),
            reason: reason.into(),
            note: note.to_owned(),
            redacted_text,
        };
        self.staff.moderation.participation().moderate_contribution(request).await.context("moderating")?;
        Ok(())
    }

    pub(super) async fn publish(&self, contribution: &str) -> anyhow::Result<()> {
        self.moderate(contribution, pb::ModerationDecision::Publish, None, None).await
    }

    /// The first `count` citizens support it.
    pub(super) async fn support(&self, contribution: &str, count: usize) -> anyhow::Result<()> {
        for citizen in 0..count {
            let request = pb::SupportContributionRequest {
                tenant: self.tenant(),
                request_id: self.request_id(&format!("support {contribution} {citizen}")),
                contribution_id: contribution.to_owned(),
            };
            self.citizen(citizen).participation().support_contribution(request).await.context("supporting")?;
        }
        Ok(())
    }

    /// Puts texts under a theme, and answers them together.
    pub(super) async fn answer_theme(&self, title: &str, contributions: &[String], answer: &str) -> anyhow::Result<()> {
        let theme_id = self.id("theme");
        let mut client = self.staff.moderation.participation();
        client
            .define_theme(pb::DefineThemeRequest {
                tenant: self.tenant(),
                request_id: self.request_id("define theme"),
                procedure_id: self.procedure_id(),
                theme_id: theme_id.clone(),
                title: title.to_owned(),
                description: String::new(),
            })
            .await
            .context("defining a theme")?;
        client
            .assign_theme(pb::AssignThemeRequest {
                tenant: self.tenant(),
                request_id: self.request_id("assign theme"),
                procedure_id: self.procedure_id(),
                contribution_ids: contributions.to_vec(),
                theme_id: theme_id.clone(),
            })
            .await
            .context("assigning a theme")?;
        let request = pb::RespondToThemeRequest {
            tenant: self.tenant(),
            request_id: self.request_id("answer theme"),
            procedure_id: self.procedure_id(),
            theme_id,
            text: answer.to_owned(),
        };
        self.staff.administration.participation().respond_to_theme(request).await.context("answering a theme")?;
        Ok(())
    }

    pub(super) async fn answer(&self, contribution: &str, answer: &str) -> anyhow::Result<()> {
        let request = pb::RespondToContributionRequest {
            tenant: self.tenant(),
            request_id: self.request_id(&format!("answer {contribution}")),
            procedure_id: self.procedure_id(),
            contribution_id: contribution.to_owned(),
            text: answer.to_owned(),
        };
        self.staff.administration.participation().respond_to_contribution(request).await.context("answering")?;
        Ok(())
    }

    pub(super) async fn tell(&self, status: &str) -> anyhow::Result<String> {
        let request = pb::PublishStatusRequest {
            tenant: self.tenant(),
            request_id: self.request_id("tell"),
            procedure_id: self.procedure_id(),
            text: status.to_owned(),
        };
        let told = self.staff.administration.participation().publish_status(request).await;
        Ok(told.context("telling how things stand")?.into_inner().consistency_token)
    }

    /// Makes a project of texts, and tells that it is done.
    pub(super) async fn carry_out(&self, project: (&str, &str), of: &[String]) -> anyhow::Result<()> {
        let mut client = self.staff.administration.participation();
        let project_id = self.id("project");
        client
            .promote_to_project(pb::PromoteToProjectRequest {
                tenant: self.tenant(),
                request_id: self.request_id("promote"),
                procedure_id: self.procedure_id(),
                project_id: project_id.clone(),
                contribution_ids: of.to_vec(),
                title: project.0.to_owned(),
                summary: project.1.to_owned(),
            })
            .await
            .context("beginning a project")?;
        for (state, text) in [
            (pb::ProjectState::InProgress, "Der Auftrag ist vergeben, die Arbeiten haben begonnen."),
            (pb::ProjectState::Done, "Das Vorhaben ist umgesetzt. Vielen Dank an alle, die mitgemacht haben."),
        ] {
            client
                .update_project(pb::UpdateProjectRequest {
                    tenant: self.tenant(),
                    request_id: self.request_id(&format!("project {}", state.as_str_name())),
                    procedure_id: self.procedure_id(),
                    project_id: project_id.clone(),
                    state: state.into(),
                    text: text.to_owned(),
                })
                .await
                .context("telling how a project stands")?;
        }
        Ok(())
    }
}

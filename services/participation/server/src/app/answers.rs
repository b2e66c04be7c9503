use allmende_eventlog::Request;
use allmende_kernel::TenantId;
use allmende_participation_domain::contribution::{self, Answer, ByStaff, Command, Context, Said};
use allmende_participation_domain::{ContributionId, ProcedureId, ProjectId, project};
use allmende_runtime::fields::ConsistencyToken;

use super::{App, exists, refused, reject, stream};
use crate::error::Error;
use crate::sealing::Part;
use crate::wire::{Contribution, Project};

/// The official answer to a proposal, in plain words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AnswerProposal {
    pub(crate) id: ContributionId,
    pub(crate) accepted: bool,
    pub(crate) reasons: String,
    pub(crate) cost_cents: Option<u64>,
}

/// What the public is told of a project.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateProject {
    pub(crate) id: ProjectId,
    pub(crate) standing: project::Standing,
    pub(crate) text: String,
}

impl App {
    pub(crate) async fn respond(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        (id, text): (ContributionId, String),
    ) -> Result<ConsistencyToken, Error> {
        let sealer = self.sealer_of(tenant, id).await?;
        let stands = self.row(tenant, id).await?.and_then(|row| row.answer).unwrap_or_default().text_sealed;
        let text = Said::Sealed(self.vault.reseal(&sealer, Part::Answer, &stands, text.as_bytes())?);
        self.by_staff(tenant, procedure, request, id, |at| ByStaff::Answer { text: text.clone(), at }).await
    }

    pub(crate) async fn accept_amendment(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        id: ContributionId,
    ) -> Result<ConsistencyToken, Error> {
        self.by_staff(tenant, procedure, request, id, |at| ByStaff::AcceptAmendment { at }).await
    }

    pub(crate) async fn start_evaluation(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        id: ContributionId,
    ) -> Result<ConsistencyToken, Error> {
        self.by_staff(tenant, procedure, request, id, |at| ByStaff::StartEvaluation { at }).await
    }

    pub(crate) async fn answer_proposal(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        AnswerProposal { id, accepted, reasons, cost_cents }: AnswerProposal,
    ) -> Result<ConsistencyToken, Error> {
        let sealer = self.sealer_of(tenant, id).await?;
        let stands = self.row(tenant, id).await?.and_then(|row| row.proposal_answer).unwrap_or_default().reasons_sealed;
        let reasons = Said::Sealed(self.vault.reseal(&sealer, Part::Answer, &stands, reasons.as_bytes())?);
        let answer = Answer { accepted, reasons, cost_cents };
        let wish = |at| ByStaff::AnswerProposal { answer: answer.clone(), at };
        self.by_staff(tenant, procedure, request, id, wish).await
    }

    /// Starts a project and ties the texts it goes back to it, in one commit.
    pub(crate) async fn promote(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        texts: Vec<ContributionId>,
        (id, title, summary): (ProjectId, String, String),
    ) -> Result<ConsistencyToken, Error> {
        let of_project = stream::<project::Model>(tenant, id);
        let streams: Vec<_> = texts.iter().map(|id| stream::<contribution::Model>(tenant, id)).collect();
        for of_text in &streams {
            self.commands.warm::<Contribution>(of_text).await?;
        }
        self.change(request, |transaction, at| {
            if !exists(transaction, tenant, procedure)? {
                return Err(reject(allmende_participation_domain::procedure::Rejection::Unknown));
            }
            let start = project::Command::Start { procedure, title: title.clone(), summary: summary.clone(), at };
            transaction.decide::<Project>(&of_project, &(), &start).map_err(refused)?;
            let promote = Command::Staff(procedure, ByStaff::Promote { project: id, at });
            for of_text in &streams {
                transaction.decide::<Contribution>(of_text, &Context::default(), &promote).map_err(refused)?;
            }
            Ok(())
        })
        .await
    }

    pub(crate) async fn update_project(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        UpdateProject { id, standing, text }: UpdateProject,
    ) -> Result<ConsistencyToken, Error> {
        let of_project = stream::<project::Model>(tenant, id);
        self.commands.warm::<Project>(&of_project).await?;
        self.change(request, |transaction, at| {
            let command = project::Command::Update { procedure, standing, text: text.clone(), at };
            transaction.decide::<Project>(&of_project, &(), &command).map(|_| ()).map_err(refused)
        })
        .await
    }
}

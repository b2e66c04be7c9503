use allmende_proto::participation::v1 as pb;

use super::{Running, TENANT, id};

pub(crate) const LICENCE: &str = "dl-de/by-2-0";

/// A text that the tests' comments are on.
pub(crate) const DRAFT: &str =
    "# Leitfaden\nWorum es geht.\n## Ziele\nDie Stadt wird offen verwaltet.\n## Wege\nGemeinsam.\n";

pub(crate) fn phase(kind: pb::PhaseKind, from: &str, to: &str) -> pb::Phase {
    pb::Phase { kind: kind.into(), from_day: from.into(), to_day: to.into(), from_us: 0, to_us: 0 }
}

pub(crate) fn text(body: &str) -> Option<pb::Text> {
    Some(pb::Text { title: String::new(), body: body.into(), proposed_text: String::new() })
}

pub(crate) fn titled(title: &str, body: &str) -> Option<pb::Text> {
    Some(pb::Text { title: title.into(), body: body.into(), proposed_text: String::new() })
}

/// A procedure with a text that people are asked about.
pub(crate) struct Procedure {
    pub(crate) id: String,
    pub(crate) document: String,
}

impl Running {
    pub(crate) fn opening(&self, procedure_id: &str) -> pb::OpenProcedureRequest {
        pb::OpenProcedureRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            procedure_id: procedure_id.into(),
            title: "Mit-Mach-Stadt".into(),
            summary: "Ideen für Brandis".into(),
            method: "Konsultation".into(),
            required_level: pb::SignInLevel::Email.into(),
            phases: vec![
                phase(pb::PhaseKind::Submission, "2019-09-07", "2019-09-27"),
                phase(pb::PhaseKind::Support, "2019-09-07", "2019-09-27"),
                phase(pb::PhaseKind::Evaluation, "2019-09-28", "2019-12-31"),
            ],
            transcription_until_day: "2019-09-30".into(),
            counts_hidden: false,
            licence: LICENCE.into(),
            supports_per_person: 0,
            support_threshold: 3,
        }
    }

    /// Opens a procedure with a text, and the text's consultation from the 7th to the 27th.
    pub(crate) async fn procedure(&self) -> Procedure {
        self.procedure_with(|_| {}).await
    }

    pub(crate) async fn procedure_with(&self, change: impl FnOnce(&mut pb::OpenProcedureRequest)) -> Procedure {
        let (procedure, mut owner) = (Procedure { id: id(), document: id() }, self.by("owner"));
        let mut opening = self.opening(&procedure.id);
        change(&mut opening);
        owner.open_procedure(opening).await.unwrap();
        owner.publish_draft(self.draft(&procedure, DRAFT)).await.unwrap();
        owner.open_consultation(self.consultation(&procedure)).await.unwrap();
        procedure
    }

    pub(crate) fn draft(&self, procedure: &Procedure, markdown: &str) -> pb::PublishDraftRequest {
        pb::PublishDraftRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            procedure_id: procedure.id.clone(),
            document_id: procedure.document.clone(),
            title: "Gebrauchsanleitung".into(),
            markdown: markdown.into(),
        }
    }

    pub(crate) fn consultation(&self, procedure: &Procedure) -> pb::OpenConsultationRequest {
        pb::OpenConsultationRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            procedure_id: procedure.id.clone(),
            document_id: procedure.document.clone(),
            from_day: "2019-09-07".into(),
            to_day: "2019-09-27".into(),
        }
    }

    pub(crate) fn revision(&self, procedure: &Procedure, base: u32, markdown: &str) -> pb::PublishRevisionRequest {
        pb::PublishRevisionRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            procedure_id: procedure.id.clone(),
            document_id: procedure.document.clone(),
            base_version: base,
            markdown: markdown.into(),
            despite_unanswered: false,
        }
    }

    pub(crate) fn comment(&self, procedure: &Procedure, section: &str, body: &str) -> pb::PostCommentRequest {
        pb::PostCommentRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            contribution_id: id(),
            procedure_id: procedure.id.clone(),
            target: Some(procedure.section(section)),
            text: text(body),
            channel: 0,
            granted_licence: LICENCE.into(),
            attachments: Vec::new(),
        }
    }

    pub(crate) fn idea(&self, procedure: &Procedure, body: &str) -> pb::SubmitContributionRequest {
        pb::SubmitContributionRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            contribution_id: id(),
            procedure_id: procedure.id.clone(),
            text: text(body),
            channel: pb::Channel::App.into(),
            granted_licence: LICENCE.into(),
            place: None,
            attachments: Vec::new(),
        }
    }

    pub(crate) fn proposal(&self, procedure: &Procedure, title: &str) -> pb::SubmitProposalRequest {
        pb::SubmitProposalRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            contribution_id: id(),
            procedure_id: procedure.id.clone(),
            text: titled(title, "Weil wir sie brauchen."),
            channel: 0,
            granted_licence: LICENCE.into(),
            place: None,
            attachments: Vec::new(),
        }
    }

    pub(crate) fn publishing(&self, procedure: &Procedure, contribution: &str) -> pb::ModerateContributionRequest {
        pb::ModerateContributionRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            procedure_id: procedure.id.clone(),
            contribution_id: contribution.into(),
            decision: pb::ModerationDecision::Publish.into(),
            ..Default::default()
        }
    }

    /// A public comment by somebody: its id.
    pub(crate) async fn published_comment(&self, by: &str, procedure: &Procedure, section: &str, body: &str) -> String {
        let comment = self.comment(procedure, section, body);
        let id = comment.contribution_id.clone();
        self.by(by).post_comment(comment).await.unwrap();
        self.publish(procedure, &id).await;
        id
    }

    /// A public proposal by somebody: its id.
    pub(crate) async fn published_proposal(&self, by: &str, procedure: &Procedure, title: &str) -> String {
        let proposal = self.proposal(procedure, title);
        let id = proposal.contribution_id.clone();
        self.by(by).submit_proposal(proposal).await.unwrap();
        self.publish(procedure, &id).await;
        id
    }

    pub(crate) fn reporting(&self, contribution: &str, note: &str) -> pb::ReportContributionRequest {
        pb::ReportContributionRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            contribution_id: contribution.into(),
            reason: pb::ModerationReason::Advertising.into(),
            note: note.into(),
        }
    }

    /// The notes of what was reported in a procedure, as moderators read them.
    pub(crate) async fn reported(&self, procedure: &Procedure) -> Vec<String> {
        let request = pb::ListModerationQueueRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            ..Default::default()
        };
        let items = self.by("moderator").list_moderation_queue(request).await.unwrap().into_inner().items;
        items.into_iter().flat_map(|item| item.reports).map(|report| report.note).collect()
    }

    /// Publishes it, and waits until everybody sees it.
    pub(crate) async fn publish(&self, procedure: &Procedure, contribution: &str) {
        let mut moderator = self.by("moderator");
        let answer = moderator.moderate_contribution(self.publishing(procedure, contribution)).await.unwrap();
        self.settle(&answer.into_inner().consistency_token).await;
    }

    /// Waits until reads show what the token stands for.
    pub(crate) async fn settle(&self, token: &str) {
        let request = pb::ListProceduresRequest {
            tenant: TENANT.into(),
            page_size: 1,
            consistency_token: token.into(),
            ..Default::default()
        };
        self.visitor().list_procedures(request).await.unwrap();
    }

    /// A text as somebody sees it.
    pub(crate) async fn see(&self, by: &str, contribution: &str) -> pb::Contribution {
        let request = getting(contribution);
        self.by(by).get_contribution(request).await.unwrap().into_inner().contribution.unwrap()
    }

    /// The bodies of a section's thread, as everybody sees them.
    pub(crate) async fn thread(&self, procedure: &Procedure, section: &str) -> Vec<String> {
        let request = procedure.thread(section);
        let answer = self.visitor().list_section_thread(request).await.unwrap().into_inner();
        answer.contributions.into_iter().map(|it| it.text.map(|text| text.body).unwrap_or_default()).collect()
    }

    pub(crate) fn supporting(&self, contribution: &str) -> pb::SupportContributionRequest {
        pb::SupportContributionRequest {
            tenant: TENANT.into(),
            request_id: self.request_id(),
            contribution_id: contribution.into(),
        }
    }
}

impl Procedure {
    pub(crate) fn section(&self, section: &str) -> pb::Target {
        let section = pb::SectionTarget { document_id: self.document.clone(), section_id: section.into(), version: 0 };
        pb::Target { target: Some(pb::target::Target::Section(section)) }
    }

    pub(crate) fn thread(&self, section: &str) -> pb::ListSectionThreadRequest {
        pb::ListSectionThreadRequest {
            tenant: TENANT.into(),
            document_id: self.document.clone(),
            section_id: section.into(),
            ..Default::default()
        }
    }

    pub(crate) fn synopsis(&self) -> pb::ListSynopsisRequest {
        pb::ListSynopsisRequest { tenant: TENANT.into(), document_id: self.document.clone(), ..Default::default() }
    }
}

pub(crate) fn getting(contribution: &str) -> pb::GetContributionRequest {
    pb::GetContributionRequest { tenant: TENANT.into(), contribution_id: contribution.into(), ..Default::default() }
}

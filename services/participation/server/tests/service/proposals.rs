//! From a proposal to its answer and its project.

use allmende_proto::participation::v1 as pb;
use tonic::Code;

use crate::support::{LICENCE, Procedure, Running, TENANT, id, precondition, refusal, run, start, text, utc};

fn answering(service: &Running, procedure: &Procedure, proposal: &str, accepted: bool) -> pb::AnswerProposalRequest {
    pb::AnswerProposalRequest {
        tenant: TENANT.into(),
        request_id: service.request_id(),
        procedure_id: procedure.id.clone(),
        contribution_id: proposal.into(),
        accepted,
        reasons: "Der Rat hat es beschlossen.".into(),
        cost_cents: Some(1_250_000),
    }
}

#[test]
fn a_proposal_is_supported_discussed_answered_and_becomes_a_project() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let proposal = service.published_proposal("anna", &procedure, "Bänke am Markt").await;
        for who in ["ben", "carla", "dora"] {
            let answer = service.by(who).support_contribution(service.supporting(&proposal)).await.unwrap();
            service.settle(&answer.into_inner().consistency_token).await;
        }
        let comment = pb::PostCommentRequest {
            target: Some(pb::Target { target: Some(pb::target::Target::ProposalId(proposal.clone())) }),
            ..service.comment(&procedure, "ziele", "Mit Lehne, bitte.")
        };
        service.by("ben").post_comment(comment.clone()).await.unwrap();
        service.publish(&procedure, &comment.contribution_id).await;

        let shown = service.see("ben", &proposal).await;
        assert_eq!((shown.supports, shown.comments), (Some(3), 1));
        assert!(shown.proposal.unwrap().threshold_reached);
        let comments = pb::ListProposalCommentsRequest {
            tenant: TENANT.into(),
            proposal_id: proposal.clone(),
            ..Default::default()
        };
        let comments = service.visitor().list_proposal_comments(comments).await.unwrap().into_inner().comments;
        assert_eq!(comments[0].text.as_ref().unwrap().body, "Mit Lehne, bitte.");

        let denied = service.by("clerk").answer_proposal(answering(&service, &procedure, &proposal, true)).await;
        assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied, "a case worker prepares, an approver decides");
        let evaluation = pb::StartEvaluationRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            contribution_id: proposal.clone(),
        };
        service.by("clerk").start_evaluation(evaluation).await.unwrap();
        let mut approver = service.by("approver");
        approver.answer_proposal(answering(&service, &procedure, &proposal, true)).await.unwrap();
        let again = approver.answer_proposal(answering(&service, &procedure, &proposal, false)).await;
        assert_eq!(refusal(again), precondition("PROPOSAL_ANSWERED"));

        let promotion = pb::PromoteToProjectRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            project_id: id(),
            contribution_ids: vec![proposal.clone()],
            title: "Zehn Bänke".into(),
            summary: String::new(),
        };
        approver.promote_to_project(promotion.clone()).await.unwrap();
        let update = pb::UpdateProjectRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            project_id: promotion.project_id.clone(),
            state: pb::ProjectState::InProgress.into(),
            text: "Die Bänke sind bestellt.".into(),
        };
        let token = service.by("clerk").update_project(update).await.unwrap().into_inner().consistency_token;
        let request = pb::GetProjectRequest {
            tenant: TENANT.into(),
            project_id: promotion.project_id.clone(),
            consistency_token: token,
        };
        let project = service.visitor().get_project(request).await.unwrap().into_inner().project.unwrap();
        assert_eq!(
            (project.state(), project.contribution_ids.as_slice()),
            (pb::ProjectState::InProgress, &[proposal.clone()][..])
        );
        assert_eq!(project.status[0].text, "Die Bänke sind bestellt.");
        let shown = service.see("ben", &proposal).await;
        let standing = shown.proposal.unwrap();
        assert_eq!((standing.state(), standing.cost_cents), (pb::ProposalState::Accepted, Some(1_250_000)));
        assert_eq!(shown.project_id, promotion.project_id);
        service.stop().await;
    });
}

#[test]
fn hidden_counts_are_told_to_nobody_before_the_phase_ends() {
    run(async {
        let service = start().await;
        let procedure = service.procedure_with(|opening| opening.counts_hidden = true).await;
        let proposal = service.published_proposal("anna", &procedure, "Bänke am Markt").await;
        for who in ["ben", "carla", "dora"] {
            let answer = service.by(who).support_contribution(service.supporting(&proposal)).await.unwrap();
            service.settle(&answer.into_inner().consistency_token).await;
        }
        for who in ["ben", "moderator", "owner"] {
            let shown = service.see(who, &proposal).await;
            assert_eq!((shown.supports, shown.proposal.unwrap().threshold_reached), (None, false), "{who}");
        }
        let by_supports = pb::ListProposalsRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            order: pb::ProposalOrder::Supports.into(),
            ..Default::default()
        };
        let answer = service.visitor().list_proposals(by_supports.clone()).await;
        assert_eq!(refusal(answer), precondition("COUNTS_HIDDEN"));
        service.clock.set(utc("2019-09-27T22:00:00Z"));
        assert_eq!(service.see("ben", &proposal).await.supports, Some(3));
        let listed = service.visitor().list_proposals(by_supports).await.unwrap().into_inner().proposals;
        assert_eq!(listed[0].supports, Some(3));
        service.stop().await;
    });
}

#[test]
fn a_sign_in_that_is_not_sure_enough_is_refused_and_so_is_another_licence() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let answer = service.by("weak").submit_proposal(service.proposal(&procedure, "Bänke")).await;
        assert_eq!(refusal(answer), (Code::PermissionDenied, "SIGN_IN_LEVEL".to_owned()));
        let other =
            pb::SubmitProposalRequest { granted_licence: "cc0".into(), ..service.proposal(&procedure, "Bänke") };
        assert_eq!(refusal(service.by("anna").submit_proposal(other).await), precondition("LICENCE_NOT_GRANTED"));
        let unknown = pb::SubmitProposalRequest { procedure_id: id(), ..service.proposal(&procedure, "Bänke") };
        let answer = service.by("anna").submit_proposal(unknown).await;
        assert_eq!(refusal(answer), crate::support::not_found("PROCEDURE_UNKNOWN"));
        service.stop().await;
    });
}

#[test]
fn an_author_takes_a_text_back() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let proposal = service.published_proposal("anna", &procedure, "Bänke am Markt").await;
        let withdrawal = pb::WithdrawContributionRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            contribution_id: proposal.clone(),
        };
        let answer = service.by("ben").withdraw_contribution(withdrawal.clone()).await;
        assert_eq!(refusal(answer), (Code::PermissionDenied, "NOT_THE_AUTHOR".to_owned()));
        let own = pb::WithdrawContributionRequest { request_id: service.request_id(), ..withdrawal };
        let token = service.by("anna").withdraw_contribution(own).await.unwrap().into_inner().consistency_token;
        service.settle(&token).await;
        let shown = service.see("anna", &proposal).await;
        assert_eq!(shown.proposal.unwrap().state(), pb::ProposalState::Withdrawn);
        let answer = service.visitor().get_contribution(crate::support::getting(&proposal)).await;
        assert_eq!(refusal(answer), crate::support::not_found("CONTRIBUTION_UNKNOWN"));
        service.stop().await;
    });
}

#[test]
fn files_go_with_a_text_and_are_shown_with_it() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let png = [&[0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'][..], &[7; 2_000]].concat();
        let upload = |media_type: &str, content: &[u8]| pb::AttachmentUpload {
            media_type: media_type.into(),
            content: content.to_vec().into(),
        };
        let idea = pb::SubmitContributionRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            contribution_id: id(),
            procedure_id: procedure.id.clone(),
            text: text("Siehe Bild."),
            channel: 0,
            granted_licence: LICENCE.into(),
            place: None,
            attachments: vec![upload("image/png", &png)],
        };
        let wrong = pb::SubmitContributionRequest {
            attachments: vec![upload("image/png", b"<svg>"), upload("text/html", b"x")],
            ..idea.clone()
        };
        let answer = service.by("anna").submit_contribution(wrong).await;
        assert_eq!(crate::support::fields(answer), ["attachments[0].content", "attachments[1].media_type"]);

        let shown =
            service.by("anna").submit_contribution(idea.clone()).await.unwrap().into_inner().contribution.unwrap();
        let request = pb::GetAttachmentRequest {
            tenant: TENANT.into(),
            contribution_id: idea.contribution_id.clone(),
            attachment_id: shown.attachments[0].attachment_id.clone(),
            consistency_token: String::new(),
        };
        let answer = service.visitor().get_attachment(request.clone()).await;
        assert_eq!(answer.unwrap_err().code(), Code::NotFound, "not before the text is public");
        let file = service.by("anna").get_attachment(request.clone()).await.unwrap().into_inner();
        assert_eq!((file.media_type.as_str(), &file.content[..]), ("image/png", &png[..]));
        service.publish(&procedure, &idea.contribution_id).await;
        service.visitor().get_attachment(request).await.unwrap();
        service.stop().await;
    });
}

//! The queue, reasons, reports, objection and the second pair of eyes.

use allmende_proto::participation::v1 as pb;

use crate::support::{Procedure, Running, TENANT, not_found, precondition, refusal, run, start, text};

fn ruling(
    service: &Running,
    procedure: &Procedure,
    contribution: &str,
    decision: pb::ModerationDecision,
) -> pb::ModerateContributionRequest {
    pb::ModerateContributionRequest {
        decision: decision.into(),
        reason: pb::ModerationReason::PersonalData.into(),
        note: "Bitte ohne Namen.".into(),
        ..service.publishing(procedure, contribution)
    }
}

async fn queue(service: &Running, procedure: &Procedure) -> Vec<(pb::QueueReason, String)> {
    let request = pb::ListModerationQueueRequest {
        tenant: TENANT.into(),
        procedure_id: procedure.id.clone(),
        ..Default::default()
    };
    let answer = service.by("moderator").list_moderation_queue(request).await.unwrap().into_inner();
    assert_eq!(answer.waiting as usize, answer.items.len());
    let item = |item: pb::QueueItem| (item.reason(), item.contribution.unwrap().contribution_id);
    answer.items.into_iter().map(item).collect()
}

#[test]
fn the_author_sees_state_and_reason_and_a_second_person_decides_on_the_objection() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let comment = service.comment(&procedure, "ziele", "Herr Müller ist schuld.");
        let id = comment.contribution_id.clone();
        let mut anna = service.by("anna");
        anna.post_comment(comment).await.unwrap();
        assert_eq!(queue(&service, &procedure).await, [(pb::QueueReason::Pending, id.clone())]);

        let rejection = ruling(&service, &procedure, &id, pb::ModerationDecision::Reject);
        let token = service.by("moderator").moderate_contribution(rejection).await.unwrap().into_inner();
        service.settle(&token.consistency_token).await;
        let moderation = service.see("anna", &id).await.moderation.unwrap();
        assert_eq!(
            (moderation.state(), moderation.reason(), moderation.note.as_str()),
            (pb::ModerationState::Rejected, pb::ModerationReason::PersonalData, "Bitte ohne Namen.")
        );
        assert!(queue(&service, &procedure).await.is_empty());

        let objection = pb::ObjectToModerationRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            contribution_id: id.clone(),
            note: "Er ist der Bürgermeister.".into(),
        };
        let token = anna.object_to_moderation(objection).await.unwrap().into_inner().consistency_token;
        service.settle(&token).await;
        assert_eq!(queue(&service, &procedure).await, [(pb::QueueReason::Objection, id.clone())]);
        let decide = |service: &Running| pb::DecideObjectionRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            contribution_id: id.clone(),
            grant: true,
        };
        let answer = service.by("moderator").decide_objection(decide(&service)).await;
        assert_eq!(refusal(answer), precondition("SECOND_PERSON_NEEDED"));
        let token = service.by("second").decide_objection(decide(&service)).await.unwrap().into_inner();
        service.settle(&token.consistency_token).await;
        assert_eq!(service.thread(&procedure, "ziele").await, ["Herr Müller ist schuld."]);
        let moderation = service.see("anna", &id).await.moderation.unwrap();
        assert_eq!(moderation.objection(), pb::ObjectionState::Granted);
        service.stop().await;
    });
}

#[test]
fn a_redacted_text_is_shown_and_its_original_only_to_author_and_staff() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let id = service.published_comment("anna", &procedure, "ziele", "Herr Müller, Ring 5, ist schuld.").await;
        let redaction = pb::ModerateContributionRequest {
            redacted_text: text("[…] ist schuld."),
            ..ruling(&service, &procedure, &id, pb::ModerationDecision::Redact)
        };
        let token = service.by("moderator").moderate_contribution(redaction).await.unwrap().into_inner();
        service.settle(&token.consistency_token).await;
        for (who, sees_original) in [("anna", true), ("moderator", true), ("ben", false)] {
            let shown = service.see(who, &id).await;
            assert_eq!(shown.text.unwrap().body, "[…] ist schuld.");
            assert_eq!(shown.original.map(|text| text.body.contains("Müller")), sees_original.then_some(true), "{who}");
            let moderation = shown.moderation.unwrap();
            assert_eq!(moderation.note.is_empty(), !sees_original, "{who}");
        }
        let synopsis = service.visitor().list_synopsis(procedure.synopsis()).await.unwrap().into_inner().entries;
        assert!(synopsis[0].redacted && synopsis[0].text.as_ref().unwrap().body == "[…] ist schuld.");
        service.stop().await;
    });
}

#[test]
fn a_redacted_text_s_files_are_for_author_and_staff_alone() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut comment = service.comment(&procedure, "ziele", "Siehe Brief.");
        let content = bytes::Bytes::from_static(b"%PDF-1.4 Herr M\xc3\xbcller, Ring 5");
        comment.attachments = vec![pb::AttachmentUpload { media_type: "application/pdf".into(), content }];
        let id = comment.contribution_id.clone();
        service.by("anna").post_comment(comment).await.unwrap();
        service.publish(&procedure, &id).await;
        let file = service.see("ben", &id).await.attachments[0].attachment_id.clone();
        let redaction = pb::ModerateContributionRequest {
            redacted_text: text("Siehe […]."),
            ..ruling(&service, &procedure, &id, pb::ModerationDecision::Redact)
        };
        let token = service.by("moderator").moderate_contribution(redaction).await.unwrap().into_inner();
        service.settle(&token.consistency_token).await;
        for (who, sees_files) in [("anna", true), ("moderator", true), ("ben", false)] {
            assert_eq!(service.see(who, &id).await.attachments.len(), usize::from(sees_files), "{who}");
            let file = pb::GetAttachmentRequest {
                tenant: TENANT.into(),
                contribution_id: id.clone(),
                attachment_id: file.clone(),
                ..Default::default()
            };
            let answer = service.by(who).get_attachment(file).await;
            match sees_files {
                true => assert!(answer.is_ok(), "{who}"),
                false => assert_eq!(refusal(answer), not_found("ATTACHMENT_UNKNOWN"), "{who}"),
            }
        }
        service.stop().await;
    });
}

/// How often the log says that a decision was made.
fn decisions(service: &Running) -> usize {
    let groups = service.participation.log().read_groups(0, usize::MAX).unwrap();
    let events = groups.iter().flat_map(|group| group.commits()).flat_map(|commit| commit.events());
    events.filter(|event| event.event_type().ends_with("Rejected") || event.event_type().ends_with("Redacted")).count()
}

#[test]
fn the_same_decision_again_is_one_and_no_note_is_dropped() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut decided = Vec::new();
        for decision in [pb::ModerationDecision::Reject, pb::ModerationDecision::Redact] {
            let comment = service.comment(&procedure, "ziele", "Herr Müller ist schuld.");
            let id = comment.contribution_id.clone();
            service.by("anna").post_comment(comment).await.unwrap();
            let ruling = |note: &str| pb::ModerateContributionRequest {
                note: note.into(),
                redacted_text: (decision == pb::ModerationDecision::Redact).then(|| text("[…] ist schuld.")).flatten(),
                ..ruling(&service, &procedure, &id, decision)
            };
            let mut moderator = service.by("moderator");
            // Nobody waits until the first decision is seen.
            for _ in 0..2 {
                moderator.moderate_contribution(ruling("Bitte ohne Namen.")).await.unwrap();
            }
            decided.push(decisions(&service));
            let other = moderator.moderate_contribution(ruling("Bitte sachlich.")).await;
            match decision {
                pb::ModerationDecision::Reject => assert_eq!(refusal(other), precondition("DECISION_UNFIT")),
                _ => {
                    service.settle(&other.unwrap().into_inner().consistency_token).await;
                    assert_eq!(service.see("anna", &id).await.moderation.unwrap().note, "Bitte sachlich.");
                }
            }
        }
        assert_eq!(decided, [1, 2]);
        service.stop().await;
    });
}

#[test]
fn a_report_brings_a_public_text_back_into_the_queue() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let id = service.published_comment("anna", &procedure, "ziele", "Kauft bei mir!").await;
        for who in ["ben", "ben", "carla"] {
            let report = service.reporting(&id, "Werbung");
            let token = service.by(who).report_contribution(report).await.unwrap().into_inner().consistency_token;
            service.settle(&token).await;
        }
        let request = pb::ListModerationQueueRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            ..Default::default()
        };
        let items = service.by("moderator").list_moderation_queue(request).await.unwrap().into_inner().items;
        assert_eq!((items.len(), items[0].reason()), (1, pb::QueueReason::Reported));
        let notes: Vec<_> = items[0].reports.iter().map(|report| report.note.as_str()).collect();
        assert_eq!(notes, ["Werbung", "Werbung"], "one a person");
        let hiding = ruling(&service, &procedure, &id, pb::ModerationDecision::Hide);
        let token = service.by("moderator").moderate_contribution(hiding).await.unwrap().into_inner();
        service.settle(&token.consistency_token).await;
        assert!(service.thread(&procedure, "ziele").await.is_empty());
        assert!(queue(&service, &procedure).await.is_empty());
        service.stop().await;
    });
}

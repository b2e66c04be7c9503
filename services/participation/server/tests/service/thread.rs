//! One thread from a procedure to its synopsis.

use allmende_proto::participation::v1 as pb;
use tonic::Code;

use crate::support::{TENANT, getting, not_found, refusal, run, start};

#[test]
fn a_citizen_comments_a_moderator_publishes_the_administration_answers() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let (mut anna, mut visitor) = (service.by("anna"), service.visitor());

        let comment = service.comment(&procedure, "ziele", "Bitte auch am Wochenende.");
        let posted = anna.post_comment(comment.clone()).await.unwrap().into_inner();
        let own = posted.contribution.unwrap();
        assert_eq!(own.text.unwrap().body, "Bitte auch am Wochenende.");
        assert_eq!((own.own, own.moderation.unwrap().state()), (true, pb::ModerationState::Pending));

        // Nobody else sees it before it is published.
        assert!(service.thread(&procedure, "ziele").await.is_empty());
        let answer = visitor.get_contribution(getting(&comment.contribution_id)).await;
        assert_eq!(refusal(answer), not_found("CONTRIBUTION_UNKNOWN"));

        service.publish(&procedure, &comment.contribution_id).await;
        assert_eq!(service.thread(&procedure, "ziele").await, ["Bitte auch am Wochenende."]);

        let response = pb::RespondToContributionRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            contribution_id: comment.contribution_id.clone(),
            text: "Samstags ab Oktober.".into(),
        };
        let token = service.by("clerk").respond_to_contribution(response).await.unwrap().into_inner().consistency_token;
        let request = pb::ListSynopsisRequest { consistency_token: token, ..procedure.synopsis() };
        let synopsis = visitor.list_synopsis(request).await.unwrap().into_inner().entries;
        assert_eq!(synopsis.len(), 1);
        assert_eq!((synopsis[0].section_id.as_str(), synopsis[0].heading.as_str()), ("ziele", "Ziele"));
        assert_eq!(synopsis[0].text.as_ref().unwrap().body, "Bitte auch am Wochenende.");
        assert_eq!(synopsis[0].response.as_ref().unwrap().text, "Samstags ab Oktober.");
        service.stop().await;
    });
}

#[test]
fn everything_is_there_again_after_a_restart() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let id = service.published_comment("anna", &procedure, "ziele", "Bleibt das?").await;
        let service = service.restart().await;
        assert_eq!(service.thread(&procedure, "ziele").await, ["Bleibt das?"]);
        assert_eq!(service.see("anna", &id).await.text.unwrap().body, "Bleibt das?");
        service.stop().await;
    });
}

#[test]
fn a_request_sent_again_changes_nothing_more() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut anna = service.by("anna");
        let comment = service.comment(&procedure, "ziele", "Einmal genügt.");
        let first = anna.post_comment(comment.clone()).await.unwrap().into_inner();
        let again = anna.post_comment(comment.clone()).await.unwrap().into_inner();
        assert_eq!(first.contribution, again.contribution);
        let other = pb::PostCommentRequest { text: crate::support::text("Doch nicht."), ..comment.clone() };
        assert_eq!(refusal(anna.post_comment(other).await), (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned()));
        let same_id = pb::PostCommentRequest { request_id: service.request_id(), ..comment };
        let answer = service.by("ben").post_comment(same_id).await;
        assert_eq!(refusal(answer), (Code::AlreadyExists, "CONTRIBUTION_DIFFERS".to_owned()));
        service.stop().await;
    });
}

#[test]
fn another_tenant_sees_nothing() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let id = service.published_comment("anna", &procedure, "ziele", "Nur hier.").await;
        let elsewhere = pb::GetContributionRequest { tenant: "brandis-nord".into(), ..getting(&id) };
        let answer = service.visitor().get_contribution(elsewhere).await;
        assert_eq!(refusal(answer), not_found("CONTRIBUTION_UNKNOWN"));
        let moderation =
            pb::ModerateContributionRequest { tenant: "brandis-nord".into(), ..service.publishing(&procedure, &id) };
        let answer = service.by("moderator").moderate_contribution(moderation).await;
        assert_eq!(answer.unwrap_err().code(), Code::PermissionDenied);
        service.stop().await;
    });
}

//! What is not public is in no public answer, whichever is asked.

use allmende_kernel::TenantId;
use allmende_participation_domain::contribution::ErasureReason;
use allmende_proto::participation::v1 as pb;

use crate::support::{TENANT, getting, not_found, refusal, run, start, subject};

#[test]
fn a_text_that_nobody_has_looked_at_is_nowhere_but_with_its_author_and_staff() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let (mut anna, mut visitor) = (service.by("anna"), service.visitor());
        let secret = "Unveröffentlichtes Wort";
        anna.post_comment(service.comment(&procedure, "ziele", secret)).await.unwrap();
        let answer = anna.submit_contribution(service.idea(&procedure, secret)).await.unwrap().into_inner();
        let token = answer.consistency_token;

        let list = pb::ListContributionsRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            consistency_token: token.clone(),
            ..Default::default()
        };
        for client in [&mut visitor, &mut service.by("ben"), &mut service.by("anna")] {
            assert!(client.list_contributions(list.clone()).await.unwrap().into_inner().contributions.is_empty());
        }
        let synopsis = pb::ListSynopsisRequest { consistency_token: token.clone(), ..procedure.synopsis() };
        assert!(visitor.list_synopsis(synopsis).await.unwrap().into_inner().entries.is_empty());
        let search = pb::SearchPublicRequest {
            tenant: TENANT.into(),
            query: "Unveröffentlichtes".into(),
            consistency_token: token.clone(),
            ..Default::default()
        };
        assert!(visitor.search_public(search).await.unwrap().into_inner().hits.is_empty());
        let unanswered = pb::ListUnansweredCommentsRequest {
            tenant: TENANT.into(),
            document_id: procedure.document.clone(),
            consistency_token: token.clone(),
            ..Default::default()
        };
        let unanswered = visitor.list_unanswered_comments(unanswered).await.unwrap().into_inner();
        assert_eq!((unanswered.contributions.len(), unanswered.unanswered), (0, 0));

        let mine =
            pb::ListMyContributionsRequest { tenant: TENANT.into(), consistency_token: token, ..Default::default() };
        let mine = anna.list_my_contributions(mine).await.unwrap().into_inner().contributions;
        assert_eq!(mine.len(), 2);
        assert!(mine.iter().all(|it| it.own && it.text.as_ref().unwrap().body == secret));
        service.stop().await;
    });
}

#[test]
fn of_what_is_erased_the_public_knows_only_if_it_was_public() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let public = service.published_comment("anna", &procedure, "ziele", "Gelesen").await;
        let comment = service.comment(&procedure, "ziele", "Ungelesen");
        let rejected = comment.contribution_id.clone();
        service.by("anna").post_comment(comment).await.unwrap();
        let rejection = pb::ModerateContributionRequest {
            decision: pb::ModerationDecision::Reject.into(),
            reason: pb::ModerationReason::Insult.into(),
            ..service.publishing(&procedure, &rejected)
        };
        service.by("moderator").moderate_contribution(rejection).await.unwrap();
        let tenant = TenantId::parse(TENANT).unwrap();
        let eraser = service.participation.eraser();
        eraser.person(&tenant, subject("anna"), ErasureReason::Request).await.unwrap();
        assert!(service.see("ben", &public).await.erased);
        let answer = service.visitor().get_contribution(getting(&rejected)).await;
        assert_eq!(refusal(answer), not_found("CONTRIBUTION_UNKNOWN"));
        assert!(service.see("moderator", &rejected).await.erased);
        drop(eraser);
        service.stop().await;
    });
}

#[test]
fn lists_are_paged_in_a_stable_order_and_filtered() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut expected = Vec::new();
        for number in 0..7 {
            let mut idea = service.idea(&procedure, &format!("Idee {number}"));
            idea.place = Some(pb::CoarsePoint { latitude: 51.3 + f64::from(number) / 10.0, longitude: 12.6 });
            let id = idea.contribution_id.clone();
            service.by("anna").submit_contribution(idea).await.unwrap();
            service.publish(&procedure, &id).await;
            expected.push(format!("Idee {number}"));
            service.clock.advance(allmende_kernel::Duration::from_secs(1));
        }
        let mut request = pb::ListContributionsRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            page_size: 3,
            ..Default::default()
        };
        let (mut read, mut pages) = (Vec::new(), 0);
        loop {
            let page = service.visitor().list_contributions(request.clone()).await.unwrap().into_inner();
            read.extend(page.contributions.into_iter().map(|it| it.text.unwrap().body));
            pages += 1;
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        expected.reverse();
        assert_eq!((read, pages), (expected, 3));

        request.page_token.clear();
        request.area = Some(pb::Area { south: 51.45, west: 12.0, north: 51.65, east: 13.0 });
        let inside = service.visitor().list_contributions(request.clone()).await.unwrap().into_inner().contributions;
        assert_eq!(inside.len(), 2);
        request.area = None;
        request.channel = pb::Channel::Web.into();
        assert!(service.visitor().list_contributions(request).await.unwrap().into_inner().contributions.is_empty());
        service.stop().await;
    });
}

#[test]
fn the_first_page_of_a_long_thread_is_its_oldest_texts() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        for number in 0..100 {
            service.published_comment("anna", &procedure, "ziele", &format!("Kommentar {number}")).await;
            service.clock.advance(allmende_kernel::Duration::from_micros(1));
        }
        let answer = service.visitor().list_section_thread(procedure.thread("ziele")).await.unwrap().into_inner();
        let bodies: Vec<_> = answer.contributions.into_iter().map(|it| it.text.unwrap().body).collect();
        assert_eq!(bodies, (0..20).map(|number| format!("Kommentar {number}")).collect::<Vec<_>>());
        assert!(!answer.next_page_token.is_empty());
        service.stop().await;
    });
}

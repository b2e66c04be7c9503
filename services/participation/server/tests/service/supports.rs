//! One support per person, and no more than the procedure gives.

use allmende_proto::participation::v1 as pb;

use crate::support::{TENANT, not_found, precondition, refusal, run, start};

#[test]
fn a_person_supports_once_and_takes_it_back() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let id = service.published_comment("anna", &procedure, "ziele", "Mehr Bänke.").await;
        let mut ben = service.by("ben");
        for _ in 0..3 {
            let answer = ben.support_contribution(service.supporting(&id)).await.unwrap().into_inner();
            assert_eq!(answer.supports_left, None);
            service.settle(&answer.consistency_token).await;
        }
        let shown = service.see("ben", &id).await;
        assert_eq!((shown.supports, shown.supported), (Some(1), true));
        assert!(!service.see("carla", &id).await.supported);
        let withdrawal = pb::WithdrawSupportRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            contribution_id: id.clone(),
        };
        let answer = ben.withdraw_support(withdrawal).await.unwrap().into_inner();
        service.settle(&answer.consistency_token).await;
        assert_eq!(service.see("ben", &id).await.supports, Some(0));
        service.stop().await;
    });
}

#[test]
fn what_is_not_public_cannot_be_supported() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let comment = service.comment(&procedure, "ziele", "Noch nicht.");
        let id = comment.contribution_id.clone();
        service.by("anna").post_comment(comment).await.unwrap();
        let answer = service.by("ben").support_contribution(service.supporting(&id)).await;
        assert_eq!(refusal(answer), not_found("CONTRIBUTION_UNKNOWN"));
        let answer = service.visitor().support_contribution(service.supporting(&id)).await;
        assert_eq!(answer.unwrap_err().code(), tonic::Code::Unauthenticated);
        service.stop().await;
    });
}

#[test]
fn a_hundred_clients_racing_for_limited_supports_never_exceed_the_limit() {
    run(async {
        let service = start().await;
        let procedure = service.procedure_with(|opening| opening.supports_per_person = 3).await;
        let mut proposals = Vec::new();
        for number in 0..100 {
            proposals.push(service.published_proposal("anna", &procedure, &format!("Vorschlag {number}")).await);
        }
        let mut racing = tokio::task::JoinSet::new();
        for proposal in &proposals {
            // One person, from a hundred places at once.
            let (mut ben, supporting) = (service.by("ben"), service.supporting(proposal));
            racing.spawn(async move { ben.support_contribution(supporting).await });
        }
        let (mut given, mut left, mut token) = (0, Vec::new(), String::new());
        while let Some(answer) = racing.join_next().await {
            match answer.unwrap() {
                Ok(answer) => {
                    given += 1;
                    left.push(answer.get_ref().supports_left);
                    token = answer.into_inner().consistency_token;
                }
                Err(status) => assert_eq!(refusal::<()>(Err(status)), precondition("SUPPORTS_SPENT")),
            }
        }
        left.sort_unstable();
        assert_eq!((given, left), (3, vec![Some(0), Some(1), Some(2)]));
        service.settle(&token).await;
        let request = pb::ListProposalsRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            order: pb::ProposalOrder::Supports.into(),
            page_size: 100,
            ..Default::default()
        };
        let listed = service.visitor().list_proposals(request).await.unwrap().into_inner().proposals;
        let supports: Vec<_> = listed.iter().map(|it| it.supports.unwrap()).collect();
        assert_eq!((supports.len(), supports.iter().sum::<u32>(), &supports[..3]), (100, 3, &[1, 1, 1][..]));

        // What is taken back can be given again.
        let supported = listed[0].contribution_id.clone();
        let withdrawal = pb::WithdrawSupportRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            contribution_id: supported,
        };
        let answer = service.by("ben").withdraw_support(withdrawal).await.unwrap().into_inner();
        assert_eq!(answer.supports_left, Some(1));
        service.by("ben").support_contribution(service.supporting(&listed[50].contribution_id)).await.unwrap();
        service.stop().await;
    });
}

//! The last moment of the last day, and the first of the next.

use allmende_proto::participation::v1 as pb;

use crate::support::{TENANT, precondition, refusal, run, start, utc};

#[test]
fn the_last_moment_is_in_time_and_the_next_is_not() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut anna = service.by("anna");
        service.clock.set(utc("2019-09-27T21:59:59.999Z"));
        let comment = service.comment(&procedure, "ziele", "Gerade noch.");
        let posted = anna.post_comment(comment).await.unwrap().into_inner().contribution.unwrap();
        assert_eq!(posted.submitted_at_us, utc("2019-09-27T21:59:59.999Z").as_micros());
        service.clock.set(utc("2019-09-27T22:00:00Z"));
        let comment = service.comment(&procedure, "ziele", "Zu spät.");
        assert_eq!(refusal(anna.post_comment(comment).await), precondition("PHASE_CLOSED"));
        let idea = service.idea(&procedure, "Zu spät.");
        assert_eq!(refusal(anna.submit_contribution(idea).await), precondition("PHASE_CLOSED"));
        service.stop().await;
    });
}

#[test]
fn a_close_that_races_comments_has_one_place_in_the_order() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut posting = tokio::task::JoinSet::new();
        for number in 0..40 {
            let mut citizen = service.by(&format!("citizen-{number}"));
            let comment = service.comment(&procedure, "ziele", "Schnell noch.");
            posting.spawn(async move { (comment.contribution_id.clone(), citizen.post_comment(comment).await) });
        }
        let close = pb::CloseProcedureRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            reason: "Beendet".into(),
        };
        let closed = service.by("owner").close_procedure(close).await.unwrap().into_inner();
        let mut taken = 0;
        while let Some(posted) = posting.join_next().await {
            let (id, answer) = posted.unwrap();
            match answer {
                Ok(_) => {
                    taken += 1;
                    service.see("moderator", &id).await;
                }
                Err(status) => assert_eq!(refusal::<()>(Err(status)), precondition("PROCEDURE_CLOSED")),
            }
        }
        // Everything that was taken came before the close, so that what is read there has all of it.
        let reach = pb::GetReachByChannelRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            consistency_token: closed.consistency_token,
        };
        let reach = service.by("owner").get_reach_by_channel(reach).await.unwrap().into_inner().reach;
        assert_eq!(reach.iter().map(|reach| reach.received).sum::<u32>(), taken);
        let late = service.comment(&procedure, "ziele", "Zu spät.");
        assert_eq!(refusal(service.by("anna").post_comment(late).await), precondition("PROCEDURE_CLOSED"));
        service.stop().await;
    });
}

#[test]
fn a_phase_can_be_prolonged_and_days_are_shown_with_their_moments() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut amended = service.opening(&procedure.id).phases;
        amended[0].to_day = "2019-10-27".into();
        service.clock.set(utc("2019-09-27T10:00:00Z"));
        let request = pb::AmendPhasesRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            phases: amended,
            transcription_until_day: String::new(),
            reason: "Viele Anfragen".into(),
        };
        let shown = service.by("owner").amend_phases(request).await.unwrap().into_inner().procedure.unwrap();
        let submission = shown.phases.iter().find(|phase| phase.kind() == pb::PhaseKind::Submission).unwrap();
        // The day on which clocks go back has 25 hours.
        assert_eq!(submission.to_us, utc("2019-10-27T23:00:00Z").as_micros());
        assert_eq!(shown.status[0].text, "Viele Anfragen");
        service.clock.set(utc("2019-10-27T22:59:59Z"));
        let idea = service.idea(&procedure, "Rechtzeitig.");
        service.by("anna").submit_contribution(idea).await.unwrap();
        service.stop().await;
    });
}

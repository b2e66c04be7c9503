//! Letters, postcards, calls.

use allmende_proto::participation::v1 as pb;
use tonic::Code;

use crate::support::{LICENCE, Procedure, Running, TENANT, fields, id, precondition, refusal, run, start, text, utc};

fn letter(service: &Running, procedure: &Procedure, received_on: &str) -> pb::TranscribeOfflineContributionRequest {
    pb::TranscribeOfflineContributionRequest {
        tenant: TENANT.into(),
        request_id: service.request_id(),
        contribution_id: id(),
        procedure_id: procedure.id.clone(),
        kind: pb::ContributionKind::Comment.into(),
        target: Some(procedure.section("wege")),
        channel: pb::Channel::Letter.into(),
        received_on: received_on.into(),
        text: text("Mit freundlichen Grüßen."),
        granted_licence: String::new(),
        place: None,
        attachments: Vec::new(),
    }
}

#[test]
fn a_letter_that_came_in_time_is_entered_until_the_last_day_of_transcription() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut clerk = service.by("clerk");
        service.clock.set(utc("2019-09-30T21:59:59Z"));
        let entered = letter(&service, &procedure, "2019-09-27");
        let answer = clerk.transcribe_offline_contribution(entered.clone()).await.unwrap().into_inner();
        let shown = answer.contribution.unwrap();
        assert_eq!(
            (shown.channel(), shown.received_on.as_str(), shown.own),
            (pb::Channel::Letter, "2019-09-27", false)
        );
        let late = letter(&service, &procedure, "2019-09-28");
        assert_eq!(refusal(clerk.transcribe_offline_contribution(late).await), precondition("PHASE_CLOSED"));
        service.clock.set(utc("2019-09-30T22:00:00Z"));
        let late = letter(&service, &procedure, "2019-09-27");
        assert_eq!(refusal(clerk.transcribe_offline_contribution(late).await), precondition("TRANSCRIPTION_CLOSED"));

        service.publish(&procedure, &entered.contribution_id).await;
        assert_eq!(service.thread(&procedure, "wege").await, ["Mit freundlichen Grüßen."]);
        service.stop().await;
    });
}

#[test]
fn reach_is_told_by_channel() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut clerk = service.by("clerk");
        for channel in [pb::Channel::Postcard, pb::Channel::Postcard, pb::Channel::Phone] {
            let mut card = letter(&service, &procedure, "2019-09-09");
            card.channel = channel.into();
            clerk.transcribe_offline_contribution(card).await.unwrap();
        }
        service.published_comment("anna", &procedure, "ziele", "Über das Netz.").await;
        let request = pb::GetReachByChannelRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            consistency_token: String::new(),
        };
        for (mut client, code) in [
            (service.visitor(), Code::Unauthenticated),
            (service.by("ben"), Code::PermissionDenied),
            (service.by("anna"), Code::PermissionDenied),
        ] {
            // Small numbers are numbers of persons, and are told to no one else.
            assert_eq!(client.get_reach_by_channel(request.clone()).await.unwrap_err().code(), code);
        }
        let reach = service.by("clerk").get_reach_by_channel(request).await.unwrap().into_inner().reach;
        let reach: Vec<_> = reach.iter().map(|it| (it.channel(), it.received, it.published, it.answered)).collect();
        let expected = [(pb::Channel::Web, 1, 1, 0), (pb::Channel::Postcard, 2, 0, 0), (pb::Channel::Phone, 1, 0, 0)];
        assert_eq!(reach, expected);
        service.stop().await;
    });
}

#[test]
fn what_is_entered_has_a_channel_and_a_day_that_fit() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut clerk = service.by("clerk");
        let wrong = pb::TranscribeOfflineContributionRequest {
            channel: pb::Channel::Web.into(),
            received_on: "2019-09-11".into(),
            target: None,
            ..letter(&service, &procedure, "")
        };
        let answer = clerk.transcribe_offline_contribution(wrong).await;
        assert_eq!(fields(answer), ["target", "channel", "received_on"]);
        let granted = pb::TranscribeOfflineContributionRequest {
            granted_licence: LICENCE.into(),
            ..letter(&service, &procedure, "2019-09-10")
        };
        let shown = clerk.transcribe_offline_contribution(granted).await.unwrap().into_inner().contribution.unwrap();
        assert_eq!(shown.licence, LICENCE);
        let answer =
            service.by("anna").transcribe_offline_contribution(letter(&service, &procedure, "2019-09-10")).await;
        assert_eq!(answer.unwrap_err().code(), tonic::Code::PermissionDenied);
        service.stop().await;
    });
}

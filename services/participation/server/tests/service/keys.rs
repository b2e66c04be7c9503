//! What is stored is sealed, and only what is stored has a key.

use std::fs;

use allmende_kernel::TenantId;
use allmende_keyring::{KeyId, Opened};
use allmende_participation_domain::contribution::ErasureReason;
use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::v1 as pb;
use prost::Message as _;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Procedure, Running, TENANT, id, precondition, refusal, run, start};

/// The stored events of a type.
fn events<M: prost::Message + Default>(service: &Running, name: &str) -> Vec<M> {
    let groups = service.participation.log().read_groups(0, usize::MAX).unwrap();
    let events = groups.iter().flat_map(|group| group.commits()).flat_map(|commit| commit.events());
    let wanted = events.filter(|event| event.event_type().ends_with(name));
    wanted.map(|event| M::decode(event.payload()).unwrap()).collect()
}

fn keys(service: &Running) -> usize {
    service.keyring.copy_keys().len()
}

fn files(service: &Running) -> usize {
    fs::read_dir(service.data.path().join("attachments")).unwrap().count()
}

#[test]
fn a_refused_text_leaves_nothing_and_is_taken_when_it_comes_again() {
    run(async {
        let service = start().await;
        let procedure = Procedure { id: id(), document: id() };
        service.by("owner").open_procedure(service.opening(&procedure.id)).await.unwrap();
        service.by("owner").publish_draft(service.draft(&procedure, crate::support::DRAFT)).await.unwrap();
        let mut comment = service.comment(&procedure, "ziele", "Zu früh.");
        let content = [&b"%PDF-"[..], &[7; 100]].concat().into();
        comment.attachments = vec![pb::AttachmentUpload { media_type: "application/pdf".into(), content }];
        for _ in 0..2 {
            let refused = refusal(service.by("anna").post_comment(comment.clone()).await);
            assert_eq!(refused, precondition("PHASE_CLOSED"));
        }
        assert_eq!((keys(&service), files(&service)), (0, 0));
        service.by("owner").open_consultation(service.consultation(&procedure)).await.unwrap();
        let first = service.by("anna").post_comment(comment.clone()).await.unwrap().into_inner();
        assert_eq!((keys(&service), files(&service)), (1, 1));
        // Sent again it is the first one, also when what was taken is forgotten.
        let again = service.by("anna").post_comment(comment.clone()).await.unwrap().into_inner();
        assert_eq!(again.contribution, first.contribution);
        let tenant = TenantId::parse(TENANT).unwrap();
        let text = Uuid::parse_str(&comment.contribution_id).unwrap().into();
        service.participation.eraser().contribution(&tenant, text, ErasureReason::Order).await.unwrap();
        let refused = service.by("anna").post_comment(comment.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "it never was public, and is nobody's any more");
        assert_eq!((keys(&service), files(&service)), (0, 0));
        service.stop().await;
    });
}

#[test]
fn a_report_that_changes_nothing_leaves_no_key() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let pending = service.comment(&procedure, "ziele", "Ungelesen");
        let unread = pending.contribution_id.clone();
        service.by("anna").post_comment(pending).await.unwrap();
        let public = service.published_comment("anna", &procedure, "ziele", "Gelesen").await;
        assert_eq!(keys(&service), 2);
        for (contribution, reason) in [(&unread, "NOT_PUBLISHED"), (&id(), "CONTRIBUTION_UNKNOWN")] {
            let report = service.reporting(contribution, "Werbung");
            assert_eq!(refusal(service.by("ben").report_contribution(report).await).1, reason);
        }
        service.by("carla").report_contribution(service.reporting(&public, "")).await.unwrap();
        assert_eq!(keys(&service), 2);
        for _ in 0..2 {
            service.by("ben").report_contribution(service.reporting(&public, "Werbung")).await.unwrap();
        }
        assert_eq!(keys(&service), 3);
        service.stop().await;
    });
}

#[test]
fn a_note_on_a_text_goes_with_the_text_too() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let text = service.published_comment("anna", &procedure, "ziele", "Quittenbrot").await;
        let report = service.reporting(&text, "Da steht Quittenbrot");
        let token = service.by("ben").report_contribution(report).await.unwrap().into_inner().consistency_token;
        service.settle(&token).await;
        assert_eq!(service.reported(&procedure).await, ["Da steht Quittenbrot"]);
        let tenant = TenantId::parse(TENANT).unwrap();
        let key = Uuid::parse_str(&text).unwrap();
        service.participation.eraser().contribution(&tenant, key.into(), ErasureReason::Request).await.unwrap();
        assert!(service.reported(&procedure).await.is_empty());
        // Whoever holds the log and all keys that are left gets as far as the inner box.
        let reported = events::<stored::ContributionReported>(&service, ".ContributionReported").remove(0);
        let open = |part: &str, sealed: &[u8]| {
            let sealed = allmende_kernel::Sealed::from_bytes(sealed);
            let keyring = service.keyring.as_ref();
            allmende_keyring::open(keyring, &tenant, &format!("contribution/{text}/{part}"), &sealed).unwrap()
        };
        let Opened::Content(inner) = open("reporter", &reported.note_sealed) else { panic!("the reporter is there") };
        assert_eq!(
            allmende_keyring::key_of(&allmende_kernel::Sealed::from_bytes(inner.as_slice())),
            Some(KeyId::contribution(key))
        );
        assert_eq!(open("report", &inner), Opened::Erased);
        service.stop().await;
    });
}

#[test]
fn a_place_is_sealed_and_shown_and_found_by() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut idea = service.idea(&procedure, "Eine Bank");
        let place = pb::CoarsePoint { latitude: 51.336, longitude: 12.609 };
        idea.place = Some(place);
        let text = idea.contribution_id.clone();
        service.by("anna").submit_contribution(idea).await.unwrap();
        service.publish(&procedure, &text).await;
        assert_eq!(service.see("ben", &text).await.place, Some(place));
        let found = async |south: f64| {
            let list = pb::ListContributionsRequest {
                tenant: TENANT.into(),
                procedure_id: procedure.id.clone(),
                area: Some(pb::Area { south, west: 12.6, north: 51.4, east: 12.7 }),
                ..Default::default()
            };
            service.visitor().list_contributions(list).await.unwrap().into_inner().contributions.len()
        };
        assert_eq!((found(51.3).await, found(51.35).await), (1, 0));
        let submitted = events::<stored::ContributionSubmitted>(&service, ".ContributionSubmitted").remove(0);
        assert_eq!((submitted.place, submitted.place_sealed.is_empty()), (None, false));
        let plain = stored::CoarsePoint { latitude_milli: 51_336, longitude_milli: 12_609 }.encode_to_vec();
        assert!(!submitted.encode_to_vec().windows(plain.len()).any(|bytes| bytes == plain));

        let (tenant, id) = (TenantId::parse(TENANT).unwrap(), Uuid::parse_str(&text).unwrap().into());
        service.participation.eraser().contribution(&tenant, id, ErasureReason::Request).await.unwrap();
        assert_eq!((service.see("ben", &text).await.place, found(51.3).await), (None, 0));
        service.stop().await;
    });
}

//! What gateway decided on a request to be forgotten is carried out.

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{EventLog, MemoryLog, NewCommit, NewEvent, Origin, StreamAppend, Window};
use allmende_kernel::{Clock as _, ExpectedRevision, PartitionName, StreamName, Timestamp};
use allmende_proto::gateway::events::v1 as gateway;
use allmende_proto::participation::v1 as pb;
use bytes::Bytes;
use prost::Message as _;
use uuid::Uuid;

use crate::support::{DRAFT, ELSEWHERE, Procedure, Running, TENANT, id, run, start, subject};

fn gateway_log() -> Arc<MemoryLog> {
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1)));
    Arc::new(MemoryLog::new(PartitionName::parse("gateway-0").unwrap(), clock, Window::default()))
}

fn bytes(id: &str) -> Bytes {
    Bytes::copy_from_slice(Uuid::parse_str(id).unwrap().as_bytes())
}

fn decided(service: &Running, of: &str, scope: gateway::ErasureScope) -> gateway::ErasureDecided {
    gateway::ErasureDecided {
        subject_id: Bytes::copy_from_slice(subject(of).as_bytes()),
        scope: scope.into(),
        verdict: gateway::ErasureVerdict::Accepted.into(),
        at_us: service.clock.now().as_micros(),
        ..Default::default()
    }
}

async fn store(log: &MemoryLog, decided: &gateway::ErasureDecided) {
    let event_type = "allmende.gateway.events.v1.ErasureDecided";
    let events = vec![NewEvent { event_type, payload: decided.encode_to_vec().into() }];
    let stream = StreamName::parse(&format!("{TENANT}/erasure/{}", Uuid::now_v7())).unwrap();
    let commit = NewCommit {
        origin: Origin::Unlinked,
        admitted_at: Timestamp::from_secs(1),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
        outcome: Bytes::new(),
    };
    log.submit(commit).unwrap().wait().await.unwrap();
}

async fn is_erased(service: &Running, id: &str) {
    for _ in 0..6_000 {
        if service.see("ben", id).await.erased {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{id} is not erased");
}

/// What erased the texts, in the order of the log.
fn origins(service: &Running) -> Vec<Origin> {
    let log = service.participation.log();
    let groups = log.read_groups(0, usize::MAX).unwrap();
    let commits = groups.iter().flat_map(|group| group.commits());
    let erasing =
        commits.filter(|commit| commit.events().any(|event| event.event_type().ends_with("ContributionErased")));
    erasing.map(|commit| commit.origin()).collect()
}

#[test]
fn everything_a_person_wrote_goes_but_what_is_kept_and_what_came_later() {
    run(async {
        let mut service = start().await;
        let (procedure, log) = (service.procedure().await, gateway_log());
        service.participation.follow_gateway(Arc::clone(&log) as _);
        let mut own = Vec::new();
        for number in 0..4 {
            own.push(service.published_comment("anna", &procedure, "ziele", &format!("Quittenbrot {number}")).await);
        }
        let other = service.published_comment("ben", &procedure, "ziele", "Apfelmus").await;
        let mut decision = decided(&service, "anna", gateway::ErasureScope::Contributions);
        decision.set_verdict(gateway::ErasureVerdict::PartlyAccepted);
        decision.exceptions = vec![gateway::ErasureException { contribution_id: bytes(&own[1]), ..Default::default() }];
        service.clock.advance(allmende_kernel::Duration::from_secs(1));
        let later = service.published_comment("anna", &procedure, "ziele", "Danach").await;
        store(&log, &decision).await;
        for id in [&own[0], &own[2], &own[3]] {
            is_erased(&service, id).await;
        }
        // All decisions are read again.
        let mut service = service.restart().await;
        service.participation.follow_gateway(Arc::clone(&log) as _);
        let mut refused = decided(&service, "ben", gateway::ErasureScope::Account);
        refused.set_verdict(gateway::ErasureVerdict::Refused);
        store(&log, &refused).await;
        let mut unreadable = decided(&service, "ben", gateway::ErasureScope::Account);
        unreadable.verdict = 99;
        store(&log, &unreadable).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        for id in [&own[1], &other, &later] {
            assert!(!service.see("ben", id).await.erased);
        }
        let origins = origins(&service);
        let steps: Vec<_> = origins
            .iter()
            .map(|origin| match origin {
                Origin::Process { source, step, .. } if source.as_str() == "gateway-0" => *step,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(steps, [0, 1, 2]);
        service.stop().await;
    });
}

#[test]
fn named_texts_go_if_they_are_the_persons() {
    run(async {
        let mut service = start().await;
        let (procedure, log) = (service.procedure().await, gateway_log());
        service.participation.follow_gateway(Arc::clone(&log) as _);
        let own = service.published_comment("anna", &procedure, "ziele", "Quittenbrot").await;
        let kept = service.published_comment("anna", &procedure, "ziele", "Quittenmus").await;
        let other = service.published_comment("ben", &procedure, "ziele", "Apfelmus").await;
        let mut decision = decided(&service, "anna", gateway::ErasureScope::NamedContributions);
        decision.contribution_ids = vec![bytes(&other), Bytes::copy_from_slice(&[7; 16]), bytes(&own)];
        store(&log, &decision).await;
        is_erased(&service, &own).await;
        for id in [&kept, &other] {
            assert!(!service.see("ben", id).await.erased);
        }
        service.stop().await;
    });
}

#[test]
fn what_a_person_told_about_others_texts_goes_and_the_texts_stay() {
    run(async {
        let mut service = start().await;
        let (procedure, log) = (service.procedure().await, gateway_log());
        service.participation.follow_gateway(Arc::clone(&log) as _);
        let text = service.published_comment("anna", &procedure, "ziele", "Kauft bei mir!").await;
        for who in ["ben", "carla"] {
            let report = service.reporting(&text, &format!("Das stört mich, {who}"));
            let reported = service.by(who).report_contribution(report).await.unwrap().into_inner();
            service.settle(&reported.consistency_token).await;
        }
        let decision = decided(&service, "ben", gateway::ErasureScope::Contributions);
        service.clock.advance(allmende_kernel::Duration::from_secs(1));
        let other = service.published_comment("anna", &procedure, "ziele", "Noch etwas").await;
        let later = service.by("ben").report_contribution(service.reporting(&other, "Danach")).await.unwrap();
        service.settle(&later.into_inner().consistency_token).await;
        store(&log, &decision).await;
        for _ in 0..6_000 {
            if service.reported(&procedure).await.contains(&String::new()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let service = service.restart().await;
        assert_eq!(service.reported(&procedure).await, ["", "Das stört mich, carla", "Danach"]);
        assert_eq!(service.thread(&procedure, "ziele").await, ["Kauft bei mir!", "Noch etwas"]);
        // They may stay and go on, but reported it once for all.
        let again = service.by("ben").report_contribution(service.reporting(&text, "Noch einmal")).await.unwrap();
        service.settle(&again.into_inner().consistency_token).await;
        assert_eq!(service.reported(&procedure).await.len(), 3);
        service.stop().await;
    });
}

/// A public comment of somebody in the other tenant.
async fn published_elsewhere(service: &Running, by: &str, body: &str) -> String {
    let procedure = Procedure { id: id(), document: id() };
    let mut owner = service.by("owner");
    let opening = pb::OpenProcedureRequest { tenant: ELSEWHERE.into(), ..service.opening(&procedure.id) };
    owner.open_procedure(opening).await.unwrap();
    let draft = pb::PublishDraftRequest { tenant: ELSEWHERE.into(), ..service.draft(&procedure, DRAFT) };
    owner.publish_draft(draft).await.unwrap();
    let consultation = pb::OpenConsultationRequest { tenant: ELSEWHERE.into(), ..service.consultation(&procedure) };
    owner.open_consultation(consultation).await.unwrap();
    let comment = pb::PostCommentRequest { tenant: ELSEWHERE.into(), ..service.comment(&procedure, "ziele", body) };
    let text = comment.contribution_id.clone();
    service.by(by).post_comment(comment).await.unwrap();
    let publishing =
        pb::ModerateContributionRequest { tenant: ELSEWHERE.into(), ..service.publishing(&procedure, &text) };
    let published = service.by("moderator").moderate_contribution(publishing).await.unwrap().into_inner();
    service.settle(&published.consistency_token).await;
    text
}

async fn is_gone_elsewhere(service: &Running, contribution: &str) -> bool {
    let request = pb::GetContributionRequest {
        tenant: ELSEWHERE.into(),
        contribution_id: contribution.into(),
        ..Default::default()
    };
    service.visitor().get_contribution(request).await.unwrap().into_inner().contribution.unwrap().erased
}

#[test]
fn with_the_account_goes_what_was_written_for_other_tenants() {
    run(async {
        let mut service = start().await;
        let (procedure, log) = (service.procedure().await, gateway_log());
        service.participation.follow_gateway(Arc::clone(&log) as _);
        let texts = service.published_comment("anna", &procedure, "ziele", "Quittenbrot").await;
        let elsewhere = published_elsewhere(&service, "anna", "Quittenmus").await;
        let other = published_elsewhere(&service, "ben", "Apfelmus").await;
        // What is asked for without the account is one tenant's affair.
        store(&log, &decided(&service, "anna", gateway::ErasureScope::Contributions)).await;
        is_erased(&service, &texts).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!is_gone_elsewhere(&service, &elsewhere).await);

        let at_home = service.published_comment("anna", &procedure, "ziele", "Quittensaft").await;
        store(&log, &decided(&service, "anna", gateway::ErasureScope::Account)).await;
        is_erased(&service, &at_home).await;
        for _ in 0..6_000 {
            if is_gone_elsewhere(&service, &elsewhere).await {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut service = service.restart().await;
        service.participation.follow_gateway(Arc::clone(&log) as _);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(is_gone_elsewhere(&service, &elsewhere).await && !is_gone_elsewhere(&service, &other).await);
        assert_eq!(origins(&service).len(), 3, "each once");
        service.stop().await;
    });
}

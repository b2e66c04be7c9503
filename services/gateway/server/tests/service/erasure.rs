use std::sync::Arc;
use std::time::Duration;

use allmende_gateway::Config;
use allmende_gateway::mail::Config as MailConfig;
use allmende_keyring::MemoryKeyring;
use allmende_proto::gateway::v1 as pb;
use allmende_proto::gateway::v1::decide_erasure_request::Verdict;
use tonic::Code;

use crate::support::{NOW, Running, mails, reason, start, start_with};

const ERASURE: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57";

fn request(running: &Running, scope: pb::ErasureScope) -> pb::RequestErasureRequest {
    pb::RequestErasureRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        erasure_id: ERASURE.into(),
        scope: scope.into(),
        ..pb::RequestErasureRequest::default()
    }
}

fn decide(running: &Running, verdict: Verdict) -> pb::DecideErasureRequest {
    pb::DecideErasureRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        erasure_id: ERASURE.into(),
        verdict: Some(verdict),
    }
}

fn get() -> pb::GetErasureRequest {
    pb::GetErasureRequest { tenant: "koeln".into(), erasure_id: ERASURE.into(), consistency_token: String::new() }
}

#[tokio::test]
async fn a_person_is_forgotten_and_told_so() {
    let running = start().await;
    let (subject, mut maria) = running.somebody("koeln", "maria@example.org", &[pb::Role::Moderator]).await;
    let (_, mut officer) = running.somebody("koeln", "dsb@example.org", &[pb::Role::DataProtectionOfficer]).await;
    let asked = maria.erasure.request_erasure(request(&running, pb::ErasureScope::Account)).await.unwrap();
    let asked = asked.into_inner().erasure.unwrap();
    assert_eq!((asked.subject_id.as_str(), asked.state()), (subject.as_str(), pb::ErasureState::Requested));
    // 21 September 2026 and a month.
    assert_eq!(asked.due_day, "2026-10-21");
    assert_eq!(maria.erasure.get_erasure(get()).await.unwrap().into_inner().erasure.unwrap(), asked);

    let list = pb::ListErasureRequestsRequest { tenant: "koeln".into(), ..pb::ListErasureRequestsRequest::default() };
    let refused = maria.erasure.list_erasure_requests(list.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(officer.erasure.list_erasure_requests(list).await.unwrap().into_inner().erasures, [asked]);

    let accepted = decide(&running, Verdict::Accepted(pb::ErasureAccepted::default()));
    officer.erasure.decide_erasure(accepted).await.unwrap();
    for _ in 0..6_000 {
        let now = officer.erasure.get_erasure(get()).await.unwrap().into_inner().erasure.unwrap();
        if now.account_erased_at_us > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let over = maria.identity.get_me(pb::GetMeRequest::default()).await.unwrap_err();
    assert_eq!(over.code(), Code::Unauthenticated);
    for _ in 0..6_000 {
        if mails(&running.outbox()).iter().any(|text| text.contains("/koeln/datenschutz")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let told = mails(&running.outbox()).into_iter().filter(|text| text.contains("/koeln/datenschutz")).count();
    assert_eq!(told, 1);

    // Nothing is left but the id, and the address is free.
    running.grant("koeln", &officer_id(&mut officer).await, pb::Role::TenantAdministrator).await;
    let people = pb::ListPeopleRequest { tenant: "koeln".into(), ..pb::ListPeopleRequest::default() };
    let people = officer.identity.list_people(people).await.unwrap().into_inner().people;
    let gone = people.iter().find(|person| person.subject_id == subject).unwrap();
    assert!(gone.erased && gone.email.is_empty() && gone.name.is_empty());
    running.later(120);
    assert_ne!(running.registered("koeln", "maria@example.org").await, subject);
}

async fn officer_id(officer: &mut crate::support::Clients) -> String {
    officer.identity.get_me(pb::GetMeRequest::default()).await.unwrap().into_inner().subject_id
}

#[tokio::test]
async fn a_request_is_decided_once_and_seen_by_its_own() {
    let running = start().await;
    let (_, mut maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let (_, mut other) = running.somebody("koeln", "paul@example.org", &[]).await;
    let (_, mut officer) = running.somebody("koeln", "dsb@example.org", &[pb::Role::DataProtectionOfficer]).await;
    maria.erasure.request_erasure(request(&running, pb::ErasureScope::Contributions)).await.unwrap();
    assert_eq!(other.erasure.get_erasure(get()).await.unwrap_err().code(), Code::NotFound);
    let refused = pb::ErasureRefused { ground: pb::ErasureGround::LegalClaims.into(), legal_basis: "§ 1".into() };
    officer.erasure.decide_erasure(decide(&running, Verdict::Refused(refused.clone()))).await.unwrap();
    officer.erasure.decide_erasure(decide(&running, Verdict::Refused(refused))).await.unwrap();
    let otherwise = decide(&running, Verdict::Accepted(pb::ErasureAccepted::default()));
    assert_eq!(reason(&officer.erasure.decide_erasure(otherwise).await.unwrap_err()), "ERASURE_DECIDED");
    let now = maria.erasure.get_erasure(get()).await.unwrap().into_inner().erasure.unwrap();
    assert_eq!((now.state(), now.refused_on()), (pb::ErasureState::Refused, pb::ErasureGround::LegalClaims));
}

#[tokio::test]
async fn for_somebody_else_only_the_officer_asks() {
    let running = start().await;
    let (subject, _) = running.somebody("koeln", "maria@example.org", &[]).await;
    let (_, mut other) = running.somebody("koeln", "paul@example.org", &[]).await;
    let (_, mut officer) = running.somebody("koeln", "dsb@example.org", &[pb::Role::DataProtectionOfficer]).await;
    let for_maria = pb::RequestErasureRequest { subject_id: subject, ..request(&running, pb::ErasureScope::Account) };
    let refused = other.erasure.request_erasure(for_maria.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    officer.erasure.request_erasure(for_maria).await.unwrap();
    // An account is erased where it is.
    let elsewhere = pb::RequestErasureRequest { tenant: "bonn".into(), ..request(&running, pb::ErasureScope::Account) };
    assert_eq!(reason(&other.erasure.request_erasure(elsewhere).await.unwrap_err()), "ERASURE_ELSEWHERE");
}

/// Waits until so many keys are left.
async fn keys_left(keyring: &MemoryKeyring, number: usize) {
    for _ in 0..6_000 {
        if keyring.copy_keys().len() == number {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} keys are left", keyring.copy_keys().len());
}

#[tokio::test]
async fn what_somebody_told_while_signed_in_goes_with_what_they_wrote() {
    let running = start().await;
    let (_, maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let roles = [pb::Role::DataProtectionOfficer];
    let (_, mut officer) = running.somebody("koeln", "dsb@example.org", &roles).await;
    let tell = |tenant: &str, number: u8| pb::SendFeedbackRequest {
        tenant: tenant.into(),
        request_id: running.request_id(),
        feedback_id: format!("0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a{number:02}"),
        topic: pb::FeedbackTopic::Other.into(),
        text: "Die Hecke".into(),
        ..pb::SendFeedbackRequest::default()
    };
    let people = running.keyring.copy_keys().len();
    let mut by_maria = maria.tenants.clone();
    by_maria.send_feedback(tell("koeln", 1)).await.unwrap();
    by_maria.send_feedback(tell("bonn", 2)).await.unwrap();
    running.visitor().tenants.send_feedback(tell("koeln", 3)).await.unwrap();
    let mut asking = maria.erasure.clone();
    asking.request_erasure(request(&running, pb::ErasureScope::Contributions)).await.unwrap();
    officer.erasure.decide_erasure(decide(&running, Verdict::Accepted(pb::ErasureAccepted::default()))).await.unwrap();
    // The account stays, and so does what was told elsewhere and what nobody knows whose it is. The mail that tells the
    // decision carries its address until it is sent.
    keys_left(&running.keyring, people + 2).await;
    let later = by_maria.send_feedback(tell("koeln", 4)).await.unwrap().into_inner().consistency_token;
    let list = pb::ListFeedbackRequest {
        tenant: "koeln".into(),
        consistency_token: later,
        ..pb::ListFeedbackRequest::default()
    };
    let told = officer.tenants.list_feedback(list).await.unwrap().into_inner().feedback;
    let erased =
        |number: u8| told.iter().find(|told| told.feedback_id.ends_with(&format!("{number:02}"))).unwrap().erased;
    assert!(erased(1) && !erased(3) && !erased(4));

    let second = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a58";
    let wish = pb::RequestErasureRequest { erasure_id: second.into(), ..request(&running, pb::ErasureScope::Account) };
    asking.request_erasure(wish).await.unwrap();
    let accepted = Verdict::Accepted(pb::ErasureAccepted::default());
    let accepted = pb::DecideErasureRequest { erasure_id: second.into(), ..decide(&running, accepted) };
    officer.erasure.decide_erasure(accepted).await.unwrap();
    // The officer's, and the visitor's.
    keys_left(&running.keyring, 2).await;
}

#[tokio::test]
async fn the_address_of_the_last_mail_goes_with_it_also_after_a_crash() {
    let no_server = |config| Config { mail: MailConfig::default(), ..config };
    let running = start().await;
    for (email, roles) in [("maria@example.org", &[][..]), ("dsb@example.org", &[pb::Role::DataProtectionOfficer])] {
        running.somebody("koeln", email, roles).await;
    }
    let (data, keyring) = running.stop().await;
    let running = start_with(data, keyring, NOW, no_server).await;
    let mut maria = running.with(Some(&running.sign_in("maria@example.org").await.access_token));
    let mut officer = running.with(Some(&running.sign_in("dsb@example.org").await.access_token));
    maria.erasure.request_erasure(request(&running, pb::ErasureScope::Account)).await.unwrap();
    officer.erasure.decide_erasure(decide(&running, Verdict::Accepted(pb::ErasureAccepted::default()))).await.unwrap();
    // The officer's, and that of the mail, which waits.
    keys_left(&running.keyring, 2).await;
    let (data, keyring) = running.stop().await;
    let before = keyring.copy_keys();
    let running = start_with(data, keyring, NOW, |config| config).await;
    keys_left(&running.keyring, 1).await;
    let (data, _) = running.stop().await;
    // Killed between the note that it was sent and the end of its key.
    let killed = MemoryKeyring::new();
    killed.restore(before);
    let running = start_with(data, Arc::new(killed), NOW, no_server).await;
    keys_left(&running.keyring, 1).await;
}

use allmende_gateway::ProviderConfig;
use allmende_proto::gateway::v1 as pb;
use allmende_proto::gateway::v1::decide_erasure_request::Verdict;
use serde_json::{Value, json};

use super::fake::{CLIENT, Fake, ec, rsa};
use super::{begin, sign_in, started};
use crate::support::Running;

async fn me(running: &Running, session: &pb::Session) -> pb::GetMeResponse {
    let mut identity = running.with(Some(&session.access_token)).identity;
    identity.get_me(pb::GetMeRequest::default()).await.unwrap().into_inner()
}

#[tokio::test]
async fn whom_the_provider_vouches_for_has_one_account_and_a_session() {
    let fake = Fake::start().await;
    let running =
        started(&fake, |provider| ProviderConfig { acr_values: "STORK-QAA-Level-3".into(), ..provider }).await;
    let list = pb::GetSignInProvidersRequest { tenant: "koeln".into() };
    let providers = running.visitor().identity.get_sign_in_providers(list).await.unwrap().into_inner().providers;
    assert_eq!(providers, [pb::SignInProvider { provider: "bund".into(), name: "Bürgerkonto".into() }]);

    let (_, asked) = begin(&running, "koeln").await.unwrap();
    assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
    assert_eq!((asked["scope"].as_str(), asked["code_challenge_method"].as_str()), ("openid email profile", "S256"));
    assert_eq!(asked["redirect_uri"], "http://127.0.0.1:7480/.well-known/allmende/sign-in");
    assert_eq!(asked["acr_values"], "STORK-QAA-Level-3");
    assert!(asked["state"].starts_with("koeln."));

    let session = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    assert_eq!((session.home_tenant.as_str(), session.level()), ("koeln", pb::Level::Substantial));
    let known = me(&running, &session).await;
    let person = known.person.unwrap();
    assert_eq!((person.email.as_str(), person.name.as_str()), ("erika@example.org", "Erika Mustermann"));
    assert_eq!(known.level, i32::from(pb::Level::Substantial));
    // It goes on like any other.
    let refresh = pb::RefreshRequest { refresh_token: session.refresh_token.clone() };
    let next = running.visitor().identity.refresh(refresh).await.unwrap().into_inner().session.unwrap();
    assert_eq!((next.subject_id.as_str(), next.level()), (session.subject_id.as_str(), pb::Level::Substantial));

    // The next time it is the same person, as surely known as that time.
    let again = sign_in(&running, &fake, "erika", |said| said["acr"] = json!("other")).await.unwrap();
    assert_eq!((again.subject_id.as_str(), again.level()), (session.subject_id.as_str(), pb::Level::Email));
    let other = sign_in(&running, &fake, "max", |_| {}).await.unwrap();
    assert_ne!(other.subject_id, session.subject_id);
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_account() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let one = || sign_in(&running, &fake, "erika", |_| {});
    let (a, b, c) = tokio::join!(one(), one(), one());
    let subjects = [a, b, c].map(|session| session.unwrap().subject_id);
    assert!(subjects.iter().all(|subject| *subject == subjects[0]), "{subjects:?}");
}

#[tokio::test]
async fn an_address_counts_if_the_provider_has_verified_it() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let unverified = |said: &mut Value| {
        said["email_verified"] = json!(false);
        said["acr"] = Value::Null;
    };
    let session = sign_in(&running, &fake, "erika", unverified).await.unwrap();
    assert_eq!(session.level(), pb::Level::None);
    let person = me(&running, &session).await.person.unwrap();
    assert_eq!((person.email.as_str(), person.erased), ("", false));
    let wordy = |said: &mut Value| said["email_verified"] = json!("true");
    let session = sign_in(&running, &fake, "max", wordy).await.unwrap();
    assert_eq!(me(&running, &session).await.person.unwrap().email, "max@example.org");
}

#[tokio::test]
async fn every_kind_of_key_is_checked() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    fake.sign_with(rsa(), true);
    sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    fake.sign_with(ec(), true);
    running.later(31);
    sign_in(&running, &fake, "erika", |said| said["aud"] = json!([CLIENT])).await.unwrap();
}

#[tokio::test]
async fn who_was_forgotten_can_come_back_as_somebody_else() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let session = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    let (_, mut officer) = running.somebody("koeln", "dsb@example.org", &[pb::Role::DataProtectionOfficer]).await;
    let erasure_id = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".to_owned();
    let request = pb::RequestErasureRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        erasure_id: erasure_id.clone(),
        scope: pb::ErasureScope::Account.into(),
        ..pb::RequestErasureRequest::default()
    };
    running.with(Some(&session.access_token)).erasure.request_erasure(request).await.unwrap();
    let verdict = Some(Verdict::Accepted(pb::ErasureAccepted::default()));
    let (tenant, request_id) = ("koeln".to_owned(), running.request_id());
    let decide = pb::DecideErasureRequest { tenant, request_id, erasure_id, verdict };
    officer.erasure.decide_erasure(decide).await.unwrap();
    for _ in 0..500 {
        let mut identity = running.with(Some(&session.access_token)).identity;
        if identity.get_me(pb::GetMeRequest::default()).await.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let back = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    assert_ne!(back.subject_id, session.subject_id);
    let again = sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    assert_eq!(again.subject_id, back.subject_id);
}

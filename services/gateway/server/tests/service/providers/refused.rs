use allmende_gateway::ProviderConfig;
use allmende_proto::gateway::v1 as pb;
use serde_json::{Value, json};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::fake::{Fake, ed, seconds};
use super::{begin, complete, sign_in, started};
use crate::support::{NOW, reason};

#[tokio::test]
async fn a_token_that_is_not_for_this_sign_in_begins_none() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let now = seconds(NOW);
    let wrong: Vec<(&str, Value)> = vec![
        ("nonce", json!("of another sign-in")),
        ("nonce", Value::Null),
        ("aud", json!("another client")),
        ("aud", json!(["allmende:koeln", "another client"])),
        ("azp", json!("another client")),
        ("iss", json!("https://id.example")),
        ("exp", json!(now - 31)),
        ("exp", json!("soon")),
        ("iat", json!(now + 31)),
        ("iat", json!(-1)),
        ("sub", json!("")),
        ("sub", json!("s".repeat(256))),
        ("sub", Value::Null),
    ];
    for (claim, value) in wrong {
        let refused = sign_in(&running, &fake, "erika", |said| said[claim] = value.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition, "{claim} {value}");
        assert_eq!(reason(&refused), "PROVIDER_NOT_BELIEVED", "{claim} {value}");
        assert!(!refused.message().contains("erika"));
    }
    sign_in(&running, &fake, "erika", |said| said["exp"] = json!(now - 29)).await.unwrap();
}

#[tokio::test]
async fn a_sign_in_is_completed_where_it_was_begun_and_in_time() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    let (kept, asked) = begin(&running, "koeln").await.unwrap();
    let (others, theirs) = begin(&running, "koeln").await.unwrap();
    let code = |asked| fake.consent(asked, fake.claims(&running, asked, "erika"));
    for (sign_in, state) in [
        (kept.as_str(), theirs["state"].as_str()),
        (others.as_str(), asked["state"].as_str()),
        (kept.as_str(), "koeln."),
        ("koeln.bund.AAAA", asked["state"].as_str()),
        (kept.replace("koeln", "bonn").as_str(), asked["state"].replace("koeln", "bonn").as_str()),
    ] {
        let refused = complete(&running, sign_in, state, &code(&asked)).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "SIGN_IN_OVER"));
    }
    // A code that somebody else's sign-in led to needs their verifier.
    let refused = complete(&running, &kept, &asked["state"], &code(&theirs)).await.unwrap_err();
    assert_eq!(reason(&refused), "PROVIDER_NOT_BELIEVED");
    let good = code(&asked);
    complete(&running, &kept, &asked["state"], &good).await.unwrap();
    let refused = complete(&running, &kept, &asked["state"], &good).await.unwrap_err();
    assert_eq!(reason(&refused), "PROVIDER_NOT_BELIEVED", "a code is good once");
    running.later(600);
    let refused = complete(&running, &kept, &asked["state"], &code(&asked)).await.unwrap_err();
    assert_eq!(reason(&refused), "SIGN_IN_OVER");
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_as_that() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    fake.set_broken(true);
    let away = begin(&running, "koeln").await.unwrap_err();
    assert_eq!((away.code(), reason(&away).as_str()), (Code::Unavailable, "PROVIDER_AWAY"));
    assert!(away.get_details_retry_info().is_some());
    // It is not asked again at once.
    fake.set_broken(false);
    assert_eq!(reason(&begin(&running, "koeln").await.unwrap_err()), "PROVIDER_AWAY");
    running.later(5);
    let (kept, asked) = begin(&running, "koeln").await.unwrap();
    let code = fake.consent(&asked, fake.claims(&running, &asked, "erika"));
    fake.set_broken(true);
    assert_eq!(reason(&complete(&running, &kept, &asked["state"], &code).await.unwrap_err()), "PROVIDER_AWAY");
    fake.set_broken(false);
    complete(&running, &kept, &asked["state"], &code).await.unwrap();
    // What it said of itself is good on while it says nothing.
    fake.stop();
    running.later(3_600);
    let (kept, asked) = begin(&running, "koeln").await.unwrap();
    assert_eq!(reason(&complete(&running, &kept, &asked["state"], "code").await.unwrap_err()), "PROVIDER_AWAY");
}

#[tokio::test]
async fn a_secret_that_the_provider_does_not_take_is_ours_to_mend() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| ProviderConfig { client_secret_file: None, ..provider }).await;
    assert_eq!(reason(&sign_in(&running, &fake, "erika", |_| {}).await.unwrap_err()), "PROVIDER_AWAY");
}

#[tokio::test]
async fn a_key_that_was_never_published_signs_nothing() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| provider).await;
    sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    fake.sign_with(ed(2), false);
    let before = fake.asked_for_keys();
    for _ in 0..5 {
        assert_eq!(reason(&sign_in(&running, &fake, "erika", |_| {}).await.unwrap_err()), "PROVIDER_NOT_BELIEVED");
    }
    running.later(31);
    assert_eq!(reason(&sign_in(&running, &fake, "erika", |_| {}).await.unwrap_err()), "PROVIDER_NOT_BELIEVED");
    assert_eq!(fake.asked_for_keys(), before + 1, "whoever shows tokens, keys are fetched every half minute at most");
    fake.publish();
    running.later(31);
    sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
}

#[tokio::test]
async fn providers_serve_their_tenants_and_bad_input_is_named() {
    let fake = Fake::start().await;
    let running = started(&fake, |provider| ProviderConfig { tenants: vec!["koeln".into()], ..provider }).await;
    let of = |tenant: &str| pb::GetSignInProvidersRequest { tenant: tenant.into() };
    let mut visitor = running.visitor().identity;
    assert!(visitor.get_sign_in_providers(of("bonn")).await.unwrap().into_inner().providers.is_empty());
    let elsewhere = begin(&running, "bonn").await.unwrap_err();
    assert_eq!((elsewhere.code(), reason(&elsewhere).as_str()), (Code::NotFound, "PROVIDER_UNKNOWN"));
    let refused = visitor.get_sign_in_providers(of("allmende")).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "TENANT_UNKNOWN"));
    let unnamed = pb::BeginProviderSignInRequest { tenant: "koeln".into(), provider: "x\n".repeat(20) };
    assert_eq!(visitor.begin_provider_sign_in(unnamed).await.unwrap_err().code(), Code::InvalidArgument);
    let empty = pb::CompleteProviderSignInRequest::default();
    let refused = visitor.complete_provider_sign_in(empty).await.unwrap_err();
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = fields.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["sign_in", "state", "code"]);
}

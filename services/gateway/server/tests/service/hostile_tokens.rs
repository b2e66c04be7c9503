use allmende_proto::gateway::v1 as pb;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tonic::Code;

use crate::support::{start, start_with};

fn part(text: &str) -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

fn text(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn a_token_that_was_not_signed_here_opens_nothing() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let good = running.sign_in("maria@example.org").await.access_token;
    let elsewhere = start().await;
    elsewhere.registered("koeln", "maria@example.org").await;
    let foreign = elsewhere.sign_in("maria@example.org").await.access_token;

    let parts: Vec<&str> = good.split('.').collect();
    let (header, claims, signature) = (part(parts[0]), part(parts[1]), parts[2]);
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        format!("{}.{}.{signature}", parts[0], text(&changed))
    };
    let headed = |changed: Value, signature: &str| format!("{}.{}.{signature}", text(&changed), parts[1]);
    let mut none = header.clone();
    none["alg"] = json!("none");
    let mut hmac = header.clone();
    hmac["alg"] = json!("HS256");
    let mut unnamed = header.clone();
    unnamed["kid"] = json!("../../installation");
    let wrong = [
        String::new(),
        "x".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        foreign,
        with("sub", json!("00000000-0000-4000-8000-000000000001")),
        with("exp", json!(99_999_999_999i64)),
        with("acr", json!("high")),
        with("iss", json!("https://evil.example")),
        headed(none.clone(), signature),
        headed(none, ""),
        headed(hmac, signature),
        headed(unnamed, signature),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], &signature[2..]),
        format!("{good}.x"),
        format!("allmende_{}", "A".repeat(43)),
        "A".repeat(7_000),
        "A".repeat(9_000),
        format!("{}.{}.{signature}", parts[0], "A".repeat(7_000)),
    ];
    for token in &wrong {
        let refused = running.with(Some(token)).identity.get_me(pb::GetMeRequest::default()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{token}");
        let anywhere = running.with(Some(token)).tenants.list_tenants(pb::ListTenantsRequest::default()).await;
        assert_eq!(anywhere.unwrap_err().code(), Code::Unauthenticated, "{token}");
    }
    running.with(Some(&good)).identity.get_me(pb::GetMeRequest::default()).await.unwrap();
}

#[tokio::test]
async fn an_issuer_outside_is_believed_for_what_it_signed() {
    // Another installation is as good an issuer as any.
    let issuer = start_with(tempfile::tempdir().unwrap(), Default::default(), crate::support::NOW, |config| {
        allmende_gateway::Config { issuer: "https://login.example".into(), ..config }
    })
    .await;
    issuer.register_tenant("koeln").await;
    issuer.registered("koeln", "maria@example.org").await;
    let token = issuer.sign_in("maria@example.org").await.access_token;
    let keys = tempfile::tempdir().unwrap();
    let file = keys.path().join("jwks.json");
    std::fs::write(&file, issuer.gateway.jwks().unwrap()).unwrap();

    let running = start_with(tempfile::tempdir().unwrap(), Default::default(), crate::support::NOW, |config| {
        let outside = allmende_gateway::OutsideIssuer {
            issuer: "https://login.example".into(),
            audience: "allmende".into(),
            jwks_file: file,
            jwks_url: String::new(),
            proxy: String::new(),
            level: "none".into(),
            levels: [("email".to_owned(), "substantial".to_owned())].into(),
        };
        allmende_gateway::Config { issuers: vec![outside], ..config }
    })
    .await;
    let mut maria = running.with(Some(&token)).identity;
    let me = maria.get_me(pb::GetMeRequest::default()).await.unwrap().into_inner();
    assert_eq!((me.person, pb::Level::try_from(me.level)), (None, Ok(pb::Level::Substantial)));
    // She can be given a role, by the id that she has here.
    running.register_tenant("koeln").await;
    running.grant("koeln", &me.subject_id, pb::Role::TenantAdministrator).await;
    let list = pb::ListPeopleRequest { tenant: "koeln".into(), ..pb::ListPeopleRequest::default() };
    assert_eq!(maria.list_people(list).await.unwrap().into_inner().people[0].subject_id, me.subject_id);
    running.later(900);
    assert_eq!(maria.get_me(pb::GetMeRequest::default()).await.unwrap_err().code(), Code::Unauthenticated);
}

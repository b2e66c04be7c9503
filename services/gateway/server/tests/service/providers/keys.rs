use std::collections::HashMap;
use std::time::Duration;

use allmende_gateway::{Config, OutsideIssuer};
use allmende_proto::gateway::v1 as pb;
use tonic::Code;

use super::fake::{CLIENT, Fake, ed};
use crate::support::{NOW, Running, start_with};

async fn started(fake: &Fake) -> Running {
    let issuer = OutsideIssuer {
        issuer: fake.address.clone(),
        audience: CLIENT.into(),
        jwks_file: Default::default(),
        jwks_url: format!("{}/keys", fake.address),
        proxy: String::new(),
        level: "substantial".into(),
        levels: Default::default(),
    };
    let data = tempfile::tempdir().unwrap();
    start_with(data, Default::default(), NOW, |config| Config { issuers: vec![issuer], ..config }).await
}

fn token(fake: &Fake, running: &Running) -> String {
    let asked = HashMap::from([("nonce".to_owned(), String::new())]);
    fake.signed(&fake.claims(running, &asked, "erika"))
}

async fn answer(running: &Running, token: &str) -> Result<pb::GetMeResponse, Code> {
    let answer = running.with(Some(token)).identity.get_me(pb::GetMeRequest::default()).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status.code())
}

/// Shows a token until it is believed.
async fn believed(running: &Running, token: &str) -> pb::GetMeResponse {
    for _ in 0..500 {
        if let Ok(me) = answer(running, token).await {
            return me;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is never believed: {:?}", answer(running, token).await);
}

#[tokio::test]
async fn keys_of_an_issuer_are_fetched_and_a_new_one_is_found() {
    let fake = Fake::start().await;
    let running = started(&fake).await;
    let first = token(&fake, &running);
    let me = believed(&running, &first).await;
    assert_eq!(me.level, i32::from(pb::Level::Substantial));
    fake.sign_with(ed(2), true);
    let second = token(&fake, &running);
    running.later(31);
    assert_eq!(believed(&running, &second).await.subject_id, me.subject_id);
    // While nothing answers, the keys that were there are good, and others are not.
    fake.set_broken(true);
    fake.sign_with(ed(3), true);
    let third = token(&fake, &running);
    running.later(31);
    for _ in 0..20 {
        assert_eq!(answer(&running, &third).await, Err(Code::Unauthenticated));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(answer(&running, &second).await.unwrap().subject_id, me.subject_id);
}

#[tokio::test]
async fn before_any_key_was_fetched_nobody_is_judged() {
    let fake = Fake::start().await;
    fake.set_broken(true);
    let running = started(&fake).await;
    assert_eq!(answer(&running, &token(&fake, &running)).await, Err(Code::Unavailable));
}

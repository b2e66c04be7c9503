mod believed;
mod fake;
mod keys;
mod linked;
mod refused;
mod secure;
mod tls;

use std::collections::HashMap;

use allmende_gateway::{Config, ProviderConfig};
use allmende_proto::gateway::v1 as pb;
use serde_json::Value;
use tonic::Status;

use crate::support::{NOW, Running, start_with};
use fake::{Fake, SECRET};

/// A gateway that knows the provider.
async fn started(fake: &Fake, change: impl FnOnce(ProviderConfig) -> ProviderConfig) -> Running {
    let data = tempfile::tempdir().unwrap();
    let secret = data.path().join("client-secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let provider = change(fake.config(secret));
    let running =
        start_with(data, Default::default(), NOW, |config| Config { providers: vec![provider], ..config }).await;
    for tenant in ["koeln", "bonn"] {
        running.register_tenant(tenant).await;
    }
    running
}

/// A sign-in that was begun: what the browser keeps, and what it was sent to the provider with.
async fn begin(running: &Running, tenant: &str) -> Result<(String, HashMap<String, String>), Status> {
    let request = pb::BeginProviderSignInRequest { tenant: tenant.into(), provider: "bund".into() };
    let begun = running.visitor().identity.begin_provider_sign_in(request).await?.into_inner();
    let (_, query) = begun.authorization_url.split_once('?').unwrap();
    Ok((begun.sign_in, form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
}

async fn complete(running: &Running, sign_in: &str, state: &str, code: &str) -> Result<pb::Session, Status> {
    let request = pb::CompleteProviderSignInRequest {
        sign_in: sign_in.into(),
        state: state.into(),
        code: code.into(),
        language: pb::Language::De.into(),
    };
    let answer = running.visitor().identity.complete_provider_sign_in(request).await?;
    Ok(answer.into_inner().session.unwrap())
}

/// The whole way, with what the ID token says changed on it.
async fn sign_in(
    running: &Running,
    fake: &Fake,
    sub: &str,
    change: impl FnOnce(&mut Value),
) -> Result<pb::Session, Status> {
    let (kept, asked) = begin(running, "koeln").await?;
    let mut said = fake.claims(running, &asked, sub);
    change(&mut said);
    let code = fake.consent(&asked, said);
    complete(running, &kept, &asked["state"], &code).await
}

//! An identity provider as far as it is needed: discovery, keys, and codes that are exchanged for ID tokens.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use allmende_gateway::ProviderConfig;
use allmende_kernel::{Clock as _, Timestamp};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::Listener;
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::Running;

pub(crate) const CLIENT: &str = "allmende:koeln";
pub(crate) const SECRET: &str = "s3cret & more";

/// Of use nowhere but here.
const RSA: &[u8] = include_bytes!("../../keys/rsa.der");
const EC: &[u8] = include_bytes!("../../keys/ec.der");
/// What stands before the seed in an Ed25519 key as PKCS #8.
const ED_PREFIX: &[u8] = &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

pub(crate) struct Fake {
    pub(crate) address: String,
    town: Arc<Mutex<Town>>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Town {
    address: String,
    keys: Vec<(String, Algorithm, EncodingKey)>,
    /// Which of them signs.
    signs: usize,
    /// Keys are published up to this one.
    published: usize,
    /// By code: the challenge and what the token is to say.
    codes: HashMap<String, (String, Value)>,
    asked_for_keys: usize,
    broken: bool,
}

/// An Ed25519 key of the provider.
pub(crate) fn ed(seed: u8) -> (Algorithm, EncodingKey) {
    (Algorithm::EdDSA, EncodingKey::from_ed_der(&[ED_PREFIX, &[seed; 32]].concat()))
}

pub(crate) fn rsa() -> (Algorithm, EncodingKey) {
    (Algorithm::RS256, EncodingKey::from_rsa_der(RSA))
}

pub(crate) fn ec() -> (Algorithm, EncodingKey) {
    (Algorithm::ES256, EncodingKey::from_ec_der(EC))
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(listener, address)
    }

    /// One that others reach under this address.
    pub(crate) fn serve(listener: impl Listener<Addr = SocketAddr>, address: String) -> Self {
        let town = Arc::new(Mutex::new(Town { address: address.clone(), ..Town::default() }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&town));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let fake = Self { address, town, serving };
        fake.sign_with(ed(1), true);
        fake
    }

    /// Takes a new key to sign with, and publishes it or not.
    pub(crate) fn sign_with(&self, (algorithm, key): (Algorithm, EncodingKey), publish: bool) {
        let mut town = self.town.lock();
        let id = format!("key-{}", town.keys.len());
        town.keys.push((id, algorithm, key));
        town.signs = town.keys.len() - 1;
        if publish {
            town.published = town.keys.len();
        }
    }

    /// Publishes all keys.
    pub(crate) fn publish(&self) {
        let mut town = self.town.lock();
        town.published = town.keys.len();
    }

    pub(crate) fn asked_for_keys(&self) -> usize {
        self.town.lock().asked_for_keys
    }

    /// Answers everything with 503 from now on, or no more.
    pub(crate) fn set_broken(&self, broken: bool) {
        self.town.lock().broken = broken;
    }

    /// Takes no connections any more.
    pub(crate) fn stop(&self) {
        self.serving.abort();
    }

    pub(crate) fn config(&self, secret_file: std::path::PathBuf) -> ProviderConfig {
        ProviderConfig {
            id: "bund".into(),
            name: "Bürgerkonto".into(),
            issuer: self.address.clone(),
            client_id: CLIENT.into(),
            client_secret_file: Some(secret_file),
            scopes: vec!["email".into(), "profile".into()],
            levels: [("STORK-QAA-Level-3".to_owned(), "substantial".to_owned())].into(),
            ..ProviderConfig::default()
        }
    }

    /// What the provider does when a person consents: a code for what the browser was sent there with.
    pub(crate) fn consent(&self, asked: &HashMap<String, String>, said: Value) -> String {
        let mut town = self.town.lock();
        let code = format!("code-{}", town.codes.len());
        town.codes.insert(code.clone(), (asked["code_challenge"].clone(), said));
        code
    }

    /// A token that says this.
    pub(crate) fn signed(&self, said: &Value) -> String {
        self.town.lock().signed(said)
    }

    /// What a good ID token says.
    pub(crate) fn claims(&self, running: &Running, asked: &HashMap<String, String>, sub: &str) -> Value {
        let now = seconds(running.clock.now());
        json!({
            "iss": self.address, "sub": sub, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "email": format!("{sub}@example.org"), "email_verified": true, "name": "Erika Mustermann",
            "acr": "STORK-QAA-Level-3",
        })
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub(crate) fn seconds(at: Timestamp) -> i64 {
    at.as_micros() / 1_000_000
}

impl Town {
    fn signed(&self, said: &Value) -> String {
        let (id, algorithm, key) = &self.keys[self.signs];
        encode(&Header { kid: Some(id.clone()), ..Header::new(*algorithm) }, said, key).unwrap()
    }
}

type Shared = State<Arc<Mutex<Town>>>;

async fn discovery(State(town): Shared) -> Response {
    let town = town.lock();
    if town.broken {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let address = &town.address;
    Json(json!({
        "issuer": address,
        "authorization_endpoint": format!("{address}/authorize"),
        "token_endpoint": format!("{address}/token"),
        "jwks_uri": format!("{address}/keys"),
    }))
    .into_response()
}

async fn keys(State(town): Shared) -> Response {
    let mut town = town.lock();
    town.asked_for_keys += 1;
    if town.broken {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let keys = town.keys[..town.published].iter().map(|(id, algorithm, key)| {
        let mut jwk = Jwk::from_encoding_key(key, *algorithm).unwrap();
        jwk.common.key_id = Some(id.clone());
        jwk
    });
    Json(json!({ "keys": keys.collect::<Vec<_>>() })).into_response()
}

async fn token(State(town): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let mut town = town.lock();
    if town.broken {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let expected = format!("Basic {}", BASE64_STANDARD.encode("allmende%3Akoeln:s3cret+%26+more"));
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some(expected.as_str()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let refused = || (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    // A code is good once.
    let Some((challenge, said)) = form.get("code").and_then(|code| town.codes.remove(code)) else { return refused() };
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let right = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
        && form.get("grant_type").map(String::as_str) == Some("authorization_code")
        && form.get("redirect_uri").is_some_and(|uri| uri.ends_with("/.well-known/allmende/sign-in"));
    if !right {
        return refused();
    }
    Json(json!({ "access_token": "of no use", "token_type": "Bearer", "id_token": town.signed(&said) })).into_response()
}

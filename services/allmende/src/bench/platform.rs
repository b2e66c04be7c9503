use std::path::Path;
use std::time::Duration;

use allmende_gateway::OutsideIssuer;
use allmende_hosting::cluster;
use allmende_proto::gateway::v1 as gateway;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_runtime::drain::Drain;
use anyhow::Context as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Endpoint;
use uuid::Uuid;

use crate::client::Token;
use crate::config::Config;
use crate::up::{self, Listeners, Serving};

/// The whole platform in this process, on free ports.
pub(super) struct Running {
    /// Where it serves.
    pub(super) serving: Serving,
    /// The operator's.
    pub(super) token: Token,
    drain: Drain,
    up: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// Starts it with its data in a folder, and the logs in a cluster if there is one. It believes [`SignIn`].
    pub(super) async fn start(data: &Path, nats: cluster::Config) -> anyhow::Result<Self> {
        let free = || "127.0.0.1:0".to_owned();
        let data = data.to_owned();
        let mut config = Config { data, nats, grpc: free(), http: free(), admin: free(), ..Config::default() };
        let scratch = config.data.parent().context("the data have no folder around them")?;
        config.gateway.issuers.push(SignIn::issuer(scratch)?);
        let listeners = Listeners::bind(&config).await?;
        let drain = Drain::new(Duration::from_secs(20));
        let (told, ready) = oneshot::channel();
        // Nobody waits any more if this fails.
        let up = tokio::spawn(up::up(config, listeners, drain.draining(), |serving| drop(told.send(serving))));
        let Ok(serving) = ready.await else {
            up.await??;
            anyhow::bail!("the platform ended before it served");
        };
        let token = Token::new(&std::fs::read_to_string(&serving.token_file)?)?;
        Ok(Self { serving, token, drain, up })
    }

    /// Its gRPC port's URL.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.serving.grpc)
    }

    /// Adds a tenant: nothing is taken for others.
    pub(super) async fn found(&self, tenant: &str) -> anyhow::Result<()> {
        let profile = gateway::Tenant {
            tenant: tenant.to_owned(),
            name: "Bench".to_owned(),
            kind: gateway::TenantKind::Municipality.into(),
            ..Default::default()
        };
        let request_id = Uuid::now_v7().to_string();
        let request = gateway::RegisterTenantRequest { request_id, tenant: Some(profile) };
        let channel = Endpoint::from_shared(self.url())?.connect().await?;
        TenantServiceClient::with_interceptor(channel, self.token.clone()).register_tenant(request).await?;
        Ok(())
    }

    /// Ends it as a signal would.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.drain.begin();
        self.up.await?
    }
}

/// What a port answers to GET.
pub(super) async fn get(address: &str, path: &str) -> anyhow::Result<String> {
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    anyhow::ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {}", answer.lines().next().unwrap_or_default());
    Ok(answer)
}

/// A sign-in of a bench: an issuer outside whose tokens (JWT, EdDSA) the platform checks like anybody's.
pub(super) struct SignIn {
    signs: EncodingKey,
    expires: i64,
}

const ISSUER: &str = "https://bench.invalid";
const AUDIENCE: &str = "bench";
/// The first test vector of RFC 8032, section 7.1: a key that everybody knows, believed by a platform that only this
/// process can reach.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5,
    0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
/// Its public half, as a JWK (RFC 8037) has it.
const KEYS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "rfc8032-1",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// What stands before the seed in PKCS #8 (RFC 8410, section 7).
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

impl SignIn {
    /// Tokens are good for an hour from now.
    pub(super) fn new() -> Self {
        let expires = jiff::Timestamp::now().as_second() + 3_600;
        Self { signs: EncodingKey::from_ed_der(&[PKCS8.as_slice(), &SEED].concat()), expires }
    }

    fn issuer(folder: &Path) -> anyhow::Result<OutsideIssuer> {
        let jwks_file = folder.join("jwks.json");
        std::fs::write(&jwks_file, KEYS)?;
        Ok(OutsideIssuer {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            jwks_file,
            jwks_url: String::new(),
            proxy: String::new(),
            level: "email".to_owned(),
            levels: Default::default(),
        })
    }

    /// The token of a person.
    pub(super) fn token(&self, person: u64) -> anyhow::Result<Token> {
        #[derive(Serialize)]
        struct Claims {
            iss: &'static str,
            aud: &'static str,
            sub: String,
            iat: i64,
            exp: i64,
        }
        let header = Header { kid: Some("rfc8032-1".to_owned()), ..Header::new(Algorithm::EdDSA) };
        let (sub, exp) = (person.to_string(), self.expires);
        let claims = Claims { iss: ISSUER, aud: AUDIENCE, sub, iat: exp - 3_600, exp };
        Token::new(&encode(&header, &claims, &self.signs)?)
    }
}

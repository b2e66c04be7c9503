//! A client of a running platform.

use std::fs;
use std::time::Duration;

use allmende_proto::gateway::v1::mail_service_client::MailServiceClient;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use anyhow::Context as _;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::cli::Connection;

/// Telemetry, with the caller's token on every request.
pub type Telemetry = TelemetryServiceClient<InterceptedService<Channel, Token>>;

/// Open data, likewise.
pub type Catalogue = CatalogServiceClient<InterceptedService<Channel, Token>>;

/// Puts the token on requests.
#[derive(Clone)]
pub struct Token(MetadataValue<Ascii>);

impl Token {
    /// Takes a token.
    pub fn new(token: &str) -> anyhow::Result<Self> {
        let mut value: MetadataValue<Ascii> =
            format!("Bearer {}", token.trim()).parse().context("the token has characters no token has")?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// Connects on the first request, and again when a connection is lost.
pub fn telemetry(connection: &Connection) -> anyhow::Result<Telemetry> {
    connect(&connection.url, token(connection)?)
}

/// The same to open data.
pub fn catalogue(connection: &Connection) -> anyhow::Result<Catalogue> {
    let channel = endpoint(&connection.url)?.connect_lazy();
    Ok(CatalogServiceClient::with_interceptor(channel, token(connection)?))
}

/// The same to the outbox.
pub fn outbox(connection: &Connection) -> anyhow::Result<MailServiceClient<InterceptedService<Channel, Token>>> {
    let channel = endpoint(&connection.url)?.connect_lazy();
    Ok(MailServiceClient::with_interceptor(channel, token(connection)?))
}

/// The same to tenants.
pub fn tenants(connection: &Connection) -> anyhow::Result<TenantServiceClient<InterceptedService<Channel, Token>>> {
    let channel = endpoint(&connection.url)?.connect_lazy();
    Ok(TenantServiceClient::with_interceptor(channel, token(connection)?))
}

fn token(connection: &Connection) -> anyhow::Result<Token> {
    match &connection.token {
        Some(token) => Token::new(token),
        None => Token::new(&fs::read_to_string(&connection.token_file).with_context(|| {
            format!("no --token, and no token in {} (--token-file)", connection.token_file.display())
        })?),
    }
}

/// The same with a token at hand.
pub fn connect(url: &str, token: Token) -> anyhow::Result<Telemetry> {
    Ok(TelemetryServiceClient::with_interceptor(endpoint(url)?.connect_lazy(), token)
        .max_decoding_message_size(allmende_runtime::serve::MAX_MESSAGE_BYTES))
}

fn endpoint(url: &str) -> anyhow::Result<Endpoint> {
    let endpoint = Endpoint::from_shared(url.to_owned()).with_context(|| format!("{url} is no address"))?;
    Ok(endpoint.connect_timeout(Duration::from_secs(5)).tcp_nodelay(true).timeout(Duration::from_secs(60)))
}

/// How often a request is sent before its failure counts.
const ATTEMPTS: u32 = 6;

/// Sends a request again while the platform is away or busy: after 0.2 s, then twice as long each time, with jitter.
pub async fn with_retries<T>(mut send: impl AsyncFnMut() -> Result<T, Status>) -> Result<T, Status> {
    let mut attempt = 0;
    loop {
        let failed = match send().await {
            Err(status) if is_transient(&status) => status,
            settled => return settled,
        };
        attempt += 1;
        if attempt == ATTEMPTS {
            return Err(failed);
        }
        let jitter = 0.5 + f64::from(uuid::Uuid::now_v7().as_bytes()[15]) / 255.0;
        tokio::time::sleep(Duration::from_millis(100 << attempt).mul_f64(jitter)).await;
    }
}

/// Also what says nothing of the request: a lost connection is `Unknown` to tonic, and its own time limit `Cancelled`.
/// Every request may be sent again, as its id makes a repetition known.
fn is_transient(status: &Status) -> bool {
    use Code::{Cancelled, DeadlineExceeded, ResourceExhausted, Unavailable, Unknown};
    matches!(status.code(), Unavailable | ResourceExhausted | DeadlineExceeded | Unknown | Cancelled)
}

/// The stable reason that a status gives.
pub fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

/// What a status says, with the fields it names.
pub fn explain(status: &Status) -> anyhow::Error {
    let mut text = format!("{:?}: {}", status.code(), status.message());
    if let Some(bad) = status.get_details_bad_request() {
        for violation in bad.field_violations {
            text.push_str(&format!("\n  {}: {}", violation.field, violation.description));
        }
    }
    anyhow::Error::msg(text)
}

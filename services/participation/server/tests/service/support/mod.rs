//! A running service with some people, and requests for it.

mod people;
mod requests;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_hosting::Ports;
use allmende_instrumentation::Metrics;
use allmende_kernel::{Clock as _, Timestamp};
use allmende_keyring::{Keyring, MemoryKeyring};
use allmende_participation::{AUTHORIZATION, Config, Participation};
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_runtime::authorize::Table;
use allmende_runtime::drain::Drain;
use allmende_runtime::installation::Installation;
use allmende_runtime::serve::{Config as ServerConfig, ServeError, Server};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

pub(crate) use people::*;
pub(crate) use requests::*;

pub(crate) type Client = ParticipationServiceClient<InterceptedService<Channel, Token>>;

/// Who calls, if they say so.
#[derive(Clone)]
pub(crate) struct Token(Option<MetadataValue<Ascii>>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

pub(crate) struct Running {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) participation: Participation,
    pub(crate) data: TempDir,
    pub(crate) keyring: Arc<MemoryKeyring>,
    channel: Channel,
    drain: Drain,
    server: JoinHandle<Result<(), ServeError>>,
    numbers: AtomicU64,
}

/// 2019-09-10T10:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_568_109_600);

/// Runs a test's promise on two workers.
pub(crate) fn run(promise: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(promise);
}

/// The moment that a text like `2019-09-27T21:59:59.999Z` says.
pub(crate) fn utc(text: &str) -> Timestamp {
    Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

pub(crate) async fn start() -> Running {
    start_in(tempfile::tempdir().unwrap(), Arc::new(MemoryKeyring::new()), NOW).await
}

/// Starts on what a service left behind.
pub(crate) async fn start_again(data: TempDir, keyring: Arc<MemoryKeyring>) -> Running {
    start_in(data, keyring, NOW).await
}

/// Starts with other settings.
pub(crate) async fn start_with(config: Config) -> Running {
    start_configured(config, tempfile::tempdir().unwrap(), Arc::new(MemoryKeyring::new()), NOW).await
}

async fn start_in(data: TempDir, keyring: Arc<MemoryKeyring>, now: Timestamp) -> Running {
    start_configured(Config::default(), data, keyring, now).await
}

async fn start_configured(config: Config, data: TempDir, keyring: Arc<MemoryKeyring>, now: Timestamp) -> Running {
    let (clock, metrics) = (Arc::new(ManualClock::at(now)), Metrics::new());
    let installation = Arc::new(Installation::open(data.path()).unwrap());
    let ports = Ports::alone(data.path(), clock.clone(), installation, metrics.clone());
    let keys = Arc::clone(&keyring) as Arc<dyn Keyring>;
    let participation = Participation::start(config, ports, keys).await.unwrap();
    let mut ready = participation.ready();
    tokio::time::timeout(Duration::from_secs(60), ready.wait_for(|ready| *ready)).await.unwrap().unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let drain = Drain::new(Duration::from_secs(10));
    let table = Table::new(&[AUTHORIZATION]);
    let server = Server::new(ServerConfig::default(), table, People, metrics, FILE_DESCRIPTOR_SET)
        .with_service(participation.service());
    let server = tokio::spawn(server.serve(listener, participation.ready(), drain.draining()));
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let numbers = AtomicU64::new(1);
    Running { clock, participation, data, keyring, channel, drain, server, numbers }
}

impl Running {
    /// A client of somebody.
    pub(crate) fn by(&self, name: &str) -> Client {
        let token = Token(Some(format!("Bearer {name}").parse().unwrap()));
        ParticipationServiceClient::with_interceptor(self.channel.clone(), token)
    }

    /// A client of somebody without a token.
    pub(crate) fn visitor(&self) -> Client {
        ParticipationServiceClient::with_interceptor(self.channel.clone(), Token(None))
    }

    /// A fresh request id of this moment.
    pub(crate) fn request_id(&self) -> String {
        let millis = (self.clock.now().as_micros() / 1_000) as u128;
        let version_and_variant = 0x7000_8000_0000_0000_0000u128;
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u128(millis << 80 | version_and_variant | u128::from(number & 0xffff_ffff_ffff)).to_string()
    }

    /// Ends it as a signal does, and gives back what it leaves behind.
    pub(crate) async fn stop(self) -> (TempDir, Arc<MemoryKeyring>) {
        drop(self.channel);
        self.drain.begin();
        self.server.await.unwrap().unwrap();
        self.participation.close().await.unwrap();
        (self.data, self.keyring)
    }

    pub(crate) async fn restart(self) -> Running {
        let now = self.clock.now();
        let (data, keyring) = self.stop().await;
        start_in(data, keyring, now).await
    }
}

/// Code and reason of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    (status.code(), reason)
}

pub(crate) fn not_found(reason: &str) -> (Code, String) {
    (Code::NotFound, reason.to_owned())
}

pub(crate) fn precondition(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.to_owned())
}

/// Paths of the fields that a refusal names.
pub(crate) fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let violations = status.get_details_bad_request().into_iter().flat_map(|bad_request| bad_request.field_violations);
    violations.map(|violation| violation.field).collect()
}

/// A new id.
pub(crate) fn id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &number.to_be_bytes()).to_string()
}

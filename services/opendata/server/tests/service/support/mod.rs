//! A running service, whose sources are logs in memory.

mod participation;
mod requests;
mod telemetry;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allmende_eventlog::{EventLog, MemoryLog, NewCommit, NewEvent, Origin, StreamAppend, Window};
use allmende_hosting::Ports;
use allmende_instrumentation::Metrics;
use allmende_kernel::{ExpectedRevision, PartitionName, Position, StreamName, Timestamp};
use allmende_keyring::MemoryKeyring;
use allmende_opendata::{AUTHORIZATION, Config, OpenData, Sources};
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_proto::opendata::v1 as pb;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_runtime::authorize::{Guard, LocalTokens, Table};
use allmende_runtime::drain::Drain;
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::installation::Installation;
use allmende_runtime::secrets::FolderSecrets;
use allmende_runtime::serve::{Config as ServerConfig, ServeError, Server};
use allmende_testkit::ManualClock;
use axum::body::Body;
use axum::http::{Request as HttpRequest, Response as HttpResponse};
use prost::Message;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

pub(crate) use participation::*;
pub(crate) use requests::*;
pub(crate) use telemetry::*;

pub(crate) const TENANT: &str = "koeln";
/// When the tests take place: 2020-06-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_590_969_600);
/// How long is waited for what happens in the background: no question of the machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) type Client = CatalogServiceClient<InterceptedService<Channel, Token>>;

#[derive(Clone)]
pub(crate) struct Token(MetadataValue<Ascii>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// What outlives the service: its folder, and the sources.
pub(crate) struct World {
    pub(crate) data: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) telemetry: Arc<MemoryLog>,
    pub(crate) participation: Arc<MemoryLog>,
    pub(crate) keyring: Arc<MemoryKeyring>,
}

pub(crate) struct Running {
    pub(crate) staff: Client,
    pub(crate) visitor: CatalogServiceClient<Channel>,
    pub(crate) world: World,
    router: axum::Router,
    opendata: OpenData,
    drain: Drain,
    server: JoinHandle<Result<(), ServeError>>,
}

/// Runs a test's promise on two workers.
pub(crate) fn run(promise: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(promise);
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let log = |name: &str| {
            let partition = PartitionName::parse(name).unwrap();
            Arc::new(MemoryLog::new(partition, clock.clone(), Window::default()))
        };
        Self {
            data: tempfile::tempdir().unwrap(),
            telemetry: log("telemetry-0"),
            participation: log("participation-0"),
            keyring: Arc::new(MemoryKeyring::new()),
            clock,
        }
    }

    /// Texts are issued as soon as they have changed.
    pub(crate) async fn start(self) -> Running {
        let config = Config { texts_every_s: 0, ..Config::default() };
        let metrics = Metrics::new();
        let data = self.data.path();
        let installation = Arc::new(Installation::open(data).unwrap());
        let ports = Ports::alone(data, self.clock.clone(), installation, metrics.clone());
        let sources = Sources {
            telemetry: Some(self.telemetry.clone()),
            participation: Some((self.participation.clone(), self.keyring.clone())),
        };
        let opendata = OpenData::start(config, ports, sources).await.unwrap();
        let mut ready = opendata.ready();
        tokio::time::timeout(Duration::from_secs(60), ready.wait_for(|ready| *ready)).await.unwrap().unwrap();

        let tokens = LocalTokens::open(&FolderSecrets::new(data)).unwrap();
        let guard = Guard::new(Table::new(&[AUTHORIZATION]), Arc::new(tokens.clone()));
        let router = opendata.routes().guarded(guard);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let drain = Drain::new(Duration::from_secs(10));
        let table = Table::new(&[AUTHORIZATION]);
        let server = Server::new(ServerConfig::default(), table, tokens, metrics, FILE_DESCRIPTOR_SET)
            .with_service(opendata.service());
        let server = tokio::spawn(server.serve(listener, opendata.ready(), drain.draining()));
        let token = std::fs::read_to_string(data.join("operator.token")).unwrap();
        let token = Token(format!("Bearer {}", token.trim()).parse().unwrap());
        let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
        let staff = CatalogServiceClient::with_interceptor(channel.clone(), token);
        let visitor = CatalogServiceClient::new(channel);
        Running { staff, visitor, world: self, router, opendata, drain, server }
    }
}

impl Running {
    /// Ends it as a signal does, and gives back what it leaves behind.
    pub(crate) async fn stop(self) -> World {
        drop((self.staff, self.visitor));
        self.drain.begin();
        self.server.await.unwrap().unwrap();
        self.opendata.close().await.unwrap();
        self.world
    }

    pub(crate) async fn get(&self, path: &str) -> HttpResponse<Body> {
        self.request(HttpRequest::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn request(&self, request: HttpRequest<Body>) -> HttpResponse<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Datasets that a visitor sees, or staff.
    pub(crate) async fn datasets(&mut self, staff: bool, token: &str) -> Vec<pb::Dataset> {
        let request =
            pb::ListDatasetsRequest { tenant: TENANT.into(), consistency_token: token.into(), ..Default::default() };
        let answer = match staff {
            true => self.staff.list_datasets(request).await,
            false => self.visitor.list_datasets(request).await,
        };
        answer.unwrap().into_inner().datasets
    }

    /// Asks until datasets are as wanted: they publish themselves in the background.
    pub(crate) async fn datasets_until(&mut self, wanted: impl Fn(&[pb::Dataset]) -> bool) -> Vec<pb::Dataset> {
        let began = Instant::now();
        loop {
            let datasets = self.datasets(true, "").await;
            if wanted(&datasets) {
                return datasets;
            }
            assert!(began.elapsed() < PATIENCE, "datasets are {datasets:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Reads a file as it comes over gRPC, to its end.
    pub(crate) async fn download(&mut self, dataset: &str, version: u32, file: &str) -> Result<Vec<u8>, Status> {
        let request = pb::GetDistributionRequest {
            tenant: TENANT.into(),
            dataset_id: dataset.into(),
            version,
            file: file.into(),
            ..Default::default()
        };
        let mut parts = self.visitor.get_distribution(request).await?.into_inner();
        let mut content = Vec::new();
        let mut ended = false;
        while let Some(part) = parts.message().await? {
            match part.part.unwrap() {
                pb::get_distribution_response::Part::Head(_) => assert!(content.is_empty()),
                pb::get_distribution_response::Part::Chunk(chunk) => content.extend_from_slice(&chunk),
                pb::get_distribution_response::Part::End(end) => {
                    assert_eq!(end.bytes, content.len() as u64);
                    ended = true;
                }
            }
        }
        assert!(ended, "a stream without an end was cut");
        Ok(content)
    }

    /// Waits until the files that are kept are as wanted: they go in the background.
    pub(crate) async fn kept_files_until(&self, wanted: impl Fn(&[Vec<u8>]) -> bool) {
        let began = Instant::now();
        loop {
            let files = self.kept_files();
            if wanted(&files) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{} files are kept", files.len());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Every file that is kept, decompressed.
    pub(crate) fn kept_files(&self) -> Vec<Vec<u8>> {
        kept_files(&self.world)
    }
}

pub(crate) fn kept_files(world: &World) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for shelf in std::fs::read_dir(world.data.path().join("datasets")).unwrap() {
        let shelf = shelf.unwrap();
        if shelf.file_name() == "unfinished" {
            continue;
        }
        for file in std::fs::read_dir(shelf.path()).unwrap() {
            // Another one may be removed meanwhile.
            files.extend(std::fs::File::open(file.unwrap().path()).map(|file| zstd::decode_all(file).unwrap()));
        }
    }
    files
}

/// Appends events to one stream of a source's log, in one commit.
pub(crate) async fn append(log: &MemoryLog, stream: &str, events: Vec<NewEvent>) -> Position {
    append_all(log, vec![(stream.to_owned(), events)]).await
}

/// The same to several streams.
pub(crate) async fn append_all(log: &MemoryLog, writes: Vec<(String, Vec<NewEvent>)>) -> Position {
    let write = |(stream, events): (String, Vec<NewEvent>)| StreamAppend {
        stream: StreamName::parse(&stream).unwrap(),
        expected: ExpectedRevision::Any,
        events,
    };
    let commit = NewCommit {
        origin: Origin::Unlinked,
        admitted_at: log.now(),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: writes.into_iter().map(write).collect(),
        outcome: Default::default(),
    };
    log.submit(commit).unwrap().wait().await.unwrap().position
}

pub(crate) fn event(event_type: &'static str, message: &impl Message) -> NewEvent {
    NewEvent { event_type, payload: message.encode_to_vec().into() }
}

/// The token of somebody who has seen a source's log up to a position.
pub(crate) fn token_of(log: &MemoryLog, position: Position) -> String {
    ConsistencyToken::of(log.partition().clone(), position).to_text()
}

/// Code and reason of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    (status.code(), reason)
}

/// Paths of the fields that a refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().into_iter().flat_map(|bad_request| bad_request.field_violations);
    violations.map(|violation| violation.field).collect()
}

pub(crate) async fn body(response: HttpResponse<Body>) -> Result<Vec<u8>, axum::Error> {
    axum::body::to_bytes(response.into_body(), usize::MAX).await.map(|bytes| bytes.to_vec())
}

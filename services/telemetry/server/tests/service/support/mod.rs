//! A running service with one tenant's operator, and requests for it.

mod requests;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog_sled::OfflineLog;
use allmende_hosting::Ports;
use allmende_instrumentation::Metrics;
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_proto::telemetry::v1 as pb;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use allmende_runtime::authorize::{LocalTokens, Table};
use allmende_runtime::drain::Drain;
use allmende_runtime::installation::Installation;
use allmende_runtime::secrets::FolderSecrets;
use allmende_runtime::serve::{Config as ServerConfig, ServeError, Server};
use allmende_telemetry::{AUTHORIZATION, Config, Telemetry};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

pub(crate) use requests::*;

pub(crate) type Client = TelemetryServiceClient<InterceptedService<Channel, Token>>;

#[derive(Clone)]
pub(crate) struct Token(MetadataValue<Ascii>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

pub(crate) struct Running {
    pub(crate) client: Client,
    pub(crate) clock: Arc<ManualClock>,
    telemetry: Telemetry,
    metrics: Metrics,
    drain: Drain,
    server: JoinHandle<Result<(), ServeError>>,
    address: std::net::SocketAddr,
    data: TempDir,
}

/// Runs a test's promise on two workers.
pub(crate) fn run(promise: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(promise);
}

pub(crate) async fn start() -> Running {
    start_in(tempfile::tempdir().unwrap()).await
}

pub(crate) async fn start_in(data: TempDir) -> Running {
    start_with(data, Config::default()).await
}

pub(crate) fn ports(data: &Path) -> Ports {
    let installation = Arc::new(Installation::open(data).unwrap());
    Ports::alone(data, Arc::new(ManualClock::at(NOW)), installation, Metrics::new())
}

pub(crate) async fn start_with(data: TempDir, config: Config) -> Running {
    let clock = Arc::new(ManualClock::at(NOW));
    let metrics = Metrics::new();
    let tokens = LocalTokens::open(&FolderSecrets::new(data.path())).unwrap();
    let ports = Ports { clock: clock.clone(), metrics: metrics.clone(), ..ports(data.path()) };
    let telemetry = Telemetry::start(config, ports).await.unwrap();
    let mut ready = telemetry.ready();
    tokio::time::timeout(Duration::from_secs(60), ready.wait_for(|ready| *ready)).await.unwrap().unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let drain = Drain::new(Duration::from_secs(10));
    let table = Table::new(&[AUTHORIZATION]);
    let server = Server::new(ServerConfig::default(), table, tokens, metrics.clone(), FILE_DESCRIPTOR_SET)
        .with_service(telemetry.service());
    let server = tokio::spawn(server.serve(listener, telemetry.ready(), drain.draining()));

    let token = std::fs::read_to_string(data.path().join("operator.token")).unwrap();
    let token = Token(format!("Bearer {}", token.trim()).parse().unwrap());
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let client = TelemetryServiceClient::with_interceptor(channel, token);
    Running { client, clock, telemetry, metrics, drain, server, address, data }
}

impl Running {
    /// Ends it as a signal does, and gives back what it leaves behind.
    pub(crate) async fn stop(self) -> TempDir {
        drop(self.client);
        self.drain.begin();
        self.server.await.unwrap().unwrap();
        self.telemetry.close().await.unwrap();
        self.data
    }

    pub(crate) async fn restart(self) -> Running {
        start_in(self.stop().await).await
    }

    /// Somebody without a token.
    pub(crate) async fn visitor(&self) -> TelemetryServiceClient<Channel> {
        TelemetryServiceClient::connect(format!("http://{}", self.address)).await.unwrap()
    }

    /// Number of the last group in the log's files: unchanged if nothing was stored.
    pub(crate) fn log_head(&self) -> u64 {
        // Before the first group there is no file.
        OfflineLog::open(&self.data.path().join("log/telemetry-0")).map_or(0, |log| log.head().group)
    }

    pub(crate) fn metrics(&self) -> String {
        self.metrics.render()
    }

    /// A citizen's station with an SDS011 (PM10, PM2.5) and a BME280 (humidity, temperature).
    pub(crate) async fn station(&mut self) -> Station {
        let ids = Station::ids();
        self.client.register_station(ids.registration()).await.unwrap();
        for sensor in [ids.dust(), ids.climate()] {
            let registered = self.client.register_sensor(ids.sensor(sensor)).await.unwrap().into_inner();
            self.settle(&registered.consistency_token).await;
        }
        ids
    }

    /// Stores readings of a datastream: seconds after noon, and results. Recorded, repeated, conflicting.
    pub(crate) async fn record(
        &mut self,
        station: &Station,
        datastream: &str,
        readings: &[(i64, f64)],
    ) -> (u32, u32, u32) {
        let answer =
            self.client.record_observations(station.readings(datastream, readings)).await.unwrap().into_inner();
        self.settle(&answer.consistency_token).await;
        (answer.recorded, answer.repeated, answer.conflicting)
    }

    /// Waits until reads show what the token stands for.
    pub(crate) async fn settle(&mut self, token: &str) {
        let request = pb::ListStationsRequest {
            tenant: TENANT.into(),
            page_size: 1,
            consistency_token: token.into(),
            ..Default::default()
        };
        self.client.list_stations(request).await.unwrap();
    }

    pub(crate) async fn observations(
        &mut self,
        station: &Station,
        datastream: &str,
        selection: pb::Selection,
    ) -> Vec<pb::Observation> {
        let mut request = station.observations(datastream, selection);
        let mut observations = Vec::new();
        loop {
            let page = self.client.list_observations(request.clone()).await.unwrap().into_inner();
            observations.extend(page.observations);
            if page.next_page_token.is_empty() {
                return observations;
            }
            request.page_token = page.next_page_token;
        }
    }

    pub(crate) async fn means(
        &mut self,
        station: &Station,
        datastream: &str,
        period: pb::Period,
        selection: pb::Selection,
    ) -> Vec<pb::Mean> {
        let mut request = station.means(datastream, period, selection);
        let mut means = Vec::new();
        loop {
            let page = self.client.list_means(request.clone()).await.unwrap().into_inner();
            means.extend(page.means);
            if page.next_page_token.is_empty() {
                return means;
            }
            request.page_token = page.next_page_token;
        }
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

pub(crate) fn failed_precondition(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.to_owned())
}

/// Paths of the fields that a refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().into_iter().flat_map(|bad_request| bad_request.field_violations);
    violations.map(|violation| violation.field).collect()
}

pub(crate) fn flags(observation: &pb::Observation) -> Vec<pb::QualityFlag> {
    observation.flags().collect()
}

//! A running service with one tenant's operator, what the other services answer, and requests.

mod elsewhere;
mod requests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_instrumentation::Metrics;
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_proto::reporting::v1 as pb;
use allmende_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use allmende_reporting::{AUTHORIZATION, Config, GrpcSources, Ports, Reporting};
use allmende_runtime::authorize::{LocalTokens, Table};
use allmende_runtime::drain::Drain;
use allmende_runtime::installation::Installation;
use allmende_runtime::secrets::FolderSecrets;
use allmende_runtime::serve::{Config as ServerConfig, MAX_MESSAGE_BYTES, ServeError, Server};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

pub(crate) use elsewhere::Elsewhere;
pub(crate) use requests::*;

pub(crate) type Client = ReportingServiceClient<InterceptedService<Channel, Token>>;

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
    pub(crate) elsewhere: Arc<Elsewhere>,
    reporting: Reporting,
    drain: Drain,
    server: JoinHandle<Result<(), ServeError>>,
    channel: Channel,
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
    let metrics = Metrics::new();
    let tokens = LocalTokens::open(&FolderSecrets::new(data.path())).unwrap();
    let installation = Arc::new(Installation::open(data.path()).unwrap());
    let ports = Ports::alone(data.path(), Arc::new(ManualClock::at(NOW)), installation, metrics.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let own = GrpcSources::new(Endpoint::from_shared(address.clone()).unwrap().connect_lazy());
    let elsewhere = Arc::new(Elsewhere::new(own));
    let reporting = Reporting::start(Config::default(), ports, Arc::clone(&elsewhere) as _).await.unwrap();
    let mut ready = reporting.ready();
    tokio::time::timeout(Duration::from_secs(60), ready.wait_for(|ready| *ready)).await.unwrap().unwrap();

    let drain = Drain::new(Duration::from_secs(10));
    let table = Table::new(&[AUTHORIZATION]);
    let server = Server::new(ServerConfig::default(), table, tokens, metrics, FILE_DESCRIPTOR_SET)
        .with_service(reporting.service());
    let server = tokio::spawn(server.serve(listener, reporting.ready(), drain.draining()));

    let token = std::fs::read_to_string(data.path().join("operator.token")).unwrap();
    let token = Token(format!("Bearer {}", token.trim()).parse().unwrap());
    let channel = Endpoint::from_shared(address).unwrap().connect().await.unwrap();
    let client =
        ReportingServiceClient::with_interceptor(channel.clone(), token).max_decoding_message_size(MAX_MESSAGE_BYTES);
    Running { client, elsewhere, reporting, drain, server, channel, data }
}

impl Running {
    /// Ends it as a signal does, and gives back what it leaves behind.
    pub(crate) async fn stop(self) -> TempDir {
        drop((self.client, self.channel, self.elsewhere));
        self.drain.begin();
        self.server.await.unwrap().unwrap();
        self.reporting.close().await.unwrap();
        self.data
    }

    /// Somebody without a token.
    pub(crate) fn visitor(&self) -> ReportingServiceClient<Channel> {
        ReportingServiceClient::new(self.channel.clone())
    }

    /// Number of the last group in the log: unchanged if nothing was stored.
    pub(crate) fn log_head(&self) -> u64 {
        self.reporting.log().head().borrow().group
    }

    /// Defines an indicator with readings, and waits until it is seen.
    pub(crate) async fn indicator(&mut self, readings: &[(&str, f64)]) -> String {
        let request = indicator();
        let id = request.indicator_id.clone();
        let mut token = self.client.define_indicator(request).await.unwrap().into_inner().consistency_token;
        for (on, value) in readings {
            token = self.client.record_reading(reading(&id, on, *value)).await.unwrap().into_inner().consistency_token;
        }
        self.settle(&token).await;
        id
    }

    /// Defines a report and waits until it is seen.
    pub(crate) async fn report(&mut self, definition: pb::ReportDefinition) -> String {
        let id = definition.report_id.clone();
        let defined = self.client.define_report(define_report(definition)).await.unwrap().into_inner();
        self.settle(&defined.consistency_token).await;
        id
    }

    /// Runs a report and waits until the run is seen.
    pub(crate) async fn run(&mut self, report: &str) -> pb::ReportRun {
        let answer = self.client.run_report(run_report(report)).await.unwrap().into_inner();
        self.settle(&answer.consistency_token).await;
        answer.run.unwrap()
    }

    pub(crate) async fn publish(&mut self, run: &str) {
        let answer = self.client.publish_report(publish(run)).await.unwrap().into_inner();
        self.settle(&answer.consistency_token).await;
    }

    pub(crate) async fn settle(&mut self, token: &str) {
        let request = pb::ListReportsRequest {
            tenant: TENANT.into(),
            page_size: 1,
            consistency_token: token.into(),
            ..Default::default()
        };
        self.client.list_reports(request).await.unwrap();
    }

    /// A run as JSON.
    pub(crate) async fn json(&mut self, run: &str) -> serde_json::Value {
        let answer = self.client.render_report(render(run, pb::ReportFormat::Json)).await.unwrap().into_inner();
        serde_json::from_slice(&answer.content).unwrap()
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

//! A server on a free port with one service of its own, whose rpcs do what a test needs. Messages are texts.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use allmende_instrumentation::Metrics;
use allmende_runtime::authorize::{Caller, Entry, LocalTokens, Role, Rule, Table};
use allmende_runtime::drain::Drain;
use allmende_runtime::secrets::FolderSecrets;
use allmende_runtime::serve::{Config, ServeError, Server, inside};
use allmende_runtime::{deadline, errors, limits};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt as _;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::metadata::MetadataValue;
use tonic::server::NamedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

const TABLE: &[Entry] = &[
    ("/test.Probe/Tenant", Rule::AnyOf(&[Role::PlatformOperator])),
    ("/test.Probe/Trace", Rule::Visitor),
    ("/test.Probe/Origin", Rule::Visitor),
    ("/test.Probe/Sleep", Rule::Visitor),
    ("/test.Probe/Tick", Rule::Visitor),
    ("/test.Probe/Refuse", Rule::Visitor),
];

/// `Tenant` repeats the tenant, `Trace` tells the trace to store, `Origin` for whom it is asked, `Sleep` sleeps so many
/// milliseconds, `Tick` streams until it is cut off, `Refuse` has a reason to. `Hidden` would answer, but is not in the
/// table. It tells how many calls it has got.
#[derive(Clone)]
struct Probe(watch::Sender<usize>);

impl NamedService for Probe {
    const NAME: &'static str = "test.Probe";
}

async fn unary(path: &str, request: Request<String>) -> Result<Response<String>, Status> {
    let caller = Caller::of(&request)?;
    let text = request.into_inner();
    match path {
        "/test.Probe/Tenant" => Ok(Response::new(caller.tenant(&text)?.to_string())),
        "/test.Probe/Trace" => Ok(Response::new(caller.trace().map_or(String::new(), |trace| trace.traceparent()))),
        "/test.Probe/Origin" => Ok(Response::new(format!("{:?}", caller.origin()))),
        "/test.Probe/Sleep" => {
            tokio::time::sleep(Duration::from_millis(text.parse().unwrap())).await;
            Ok(Response::new("slept".to_owned()))
        }
        "/test.Probe/Refuse" => Err(errors::rejection("test", "TOO_LATE", Code::FailedPrecondition, "it is too late")),
        _ => Ok(Response::new("hidden".to_owned())),
    }
}

impl Service<http::Request<Body>> for Probe {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        self.0.send_modify(|calls| *calls += 1);
        let path = request.uri().path().to_owned();
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<String, String>::default());
            if path == "/test.Probe/Tick" {
                let ticks = service_fn(|_: Request<String>| async {
                    let period = tokio::time::interval(Duration::from_millis(100));
                    let ticks = tokio_stream::wrappers::IntervalStream::new(period).map(|_| Ok("tick".to_owned()));
                    Ok::<_, Status>(Response::new(ticks))
                });
                return Ok(grpc.server_streaming(ticks, request).await);
            }
            let answer = service_fn(|request| {
                let path = path.clone();
                async move { unary(&path, request).await }
            });
            Ok(grpc.unary(answer, request).await)
        })
    }
}

pub struct Running {
    pub address: SocketAddr,
    /// The way in from this process.
    pub own: Channel,
    pub metrics: Metrics,
    pub drain: Drain,
    pub ready: watch::Sender<bool>,
    pub calls: watch::Receiver<usize>,
    pub token: String,
    pub ended: JoinHandle<Result<(), ServeError>>,
    _data: TempDir,
}

/// Starts the server with a deadline of one second for every rpc of the probe.
pub async fn start(drain_limit: Duration) -> Running {
    start_with(drain_limit, limits::Config::default()).await
}

/// The same with other limits.
pub async fn start_with(drain_limit: Duration, limits: limits::Config) -> Running {
    start_as(drain_limit, Config { limits, ..Config::default() }).await
}

/// The same with other settings.
pub async fn start_as(drain_limit: Duration, config: Config) -> Running {
    let data = tempfile::tempdir().unwrap();
    let tokens = LocalTokens::open(&FolderSecrets::new(data.path())).unwrap();
    let token = std::fs::read_to_string(data.path().join("operator.token")).unwrap().trim().to_owned();
    let metrics = Metrics::new();
    let drain = Drain::new(drain_limit);
    let (ready, is_ready) = watch::channel(true);
    let (tell, calls) = watch::channel(0);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let deadline = deadline::Config { default_s: 1, max_s: 60, max_stream_s: 60 };
    let config = Config { deadline, ..config };
    let (own, inside) = inside();
    let server = Server::new(config, Table::new(&[TABLE]), tokens, metrics.clone(), &[]).with_service(Probe(tell));
    let server = server.with_inside(inside);
    let ended = tokio::spawn(server.serve(listener, is_ready, drain.draining()));
    Running { address, own, metrics, drain, ready, calls, token, ended, _data: data }
}

impl Running {
    pub async fn channel(&self) -> Result<Channel, tonic::transport::Error> {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await
    }

    /// Waits until the probe has got so many calls.
    pub async fn called(&self, times: usize) {
        self.calls.clone().wait_for(|calls| *calls >= times).await.unwrap();
    }

    /// Sends a text to an rpc of the probe, with headers; unless they say otherwise, the call does not end at a deadline.
    pub async fn call(&self, rpc: &str, text: &str, headers: &[(&'static str, &str)]) -> Result<String, Status> {
        let patient = !headers.iter().any(|(name, _)| *name == "grpc-timeout");
        let headers = [headers, if patient { &[("grpc-timeout", "60S")] } else { &[] }].concat();
        call(self.channel().await.unwrap(), rpc, text, &headers).await
    }
}

pub async fn call(channel: Channel, rpc: &str, text: &str, headers: &[(&'static str, &str)]) -> Result<String, Status> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let path = format!("/test.Probe/{rpc}").parse().unwrap();
    let request = with_headers(Request::new(text.to_owned()), headers);
    grpc.unary(request, path, ProstCodec::<String, String>::default()).await.map(Response::into_inner)
}

/// A stream of ticks, which holds its place until it is dropped; no test lasts until its deadline.
pub async fn ticking(channel: Channel) -> Result<Streaming<String>, Status> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/test.Probe/Tick");
    let codec = ProstCodec::<String, String>::default();
    let request = with_headers(Request::new(String::new()), &[("grpc-timeout", "60S")]);
    grpc.server_streaming(request, path, codec).await.map(Response::into_inner)
}

/// Takes the ticks of a stream to its end, and tells how it ended.
pub async fn ticks(channel: Channel, headers: &[(&'static str, &str)]) -> Status {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/test.Probe/Tick");
    let codec = ProstCodec::<String, String>::default();
    let request = with_headers(Request::new(String::new()), headers);
    let mut stream = grpc.server_streaming(request, path, codec).await.unwrap().into_inner();
    loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => return Status::ok(""),
            Err(status) => return status,
        }
    }
}

fn with_headers(mut request: Request<String>, headers: &[(&'static str, &str)]) -> Request<String> {
    for (name, value) in headers {
        request.metadata_mut().append(*name, MetadataValue::try_from(*value).unwrap());
    }
    request
}

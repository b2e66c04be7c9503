//! A collector receives the spans, and shutdown sends what is buffered.

use std::time::Duration;

use allmende_instrumentation::{Config, InitError, Service, TraceContext, context, init};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

struct Collector(mpsc::UnboundedSender<ExportTraceServiceRequest>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let _ = self.0.send(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

// One test in this file: the subscriber is the process's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_sends_the_spans_with_the_remote_parent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, mut received) = mpsc::unbounded_channel();
    let collector = TraceServiceServer::new(Collector(sender));
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(collector)
            .serve_with_incoming(TcpListenerStream::new(listener)),
    );

    let service = Service { name: "export-test", version: "1.2.3" };
    let config = Config { otlp_endpoint: Some(endpoint), ..Config::default() };
    let guard = init(service, &config).unwrap();
    assert!(matches!(init(service, &config), Err(InitError::AlreadyInitialised(_))));

    let remote = TraceContext { trace_id: [7; 16], span_id: [9; 8], flags: 1 };
    context::continue_from(tracing::info_span!("rpc"), Some(remote)).in_scope(|| ());
    // The collector has no metrics and logs service, which is an error to report but none to wait for.
    let _ = tokio::time::timeout(Duration::from_secs(20), guard.shutdown()).await.unwrap();

    let request = received.recv().await.unwrap();
    let spans = &request.resource_spans[0];
    let attributes = &spans.resource.as_ref().unwrap().attributes;
    for key in ["service.name", "service.version", "service.instance.id"] {
        assert!(attributes.iter().any(|attribute| attribute.key == key), "{key}");
    }
    let span = &spans.scope_spans[0].spans[0];
    assert_eq!(span.name, "rpc");
    assert_eq!(span.trace_id, remote.trace_id);
    assert_eq!(span.parent_span_id, remote.span_id);
}

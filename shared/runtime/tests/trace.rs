//! With a tracer, what a handler stores is its own span in the caller's trace.

mod common;

use std::time::Duration;

use allmende_instrumentation::{Config, Service, TraceContext, init};

// One test in this file: the subscriber is the process's.
#[tokio::test]
async fn a_handler_stores_its_own_span_of_the_callers_trace() {
    let guard = init(Service { name: "trace-test", version: "0" }, &Config::default()).unwrap();
    let server = common::start(Duration::from_secs(20)).await;
    let remote = TraceContext { trace_id: [1; 16], span_id: [2; 8], flags: 1 };

    let stored = server.call("Trace", "", &[("traceparent", &remote.traceparent())]).await.unwrap();
    let stored = TraceContext::parse(&stored).unwrap();
    assert_eq!((stored.trace_id, stored.flags), (remote.trace_id, 1));
    assert_ne!(stored.span_id, remote.span_id);

    let untraced = TraceContext::parse(&server.call("Trace", "", &[]).await.unwrap()).unwrap();
    assert_ne!(untraced.trace_id, remote.trace_id);
    guard.shutdown().await.unwrap();
}

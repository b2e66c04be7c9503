use std::time::Instant;

use allmende_instrumentation::{Attribute, Metric, Metrics, TraceContext, context};
use http::HeaderMap;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tracing::Span;
use tracing::field::Empty;

/// What is seen of an rpc: its span and its metrics, which hold path, code and reason and nothing of its content.
///
/// The end is known only after the answer's last byte, so this travels with the answer's body. An rpc whose end nobody
/// told was given up by its client: it counts as cancelled.
pub(crate) struct Observation {
    metrics: Metrics,
    method: &'static str,
    began: Instant,
    span: Span,
    end: Option<(Code, Option<String>)>,
}

impl Observation {
    /// Begins an rpc's span, under the caller's. `method` is the path from the table, `unknown` for others: clients
    /// must not choose names.
    pub(crate) fn begin(metrics: Metrics, method: Option<&'static str>, headers: &HeaderMap) -> Self {
        let method = method.unwrap_or("unknown");
        let span = tracing::info_span!(
            "rpc",
            otel.name = method,
            otel.kind = "server",
            otel.status_code = Empty,
            rpc.system = "grpc",
            rpc.method = method,
            rpc.grpc.status_code = Empty,
            trace_id = Empty,
        );
        let span = context::continue_from(span, TraceContext::from_headers(headers));
        if let Some(trace) = context::of(&span) {
            // For the log lines; exported spans have it anyway.
            span.record("trace_id", trace.trace_id_hex());
        }
        Self { metrics, method, began: Instant::now(), span, end: None }
    }

    /// To run the handler in.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Notes the status, if `headers` (or trailers) hold one.
    pub(crate) fn see(&mut self, headers: &HeaderMap) {
        if let Some(status) = Status::from_header_map(headers) {
            self.ended(&status);
        }
    }

    /// Notes how the rpc ended.
    pub(crate) fn ended(&mut self, status: &Status) {
        let reason = status.get_details_error_info().map(|info| info.reason);
        self.end = Some((status.code(), reason));
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        let (code, reason) = self.end.take().unwrap_or((Code::Cancelled, None));
        let method = Attribute::Method(self.method);
        self.span.record("rpc.grpc.status_code", code as i64);
        if is_servers_fault(code) {
            self.span.record("otel.status_code", "ERROR");
        }
        self.metrics.record_duration(Metric::RpcDuration, self.began.elapsed(), &[method, Attribute::Code(code)]);
        if let Some(reason) = reason {
            self.metrics.add(Metric::RpcRejections, 1, &[method, Attribute::Reason(&reason)]);
        }
    }
}

/// As OpenTelemetry's conventions for gRPC servers have it: other codes are the client's affair.
fn is_servers_fault(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

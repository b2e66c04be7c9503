use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, SpanExporter, WithExportConfig, WithTonicConfig,
};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::InitError;

/// The variable that every OpenTelemetry SDK reads; an endpoint in the configuration goes before it.
pub(crate) const ENDPOINT_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// One exporter per signal, to the same collector.
pub(crate) struct Exporters {
    pub(crate) spans: SpanExporter,
    pub(crate) metrics: MetricExporter,
    pub(crate) logs: LogExporter,
}

impl Exporters {
    /// Exporters to `endpoint`. They connect when they first have something to send, and again when that failed.
    pub(crate) fn connect(endpoint: &str) -> Result<Self, InitError> {
        // The batch threads block on a channel that the runtime's workers drive: one worker that waits for such a
        // thread would wait forever.
        match Handle::try_current().map(|runtime| (runtime.runtime_flavor(), runtime.metrics().num_workers())) {
            Ok((RuntimeFlavor::CurrentThread, _) | (_, ..2)) | Err(_) => return Err(InitError::Runtime),
            Ok(_) => {}
        }
        let build = || {
            Ok(Self {
                spans: at(SpanExporter::builder().with_tonic(), endpoint).build()?,
                metrics: at(MetricExporter::builder().with_tonic(), endpoint).build()?,
                logs: at(LogExporter::builder().with_tonic(), endpoint).build()?,
            })
        };
        build().map_err(|source: ExporterBuildError| InitError::Exporter { endpoint: endpoint.to_owned(), source })
    }
}

fn at<B: WithExportConfig + WithTonicConfig>(builder: B, endpoint: &str) -> B {
    builder.with_endpoint(endpoint)
}

use std::io::IsTerminal as _;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, ParseError, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::Metrics;
use crate::otlp::{ENDPOINT_VARIABLE, Exporters};

/// What is logged, and where spans, metrics and logs are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Form of the log lines on standard error.
    pub log_format: LogFormat,
    /// What is logged, as `tracing` directives: `info`, or `info,allmende_eventlog=debug`.
    pub log_filter: String,
    /// OTLP collector (gRPC), e.g. `http://localhost:4317`. Without one, and without `OTEL_EXPORTER_OTLP_ENDPOINT`,
    /// nothing is sent. The other standard `OTEL_*` variables (headers, timeouts, sampler, resource attributes) apply.
    pub otlp_endpoint: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self { log_format: LogFormat::Text, log_filter: "info".to_owned(), otlp_endpoint: None }
    }
}

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Which program this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// `service.name`: `allmende`, `telemetry`, ...
    pub name: &'static str,
    /// `service.version`.
    pub version: &'static str,
}

/// Why instrumentation could not start.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A subscriber was installed before.
    #[error("instrumentation is initialised already")]
    AlreadyInitialised(#[source] TryInitError),
    /// The log filter does not parse.
    #[error("the log filter is invalid")]
    Filter(#[source] ParseError),
    /// The endpoint is no URL, or one that needs what this build lacks (TLS).
    #[error("the OTLP exporter for {endpoint} could not be built")]
    Exporter {
        /// The endpoint as configured.
        endpoint: String,
        /// What is wrong with it.
        source: ExporterBuildError,
    },
    /// Export runs on the caller's runtime and needs two workers, lest a worker wait for itself.
    #[error("OTLP export needs a multi-threaded tokio runtime with at least two workers")]
    Runtime,
}

/// Keeps export running. Dropping it without [`Guard::shutdown`] may lose the last batch.
#[must_use = "dropping the guard ends export"]
#[derive(Debug)]
pub struct Guard {
    metrics: Metrics,
    tracer: SdkTracerProvider,
    logger: Option<SdkLoggerProvider>,
}

impl Guard {
    /// The process's metrics.
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// Sends what is buffered and stops export; spans and metrics made later are dropped. Takes some seconds at most,
    /// also when the collector does not answer: then the first failure is returned.
    pub async fn shutdown(self) -> Result<(), OTelSdkError> {
        // The providers block until their threads have exported, which the runtime's workers do for them.
        let stop = move || {
            let logs = self.logger.as_ref().map_or(Ok(()), SdkLoggerProvider::shutdown);
            self.tracer.shutdown().and(self.metrics.shutdown()).and(logs)
        };
        match tokio::task::spawn_blocking(stop).await {
            Ok(result) => result,
            Err(panicked) => Err(OTelSdkError::InternalFailure(panicked.to_string())),
        }
    }
}

/// Installs the process's subscriber: log lines to standard error and, where an endpoint is configured, spans, metrics
/// and logs over OTLP/gRPC.
///
/// Call it once, at the start of `main`, inside the runtime. `RUST_LOG` goes before the configured filter.
pub fn init(service: Service, config: &Config) -> Result<Guard, InitError> {
    let (subscriber, guard) = build(service, config)?;
    subscriber.try_init().map_err(InitError::AlreadyInitialised)?;
    Ok(guard)
}

fn build(service: Service, config: &Config) -> Result<(impl Subscriber + Send + Sync + use<>, Guard), InitError> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let directives = variable("RUST_LOG").unwrap_or_else(|| config.log_filter.clone());
    let filter = || EnvFilter::builder().parse(&directives).map_err(InitError::Filter);
    let endpoint = config.otlp_endpoint.clone().or_else(|| variable(ENDPOINT_VARIABLE));
    let exporters = endpoint.as_deref().map(Exporters::connect).transpose()?;
    let (spans, metrics, logs) = match exporters {
        Some(exporters) => (Some(exporters.spans), Some(exporters.metrics), Some(exporters.logs)),
        None => (None, None, None),
    };
    let resource = resource(service);

    // A tracer is always there, so that commits and callees get trace ids; without an exporter new traces are not
    // sampled and their spans record nothing.
    let tracer = SdkTracerProvider::builder().with_resource(resource.clone());
    let tracer = match spans {
        Some(exporter) => tracer.with_batch_exporter(exporter),
        None => tracer.with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff))),
    };
    let tracer = tracer.build();
    let logger = logs.map(|exporter| {
        SdkLoggerProvider::builder().with_resource(resource.clone()).with_batch_exporter(exporter).build()
    });
    let metrics = Metrics::build(resource, metrics);

    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = vec![
        tracing_opentelemetry::layer()
            .with_tracer(tracer.tracer(service.name))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_own_span))
            .boxed(),
        lines(config.log_format).with_filter(filter()?).boxed(),
    ];
    if let Some(logger) = &logger {
        let events = filter_fn(|metadata| !is_transport(metadata.target()));
        layers.push(OpenTelemetryTracingBridge::new(logger).with_filter(filter()?.and(events)).boxed());
    }
    Ok((tracing_subscriber::registry().with(layers), Guard { metrics, tracer, logger }))
}

fn lines(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
    }
}

/// Spans do not follow the log filter: a quiet log must not cut traces.
fn is_own_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= LevelFilter::INFO && !is_transport(metadata.target())
}

/// What the exporters themselves are made of; exporting its logs would make more of them.
fn is_transport(target: &str) -> bool {
    ["h2", "hyper", "tonic", "tower", "opentelemetry"].iter().any(|prefix| {
        target.strip_prefix(prefix).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

fn resource(service: Service) -> Resource {
    Resource::builder()
        .with_service_name(service.name)
        .with_attribute(KeyValue::new("service.version", service.version))
        .with_attribute(KeyValue::new("service.instance.id", uuid::Uuid::now_v7().to_string()))
        .build()
}

#[cfg(test)]
mod tests {
    use tracing::info_span;

    use super::*;
    use crate::{TraceContext, context};

    const SERVICE: Service = Service { name: "test", version: "0" };

    fn subscriber(log_filter: &str) -> (impl Subscriber + Send + Sync, Guard) {
        build(SERVICE, &Config { log_filter: log_filter.to_owned(), ..Config::default() }).unwrap()
    }

    #[test]
    fn a_remote_trace_is_continued_without_an_endpoint_and_with_a_silent_log() {
        let (subscriber, _guard) = subscriber("off");
        let remote = TraceContext { trace_id: [1; 16], span_id: [2; 8], flags: 1 };
        tracing::subscriber::with_default(subscriber, || {
            let span = context::continue_from(info_span!("rpc"), Some(remote));
            let _entered = span.enter();
            let inner = info_span!("decide").in_scope(|| context::current().unwrap());
            let outer = context::current().unwrap();
            assert_eq!((outer.trace_id, outer.flags), (remote.trace_id, 1));
            assert_ne!(outer.span_id, remote.span_id);
            assert_eq!(inner.trace_id, remote.trace_id);
            assert_ne!(inner.span_id, outer.span_id);
        });
    }

    #[test]
    fn a_new_trace_has_ids_but_is_not_sampled_without_an_endpoint() {
        let (subscriber, _guard) = subscriber("info");
        tracing::subscriber::with_default(subscriber, || {
            let span = info_span!("work");
            let _entered = span.enter();
            let current = context::current().unwrap();
            assert_ne!(current.trace_id, [0; 16]);
            assert_eq!(current.flags, 0);
        });
    }

    #[test]
    fn a_wrong_filter_is_refused() {
        let config = Config { log_filter: "info,==".to_owned(), ..Config::default() };
        assert!(matches!(build(SERVICE, &config).map(drop), Err(InitError::Filter(_))));
    }

    #[test]
    fn export_without_two_workers_is_refused() {
        let config = Config { otlp_endpoint: Some("http://127.0.0.1:1".to_owned()), ..Config::default() };
        assert!(matches!(build(SERVICE, &config).map(drop), Err(InitError::Runtime)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let built = runtime.block_on(async { build(SERVICE, &config).map(drop) });
        assert!(matches!(built, Err(InitError::Runtime)));
    }

    #[test]
    fn the_exporters_own_crates_are_told_from_ours() {
        for transport in ["h2::client", "tonic", "opentelemetry-otlp", "opentelemetry_sdk", "hyper_util::client"] {
            assert!(is_transport(transport), "{transport}");
        }
        for ours in ["allmende_runtime::serve", "h2o", "towering"] {
            assert!(!is_transport(ours), "{ours}");
        }
    }
}

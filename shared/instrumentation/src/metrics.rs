use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::PartitionName;
use opentelemetry::metrics::{Counter, Gauge, Histogram, MeterProvider as _};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Temporality};
use tonic::Code;

use crate::catalogue::{Definition, Kind, Metric};
use crate::prometheus;

/// What a value belongs to. The keys are these and no others; each one's values come from a closed set, so neither
/// the number of series nor what they say depends on what people send.
#[derive(Debug, Clone, Copy)]
pub enum Attribute<'a> {
    /// Path of an rpc that the authorisation table knows.
    Method(&'static str),
    /// How an rpc ended.
    Code(Code),
    /// Reason code of a rejection, as in `google.rpc.ErrorInfo`. From our own answers only.
    Reason(&'a str),
    /// A service of this installation.
    Service(&'static str),
    /// A partition of its log.
    Partition(&'a PartitionName),
    /// A view.
    View(&'static str),
    /// What a service does beside the calls.
    Task(&'static str),
    /// A port of this process.
    Port(&'static str),
    /// What became of something.
    Outcome(&'static str),
}

impl Attribute<'_> {
    fn key_value(self) -> KeyValue {
        match self {
            Self::Method(path) => KeyValue::new("rpc.method", path),
            Self::Code(code) => KeyValue::new("rpc.grpc.status_code", code as i64),
            Self::Reason(reason) => KeyValue::new("allmende.reason", reason.to_owned()),
            Self::Service(service) => KeyValue::new("allmende.service", service),
            Self::Partition(partition) => KeyValue::new("allmende.partition", partition.as_str().to_owned()),
            Self::View(view) => KeyValue::new("allmende.view", view),
            Self::Task(task) => KeyValue::new("allmende.task", task),
            Self::Port(port) => KeyValue::new("allmende.port", port),
            Self::Outcome(outcome) => KeyValue::new("allmende.outcome", outcome),
        }
    }
}

/// Where values are recorded. Cheap to clone; every clone records to the same series.
///
/// A metric has at most 2,000 series; what goes beyond is summed in one marked `otel.metric.overflow`.
#[derive(Clone)]
pub struct Metrics {
    instruments: Arc<[Instrument]>,
    provider: SdkMeterProvider,
    reader: Pull,
}

enum Instrument {
    Counter(Counter<u64>),
    Histogram(Histogram<f64>),
    Gauge(Gauge<u64>),
}

impl Metrics {
    /// Metrics that are read with [`Metrics::render`] only: for tests and tools. [`crate::Guard`] has a process's own.
    pub fn new() -> Self {
        Self::build(Resource::builder_empty().build(), None::<opentelemetry_otlp::MetricExporter>)
    }

    pub(crate) fn build(resource: Resource, exporter: Option<impl PushMetricExporter>) -> Self {
        let reader = Pull::default();
        let mut provider = SdkMeterProvider::builder().with_resource(resource).with_reader(reader.clone());
        if let Some(exporter) = exporter {
            provider = provider.with_periodic_exporter(exporter);
        }
        let provider = provider.build();
        let scope = InstrumentationScope::builder("allmende").with_version(env!("CARGO_PKG_VERSION")).build();
        let meter = provider.meter_with_scope(scope);
        let instrument = |metric: &Metric| {
            let Definition { name, unit, kind, description } = metric.definition();
            match kind {
                Kind::Counter => {
                    Instrument::Counter(meter.u64_counter(name).with_unit(unit).with_description(description).build())
                }
                Kind::Histogram(bounds) => Instrument::Histogram(
                    meter
                        .f64_histogram(name)
                        .with_unit(unit)
                        .with_description(description)
                        .with_boundaries(bounds.to_vec())
                        .build(),
                ),
                Kind::Gauge => {
                    Instrument::Gauge(meter.u64_gauge(name).with_unit(unit).with_description(description).build())
                }
            }
        };
        Self { instruments: Metric::ALL.iter().map(instrument).collect(), provider, reader }
    }

    /// Adds to a counter. Another kind of metric is a mistake in the caller and records nothing.
    pub fn add(&self, metric: Metric, amount: u64, attributes: &[Attribute<'_>]) {
        match &self.instruments[metric as usize] {
            Instrument::Counter(counter) => counter.add(amount, &key_values(attributes)),
            _ => debug_assert!(false, "{metric:?} is not a counter"),
        }
    }

    /// Records a value of a histogram. Another kind of metric is a mistake in the caller and records nothing.
    pub fn record(&self, metric: Metric, value: f64, attributes: &[Attribute<'_>]) {
        match &self.instruments[metric as usize] {
            Instrument::Histogram(histogram) => histogram.record(value, &key_values(attributes)),
            _ => debug_assert!(false, "{metric:?} is not a histogram"),
        }
    }

    /// Records a length of time in a histogram whose unit is the second.
    pub fn record_duration(&self, metric: Metric, duration: Duration, attributes: &[Attribute<'_>]) {
        self.record(metric, duration.as_secs_f64(), attributes);
    }

    /// Sets a gauge. Another kind of metric is a mistake in the caller and records nothing.
    pub fn set(&self, metric: Metric, value: u64, attributes: &[Attribute<'_>]) {
        match &self.instruments[metric as usize] {
            Instrument::Gauge(gauge) => gauge.record(value, &key_values(attributes)),
            _ => debug_assert!(false, "{metric:?} is not a gauge"),
        }
    }

    /// Every series recorded so far in the
    /// [Prometheus text format](https://prometheus.io/docs/instrumenting/exposition_formats/), for `/metrics`. Empty
    /// after shutdown.
    pub fn render(&self) -> String {
        let mut collected = ResourceMetrics::default();
        match self.reader.collect(&mut collected) {
            Ok(()) => prometheus::render(&collected),
            Err(_) => String::new(),
        }
    }

    pub(crate) fn shutdown(&self) -> OTelSdkResult {
        self.provider.shutdown()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn key_values(attributes: &[Attribute<'_>]) -> Vec<KeyValue> {
    attributes.iter().map(|attribute| attribute.key_value()).collect()
}

/// The SDK takes its readers by value; this one stays readable from outside.
#[derive(Clone, Debug, Default)]
struct Pull(Arc<ManualReader>);

impl MetricReader for Pull {
    fn register_pipeline(&self, pipeline: std::sync::Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_rendered_once_recorded() {
        let metrics = Metrics::new();
        for metric in Metric::ALL {
            match metric.definition().kind {
                Kind::Counter => metrics.add(*metric, 1, &[Attribute::Outcome("kept")]),
                Kind::Histogram(_) => metrics.record(*metric, 1.0, &[]),
                Kind::Gauge => metrics.set(*metric, 1, &[Attribute::View("stations")]),
            }
        }
        let text = metrics.render();
        for metric in Metric::ALL {
            let name = metric.definition().name.replace('.', "_");
            assert!(text.lines().any(|line| line.starts_with(&name)), "{name} is missing in\n{text}");
        }
    }

    #[test]
    fn the_number_of_series_is_bounded() {
        let metrics = Metrics::new();
        for number in 0..5_000 {
            let partition = PartitionName::parse(&format!("telemetry-{number}")).unwrap();
            metrics.set(Metric::LogHead, 1, &[Attribute::Partition(&partition)]);
        }
        let series = metrics.render().lines().filter(|line| line.starts_with("allmende_log_head")).count();
        assert!(series <= 2_001, "{series}");
    }
}

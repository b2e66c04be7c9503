//! Collected metrics as [Prometheus text](https://prometheus.io/docs/instrumenting/exposition_formats/), with names
//! as in OpenTelemetry's
//! [compatibility rules](https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/).

use std::fmt::{Display, Write as _};

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, HistogramDataPoint, Metric as Collected, MetricData, ResourceMetrics,
};

/// Renders counters, gauges and histograms: the kinds that [`crate::Kind`] has.
pub(crate) fn render(collected: &ResourceMetrics) -> String {
    let mut text = String::new();
    for metric in collected.scope_metrics().flat_map(|scope| scope.metrics()) {
        match metric.data() {
            AggregatedMetrics::U64(data) => render_metric(&mut text, metric, data),
            AggregatedMetrics::I64(data) => render_metric(&mut text, metric, data),
            AggregatedMetrics::F64(data) => render_metric(&mut text, metric, data),
        }
    }
    text
}

fn render_metric<T: Copy + Display>(text: &mut String, metric: &Collected, data: &MetricData<T>) {
    let mut name = base_name(metric);
    match data {
        MetricData::Sum(sum) => {
            name.push_str("_total");
            head(text, &name, metric, "counter");
            for point in sum.data_points() {
                sample(text, &name, labels(point.attributes()), point.value());
            }
        }
        MetricData::Gauge(gauge) => {
            head(text, &name, metric, "gauge");
            for point in gauge.data_points() {
                sample(text, &name, labels(point.attributes()), point.value());
            }
        }
        MetricData::Histogram(histogram) => {
            head(text, &name, metric, "histogram");
            for point in histogram.data_points() {
                render_histogram(text, &name, point);
            }
        }
        // The catalogue has none: its histograms have explicit bounds.
        MetricData::ExponentialHistogram(_) => {}
    }
}

fn render_histogram<T: Copy + Display>(text: &mut String, name: &str, point: &HistogramDataPoint<T>) {
    let bucket = format!("{name}_bucket");
    let bounds = point.bounds().map(|bound| bound.to_string()).chain(["+Inf".to_owned()]);
    let mut total = 0;
    for (bound, count) in bounds.zip(point.bucket_counts()) {
        total += count;
        let mut labels = labels(point.attributes());
        labels.push(("le".to_owned(), bound));
        sample(text, &bucket, labels, total);
    }
    sample(text, &format!("{name}_sum"), labels(point.attributes()), point.sum());
    sample(text, &format!("{name}_count"), labels(point.attributes()), point.count());
}

fn base_name(metric: &Collected) -> String {
    let mut name = metric.name().replace('.', "_");
    let suffix = match metric.unit() {
        "s" => "_seconds",
        "By" => "_bytes",
        _ => "",
    };
    if !name.ends_with(suffix) {
        name.push_str(suffix);
    }
    name
}

fn labels<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> Vec<(String, String)> {
    let mut labels: Vec<_> = attributes
        .map(|attribute| (attribute.key.as_str().replace('.', "_"), attribute.value.as_str().into_owned()))
        .collect();
    labels.sort();
    labels
}

// Writing to a String cannot fail; the results are dropped for that reason.

fn head(text: &mut String, name: &str, metric: &Collected, kind: &str) {
    let _ = writeln!(text, "# HELP {name} {}", metric.description().replace('\\', "\\\\").replace('\n', "\\n"));
    let _ = writeln!(text, "# TYPE {name} {kind}");
}

fn sample(text: &mut String, name: &str, labels: Vec<(String, String)>, value: impl Display) {
    text.push_str(name);
    for (index, (key, value)) in labels.iter().enumerate() {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = write!(text, "{}{key}=\"{escaped}\"", if index == 0 { '{' } else { ',' });
    }
    if !labels.is_empty() {
        text.push('}');
    }
    let _ = writeln!(text, " {value}");
}

#[cfg(test)]
mod tests {
    use crate::{Attribute, Metric, Metrics};

    #[test]
    fn a_counter_is_a_total_per_label_set() {
        let metrics = Metrics::new();
        metrics.add(Metric::ImportRows, 2, &[Attribute::Outcome("stored")]);
        metrics.add(Metric::ImportRows, 3, &[Attribute::Outcome("stored")]);
        let text = metrics.render();
        assert!(text.contains("# TYPE allmende_import_rows_total counter\n"), "{text}");
        assert!(text.contains("allmende_import_rows_total{allmende_outcome=\"stored\"} 5\n"), "{text}");
    }

    #[test]
    fn a_histogram_has_growing_buckets_sum_and_count() {
        let metrics = Metrics::new();
        metrics.record(Metric::LogSyncDuration, 0.001, &[]);
        metrics.record(Metric::LogSyncDuration, 0.75, &[]);
        metrics.record(Metric::LogSyncDuration, 100.0, &[]);
        let text = metrics.render();
        for line in [
            "allmende_log_sync_duration_seconds_bucket{le=\"0.0005\"} 0",
            "allmende_log_sync_duration_seconds_bucket{le=\"0.001\"} 1",
            "allmende_log_sync_duration_seconds_bucket{le=\"1\"} 2",
            "allmende_log_sync_duration_seconds_bucket{le=\"+Inf\"} 3",
            "allmende_log_sync_duration_seconds_sum 100.751",
            "allmende_log_sync_duration_seconds_count 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn a_gauge_keeps_its_last_value_and_labels_are_escaped() {
        let metrics = Metrics::new();
        metrics.set(Metric::ViewLag, 7, &[Attribute::View("a\"b\\c")]);
        metrics.set(Metric::ViewLag, 4, &[Attribute::View("a\"b\\c")]);
        let text = metrics.render();
        assert!(text.contains("allmende_view_lag{allmende_view=\"a\\\"b\\\\c\"} 4\n"), "{text}");
    }
}

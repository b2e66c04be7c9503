//! How the system is watched: logs, traces and metrics, over OpenTelemetry and as Prometheus text.
//!
//! "Telemetry" means sensors everywhere in this workspace; the OpenTelemetry side is called instrumentation.
//!
//! Nothing here is global but the tracing subscriber, which [`init`] installs once for the process. [`Metrics`] is a
//! handle that wiring passes on. Neither a span's nor a metric's attributes may hold personal data: their values come
//! from closed sets (an rpc's path, a reason code, a partition, ...), never from a request's content.

mod catalogue;
pub mod context;
mod metrics;
mod otlp;
mod prometheus;
mod setup;

pub use catalogue::{Definition, Kind, Metric};
pub use context::TraceContext;
pub use metrics::{Attribute, Metrics};
pub use setup::{Config, Guard, InitError, LogFormat, Service, init};

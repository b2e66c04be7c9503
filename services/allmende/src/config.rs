//! The platform's settings.

use std::path::PathBuf;

use allmende_hosting::cluster;
use allmende_instrumentation as instrumentation;
use allmende_runtime::serve;
use serde::{Deserialize, Serialize};

/// Everything that can be set. Flags go before environment, environment before file, file before these defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder for everything that is kept.
    pub data: PathBuf,
    /// File with the installation's key, the same for every member of a cluster [default: `installation.key` in the data
    /// folder, made at the first start].
    pub installation_key_file: Option<PathBuf>,
    /// Whether a tenant with generated data is made.
    pub demo: bool,
    /// Address of the gRPC port.
    pub grpc: String,
    /// Address of the HTTP port.
    pub http: String,
    /// Address of the port for health and metrics.
    pub admin: String,
    /// How long running requests may take to end, in seconds.
    pub drain_s: u64,
    /// The cluster that this process is a member of.
    pub nats: cluster::Config,
    /// The gRPC server, and the proxies in front of either port.
    pub server: serve::Config,
    /// Logs, traces and metrics.
    pub instrumentation: instrumentation::Config,
    /// Accounts, sign-in, mail and requests to be forgotten.
    pub gateway: allmende_gateway::Config,
    /// The telemetry service.
    pub telemetry: allmende_telemetry::Config,
    /// The participation service.
    pub participation: allmende_participation::Config,
    /// The open-data service.
    pub opendata: allmende_opendata::Config,
    /// The reporting service.
    pub reporting: allmende_reporting::Config,
    /// The pages.
    pub portal: allmende_portal::Config,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "data".into(),
            installation_key_file: None,
            demo: false,
            grpc: "127.0.0.1:7400".into(),
            http: "127.0.0.1:7480".into(),
            admin: "127.0.0.1:7490".into(),
            drain_s: 20,
            nats: cluster::Config::default(),
            server: serve::Config::default(),
            instrumentation: instrumentation::Config::default(),
            gateway: allmende_gateway::Config::default(),
            telemetry: allmende_telemetry::Config::default(),
            participation: allmende_participation::Config::default(),
            opendata: allmende_opendata::Config::default(),
            reporting: allmende_reporting::Config::default(),
            portal: allmende_portal::Config::default(),
        }
    }
}

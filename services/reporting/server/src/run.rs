//! The service as a process of its own.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use allmende_hosting::{CloseError, Ports};
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_runtime::authorize::{LocalTokens, Table};
use allmende_runtime::drain::Draining;
use allmende_runtime::{admin, serve};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tonic::transport::Endpoint;

use crate::authorization::AUTHORIZATION;
use crate::config::Config;
use crate::sources::GrpcSources;
use crate::wiring::{Reporting, StartError};

/// What can be set of the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// The gRPC server.
    pub server: serve::Config,
    /// The service.
    pub reporting: Config,
    /// Where reports ask, e.g. http://gateway:7400.
    pub sources: String,
    /// Where they ask single services (`allmende.telemetry.v1.TelemetryService`) that are not behind `sources`.
    pub elsewhere: BTreeMap<String, String>,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            server: serve::Config::default(),
            reporting: Config::default(),
            sources: "http://127.0.0.1:7400".into(),
            elsewhere: BTreeMap::new(),
        }
    }
}

/// Where the process is reached; bound by whoever starts it.
#[derive(Debug)]
pub struct Listeners {
    /// gRPC.
    pub grpc: TcpListener,
    /// Health and metrics, not for the public.
    pub admin: TcpListener,
}

/// Why the process ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The tokens cannot be read.
    #[error("the tokens cannot be read")]
    Tokens(#[from] allmende_runtime::secrets::SecretError),
    /// The address of a source is none.
    #[error("{address} is no address")]
    Source {
        /// What was set.
        address: String,
        /// What is wrong with it.
        source: tonic::transport::Error,
    },
    /// The service did not start.
    #[error("the service did not start")]
    Start(#[from] StartError),
    /// The gRPC server failed.
    #[error("the gRPC server failed")]
    Serve(#[from] serve::ServeError),
    /// The port for operators failed.
    #[error("the port for health and metrics failed")]
    Admin(#[source] io::Error),
    /// The service did not close well.
    #[error("the service did not close")]
    Close(#[from] CloseError),
}

/// Serves until the drain is over, then closes.
pub async fn run(config: RunConfig, ports: Ports, listeners: Listeners, draining: Draining) -> Result<(), RunError> {
    let tokens = LocalTokens::open(ports.secrets.as_ref())?;
    let metrics = ports.metrics.clone();
    let sources = Arc::new(sources(&config)?);
    let reporting = Reporting::start(config.reporting, ports, sources).await?;
    let router = admin::router(metrics.clone(), reporting.ready(), draining.clone());
    let server = serve::Server::new(config.server, Table::new(&[AUTHORIZATION]), tokens, metrics, FILE_DESCRIPTOR_SET)
        .with_service(reporting.service());
    let served = tokio::select! {
        served = server.serve(listeners.grpc, reporting.ready(), draining) => served.map_err(RunError::Serve),
        // Ends only if it fails.
        watched = admin::serve(listeners.admin, router) => watched.map_err(RunError::Admin),
    };
    let closed = reporting.close().await.map_err(RunError::Close);
    served.and(closed)
}

fn sources(config: &RunConfig) -> Result<GrpcSources, RunError> {
    let channel = |address: &String| {
        let endpoint = Endpoint::from_shared(address.clone())
            .map_err(|source| RunError::Source { address: address.clone(), source })?;
        Ok::<_, RunError>(endpoint.connect_timeout(Duration::from_secs(5)).tcp_nodelay(true).connect_lazy())
    };
    let timeout = Duration::from_secs(config.reporting.query_timeout_s);
    let sources = GrpcSources::new(channel(&config.sources)?).with_timeout(timeout);
    config
        .elsewhere
        .iter()
        .try_fold(sources, |sources, (service, address)| Ok(sources.with_service(service, channel(address)?)))
}

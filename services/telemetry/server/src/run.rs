//! The service as a process of its own.

use std::io;

use allmende_hosting::{CloseError, Ports};
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_runtime::authorize::{LocalTokens, Table};
use allmende_runtime::drain::Draining;
use allmende_runtime::{admin, serve};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::authorization::AUTHORIZATION;
use crate::config::Config;
use crate::wiring::{StartError, Telemetry};

/// What can be set of the process.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// The gRPC server.
    pub server: serve::Config,
    /// The service.
    pub telemetry: Config,
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
    let telemetry = Telemetry::start(config.telemetry, ports).await?;
    let router = admin::router(metrics.clone(), telemetry.ready(), draining.clone());
    let server = serve::Server::new(config.server, Table::new(&[AUTHORIZATION]), tokens, metrics, FILE_DESCRIPTOR_SET)
        .with_service(telemetry.service());
    let served = tokio::select! {
        served = server.serve(listeners.grpc, telemetry.ready(), draining) => served.map_err(RunError::Serve),
        // Ends only if it fails.
        watched = admin::serve(listeners.admin, router) => watched.map_err(RunError::Admin),
    };
    let closed = telemetry.close().await.map_err(RunError::Close);
    served.and(closed)
}

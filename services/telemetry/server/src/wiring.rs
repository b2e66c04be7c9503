//! Puts the service together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_hosting::{Caches, CloseError, Host, Partition, Ports};
use allmende_proto::telemetry::v1::telemetry_service_server::TelemetryServiceServer;
use allmende_runtime::forward::Led;
use allmende_runtime::serve::MAX_MESSAGE_BYTES;
use allmende_telemetry_domain::limits::{AIR_QUALITY_TOML, InvalidRules, RuleSets};
use tokio::sync::watch;

use crate::app::App;
use crate::config::Config;
use crate::grpc::Grpc;
use crate::views::{Archive, TelemetryView};

/// A service has one partition.
const PARTITION: &str = "telemetry-0";
const MIB: usize = 1 << 20;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The file with rule sets cannot be read.
    #[error("cannot read the rule sets in {path}")]
    RulesFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The rule sets cannot be used.
    #[error("the rule sets cannot be used")]
    Rules(#[source] InvalidRules),
    /// The partition does not open.
    #[error(transparent)]
    Partition(#[from] allmende_hosting::StartError),
}

/// The running service.
pub struct Telemetry {
    app: Arc<App>,
    host: Host,
}

impl Telemetry {
    /// Opens log and views and begins to fold. Serves from then on; [`ready`](Self::ready) tells when reads show all
    /// that was stored before.
    pub async fn start(config: Config, ports: Ports) -> Result<Self, StartError> {
        let rules = rules(config.rules.as_deref())?;
        let caches = Caches { index_mib: config.index_cache_mib, view_mib: config.view_cache_mib };
        let mut partition = Partition::open(&ports, PARTITION, caches).await?;
        // Half for the fold, half for questions, so that neither pushes out what the other needs.
        let block_bytes = config.block_cache_mib.saturating_mul(MIB) / 2;
        let queries = partition.run(TelemetryView::new(Archive::new(partition.log(), block_bytes)))?;
        let app = App {
            commands: partition.commands(),
            queries,
            archive: Arc::new(Archive::new(partition.log(), block_bytes)),
            rules,
            installation: ports.installation,
            clock: ports.clock,
            metrics: ports.metrics,
        };
        Ok(Self { app: Arc::new(app), host: partition.watched() })
    }

    /// The gRPC service, to be mounted on a server that checks [`crate::AUTHORIZATION`].
    pub fn service(&self) -> TelemetryServiceServer<Grpc> {
        TelemetryServiceServer::new(Grpc::new(Arc::clone(&self.app)))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// The partition, for those who send its commands on to another member. `None` if there are no others.
    pub fn led(&self) -> Option<Arc<dyn Led>> {
        self.host.led()
    }

    /// The log, for services that follow it.
    pub fn log(&self) -> Arc<dyn EventLog> {
        self.host.log()
    }

    /// Whether reads show everything that was stored before the start.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.host.ready()
    }

    /// Writes what waits and stops. To be called when no rpc runs any more; later ones are answered UNAVAILABLE.
    pub async fn close(self) -> Result<(), CloseError> {
        self.host.close().await
    }
}

fn rules(file: Option<&Path>) -> Result<RuleSets, StartError> {
    let text = match file {
        Some(path) => {
            std::fs::read_to_string(path).map_err(|source| StartError::RulesFile { path: path.to_owned(), source })?
        }
        None => AIR_QUALITY_TOML.to_owned(),
    };
    RuleSets::parse(&text).map_err(StartError::Rules)
}

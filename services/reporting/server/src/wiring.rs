//! Puts the service together.

use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_hosting::{Caches, CloseError, Host, Partition, Ports};
use allmende_proto::reporting::v1::reporting_service_server::ReportingServiceServer;
use allmende_runtime::forward::Led;
use allmende_runtime::serve::MAX_MESSAGE_BYTES;
use tokio::sync::watch;

use crate::app::App;
use crate::config::Config;
use crate::grpc::Grpc;
use crate::sources::Sources;
use crate::views::ReportingView;

/// A service has one partition.
const PARTITION: &str = "reporting-0";

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The partition does not open.
    #[error(transparent)]
    Partition(#[from] allmende_hosting::StartError),
}

/// The running service.
pub struct Reporting {
    app: Arc<App>,
    host: Host,
}

impl Reporting {
    /// Opens log and views and begins to fold. Serves from then on; [`ready`](Self::ready) tells when reads show all
    /// that was stored before. Reports ask `sources`, this service among them, so they are not asked before it serves.
    pub async fn start(config: Config, ports: Ports, sources: Arc<dyn Sources>) -> Result<Self, StartError> {
        let caches = Caches { index_mib: config.index_cache_mib, view_mib: config.view_cache_mib };
        let mut partition = Partition::open(&ports, PARTITION, caches).await?;
        let queries = partition.run(ReportingView)?;
        let app = App { commands: partition.commands(), queries, sources, installation: ports.installation };
        Ok(Self { app: Arc::new(app), host: partition.watched() })
    }

    /// The gRPC service, to be mounted on a server that checks [`crate::AUTHORIZATION`].
    pub fn service(&self) -> ReportingServiceServer<Grpc> {
        ReportingServiceServer::new(Grpc::new(Arc::clone(&self.app)))
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

//! Puts the service together.

use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_hosting::{Caches, CloseError, Host, Partition, Ports};
use allmende_kernel::{SubjectId, TenantId};
use allmende_keyring::Keyring;
use allmende_participation_domain::ContributionId;
use allmende_participation_domain::contribution::ErasureReason;
use allmende_proto::participation::v1::participation_service_server::ParticipationServiceServer;
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::forward::Led;
use allmende_runtime::serve::MAX_MESSAGE_BYTES;
use tokio::sync::watch;

use crate::app::App;
use crate::attachments::{Attachments, Bounds};
use crate::berlin::Berlin;
use crate::config::Config;
use crate::grpc::Grpc;
use crate::process::Erasures;
use crate::sealing::Vault;
use crate::search::Search;
use crate::views::ParticipationView;

/// A service has one partition.
const PARTITION: &str = "participation-0";
const MIB: u64 = 1 << 20;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The partition does not open.
    #[error(transparent)]
    Partition(#[from] allmende_hosting::StartError),
    /// The attachments cannot be read.
    #[error("the attachments cannot be read")]
    Attachments(#[source] std::io::Error),
    /// This version comes without the rules of the time zone.
    #[error("there are no rules for the time zone of the procedures")]
    TimeZone(#[source] jiff::Error),
    /// The search index does not open, and cannot be made anew.
    #[error("the search index does not open")]
    Search(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why something could not be erased. What was erased before it stays so; erasing again goes on.
#[derive(Debug, thiserror::Error)]
#[error("the erasure did not get to its end")]
pub struct ErasureFailed(#[source] Box<dyn std::error::Error + Send + Sync>);

/// The running service.
pub struct Participation {
    app: Arc<App>,
    host: Host,
}

/// Opens log, views and search; nothing follows the log yet but the views. The future keeps the search index.
pub(crate) async fn open(
    config: Config,
    ports: Ports,
    keyring: Arc<dyn Keyring>,
) -> Result<(App, Partition, impl Future<Output = ()> + Send), StartError> {
    let caches = Caches { index_mib: config.index_cache_mib, view_mib: config.view_cache_mib };
    let mut partition = Partition::open(&ports, PARTITION, caches).await?;
    let queries = partition.run(ParticipationView)?;
    let bounds = Bounds {
        all: config.attachments_mib.saturating_mul(MIB),
        of_tenant: config.tenant_attachments_mib.saturating_mul(MIB),
    };
    let shelves = Arc::clone(&ports.files);
    let opening = tokio::task::spawn_blocking(move || Attachments::open(shelves.as_ref(), bounds));
    let attachments = opening.await.map_err(|error| StartError::Attachments(std::io::Error::other(error)))?;
    let attachments = attachments.map_err(StartError::Attachments)?;
    let vault = Vault::new(keyring);
    let folder = ports.data.join("search").join(PARTITION);
    let (search, indexing) = Search::start(&folder, partition.log(), queries.clone(), vault.clone())
        .map_err(|error| StartError::Search(error.into()))?;
    let app = App {
        commands: partition.commands(),
        queries,
        vault,
        attachments,
        search,
        berlin: Berlin::new().map_err(StartError::TimeZone)?,
        installation: ports.installation,
        clock: ports.clock,
    };
    Ok((app, partition, indexing))
}

impl Participation {
    /// Opens log, views and search and begins to fold. Serves from then on; [`ready`](Self::ready) tells when reads
    /// show all that was stored before.
    pub async fn start(config: Config, ports: Ports, keyring: Arc<dyn Keyring>) -> Result<Self, StartError> {
        let (app, partition, indexing) = open(config, ports, keyring).await?;
        let (app, mut host) = (Arc::new(app), partition.watched());
        host.keep(indexing);
        let sweeping = Arc::clone(&app);
        // By the one who leads: what a member before it put down is named by a commit that has come here, or by none.
        host.work_leading("files that no text names", move || {
            let app = Arc::clone(&sweeping);
            async move { app.sweep_files().await }
        });
        Ok(Self { app, host })
    }

    /// Begins to erase what gateway's log says was accepted. To be closed before that log is.
    pub fn follow_gateway(&mut self, log: Arc<dyn EventLog>) {
        self.host.react(log, Erasures(Arc::clone(&self.app)));
    }

    /// The gRPC service, to be mounted on a server that checks [`crate::AUTHORIZATION`].
    pub fn service(&self) -> ParticipationServiceServer<Grpc> {
        ParticipationServiceServer::new(Grpc::new(Arc::clone(&self.app)))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// Erases, for whoever carries decisions on erasure out.
    pub fn eraser(&self) -> Eraser {
        Eraser(Arc::clone(&self.app))
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

/// Erases texts for good: keys, files and words in the search index, and an event that says so. Every call can be
/// repeated, also after it was cut off.
#[derive(Clone)]
pub struct Eraser(Arc<App>);

impl Eraser {
    /// Erases one text.
    pub async fn contribution(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        reason: ErasureReason,
    ) -> Result<ConsistencyToken, ErasureFailed> {
        self.0.erase_contribution(tenant, id, reason).await.map_err(|error| ErasureFailed(error.into()))
    }

    /// Erases everything that a person wrote for a tenant; tells how many texts that were.
    pub async fn person(
        &self,
        tenant: &TenantId,
        person: SubjectId,
        reason: ErasureReason,
    ) -> Result<(u32, ConsistencyToken), ErasureFailed> {
        let erased = self.0.erase_person(tenant, person, reason).await;
        erased.map(|erased| (erased.texts, erased.seen)).map_err(|error| ErasureFailed(error.into()))
    }
}

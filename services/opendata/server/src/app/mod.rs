//! Use cases, one a file: what was parsed goes in, what is to be told comes out. Nothing here knows gRPC or HTTP.

mod add_distribution;
mod catalogue;
mod change_dataset;
mod declare_source_licence;
mod describe_publisher;
mod get_dataset;
mod issue;
mod open_file;
mod release_check;
mod remove_files;
mod retract;
mod uploaded;

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::Request;
pub(crate) use allmende_hosting::Answer;
use allmende_hosting::{Commands, Failure, Queries};
use allmende_kernel::{Clock, Decider, Position, StreamName, TenantId};
use allmende_opendata_domain::{DatasetId, Source, dataset};
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::installation::Installation;
use allmende_views::WaitError;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinError;
use uuid::Uuid;

use crate::config::Config;
use crate::error::{Error, Rejection};
use crate::files::Files;
use crate::sources::Follows;
use crate::stream::Downloads;
use crate::views::Reader;

pub(crate) use add_distribution::{AddDistribution, Upload};
pub(crate) use change_dataset::{Change, Changed};
pub(crate) use get_dataset::{Dataset, ListDatasets, ListVersions, Version};
pub(crate) use open_file::{Found, OpenFile, Opened};

/// Namespace of the ids of datasets that the platform fills: with a tenant and a source they say which.
const DATASETS: Uuid = Uuid::from_u128(0x5d0c_3b6e_9f0a_5a43_8b1d_6c2e_7a94_e1f8);
/// How long a read waits for datasets made of another service at most; the rpc's deadline is mostly shorter.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything the use cases need.
pub(crate) struct App {
    pub(crate) commands: Commands,
    pub(crate) queries: Queries,
    pub(crate) files: Arc<Files>,
    pub(crate) sources: Vec<Followed>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: Config,
    pub(crate) downloads: Downloads,
    /// One dataset is issued after the other: each takes memory and the disk.
    pub(crate) issuing: Mutex<()>,
    /// Wakes the publisher for somebody who waits.
    pub(crate) publisher_called: Notify,
}

/// A source, how far datasets made of it have come, and what somebody waits for.
pub(crate) struct Followed {
    pub(crate) source: Arc<dyn Follows>,
    pub(crate) reached: watch::Sender<Reached>,
    pub(crate) awaited: watch::Sender<Position>,
}

/// How far a source was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reached {
    /// Everything up to here was looked at, and what was due was issued.
    pub(crate) looked_at: Position,
    /// Everything up to here is in a dataset, due or not.
    pub(crate) issued: Position,
}

impl Followed {
    pub(crate) fn new(source: Arc<dyn Follows>) -> Self {
        Self { source, reached: watch::Sender::new(Reached::default()), awaited: watch::Sender::new(Position::START) }
    }
}

/// The id of the dataset that is filled from `source`.
pub(crate) fn dataset_id(tenant: &TenantId, source: Source) -> Option<DatasetId> {
    let name = format!("{tenant}/{}", source.dataset_name()?);
    Some(DatasetId::new(Uuid::new_v5(&DATASETS, name.as_bytes())))
}

pub(crate) fn dataset_stream(tenant: &TenantId, id: DatasetId) -> StreamName {
    StreamName::new(tenant, dataset::Model::CATEGORY, &id.to_string()).expect("a UUID is a stream's id")
}

/// What the platform does by itself: the rules see to it that it happens once.
pub(crate) const BY_ITSELF: Request = Request { origin: allmende_eventlog::Origin::Unlinked, actor: None, trace: None };

impl App {
    /// Reads at one position, which is at least that of the token: of this service's log, and of those that datasets are
    /// made from.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        token: &ConsistencyToken,
        read: impl FnOnce(Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        self.wait_for_sources(token).await?;
        self.queries.read(token, move |tables| read(Reader(tables))).await
    }

    async fn wait_for_sources(&self, token: &ConsistencyToken) -> Result<(), Error> {
        for Followed { source, reached, awaited } in &self.sources {
            let wanted = token.position(source.log().partition());
            if wanted == Position::START {
                continue;
            }
            if wanted.group > source.log().head().borrow().group {
                return Err(Failure::TokenAhead.into());
            }
            // What the view shows is seen as soon as the publisher is called.
            source.view().wait_for(wanted, PATIENCE).await.map_err(Failure::from)?;
            let on_demand = source.is_issued_on_demand();
            if on_demand {
                awaited.send_if_modified(|awaited| {
                    let further = *awaited < wanted;
                    *awaited = wanted.max(*awaited);
                    further
                });
                self.publisher_called.notify_one();
            }
            let mut reached = reached.subscribe();
            let there = |reached: &Reached| (if on_demand { reached.issued } else { reached.looked_at }) >= wanted;
            let waited = tokio::time::timeout(PATIENCE, reached.wait_for(there)).await;
            // The sender lives as long as this does.
            if waited.is_err() {
                let applied = source.view().applied();
                return Err(Failure::from(WaitError::Deadline { wanted, applied }).into());
            }
        }
        Ok(())
    }

    /// The same without a token, for what the platform does by itself: everything that is durable.
    pub(crate) async fn read_now<T: Send + 'static>(
        &self,
        read: impl FnOnce(Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.queries.view().catch_up(PATIENCE).await.map_err(Failure::from)?;
        self.queries.view().read(move |tables| read(Reader(tables))).await
    }
}

/// Work that is done to its end, also when nobody waits for it any more: a call that is given up must not leave half of it.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    done(tokio::spawn(work).await)?
}

/// Work that blocks on the disk, off the async workers.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Rejection> + Send + 'static,
) -> Result<T, Error> {
    Ok(done(tokio::task::spawn_blocking(work).await)??)
}

fn done<T>(joined: Result<T, JoinError>) -> Result<T, Error> {
    joined.or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Err(allmende_views::StorageError::Interrupted.into()),
    })
}

//! Puts the service together.

use std::io;
use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_hosting::{Caches, CloseError, Host, Partition, Ports};
use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_keyring::Keyring;
use allmende_proto::opendata::v1::catalog_service_server::CatalogServiceServer;
use allmende_runtime::authorize::Routes;
use allmende_runtime::forward::Led;
use allmende_runtime::serve::MAX_MESSAGE_BYTES;
use allmende_views::{View, ViewHandle, ViewStore};
use tokio::sync::{Mutex, Notify, watch};

use crate::app::{App, Followed};
use crate::config::Config;
use crate::files::Files;
use crate::grpc::Grpc;
use crate::process;
use crate::sources::participation::{Participation, TextsView};
use crate::sources::telemetry::{ObservationsView, Telemetry};
use crate::stream::Downloads;
use crate::views::CatalogueView;

/// A service has one partition.
const PARTITION: &str = "opendata-0";

/// Logs of other services that datasets are made from. One that is not there makes no datasets.
#[derive(Clone, Default)]
pub struct Sources {
    /// Observations.
    pub telemetry: Option<Arc<dyn EventLog>>,
    /// Contributions and synopses, and the keys that open their texts.
    pub participation: Option<(Arc<dyn EventLog>, Arc<dyn Keyring>)>,
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The public address is no address, or ends with a slash.
    #[error("public_url must be an http or https address without a slash at its end")]
    PublicUrl,
    /// The partition does not open.
    #[error(transparent)]
    Partition(#[from] allmende_hosting::StartError),
    /// The files of datasets do not open.
    #[error("the files of datasets do not open")]
    Files(#[source] io::Error),
    /// The views of another service's log do not open.
    #[error("the views of {0} do not open")]
    Source(&'static str, #[source] allmende_views::OpenError),
    /// The process is ending.
    #[error("starting was interrupted")]
    Interrupted,
}

/// The running service.
pub struct OpenData {
    app: Arc<App>,
    host: Host,
    followed: Vec<ViewStore>,
}

impl OpenData {
    /// Opens log, views and files and begins to publish.
    pub async fn start(config: Config, ports: Ports, sources: Sources) -> Result<Self, StartError> {
        let is_address = config.public_url.starts_with("http://") || config.public_url.starts_with("https://");
        if !is_address || config.public_url.ends_with('/') || oxrdf::NamedNode::new(&config.public_url).is_err() {
            return Err(StartError::PublicUrl);
        }
        let caches = Caches { index_mib: config.index_cache_mib, view_mib: config.view_cache_mib };
        let mut partition = Partition::open(&ports, PARTITION, caches).await?;
        let queries = partition.run(CatalogueView)?;
        let shelves = Arc::clone(&ports.files);
        let files = tokio::task::spawn_blocking(move || Files::open(shelves.as_ref()));
        let files = files.await.map_err(|_| StartError::Interrupted)?.map_err(StartError::Files)?;
        let mut following = Following { ports: &ports, stores: Vec::new(), followed: Vec::new() };
        if let Some(log) = sources.telemetry {
            let view = following.open("telemetry-0", &log, ObservationsView).await?;
            following.followed.push(Followed::new(Arc::new(Telemetry::new(view, log))));
        }
        if let Some((log, keyring)) = sources.participation {
            let view = following.open("participation-0", &log, TextsView).await?;
            following.followed.push(Followed::new(Arc::new(Participation::new(view, log, keyring))));
        }
        let Following { stores, followed, .. } = following;
        let app = Arc::new(App {
            commands: partition.commands(),
            queries,
            files: Arc::new(files),
            sources: followed,
            installation: ports.installation,
            clock: ports.clock,
            config,
            downloads: Downloads::new(),
            issuing: Mutex::new(()),
            publisher_called: Notify::new(),
        });
        let (mut host, publishing) = (partition.watched(), Arc::clone(&app));
        host.work_leading("publishing datasets", move || process::publish(Arc::clone(&publishing)));
        Ok(Self { app, host, followed: stores })
    }

    /// The gRPC service, to be mounted on a server that checks [`crate::AUTHORIZATION`].
    pub fn service(&self) -> CatalogServiceServer<Grpc> {
        CatalogServiceServer::new(Grpc::new(Arc::clone(&self.app)))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// The catalogue and the files over HTTP, to be mounted behind a guard that checks [`crate::AUTHORIZATION`].
    pub fn routes(&self) -> Routes {
        crate::http::routes(Arc::clone(&self.app))
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

    /// Writes what waits and stops. To be called when no rpc runs any more, and before the logs of the sources close.
    pub async fn close(mut self) -> Result<(), CloseError> {
        self.host.rest().await;
        // What goes on though its caller has given up ends before the log closes.
        drop(self.app.issuing.lock().await);
        drop(self.app.files.naming.write().await);
        for store in self.followed {
            store.close().await;
        }
        self.host.close().await
    }
}

/// Views of other services' logs, each in a store of its own.
struct Following<'a> {
    ports: &'a Ports,
    stores: Vec<ViewStore>,
    followed: Vec<Followed>,
}

impl Following<'_> {
    async fn open<V: View>(
        &mut self,
        partition: &'static str,
        log: &Arc<dyn EventLog>,
        view: V,
    ) -> Result<ViewHandle, StartError> {
        let folder = self.ports.data.join("views").join(format!("{PARTITION}-of-{partition}"));
        let (log, metrics) = (Arc::clone(log), self.ports.metrics.clone());
        let runtime = tokio::runtime::Handle::current();
        let opening = tokio::task::spawn_blocking(move || {
            let _within = runtime.enter();
            opened(&folder, log, view, &metrics)
        });
        let opened = opening.await.map_err(|_| StartError::Interrupted)?;
        let (store, handle) = opened.map_err(|error| StartError::Source(partition, error))?;
        self.stores.push(store);
        Ok(handle)
    }
}

fn opened<V: View>(
    folder: &std::path::Path,
    log: Arc<dyn EventLog>,
    view: V,
    metrics: &Metrics,
) -> Result<(ViewStore, ViewHandle), allmende_views::OpenError> {
    let options = allmende_views::Options { cache_bytes: 8 << 20, ..allmende_views::Options::default() };
    let mut store = ViewStore::open(folder, log, options)?;
    if store.set_aside().is_some() {
        metrics.add(Metric::ViewRebuilds, 1, &[Attribute::View(V::NAME)]);
    }
    let handle = store.run(view)?;
    Ok((store, handle))
}

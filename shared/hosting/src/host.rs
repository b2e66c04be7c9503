use std::path::PathBuf;
use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_eventlog_sled::SledLog;
use allmende_instrumentation::Metrics;
use allmende_kernel::Clock;
use allmende_runtime::installation::Installation;
use allmende_views::ViewStore;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::follow::{Reaction, follow};

/// What a service is given by the process around it.
#[derive(Clone)]
pub struct Ports {
    /// Folder of the installation: a service's log goes to `log/{partition}` in it, what is read to `views/{partition}`.
    pub data: PathBuf,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The installation's secret.
    pub installation: Arc<Installation>,
    /// Where values are recorded.
    pub metrics: Metrics,
}

/// Why a service did not end well. What was acknowledged is stored all the same.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The log's end could not be noted, so that its next start takes longer.
    #[error("the log did not close")]
    Log(#[source] std::io::Error),
    /// The process is ending.
    #[error("closing was interrupted")]
    Interrupted,
}

/// A partition that is open and watched.
pub struct Host {
    pub(crate) log: Arc<SledLog>,
    pub(crate) store: ViewStore,
    pub(crate) ready: watch::Receiver<bool>,
    pub(crate) watching: Vec<JoinHandle<()>>,
    pub(crate) metrics: Metrics,
}

impl Host {
    /// The log, for those who follow it.
    pub fn log(&self) -> Arc<dyn EventLog> {
        Arc::clone(&self.log) as _
    }

    /// Begins to carry out what another service's log asks for: all of it from its beginning, then what comes. Ends when
    /// this is closed, which is to happen before the other log closes.
    pub fn react<R: Reaction>(&mut self, log: Arc<dyn EventLog>, reaction: R) {
        self.watching.push(tokio::spawn(follow(log, self.metrics.clone(), reaction)));
    }

    /// Whether reads show everything that was stored before the start, and commands are taken.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    /// Writes what waits and stops. To be called when no rpc runs any more; later ones are answered UNAVAILABLE.
    pub async fn close(self) -> Result<(), CloseError> {
        self.watching.iter().for_each(JoinHandle::abort);
        self.store.close().await;
        let log = self.log;
        let closing = tokio::task::spawn_blocking(move || log.close());
        closing.await.map_err(|_| CloseError::Interrupted)?.map_err(CloseError::Log)
    }
}

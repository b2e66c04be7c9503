use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_files::{FolderShelves, Shelves};
use allmende_instrumentation::Metrics;
use allmende_kernel::Clock;
use allmende_runtime::forward::Led;
use allmende_runtime::installation::Installation;
use allmende_runtime::secrets::{FolderSecrets, Secrets};
use allmende_views::{ViewHandle, ViewStore};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::follow::{Reaction, follow};
use crate::kept::Kept;
use crate::sharing::Sharing;
use crate::tasks::{End, tended, while_true};

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
    /// Tokens and keys that the installation made itself.
    pub secrets: Arc<dyn Secrets>,
    /// Files that events name.
    pub files: Arc<dyn Shelves>,
    /// Where logs are kept.
    pub logs: Logs,
}

impl Ports {
    /// Those of a process that is alone with its folder.
    pub fn alone(data: &Path, clock: Arc<dyn Clock>, installation: Arc<Installation>, metrics: Metrics) -> Self {
        let (secrets, files) = (Arc::new(FolderSecrets::new(data)), Arc::new(FolderShelves::new(data)));
        Self { data: data.to_owned(), clock, installation, metrics, secrets, files, logs: Logs::Local }
    }
}

/// Where logs are kept.
#[derive(Clone)]
pub enum Logs {
    /// In the installation's folder, by this process alone.
    Local,
    /// In a cluster that this process is a member of.
    Replicated(Arc<Cluster>),
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
    pub(crate) kept: Kept,
    pub(crate) store: ViewStore,
    pub(crate) views: Vec<ViewHandle>,
    pub(crate) ready: watch::Receiver<bool>,
    pub(crate) running: watch::Sender<bool>,
    pub(crate) watching: Vec<JoinHandle<()>>,
    pub(crate) working: Vec<JoinHandle<()>>,
    pub(crate) metrics: Metrics,
}

impl Host {
    /// The log, for those who follow it.
    pub fn log(&self) -> Arc<dyn EventLog> {
        self.kept.log()
    }

    /// The partition, for those who send on what comes here and is for another member. `None` if there are no others.
    pub fn led(&self) -> Option<Arc<dyn Led>> {
        let views = self.views.clone();
        self.kept.shared().map(|log| Arc::new(Sharing { log, views }) as _)
    }

    /// Whether this process is the one that takes the partition's commands, as that changes.
    pub fn leads(&self) -> watch::Receiver<bool> {
        self.kept.leads()
    }

    /// Begins to carry out what another service's log asks for: all of it from its beginning, then what comes. Ends when
    /// this is closed, which is to happen before the other log closes. Of several members the one that leads does it.
    pub fn react<R: Reaction>(&mut self, log: Arc<dyn EventLog>, reaction: R) {
        let (leads, metrics, reaction) = (self.leads(), self.metrics.clone(), Arc::new(reaction));
        self.keep(while_true(leads, move || follow(Arc::clone(&log), metrics.clone(), Arc::clone(&reaction))));
    }

    /// Runs what the service cannot do without, until this is closed. If it ends before, by a panic too, the service is
    /// no longer ready.
    pub fn keep(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let needed = Needed(self.running.clone());
        self.working.push(tokio::spawn(async move {
            let _needed = needed;
            task.await;
        }));
    }

    /// Does what the service does beside the calls, until this is closed or it ends by itself. If it panics, that is said,
    /// counted (`allmende.task.restarts`, by `task`) and it is begun anew after a while that grows. What breaks off again
    /// and again is given up, and the service is no longer ready.
    pub fn work<F>(&mut self, task: &'static str, work: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (running, metrics) = (self.running.clone(), self.metrics.clone());
        self.working.push(tokio::spawn(async move {
            if tended(task, metrics, work).await == End::GivenUp {
                running.send_replace(false);
            }
        }));
    }

    /// Does the same on the one member that leads, as long as it does: what stores something, or must not be done twice.
    pub fn work_leading<F>(&mut self, task: &'static str, work: impl FnMut() -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let leads = self.leads();
        self.work(task, move || while_true(leads.clone(), work.clone()));
    }

    /// Ends what is done beside the calls, for those who have to close something else before this.
    pub async fn rest(&mut self) {
        self.working.iter().for_each(JoinHandle::abort);
        for task in self.working.drain(..) {
            // Ended by us, or before.
            let _ = task.await;
        }
    }

    /// Whether reads show everything that was stored before the start, and commands are taken.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    /// Writes what waits and stops. To be called when no rpc runs any more; later ones are answered UNAVAILABLE.
    pub async fn close(mut self) -> Result<(), CloseError> {
        self.rest().await;
        self.watching.iter().for_each(JoinHandle::abort);
        for task in self.watching {
            // Ended by us, or before.
            let _ = task.await;
        }
        self.store.close().await;
        self.kept.close().await
    }
}

/// Tells that a task is over, however it ended.
struct Needed(watch::Sender<bool>);

impl Drop for Needed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a task of the service broke off and does not run again before the next start");
        }
        self.0.send_replace(false);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use allmende_eventlog::contract::ManualClock;
    use allmende_kernel::Timestamp;
    use tokio::sync::oneshot;

    use super::*;
    use crate::{Caches, Partition};

    async fn becomes(ready: &mut watch::Receiver<bool>, wanted: bool) {
        let told = ready.wait_for(|ready| *ready == wanted);
        tokio::time::timeout(Duration::from_secs(60), told).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_service_that_lost_a_task_is_not_ready() {
        let data = tempfile::tempdir().unwrap();
        for panics in [false, true] {
            let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1)));
            let installation = Arc::new(Installation::open(data.path()).unwrap());
            let ports = Ports::alone(data.path(), clock, installation, Metrics::new());
            let caches = Caches { index_mib: 1, view_mib: 1 };
            let mut host = Partition::open(&ports, "test-0", caches).await.unwrap().watched();
            let (mut ready, (end, ended)) = (host.ready(), oneshot::channel::<()>());
            host.keep(async move {
                ended.await.unwrap();
                assert!(!panics, "as the test wants it");
            });
            becomes(&mut ready, true).await;
            end.send(()).unwrap();
            becomes(&mut ready, false).await;
            host.close().await.unwrap();
        }
    }
}

//! Opens a partition, with its log wherever that is kept.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allmende_eventlog::{EventLog, StopReason};
use allmende_eventlog_nats::stream::StreamError;
use allmende_eventlog_sled::{Damage, Hooks, Options, Written};
use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_kernel::PartitionName;
use allmende_views::{View, ViewHandle, ViewStore};
use tokio::sync::watch;

use crate::host::{Host, Logs, Ports};
use crate::kept::Kept;
use crate::member::{Member, Watched};
use crate::readiness::{tell_lag, tell_readiness};
use crate::{Commands, Queries};

const MIB: u64 = 1 << 20;

/// Memory of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caches {
    /// For the log's index, in MiB.
    pub index_mib: u64,
    /// For what is read, in MiB.
    pub view_mib: u64,
}

/// Why a partition does not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log does not open.
    #[error("the log does not open")]
    Log(#[source] allmende_eventlog_sled::OpenError),
    /// The stream that the log is replicated by cannot be used.
    #[error("the log's stream cannot be used")]
    Stream(#[source] StreamError),
    /// The system gives no thread.
    #[error("the log's thread does not start")]
    Thread(#[source] io::Error),
    /// The views do not open.
    #[error("the views do not open")]
    Views(#[source] allmende_views::OpenError),
    /// The process is ending.
    #[error("starting was interrupted")]
    Interrupted,
}

/// A partition whose views are being started.
pub struct Partition {
    kept: Kept,
    log: Arc<dyn EventLog>,
    store: ViewStore,
    views: Vec<ViewHandle>,
    writable: watch::Receiver<bool>,
    metrics: Metrics,
}

impl Partition {
    /// Opens log and views of `name`, or begins them.
    pub async fn open(ports: &Ports, name: &'static str, caches: Caches) -> Result<Self, StartError> {
        let (set_writable, writable) = watch::channel(true);
        let partition = PartitionName::parse(name).expect("a service's constant is a partition's name");
        let options = Options {
            index_cache_bytes: caches.index_mib.saturating_mul(MIB),
            hooks: hooks(&partition, &ports.metrics, set_writable.clone()),
            ..Options::default()
        };
        let (folder, clock) = (ports.data.join("log").join(name), Arc::clone(&ports.clock));
        let kept = match &ports.logs {
            Logs::Local => {
                let opening = tokio::task::spawn_blocking(move || Kept::local(&folder, partition, clock, options));
                opening.await.map_err(|_| StartError::Interrupted)??
            }
            Logs::Replicated(cluster) => {
                let watched = Watched { metrics: ports.metrics.clone(), writable: set_writable };
                Kept::Replicated(Member::open(cluster, &folder, &partition, clock, options, watched).await?)
            }
        };
        let (log, folder) = (kept.log(), ports.data.join("views").join(name));
        let opening = tokio::task::spawn_blocking(move || open_views(&folder, log, caches));
        let store = opening.await.map_err(|_| StartError::Interrupted)??;
        if store.set_aside().is_some() {
            ports.metrics.add(Metric::ViewRebuilds, 1, &[Attribute::View(name)]);
        }
        Ok(Self { log: kept.log(), kept, store, views: Vec::new(), writable, metrics: ports.metrics.clone() })
    }

    /// The log.
    pub fn log(&self) -> Arc<dyn EventLog> {
        Arc::clone(&self.log)
    }

    /// Runs commands on the log.
    pub fn commands(&self) -> Commands {
        Commands::new(self.log(), self.metrics.clone())
    }

    /// Starts a view, for questions at a position.
    pub fn run<V: View>(&mut self, view: V) -> Result<Queries, StartError> {
        let handle = self.store.run(view).map_err(StartError::Views)?;
        self.views.push(handle.clone());
        Ok(Queries::new(handle, self.log()))
    }

    /// To be called when all views run: from then on readiness and lag are told.
    pub fn watched(self) -> Host {
        let (set_ready, ready) = watch::channel(false);
        let (running, runs) = watch::channel(true);
        let serves = vec![self.writable, runs, self.kept.caught_up(), self.kept.hears()];
        let telling = tell_readiness(self.views.clone(), serves, set_ready);
        let mut watching = vec![tokio::spawn(telling)];
        let lags = self.views.iter().map(|view| tokio::spawn(tell_lag(view.clone(), self.metrics.clone())));
        watching.extend(lags);
        let (kept, store, views, metrics) = (self.kept, self.store, self.views, self.metrics);
        Host { kept, store, views, ready, running, watching, working: Vec::new(), metrics }
    }
}

fn open_views(folder: &Path, log: Arc<dyn EventLog>, caches: Caches) -> Result<ViewStore, StartError> {
    let options = allmende_views::Options {
        cache_bytes: caches.view_mib.saturating_mul(MIB),
        ..allmende_views::Options::default()
    };
    ViewStore::open(folder, log, options).map_err(StartError::Views)
}

fn hooks(partition: &PartitionName, metrics: &Metrics, writable: watch::Sender<bool>) -> Hooks {
    let (written, written_metrics) = (partition.clone(), metrics.clone());
    let (lagging, lag_metrics) = (partition.clone(), metrics.clone());
    let stopped = partition.clone();
    let (damaged, damage_metrics, total) = (partition.clone(), metrics.clone(), AtomicU64::new(0));
    Hooks {
        written: Some(Arc::new(move |group: Written| {
            let of = [Attribute::Partition(&written)];
            written_metrics.record(Metric::LogGroupCommits, f64::from(group.commits), &of);
            written_metrics.record(Metric::LogGroupBytes, group.bytes as f64, &of);
            written_metrics.record_duration(Metric::LogSyncDuration, group.sync, &of);
            written_metrics.set(Metric::LogHead, group.group, &of);
        })),
        index_lag: Some(Arc::new(move |places: usize| {
            lag_metrics.set(Metric::IndexLag, places as u64, &[Attribute::Partition(&lagging)]);
        })),
        stopped: Some(Arc::new(move |reason: StopReason| {
            tracing::error!(partition = %stopped, %reason, "the log takes no more commits until the process is restarted");
            writable.send_replace(false);
        })),
        damaged: Some(Arc::new(move |damage: Damage| {
            tracing::error!(partition = %damaged, first = damage.first, last = damage.last, "groups are damaged");
            let groups = damage.last.saturating_sub(damage.first) + 1;
            let groups = total.fetch_add(groups, Ordering::Relaxed) + groups;
            damage_metrics.set(Metric::LogDamagedGroups, groups, &[Attribute::Partition(&damaged)]);
        })),
    }
}

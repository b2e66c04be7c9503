//! Puts the service together: the only place that picks the log's adapter.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use allmende_eventlog::{EventLog, Partition, StopReason};
use allmende_eventlog_sled::{Hooks, Options, SledLog, Written};
use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_kernel::{Clock, PartitionName};
use allmende_proto::telemetry::v1::telemetry_service_server::TelemetryServiceServer;
use allmende_runtime::installation::Installation;
use allmende_runtime::serve::MAX_MESSAGE_BYTES;
use allmende_telemetry_domain::limits::{AIR_QUALITY_TOML, InvalidRules, RuleSets};
use allmende_views::{State, ViewHandle, ViewStore};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::config::Config;
use crate::grpc::Grpc;
use crate::views::{Archive, TelemetryView};

/// The embedded installation has one partition a service.
const PARTITION: &str = "telemetry-0";
const MIB: u64 = 1 << 20;
/// How far the clock may be behind the log's last commit before it is said aloud.
const CLOCK_BEHIND: allmende_kernel::Duration = allmende_kernel::Duration::from_secs(120);

/// What the service is given by the process around it.
pub struct Ports {
    /// Folder of the installation: the log goes to `log/telemetry-0` in it, what is read to `views/telemetry-0`.
    pub data: PathBuf,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The installation's secret.
    pub installation: Arc<Installation>,
    /// Where values are recorded.
    pub metrics: Metrics,
}

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
    /// The log does not open.
    #[error("the log does not open")]
    Log(#[source] allmende_eventlog_sled::OpenError),
    /// The views do not open.
    #[error("the views do not open")]
    Views(#[source] allmende_views::OpenError),
    /// The process is ending.
    #[error("starting was interrupted")]
    Interrupted,
}

/// Why the service did not end well. What was acknowledged is stored all the same.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The log's end could not be noted, so that its next start takes longer.
    #[error("the log did not close")]
    Log(#[source] std::io::Error),
    /// The process is ending.
    #[error("closing was interrupted")]
    Interrupted,
}

/// The running service.
pub struct Telemetry {
    app: Arc<App>,
    log: Arc<SledLog>,
    store: ViewStore,
    ready: watch::Receiver<bool>,
    followers: [JoinHandle<()>; 2],
}

impl Telemetry {
    /// Opens log and views and begins to fold. Serves from then on; [`ready`](Self::ready) tells when reads show all
    /// that was stored before.
    pub async fn start(config: Config, ports: Ports) -> Result<Self, StartError> {
        let rules = rules(config.rules.as_deref())?;
        let (set_writable, writable) = watch::channel(true);
        let opening = {
            let (data, clock, metrics) = (ports.data.clone(), Arc::clone(&ports.clock), ports.metrics.clone());
            let config = config.clone();
            tokio::task::spawn_blocking(move || open(&data, clock, &metrics, &config, set_writable))
        };
        let (log, mut store) = opening.await.map_err(|_| StartError::Interrupted)??;
        let port: Arc<dyn EventLog> = Arc::clone(&log) as _;
        // Half for the fold, half for questions, so that neither pushes out what the other needs.
        let block_bytes = config.block_cache_mib.saturating_mul(MIB as usize) / 2;
        let view = TelemetryView::new(Archive::new(Arc::clone(&port), block_bytes));
        let view = store.run(view).map_err(StartError::Views)?;

        let (set_ready, ready) = watch::channel(false);
        let caught_up = tokio::spawn(tell_readiness(view.clone(), writable, set_ready));
        let watched = tokio::spawn(tell_lag(view.clone(), ports.metrics.clone()));
        let app = App {
            partition: Partition::new(Arc::clone(&port)),
            view,
            archive: Arc::new(Archive::new(port, block_bytes)),
            rules,
            installation: ports.installation,
            clock: ports.clock,
            metrics: ports.metrics,
        };
        Ok(Self { app: Arc::new(app), log, store, ready, followers: [caught_up, watched] })
    }

    /// The gRPC service, to be mounted on a server that checks [`crate::AUTHORIZATION`].
    pub fn service(&self) -> TelemetryServiceServer<Grpc> {
        TelemetryServiceServer::new(Grpc::new(Arc::clone(&self.app)))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// Whether reads show everything that was stored before the start.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    /// Writes what waits and stops. To be called when no rpc runs any more; later ones are answered UNAVAILABLE.
    pub async fn close(self) -> Result<(), CloseError> {
        self.followers.iter().for_each(JoinHandle::abort);
        self.store.close().await;
        let log = self.log;
        let closing = tokio::task::spawn_blocking(move || log.close());
        closing.await.map_err(|_| CloseError::Interrupted)?.map_err(CloseError::Log)
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

fn open(
    data: &Path,
    clock: Arc<dyn Clock>,
    metrics: &Metrics,
    config: &Config,
    writable: watch::Sender<bool>,
) -> Result<(Arc<SledLog>, ViewStore), StartError> {
    let partition = PartitionName::parse(PARTITION).expect("the constant is a partition's name");
    let options = Options {
        index_cache_bytes: config.index_cache_mib.saturating_mul(MIB),
        hooks: hooks(&partition, metrics, writable),
        ..Options::default()
    };
    let now = clock.now();
    let log = SledLog::open(&data.join("log").join(PARTITION), partition, clock, options).map_err(StartError::Log)?;
    let log = Arc::new(log);
    let head = *log.head().borrow();
    if head.leader_time.since(now) > CLOCK_BEHIND {
        // New request ids lie before the log's window then, and are refused as too old.
        tracing::error!(head = %head.leader_time, %now, "the clock is behind the log's last commit: set it right");
    }
    let options = allmende_views::Options {
        cache_bytes: config.view_cache_mib.saturating_mul(MIB),
        ..allmende_views::Options::default()
    };
    let store = ViewStore::open(&data.join("views").join(PARTITION), Arc::clone(&log) as _, options);
    let store = store.map_err(StartError::Views)?;
    if store.set_aside().is_some() {
        metrics.add(Metric::ViewRebuilds, 1, &[Attribute::View("telemetry")]);
    }
    Ok((log, store))
}

fn hooks(partition: &PartitionName, metrics: &Metrics, writable: watch::Sender<bool>) -> Hooks {
    let of = |record: fn(&Metrics, &Attribute<'_>, Written)| {
        let (partition, metrics) = (partition.clone(), metrics.clone());
        Arc::new(move |written| record(&metrics, &Attribute::Partition(&partition), written))
    };
    let written = of(|metrics, partition, written| {
        let of = [*partition];
        metrics.record(Metric::LogGroupCommits, f64::from(written.commits), &of);
        metrics.record(Metric::LogGroupBytes, written.bytes as f64, &of);
        metrics.record_duration(Metric::LogSyncDuration, written.sync, &of);
        metrics.set(Metric::LogHead, written.group, &of);
    });
    let (lagging, lag_metrics) = (partition.clone(), metrics.clone());
    let stopped = partition.clone();
    let (damaged, damage_metrics, total) = (partition.clone(), metrics.clone(), AtomicU64::new(0));
    Hooks {
        written: Some(written),
        index_lag: Some(Arc::new(move |places: usize| {
            lag_metrics.set(Metric::IndexLag, places as u64, &[Attribute::Partition(&lagging)]);
        })),
        stopped: Some(Arc::new(move |reason: StopReason| {
            tracing::error!(partition = %stopped, %reason, "the log takes no more commits until the process is restarted");
            writable.send_replace(false);
        })),
        damaged: Some(Arc::new(move |damage: allmende_eventlog_sled::Damage| {
            tracing::error!(partition = %damaged, first = damage.first, last = damage.last, "groups are damaged");
            let groups = damage.last.saturating_sub(damage.first) + 1;
            let groups = total.fetch_add(groups, Ordering::Relaxed) + groups;
            damage_metrics.set(Metric::LogDamagedGroups, groups, &[Attribute::Partition(&damaged)]);
        })),
    }
}

/// Ready from the moment the view has caught up until the log takes no more commits or the view stops: both take an
/// operator, and a load balancer is to know.
async fn tell_readiness(view: ViewHandle, mut writable: watch::Receiver<bool>, ready: watch::Sender<bool>) {
    let mut progress = view.progress();
    let mut caught_up = false;
    loop {
        let state = view.state();
        caught_up |= matches!(state, State::Live);
        let serves = caught_up && !matches!(state, State::Stopped(_)) && *writable.borrow_and_update();
        ready.send_if_modified(|told| std::mem::replace(told, serves) != serves);
        let changed = tokio::select! {
            changed = progress.changed() => changed,
            changed = writable.changed() => changed,
        };
        if changed.is_err() {
            ready.send_replace(false);
            // Dropped, it would look as if nobody could tell any more.
            ready.closed().await;
            return;
        }
    }
}

async fn tell_lag(view: ViewHandle, metrics: Metrics) {
    const EVERY: Duration = Duration::from_secs(1);
    loop {
        metrics.set(Metric::ViewLag, view.lag().groups, &[Attribute::View(view.name())]);
        tokio::time::sleep(EVERY).await;
    }
}

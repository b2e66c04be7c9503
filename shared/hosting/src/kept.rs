//! A partition's log wherever it is kept, from its opening to its end.

use std::path::Path;
use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_eventlog_nats::NatsLog;
use allmende_eventlog_sled::{Options, SledLog};
use allmende_kernel::{Clock, PartitionName};
use tokio::sync::watch;

use crate::host::CloseError;
use crate::member::Member;
use crate::wiring::StartError;

/// How long the clock may be behind the log's last commit before it is said aloud.
const CLOCK_BEHIND: allmende_kernel::Duration = allmende_kernel::Duration::from_secs(120);

pub(crate) enum Kept {
    /// By this process alone, which always leads.
    Local { log: Arc<SledLog>, leads: watch::Sender<bool> },
    /// By all members of a cluster.
    Replicated(Member),
}

impl Kept {
    /// Opens the log in `folder`. Blocks on the disk.
    pub(crate) fn local(
        folder: &Path,
        partition: PartitionName,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, StartError> {
        let now = clock.now();
        let log = SledLog::open(folder, partition, clock, options).map_err(StartError::Log)?;
        let head = *log.head().borrow();
        if head.leader_time.since(now) > CLOCK_BEHIND {
            // New request ids lie before the log's window then, and are refused as too old.
            tracing::error!(head = %head.leader_time, %now, "the clock is behind the log's last commit: set it right");
        }
        Ok(Self::Local { log: Arc::new(log), leads: watch::Sender::new(true) })
    }

    pub(crate) fn log(&self) -> Arc<dyn EventLog> {
        match self {
            Self::Local { log, .. } => Arc::clone(log) as _,
            Self::Replicated(member) => member.log(),
        }
    }

    /// The log that other members write too, if there are others.
    pub(crate) fn shared(&self) -> Option<Arc<NatsLog>> {
        match self {
            Self::Local { .. } => None,
            Self::Replicated(member) => Some(member.shared()),
        }
    }

    /// Whether this process is the one that writes it, as that changes.
    pub(crate) fn leads(&self) -> watch::Receiver<bool> {
        match self {
            Self::Local { leads, .. } => leads.subscribe(),
            Self::Replicated(member) => member.leads(),
        }
    }

    /// Whether it shows what was stored when it was opened.
    pub(crate) fn caught_up(&self) -> watch::Receiver<bool> {
        match self {
            // All of it is here.
            Self::Local { leads, .. } => leads.subscribe(),
            Self::Replicated(member) => member.caught_up(),
        }
    }

    /// Whether it learns of what is stored, as that changes.
    pub(crate) fn hears(&self) -> watch::Receiver<bool> {
        match self {
            // Nobody else stores anything.
            Self::Local { leads, .. } => leads.subscribe(),
            Self::Replicated(member) => member.hears(),
        }
    }

    pub(crate) async fn close(self) -> Result<(), CloseError> {
        match self {
            Self::Local { log, .. } => {
                let closing = tokio::task::spawn_blocking(move || log.close());
                closing.await.map_err(|_| CloseError::Interrupted)?.map_err(CloseError::Log)
            }
            Self::Replicated(member) => member.close().await,
        }
    }
}

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::EventLog;
use allmende_kernel::Position;
use tokio::sync::watch;

use crate::checkpoint::Checkpoint;
use crate::database::Keyspace;
use crate::error::{StopCause, StorageError, WaitError};
use crate::snapshot::Snapshot;
use crate::stats::Stats;

/// What a view is doing.
#[derive(Debug, Clone)]
pub enum State {
    /// Folding what was there before.
    CatchingUp,
    /// At the head of the log when it last wrote.
    Live,
    /// No longer following; what it has is still served.
    Stopped(StopCause),
}

/// How far a view has come, and what it is doing.
#[derive(Debug, Clone)]
pub struct Progress {
    /// What its tables reflect.
    pub applied: Checkpoint,
    /// What it is doing.
    pub state: State,
}

/// How far a view is behind its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Groups not folded yet.
    pub groups: u64,
    /// From the last group folded to the last one in the log, by the leaders' clocks.
    pub time: allmende_kernel::Duration,
}

/// What a view's handles and its thread share.
pub(crate) struct Shared {
    pub(crate) name: &'static str,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) keyspace: Keyspace,
    pub(crate) start: Checkpoint,
    pub(crate) progress: watch::Sender<Progress>,
    /// The last group that somebody waits for, or waited.
    pub(crate) awaited: watch::Sender<u64>,
    pub(crate) stats: Stats,
}

/// A running view: for queries, and for whoever watches over it.
#[derive(Clone)]
pub struct ViewHandle(pub(crate) Arc<Shared>);

impl ViewHandle {
    /// The view's name.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The view's progress, as it is made.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.0.progress.subscribe()
    }

    /// The last position in the tables.
    pub fn applied(&self) -> Position {
        self.0.progress.borrow().applied.position
    }

    /// What the view is doing.
    pub fn state(&self) -> State {
        self.0.progress.borrow().state.clone()
    }

    /// How far the view is behind.
    pub fn lag(&self) -> Lag {
        let applied = self.0.progress.borrow().applied;
        let head = *self.0.log.head().borrow();
        match head.group.saturating_sub(applied.position.group) {
            0 => Lag { groups: 0, time: allmende_kernel::Duration::default() },
            // Nothing folded yet has no time to count from.
            groups if applied.position == Position::START => Lag { groups, time: allmende_kernel::Duration::default() },
            groups => Lag { groups, time: head.leader_time.since(applied.leader_time) },
        }
    }

    /// What the view has done since it was started.
    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    /// Waits until the view shows the commit at `position`, for at most `patience`.
    pub async fn wait_for(&self, position: Position, patience: Duration) -> Result<(), WaitError> {
        let mut progress = self.progress();
        // What does not exist yet must not hurry the view for as long as it does not.
        let awaited = position.group.min(self.0.log.head().borrow().group);
        self.0.awaited.send_if_modified(|before| std::mem::replace(before, awaited.max(*before)) < awaited);
        // Groups are folded whole.
        let reached = |progress: &Progress| progress.applied.position.group >= position.group;
        let settled = progress.wait_for(|progress| reached(progress) || matches!(progress.state, State::Stopped(_)));
        // The sender is in `self`, so it is not gone.
        let _ = tokio::time::timeout(patience, settled).await;
        let now = self.0.progress.borrow();
        match &now.state {
            _ if reached(&now) => Ok(()),
            State::Stopped(cause) => Err(WaitError::Stopped { applied: now.applied.position, cause: cause.clone() }),
            _ => Err(WaitError::Deadline { wanted: position, applied: now.applied.position }),
        }
    }

    /// Waits until the view shows everything that is durable at the moment of the call.
    pub async fn catch_up(&self, patience: Duration) -> Result<(), WaitError> {
        let head = self.0.log.head().borrow().group;
        self.wait_for(Position::new(head, 0), patience).await
    }

    /// The tables as they are now. Blocks on the disk; see [`read`](Self::read).
    pub fn snapshot(&self) -> Result<Snapshot, StorageError> {
        Snapshot::take(self.0.keyspace.clone(), self.0.start)
    }

    /// Reads the tables as they are now, off the async workers.
    pub async fn read<T, E>(&self, read: impl FnOnce(&Snapshot) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let handle = self.clone();
        let reading = tokio::task::spawn_blocking(move || read(&handle.snapshot()?));
        match reading.await {
            Ok(read) => read,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(StorageError::Interrupted.into()),
            },
        }
    }
}

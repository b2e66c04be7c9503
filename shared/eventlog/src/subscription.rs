use std::sync::Arc;

use allmende_kernel::Position;
use tokio::sync::mpsc;

use crate::commit::CommitView;
use crate::group::RecordedGroup;
use crate::port::EventLog;
use crate::reading::ReadError;

/// Which commits a subscriber wants: those with an event of all the given properties.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this tenant.
    pub tenant: Option<String>,
    /// In a stream of this category.
    pub category: Option<String>,
    /// Of this type.
    pub event_type: Option<String>,
}

impl Filter {
    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.tenant.is_none() && self.category.is_none() && self.event_type.is_none()
    }

    /// Whether the subscriber wants this commit.
    pub fn admits(&self, commit: CommitView<'_>) -> bool {
        self.is_everything()
            || commit.writes().any(|write| {
                let (tenant, category, _) = write.stream_parts();
                let fits = |wanted: &Option<String>, actual: &str| wanted.as_deref().is_none_or(|w| w == actual);
                fits(&self.tenant, tenant)
                    && fits(&self.category, category)
                    && (self.event_type.is_none() || write.events().any(|e| fits(&self.event_type, e.event_type())))
            })
    }
}

/// A group with the commits that a subscriber wants. None of them, when the group only moves the position on.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The group.
    pub group: Arc<RecordedGroup>,
    wanted: Vec<u32>,
}

impl Delivery {
    /// The wanted commits.
    pub fn commits(&self) -> impl Iterator<Item = CommitView<'_>> {
        self.wanted.iter().filter_map(|index| self.group.commit(*index))
    }
}

/// Catches up, then follows: durable groups in order, each once, from a position of the subscriber's own.
///
/// A slow subscriber holds up nobody: reading stops while its buffer is full.
pub struct Subscription {
    deliveries: mpsc::Receiver<Result<Delivery, ReadError>>,
}

/// Groups on their way to a subscriber.
const BUFFERED_GROUPS: usize = 64;
/// What one read takes from the log.
const READ_BYTES: usize = 1 << 20;

impl Subscription {
    /// Starts after the commit at `after` ([`Position::START`]: from the beginning). Must be called within a Tokio
    /// runtime.
    pub fn start(log: Arc<dyn EventLog>, after: Position, filter: Filter) -> Self {
        let (sender, deliveries) = mpsc::channel(BUFFERED_GROUPS);
        tokio::spawn(async move {
            if let Err(error) = follow(log, after, filter, &sender).await {
                // A subscriber that has gone needs no error.
                let _ = sender.send(Err(error)).await;
            }
        });
        Self { deliveries }
    }

    /// The next group; an error ends the subscription. Waits as long as nothing is written, also on a closed log.
    pub async fn next(&mut self) -> Option<Result<Delivery, ReadError>> {
        self.deliveries.recv().await
    }

    /// Another group that is there already.
    pub fn try_next(&mut self) -> Option<Result<Delivery, ReadError>> {
        self.deliveries.try_recv().ok()
    }
}

async fn follow(
    log: Arc<dyn EventLog>,
    after: Position,
    filter: Filter,
    sender: &mpsc::Sender<Result<Delivery, ReadError>>,
) -> Result<(), ReadError> {
    let mut head = log.head();
    // The group of `after` itself may hold further commits.
    let mut next = after.group.saturating_sub(1);
    loop {
        let behind = head.borrow_and_update().group > next;
        if !behind {
            tokio::select! {
                moved = head.changed() => if moved.is_err() { return Ok(()) },
                () = sender.closed() => return Ok(()),
            }
            continue;
        }
        let reading = Arc::clone(&log);
        let groups = tokio::task::spawn_blocking(move || reading.read_groups(next, READ_BYTES))
            .await
            .map_err(|_| ReadError::Io { what: "the log", kind: std::io::ErrorKind::Interrupted })??;
        for group in groups {
            next = group.header().number;
            let wanted: Vec<u32> = group
                .commits()
                .filter(|commit| commit.position() > after || after == Position::START)
                .filter(|commit| filter.admits(*commit))
                .map(|commit| commit.position().index)
                .collect();
            if next == after.group && wanted.is_empty() {
                continue;
            }
            if sender.send(Ok(Delivery { group, wanted })).await.is_err() {
                return Ok(());
            }
        }
    }
}

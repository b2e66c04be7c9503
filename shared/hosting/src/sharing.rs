//! What those know of a partition who send its commands on to the member that leads it.

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::EventLog as _;
use allmende_eventlog_nats::{NatsLog, Role};
use allmende_kernel::{PartitionName, Position};
use allmende_runtime::forward::{Lead, Led};
use allmende_views::ViewHandle;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};

/// Longer than anybody waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A partition that others lead too, as those see it who send its commands on.
pub(crate) struct Sharing {
    pub(crate) log: Arc<NatsLog>,
    /// What is read of it here.
    pub(crate) views: Vec<ViewHandle>,
}

impl Led for Sharing {
    fn partition(&self) -> &PartitionName {
        self.log.partition()
    }

    fn lead(&self) -> Lead {
        match *self.log.role().borrow() {
            Role::Leader { .. } => Lead::Here,
            _ => self.log.leader().map_or(Lead::Nowhere, Lead::At),
        }
    }

    fn head(&self) -> u64 {
        self.log.head().borrow().group
    }

    fn shows(&self, group: u64) -> BoxFuture<'_, ()> {
        let shown = self.views.iter().map(move |view| view.wait_for(Position::new(group, 0), PATIENCE));
        // A view that stopped shows it never: whoever reads it is told so.
        join_all(shown).map(|_| ()).boxed()
    }
}

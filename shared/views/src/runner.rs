use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use allmende_eventlog::{Delivery, ReadError, Subscription};
use allmende_kernel::Position;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::checkpoint::Checkpoint;
use crate::error::StopCause;
use crate::handle::{Shared, State};
use crate::store::Options;
use crate::view::View;
use crate::write_set::WriteSet;

/// Folds a log into a view on a thread of its own, as everything here may block on the disk.
pub(crate) struct Follower<V> {
    pub(crate) view: V,
    pub(crate) shared: Arc<Shared>,
    pub(crate) runtime: Handle,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) options: Options,
}

impl<V: View> Follower<V> {
    /// Follows until something stops it, and says what.
    pub(crate) fn run(mut self) {
        let cause = catch_unwind(AssertUnwindSafe(|| self.follow()))
            .unwrap_or_else(|_| StopCause::Panicked { after: self.applied().position });
        if !matches!(cause, StopCause::Closed) {
            tracing::error!(view = V::NAME, error = &cause as &dyn std::error::Error, "a view has stopped");
        }
        self.shared.progress.send_modify(|progress| progress.state = State::Stopped(cause));
    }

    fn applied(&self) -> Checkpoint {
        self.shared.progress.borrow().applied
    }

    fn follow(&mut self) -> StopCause {
        let mut groups = usize::MAX;
        loop {
            match self.follow_in_batches(groups) {
                // What went before it in the batch is good: the view stops right before the commit it cannot fold.
                StopCause::Commit { .. } if groups > 1 => groups = 1,
                cause => return cause,
            }
        }
    }

    fn follow_in_batches(&mut self, groups: usize) -> StopCause {
        let mut subscription = self.subscribe();
        self.publish(self.applied());
        loop {
            let first = match self.next(&mut subscription) {
                Some(Ok(delivery)) => delivery,
                Some(Err(error)) => return self.log_stopped(error),
                None => return StopCause::Closed,
            };
            if let Err(cause) = self.write_batch(first, &mut subscription, groups) {
                return cause;
            }
        }
    }

    fn subscribe(&self) -> Subscription {
        let _within = self.runtime.enter();
        Subscription::start(Arc::clone(&self.shared.log), self.applied().position, self.view.filter())
    }

    /// The next group; nothing when the view is to stop or the log was closed.
    fn next(&mut self, subscription: &mut Subscription) -> Option<Result<Delivery, ReadError>> {
        let stop = &mut self.stop;
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                // Also when the store has gone.
                _ = stop.wait_for(|stop| *stop) => None,
                delivery = subscription.next() => delivery,
            }
        })
    }

    /// Folds `first` and what else is there, within the limits, and writes it at once.
    fn write_batch(&self, first: Delivery, subscription: &mut Subscription, groups: usize) -> Result<(), StopCause> {
        let started = Instant::now();
        let mut tables = WriteSet::new(&self.shared.keyspace);
        let mut checkpoint = self.applied();
        let (mut folded, mut bytes) = (0, 0);
        let mut next = Some(Ok(first));
        let mut ended = None;
        while let Some(delivery) = next {
            match delivery {
                Ok(delivery) => {
                    bytes += delivery.group.body_length();
                    checkpoint = self.fold(&mut tables, &delivery, checkpoint)?;
                    folded += 1;
                }
                // What was folded before is written all the same.
                Err(error) => {
                    ended = Some(error);
                    break;
                }
            }
            let full = folded >= groups
                || bytes.max(tables.bytes()) >= self.options.batch_bytes
                || started.elapsed() >= self.options.batch_time;
            next = if full { None } else { subscription.try_next() };
        }
        if folded > 0 {
            let position = checkpoint.position;
            self.view.finish(&mut tables).map_err(|error| StopCause::Commit { position, error })?;
            let folding = started.elapsed();
            self.shared.keyspace.write(tables.into_changes(), &checkpoint).map_err(StopCause::Storage)?;
            self.shared.stats.stored(folding, started.elapsed() - folding);
            self.publish(checkpoint);
        }
        match ended {
            Some(error) => Err(self.log_stopped(error)),
            None => Ok(()),
        }
    }

    fn fold(
        &self,
        tables: &mut WriteSet<'_>,
        delivery: &Delivery,
        before: Checkpoint,
    ) -> Result<Checkpoint, StopCause> {
        let header = delivery.group.header();
        if header.previous_hash != before.hash {
            return Err(StopCause::OffChain { group: header.number });
        }
        let mut commits = 0;
        for commit in delivery.commits() {
            let position: Position = commit.position();
            self.view.apply(tables, commit).map_err(|error| StopCause::Commit { position, error })?;
            commits += 1;
        }
        self.shared.stats.folded(commits, delivery.group.body_length() as u64);
        Ok(Checkpoint::after(header))
    }

    fn publish(&self, applied: Checkpoint) {
        let behind = self.shared.log.head().borrow().group > applied.position.group;
        let state = if behind { State::CatchingUp } else { State::Live };
        self.shared.progress.send_modify(|progress| {
            progress.applied = applied;
            progress.state = state;
        });
    }

    fn log_stopped(&self, error: ReadError) -> StopCause {
        StopCause::Log { after: self.applied().position, error }
    }
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use allmende_eventlog::{Filter, Head, ReadError, RecordedGroup};
use allmende_kernel::Position;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::checkpoint::Checkpoint;
use crate::error::StopCause;
use crate::handle::{Shared, State};
use crate::store::Options;
use crate::view::View;
use crate::write_set::WriteSet;

/// What one read takes from the log.
const READ_BYTES: usize = 1 << 20;

/// Folds a log into a view on a thread of its own, as everything here may block on the disk. The thread reads the log
/// itself: a subscription would wake two more for every group.
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
        let mut head = self.shared.log.head();
        let mut awaited = self.shared.awaited.subscribe();
        self.publish(self.applied());
        let mut not_before = tokio::time::Instant::now();
        loop {
            if !self.wait_for_news(&mut head, &mut awaited, not_before) {
                return StopCause::Closed;
            }
            let began = tokio::time::Instant::now();
            match self.write_batch(groups) {
                // More is there already.
                Ok(true) => not_before = began,
                Ok(false) => not_before = began + self.options.pace,
                Err(cause) => return cause,
            }
        }
    }

    /// Waits for a group that is not folded, and then until `not_before`, or until somebody waits for the view. False
    /// when the view is to stop or the log was closed.
    fn wait_for_news(
        &mut self,
        head: &mut watch::Receiver<Head>,
        awaited: &mut watch::Receiver<u64>,
        not_before: tokio::time::Instant,
    ) -> bool {
        let applied = self.applied().position.group;
        let stop = &mut self.stop;
        self.runtime.block_on(async {
            let news = async {
                if head.wait_for(|head| head.group > applied).await.is_err() {
                    return false;
                }
                tokio::select! {
                    () = tokio::time::sleep_until(not_before) => {}
                    // The sender is in `self`, so that this is no error.
                    _ = awaited.wait_for(|awaited| *awaited > applied) => {}
                }
                true
            };
            tokio::select! {
                biased;
                // Also when the store has gone.
                _ = stop.wait_for(|stop| *stop) => false,
                news = news => news,
            }
        })
    }

    /// Folds what is there, within the limits, and writes it at once. Tells whether there is more.
    fn write_batch(&self, groups: usize) -> Result<bool, StopCause> {
        let started = Instant::now();
        let filter = self.view.filter();
        let mut tables = WriteSet::new(&self.shared.keyspace);
        let mut checkpoint = self.applied();
        let (mut folded, mut bytes) = (0, 0);
        let is_full = |folded: usize, bytes: usize, tables: &WriteSet<'_>| {
            folded >= groups
                || bytes.max(tables.bytes()) >= self.options.batch_bytes
                || started.elapsed() >= self.options.batch_time
        };
        let mut ended = None;
        let mut full = false;
        while !full {
            let read = match self.shared.log.read_groups(checkpoint.position.group, READ_BYTES) {
                Ok(read) if read.is_empty() => break,
                Ok(read) => read,
                // What was folded before is written all the same.
                Err(error) => {
                    ended = Some(error);
                    break;
                }
            };
            for group in read {
                bytes += group.body_length();
                checkpoint = self.fold(&mut tables, &group, &filter, checkpoint)?;
                folded += 1;
                full = is_full(folded, bytes, &tables);
                if full {
                    break;
                }
            }
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
            None => Ok(full),
        }
    }

    fn fold(
        &self,
        tables: &mut WriteSet<'_>,
        group: &RecordedGroup,
        filter: &Filter,
        before: Checkpoint,
    ) -> Result<Checkpoint, StopCause> {
        let header = group.header();
        if header.previous_hash != before.hash {
            return Err(StopCause::OffChain { group: header.number });
        }
        let mut commits = 0;
        for commit in group.commits().filter(|commit| filter.admits(*commit)) {
            let position: Position = commit.position();
            self.view.apply(tables, commit).map_err(|error| StopCause::Commit { position, error })?;
            commits += 1;
        }
        self.shared.stats.folded(commits, group.body_length() as u64);
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

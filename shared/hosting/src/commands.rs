use std::sync::Arc;
use std::time::Instant;

use allmende_eventlog::{Aggregate, CommandError, Done, EventLog, Fault, Partition, Rehearsal, Request, Transaction};
use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_kernel::{StreamName, Timestamp};
use bytes::Bytes;

/// Runs the commands of one partition, and measures how long deciding and storing take.
pub struct Commands {
    partition: Partition,
    metrics: Metrics,
}

impl Commands {
    pub(crate) fn new(log: Arc<dyn EventLog>, metrics: Metrics) -> Self {
        Self { partition: Partition::new(log), metrics }
    }

    /// Decides and stores one command; see [`Partition::execute`].
    pub async fn execute<R, F>(&self, request: &Request, decide: F) -> Result<Done, CommandError<R>>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<Bytes, CommandError<R>>,
    {
        let began = Instant::now();
        let done = self.partition.execute(request, decide).await?;
        let partition = Attribute::Partition(self.partition.log().partition());
        self.metrics.record_duration(Metric::LogAppendDuration, began.elapsed(), &[partition]);
        Ok(done)
    }

    /// Decides one command and stores nothing; see [`Partition::rehearse`].
    pub async fn rehearse<R, T, F>(&self, request: &Request, decide: F) -> Result<Rehearsal<T>, CommandError<R>>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<T, CommandError<R>>,
    {
        self.partition.rehearse(request, decide).await
    }

    /// Folds a state ahead of a command, so that the command does not read the disk in its turn.
    pub async fn warm<A: Aggregate>(&self, stream: &StreamName) -> Result<(), Fault> {
        self.partition.warm::<A>(stream).await
    }

    /// The log they go to.
    pub fn log(&self) -> &Arc<dyn EventLog> {
        self.partition.log()
    }
}

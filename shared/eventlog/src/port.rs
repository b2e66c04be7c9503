use std::sync::Arc;

use allmende_kernel::{PartitionName, Position, Revision, StreamName, Timestamp};
use tokio::sync::watch;

use crate::append::{AppendError, NewCommit, Origin, Submitted};
use crate::group::{RecordedEvent, RecordedGroup};
use crate::reading::{Direction, Head, ReadError, Reading};

/// One partition's log. Appends are admitted at once and durable later; reads block and see durable groups only.
///
/// Its reads are those of [`reading`](Self::reading), which is all that an adapter gives.
pub trait EventLog: Send + Sync + 'static {
    /// What is durable.
    fn reading(&self) -> &dyn Reading;

    /// The leader's clock: never behind a commit that was admitted.
    fn now(&self) -> Timestamp;

    /// Admits a commit: checks ids and revisions against everything admitted before, durable or not, and queues it.
    ///
    /// Does not wait for the disk. A refused commit leaves no trace.
    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError>;

    /// The commit that `origin` caused before, if it did.
    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError>;

    /// Durable as soon as everything admitted so far is: what an answer that stores nothing has to wait for.
    fn settle(&self) -> Submitted;

    /// The stream's length, counting what is admitted and not durable yet.
    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError>;

    /// This log as the leader of the present term writes it, where the partition can have another leader: once the term
    /// is over it refuses everything that the term admitted or would admit, so that nothing is decided, stored or
    /// answered on a state that did not come to count. `None` where nobody else ever writes: the log itself is that.
    fn in_term(&self) -> Option<Arc<dyn EventLog>> {
        None
    }

    /// Tells terms apart, in this process. What was folded in another term, and is ahead of what is durable, may hold what
    /// never came to count.
    fn term(&self) -> u64 {
        0
    }

    /// See [`Reading::partition`].
    fn partition(&self) -> &PartitionName {
        self.reading().partition()
    }

    /// See [`Reading::head`].
    fn head(&self) -> watch::Receiver<Head> {
        self.reading().head()
    }

    /// See [`Reading::read_stream`].
    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.reading().read_stream(stream, from, direction, max)
    }

    /// See [`Reading::read_groups`].
    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        self.reading().read_groups(after, max_bytes)
    }

    /// See [`Reading::groups_of_category`].
    fn groups_of_category(&self, tenant_category: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.reading().groups_of_category(tenant_category, after, max)
    }

    /// See [`Reading::groups_of_type`].
    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.reading().groups_of_type(event_type, after, max)
    }

    /// See [`Reading::read_group`].
    fn read_group(&self, number: u64) -> Result<Arc<RecordedGroup>, ReadError> {
        self.reading().read_group(number)
    }

    /// See [`Reading::read_outcome`].
    fn read_outcome(&self, position: Position) -> Result<bytes::Bytes, ReadError> {
        self.reading().read_outcome(position)
    }
}

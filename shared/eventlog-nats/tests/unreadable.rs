//! A replica whose last group cannot be read cannot be compared with the stream, and takes nothing more from it.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{
    ApplyError, Arrived, Direction, Head, Known, Lookup, MemoryReplica, OriginKey, ReadError, Reading, RecordedEvent,
    RecordedGroup, Replica, TermId, Window, barrier,
};
use allmende_eventlog_nats::model::ModelStream;
use allmende_eventlog_nats::{Halt, NatsLog, Options, Role};
use allmende_kernel::{PartitionName, Revision, StreamName, Timestamp};
use bytes::Bytes;
use tokio::sync::watch;

const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

/// Of what it holds, nothing can be had as it was stored.
struct Damaged(MemoryReplica);

impl Lookup for Damaged {
    fn revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.0.revision(stream)
    }

    fn known(&self, origin: &OriginKey) -> Result<Option<Known>, ReadError> {
        self.0.known(origin)
    }
}

impl Reading for Damaged {
    fn partition(&self) -> &PartitionName {
        self.0.partition()
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.0.head()
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.0.read_stream(stream, from, direction, max)
    }

    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        self.0.read_groups(after, max_bytes)
    }

    fn groups_of_category(&self, tenant_category: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.0.groups_of_category(tenant_category, after, max)
    }

    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.0.groups_of_type(event_type, after, max)
    }
}

impl Replica for Damaged {
    fn apply(&self, arrived: &[Arrived]) -> Result<Head, ApplyError> {
        self.0.apply(arrived)
    }

    fn event_types(&self) -> Result<BTreeSet<String>, ReadError> {
        self.0.event_types()
    }

    fn stored(&self, number: u64) -> Result<Bytes, ReadError> {
        Err(ReadError::Damaged { partition: self.0.partition().clone(), first: number, last: number })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_compared_is_not_taken_for_equal() {
    let (stream, memory) = (ModelStream::new(1 << 20), MemoryReplica::new(PartitionName::parse("damaged-0").unwrap()));
    for term in 1..=2 {
        let head = *memory.head().borrow();
        let (stored, after) = barrier(&head, TermId([term; 16]), NOW, Window::default());
        stream.change(|messages| assert!(messages.publish(head.group, stored.clone().into()).is_some()));
        if term == 1 {
            let group = Arc::new(RecordedGroup::decode(&stored).unwrap());
            memory.apply(&[Arrived { head: after, stored: stored.into(), group }]).unwrap();
        }
    }
    let (replica, clock) = (Arc::new(Damaged(memory)), Arc::new(ManualClock::at(NOW)));
    let log = NatsLog::start(replica.clone(), Arc::new(stream), None, clock, Options::of("damaged")).unwrap();
    let mut role = log.role();
    let stopped = role.wait_for(|role| *role == Role::Halted(Halt::Unreadable(1)));
    tokio::time::timeout(Duration::from_secs(120), stopped).await.expect("to stop in time").unwrap();
    assert_eq!(replica.head().borrow().group, 1);
}

use std::collections::HashMap;
use std::sync::Arc;

use allmende_kernel::{Clock, ExpectedRevision, RequestId, Revision, StreamName, Timestamp};
use bytes::Bytes;

use super::{Harness, ManualClock};
use crate::append::{AppendError, Appended, NewCommit, NewEvent, Origin, StreamAppend};
use crate::group::RecordedGroup;
use crate::port::EventLog;
use crate::reading::Direction;

pub(super) use ExpectedRevision::{Any, Exact, NoStream};

pub(super) const COUNTED: &str = "allmende.contract.v1.Counted";
pub(super) const RENAMED: &str = "allmende.contract.v1.Renamed";

/// An open log, and how to write to it.
pub(super) struct Bench<H> {
    harness: H,
    pub(super) log: Arc<dyn EventLog>,
    pub(super) clock: Arc<ManualClock>,
}

impl<H: Harness> Bench<H> {
    pub(super) async fn open(mut harness: H) -> Self {
        let clock = Arc::clone(harness.clock());
        let log = harness.open().await;
        Self { harness, log, clock }
    }

    pub(super) async fn reopen(mut self) -> Self {
        self.harness.close(self.log).await;
        Self::open(self.harness).await
    }

    pub(super) async fn append(&self, writes: Vec<StreamAppend>) -> Result<Appended, AppendError> {
        self.submit_and_wait(self.commit(writes)).await
    }

    pub(super) async fn submit_and_wait(&self, commit: NewCommit) -> Result<Appended, AppendError> {
        submit_and_wait(self.log.as_ref(), commit).await
    }

    /// A commit that nothing links to, as of now.
    pub(super) fn commit(&self, writes: Vec<StreamAppend>) -> NewCommit {
        commit(self.log.now(), writes)
    }

    /// A commit of the request that is minted now as the `number`-th.
    pub(super) fn request(&self, number: u64, writes: Vec<StreamAppend>) -> NewCommit {
        NewCommit { origin: requested(self.clock.now(), number), ..self.commit(writes) }
    }

    /// See [`Harness::leads_terms`].
    pub(super) fn leads_terms(&self) -> bool {
        self.harness.leads_terms()
    }

    pub(super) fn head(&self) -> u64 {
        self.log.head().borrow().group
    }
}

pub(super) async fn submit_and_wait(log: &dyn EventLog, commit: NewCommit) -> Result<Appended, AppendError> {
    log.submit(commit)?.wait().await
}

pub(super) fn commit(admitted_at: Timestamp, writes: Vec<StreamAppend>) -> NewCommit {
    NewCommit {
        origin: Origin::Unlinked,
        admitted_at,
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes,
        outcome: Bytes::new(),
    }
}

pub(super) fn stream(id: &str) -> StreamName {
    named(&format!("koeln/counter/{id}"))
}

pub(super) fn named(name: &str) -> StreamName {
    StreamName::parse(name).unwrap()
}

pub(super) fn event(number: u64) -> NewEvent {
    NewEvent { event_type: COUNTED, payload: Bytes::copy_from_slice(&number.to_be_bytes()) }
}

/// The number that [`event`] wrote.
pub(super) fn number(payload: &[u8]) -> u64 {
    u64::from_be_bytes(payload.try_into().unwrap())
}

/// Events with these numbers for the stream `id`.
pub(super) fn write(id: &str, expected: ExpectedRevision, numbers: &[u64]) -> StreamAppend {
    StreamAppend { stream: stream(id), expected, events: numbers.iter().map(|number| event(*number)).collect() }
}

/// The request id that a client's clock makes at `at`, as its `number`-th (RFC 9562, section 5.7).
pub(super) fn request_id(at: Timestamp, number: u64) -> RequestId {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&(at.as_micros() / 1_000).to_be_bytes()[2..]);
    bytes[6] = 0x70;
    bytes[8..].copy_from_slice(&(number | 1 << 63).to_be_bytes());
    RequestId::from_bytes(bytes).unwrap()
}

pub(super) fn requested(at: Timestamp, number: u64) -> Origin {
    Origin::Request { id: request_id(at, number), digest: [number as u8; 16] }
}

/// Every durable group, a page at a time.
pub(super) fn groups(log: &dyn EventLog) -> Vec<Arc<RecordedGroup>> {
    let mut groups: Vec<Arc<RecordedGroup>> = Vec::new();
    loop {
        let after = groups.last().map_or(0, |group| group.header().number);
        let page = log.read_groups(after, 64 << 10).unwrap();
        if page.is_empty() {
            return groups;
        }
        groups.extend(page);
    }
}

/// Numbers of the durable events of a stream, oldest first.
pub(super) fn numbers(log: &dyn EventLog, stream: &StreamName) -> Vec<u64> {
    let events = log.read_stream(stream, Revision(1), Direction::Forward, usize::MAX).unwrap();
    events.iter().map(|event| number(event.view().payload())).collect()
}

/// Every event of the log by stream, with the revisions and positions checked on the way.
pub(super) fn audit(log: &dyn EventLog) -> HashMap<StreamName, Vec<u64>> {
    let mut streams: HashMap<StreamName, Vec<u64>> = HashMap::new();
    for group in groups(log) {
        group.verify().unwrap();
        for write in group.commits().flat_map(|commit| commit.writes()) {
            let name = write.stream_name().unwrap();
            let before = streams.entry(name.clone()).or_default();
            assert_eq!(write.first_revision(), Revision(before.len() as u64 + 1), "{name}");
            before.extend(write.events().map(|event| number(event.payload())));
        }
    }
    for (name, by_group) in &streams {
        assert_eq!(&numbers(log, name), by_group, "{name}");
    }
    streams
}

/// Seeded, so that a failure can be had again (splitmix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

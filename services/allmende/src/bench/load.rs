//! Generated commits for the log's benchmark.

use allmende_eventlog::{NewCommit, NewEvent, Origin, StreamAppend};
use allmende_kernel::{Clock as _, ExpectedRevision, StreamName, TenantId};
use allmende_runtime::clock::SystemClock;
use bytes::Bytes;

const EVENT_TYPE: &str = "allmende.bench.v1.Measured";
const PAYLOAD: usize = 200;
/// Streams of a large load.
pub(super) const STREAMS: u64 = 100_000;

/// Makes commits; the same ones in every run.
pub(super) struct Load {
    tenant: TenantId,
    streams: u64,
    state: u64,
}

impl Load {
    pub(super) fn new(streams: u64) -> anyhow::Result<Self> {
        Ok(Self { tenant: TenantId::parse("bench")?, streams, state: 0x9e37_79b9_7f4a_7c15 })
    }

    fn draw(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn stream(&self, number: u64) -> anyhow::Result<StreamName> {
        Ok(StreamName::new(&self.tenant, "measured", &format!("{number:08}"))?)
    }

    pub(super) fn any_stream(&mut self) -> anyhow::Result<StreamName> {
        let number = self.draw() % self.streams;
        self.stream(number)
    }

    /// Half noise, half text that recurs: about what a protobuf message with ids and words is like.
    fn payload(&mut self) -> Bytes {
        let mut payload = Vec::with_capacity(PAYLOAD);
        while payload.len() < PAYLOAD / 2 {
            payload.extend_from_slice(&self.draw().to_le_bytes());
        }
        payload.resize(PAYLOAD, b'a');
        payload.into()
    }

    pub(super) fn commit(&mut self, events: usize) -> anyhow::Result<NewCommit> {
        let stream = self.any_stream()?;
        let events = (0..events).map(|_| NewEvent { event_type: EVENT_TYPE, payload: self.payload() }).collect();
        Ok(NewCommit {
            origin: Origin::Unlinked,
            admitted_at: SystemClock.now(),
            actor: None,
            trace: None,
            reads: Vec::new(),
            writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
            outcome: Bytes::new(),
        })
    }
}

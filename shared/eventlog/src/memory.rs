use std::collections::HashMap;
use std::sync::Arc;

use allmende_kernel::{Clock, PartitionName, Position, Revision, StreamName, Timestamp};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::admission::{Admission, Known, Lookup, Sealer, Window};
use crate::append::{AppendError, NewCommit, Origin, OriginKey, Submitted};
use crate::group::{RecordedEvent, RecordedGroup, genesis_hash};
use crate::port::{Direction, EventLog, Head, ReadError};

/// A log in memory, for tests of what stands on the port: durable as soon as it is admitted.
pub struct MemoryLog {
    partition: PartitionName,
    clock: Arc<dyn Clock>,
    writer: Mutex<(Admission, Sealer)>,
    stored: RwLock<Stored>,
    head: watch::Sender<Head>,
}

#[derive(Default)]
struct Stored {
    groups: Vec<Arc<RecordedGroup>>,
    /// Position of every event of a stream; the n-th has revision n + 1.
    streams: HashMap<StreamName, Vec<Position>>,
    origins: HashMap<OriginKey, Known>,
}

impl Lookup for RwLock<Stored> {
    fn revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        Ok(Revision(self.read().streams.get(stream).map_or(0, |events| events.len() as u64)))
    }

    fn known(&self, origin: &OriginKey) -> Result<Option<Known>, ReadError> {
        Ok(self.read().origins.get(origin).copied())
    }
}

impl MemoryLog {
    /// An empty log.
    pub fn new(partition: PartitionName, clock: Arc<dyn Clock>, window: Window) -> Self {
        let head = Head {
            group: 0,
            epoch: 1,
            hash: genesis_hash(&partition),
            leader_time: Timestamp::default(),
            window_floor: Timestamp::default(),
        };
        Self {
            partition,
            clock,
            writer: Mutex::new((Admission::new(head, window, u32::MAX), Sealer::new(head, window))),
            stored: RwLock::default(),
            head: watch::Sender::new(head),
        }
    }

    fn groups_holding(&self, after: u64, max: usize, holds: impl Fn(&RecordedGroup) -> bool) -> Vec<u64> {
        let stored = self.stored.read();
        let later = stored.groups.iter().skip(after as usize);
        later.filter(|group| holds(group)).map(|group| group.header().number).take(max).collect()
    }
}

impl EventLog for MemoryLog {
    fn partition(&self) -> &PartitionName {
        &self.partition
    }

    fn now(&self) -> Timestamp {
        self.writer.lock().0.monotone(self.clock.now())
    }

    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError> {
        let mut writer = self.writer.lock();
        let (admission, sealer) = &mut *writer;
        let submitted = admission.submit(commit, &self.stored)?;
        let Some(open) = admission.take() else { return Ok(submitted) };
        let mut bytes = Vec::new();
        let head = sealer.seal(&open, &mut bytes);
        let group = RecordedGroup::decode(&bytes)
            .map_err(|_| ReadError::Io { what: "a group", kind: std::io::ErrorKind::InvalidData })?;
        {
            let mut stored = self.stored.write();
            stored.groups.push(Arc::new(group));
            for entry in open.entries() {
                let position = Position::new(open.number(), entry.commit);
                let events = stored.streams.entry(entry.stream.clone()).or_default();
                events.extend(entry.event_types.iter().map(|_| position));
            }
            stored.origins.extend(open.origins().map(|(key, known)| (key.clone(), *known)));
            // Before anyone can read the group: nothing is visible beyond the head.
            self.head.send_replace(head);
        }
        admission.written();
        open.acknowledge();
        Ok(submitted)
    }

    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError> {
        self.writer.lock().0.recall(origin, now, &self.stored)
    }

    fn settle(&self) -> Submitted {
        self.writer.lock().0.settle()
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.stored.revision(stream)
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let stored = self.stored.read();
        let Some(positions) = stored.streams.get(stream) else { return Ok(Vec::new()) };
        let length = positions.len() as u64;
        let find = |revision: u64| {
            let position = positions[revision as usize - 1];
            let group = &stored.groups[position.group as usize - 1];
            RecordedEvent::find(group, position.index, stream.as_str(), Revision(revision))
        };
        Ok(match direction {
            Direction::Forward => (from.0.max(1)..=length).filter_map(find).take(max).collect(),
            Direction::Backward => (1..=from.0.min(length)).rev().filter_map(find).take(max).collect(),
        })
    }

    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        let stored = self.stored.read();
        let mut bytes = 0;
        let mut groups = Vec::new();
        for group in stored.groups.iter().skip(after as usize) {
            if !groups.is_empty() && bytes + group.body_length() > max_bytes {
                break;
            }
            bytes += group.body_length();
            groups.push(Arc::clone(group));
        }
        Ok(groups)
    }

    fn groups_of_category(&self, tenant_category: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        Ok(self.groups_holding(after, max, |group| {
            group.commits().flat_map(|commit| commit.writes()).any(|write| {
                write
                    .stream()
                    .rsplit_once('/')
                    .is_some_and(|(tenant_and_category, _)| tenant_and_category == tenant_category)
            })
        }))
    }

    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        Ok(self.groups_holding(after, max, |group| group.events().any(|event| event.event_type() == event_type)))
    }
}

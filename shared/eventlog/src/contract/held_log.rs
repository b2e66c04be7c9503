use std::collections::HashMap;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::sync::{Arc, Weak};
use std::time::Duration;

use allmende_kernel::{Clock, PartitionName, Position, Revision, StreamName, Timestamp};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::admission::{Admission, Known, Lookup, Sealer, Window};
use crate::append::{AppendError, NewCommit, Origin, OriginKey, StopReason, Submitted};
use crate::group::{RecordedEvent, RecordedGroup, genesis_hash};
use crate::port::{Direction, EventLog, Head, ReadError};

/// A log in memory that a test is the disk of: what is admitted waits until [`write`](Self::write), so groups hold
/// several commits, and groups can be damaged.
pub struct HeldLog {
    partition: PartitionName,
    clock: Arc<dyn Clock>,
    admission: Mutex<Admission>,
    sealer: Mutex<Sealer>,
    stored: RwLock<Stored>,
    head: watch::Sender<Head>,
}

#[derive(Default)]
struct Stored {
    groups: Vec<Arc<RecordedGroup>>,
    /// Position of every event of a stream; the n-th has revision n + 1.
    streams: HashMap<StreamName, Vec<Position>>,
    origins: HashMap<OriginKey, Known>,
    damaged: Option<RangeInclusive<u64>>,
}

impl Lookup for RwLock<Stored> {
    fn revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        Ok(Revision(self.read().streams.get(stream).map_or(0, |events| events.len() as u64)))
    }

    fn known(&self, origin: &OriginKey) -> Result<Option<Known>, ReadError> {
        Ok(self.read().origins.get(origin).copied())
    }
}

impl HeldLog {
    /// An empty log whose groups hold at most `group_commits` commits.
    pub fn new(partition: PartitionName, clock: Arc<dyn Clock>, group_commits: u32) -> Self {
        let head = Head {
            group: 0,
            epoch: 1,
            hash: genesis_hash(&partition),
            leader_time: Timestamp::default(),
            window_floor: Timestamp::default(),
        };
        let window = Window::default();
        Self {
            partition,
            clock,
            admission: Mutex::new(Admission::new(head, window, group_commits)),
            sealer: Mutex::new(Sealer::new(head, window)),
            stored: RwLock::default(),
            head: watch::Sender::new(head),
        }
    }

    /// Writes what waits; returns how many groups that were.
    pub fn write(&self) -> usize {
        // Held throughout, so that two callers cannot write in the wrong order.
        let mut sealer = self.sealer.lock();
        let mut written = 0;
        loop {
            let Some(open) = self.admission.lock().take() else { return written };
            let mut bytes = Vec::new();
            let head = sealer.seal(&open, &mut bytes);
            let group = Arc::new(RecordedGroup::decode(&bytes).unwrap());
            {
                let mut stored = self.stored.write();
                for entry in open.entries() {
                    let position = Position::new(open.number(), entry.commit);
                    let events = stored.streams.entry(entry.stream.clone()).or_default();
                    events.extend(entry.event_types.iter().map(|_| position));
                }
                stored.origins.extend(open.origins().map(|(key, known)| (key.clone(), *known)));
                stored.groups.push(group);
            }
            self.admission.lock().written();
            self.head.send_replace(head);
            open.acknowledge();
            written += 1;
        }
    }

    /// Writes what waits every `pause`, until the log is dropped. Must be called within a Tokio runtime.
    pub fn write_every(self: &Arc<Self>, pause: Duration) {
        let log: Weak<Self> = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(log) = log.upgrade() {
                log.write();
                drop(log);
                tokio::time::sleep(pause).await;
            }
        });
    }

    /// The disk fails: nothing is taken any more, and who waits does not get to know.
    pub fn fail(&self, kind: ErrorKind) {
        self.admission.lock().stop(StopReason::Io(kind));
    }

    /// These groups cannot be read from now on; `None` repairs them.
    pub fn damage(&self, groups: Option<RangeInclusive<u64>>) {
        self.stored.write().damaged = groups;
    }

    fn groups_holding(&self, after: u64, max: usize, holds: impl Fn(&RecordedGroup) -> bool) -> Vec<u64> {
        let stored = self.stored.read();
        let later = stored.groups.iter().skip(after as usize);
        later.filter(|group| holds(group)).map(|group| group.header().number).take(max).collect()
    }
}

impl Stored {
    fn group(&self, number: u64, partition: &PartitionName) -> Result<&Arc<RecordedGroup>, ReadError> {
        match &self.damaged {
            Some(damaged) if damaged.contains(&number) => {
                Err(ReadError::Damaged { partition: partition.clone(), first: *damaged.start(), last: *damaged.end() })
            }
            _ => self.groups.get(number as usize - 1).ok_or(ReadError::Beyond(number)),
        }
    }
}

impl EventLog for HeldLog {
    fn partition(&self) -> &PartitionName {
        &self.partition
    }

    fn now(&self) -> Timestamp {
        self.admission.lock().monotone(self.clock.now())
    }

    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError> {
        self.admission.lock().submit(commit, &self.stored)
    }

    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError> {
        self.admission.lock().recall(origin, now, &self.stored)
    }

    fn settle(&self) -> Submitted {
        self.admission.lock().settle()
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.admission.lock().revision(stream, &self.stored)
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        // A group is stored before the head tells of it.
        let head = self.head.borrow().group;
        let stored = self.stored.read();
        let Some(positions) = stored.streams.get(stream) else { return Ok(Vec::new()) };
        let length = positions.partition_point(|position| position.group <= head) as u64;
        let find = |revision: u64| {
            let position = positions[revision as usize - 1];
            let group = stored.group(position.group, &self.partition)?;
            let event = RecordedEvent::find(group, position.index, stream.as_str(), Revision(revision));
            event.ok_or(ReadError::Index(self.partition.clone()))
        };
        match direction {
            Direction::Forward => (from.0.max(1)..=length).take(max).map(find).collect(),
            Direction::Backward => (1..=from.0.min(length)).rev().take(max).map(find).collect(),
        }
    }

    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        let head = self.head.borrow().group;
        let stored = self.stored.read();
        let mut bytes = 0;
        let mut groups: Vec<Arc<RecordedGroup>> = Vec::new();
        for number in after.saturating_add(1)..=head {
            let group = match stored.group(number, &self.partition) {
                // What lies before the damage is good.
                Err(_) if !groups.is_empty() => break,
                group => group?,
            };
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
                let (tenant, category, _) = write.stream_parts();
                tenant_category.split_once('/') == Some((tenant, category))
            })
        }))
    }

    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        Ok(self.groups_holding(after, max, |group| group.events().any(|event| event.event_type() == event_type)))
    }
}

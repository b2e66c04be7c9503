//! The local log of a member of a replicated partition: groups come from outside, with their numbers.

use std::collections::{BTreeSet, HashMap};
use std::io::ErrorKind;
use std::sync::Arc;

use allmende_kernel::{PartitionName, Position, Revision, StreamName};
use bytes::Bytes;
use parking_lot::RwLock;
use tokio::sync::watch;

use crate::admission::{Known, Lookup, OpenGroup, Sealer};
use crate::append::OriginKey;
use crate::group::{RecordedEvent, RecordedGroup};
use crate::reading::{Direction, Head, ReadError, Reading};

/// A group as it came and was judged: what a replica stores under its number.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The head that it makes.
    pub head: Head,
    /// Its stored form: of a void one, its [record](Self::void).
    pub stored: Bytes,
    /// The same, read.
    pub group: Arc<RecordedGroup>,
}

/// Why groups were not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The first of them does not follow what is stored, in number or in the chain. Nothing was stored.
    #[error("group {0} does not follow the last one")]
    Unfitting(u64),
    /// Writing failed, now or before. The replica takes nothing more: what the disk holds is known after a restart.
    #[error("writing the replica failed: {0}")]
    Io(ErrorKind),
    /// The index failed; it is made anew at the next start.
    #[error("the index of the replica failed")]
    Index,
}

/// The groups of one partition that a member has, durable and found again.
///
/// Does not judge what comes: whoever applies has found it valid or void. What is applied is never taken back. Numbers
/// have no gaps, as a void group keeps its own; it reads as one without commits. The head is the last group, void or not;
/// its epoch and hash are the chain's.
pub trait Replica: Reading + Lookup {
    /// Stores groups in their order, makes them durable together and lets them be seen. Blocks on the disk.
    fn apply(&self, arrived: &[Arrived]) -> Result<Head, ApplyError>;

    /// Every type of event that the replica holds.
    fn event_types(&self) -> Result<BTreeSet<String>, ReadError>;

    /// Group `number` in its stored form: what a message of the stream is made of again, to compare with one that comes
    /// or to publish a lost one anew.
    fn stored(&self, number: u64) -> Result<Bytes, ReadError>;
}

/// A replica in memory. What is applied counts as durable: it outlives the member that applied it, for as long as
/// somebody holds it.
pub struct MemoryReplica {
    partition: PartitionName,
    kept: RwLock<Kept>,
    head: watch::Sender<Head>,
}

#[derive(Default)]
struct Kept {
    groups: Vec<Arc<RecordedGroup>>,
    stored: Vec<Bytes>,
    /// Position of every event of a stream; the n-th has revision n + 1.
    streams: HashMap<StreamName, Vec<Position>>,
    origins: HashMap<OriginKey, Known>,
    event_types: BTreeSet<String>,
}

impl MemoryReplica {
    /// An empty one.
    pub fn new(partition: PartitionName) -> Self {
        let head = Head::genesis(&partition);
        Self { partition, kept: RwLock::default(), head: watch::Sender::new(head) }
    }

    /// Writes a group that was admitted here, for logs in memory.
    pub(crate) fn write(&self, sealer: &mut Sealer, open: &OpenGroup) -> Result<(), ReadError> {
        let mut stored = Vec::new();
        let head = sealer.seal(open, &mut stored);
        let wrong = || ReadError::Io { what: "a group", kind: ErrorKind::InvalidData };
        let group = Arc::new(RecordedGroup::decode(&stored).map_err(|_| wrong())?);
        self.apply(&[Arrived { head, stored: stored.into(), group }]).map(drop).map_err(|_| wrong())
    }

    fn groups_holding(&self, after: u64, max: usize, holds: impl Fn(&RecordedGroup) -> bool) -> Vec<u64> {
        let kept = self.kept.read();
        let later = kept.groups.iter().skip(after as usize);
        later.filter(|group| holds(group)).map(|group| group.header().number).take(max).collect()
    }
}

impl Kept {
    fn keep(&mut self, arrived: &Arrived) {
        for commit in arrived.group.commits() {
            for write in commit.writes() {
                self.event_types.extend(write.events().map(|event| event.event_type().to_owned()));
                let Some(stream) = write.stream_name() else { continue };
                let events = self.streams.entry(stream).or_default();
                events.extend((0..write.len()).map(|_| commit.position()));
            }
            let origin = commit.origin();
            if let Some(key) = OriginKey::of(&origin) {
                let known = Known { position: commit.position(), digest: origin.digest() };
                self.origins.entry(key).or_insert(known);
            }
        }
        self.groups.push(Arc::clone(&arrived.group));
        self.stored.push(arrived.stored.clone());
    }
}

impl Lookup for MemoryReplica {
    fn revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        Ok(Revision(self.kept.read().streams.get(stream).map_or(0, |events| events.len() as u64)))
    }

    fn known(&self, origin: &OriginKey) -> Result<Option<Known>, ReadError> {
        Ok(self.kept.read().origins.get(origin).copied())
    }
}

impl Reading for MemoryReplica {
    fn partition(&self) -> &PartitionName {
        &self.partition
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let kept = self.kept.read();
        let Some(positions) = kept.streams.get(stream) else { return Ok(Vec::new()) };
        let length = positions.len() as u64;
        let find = |revision: u64| {
            let position = positions[revision as usize - 1];
            let group = &kept.groups[position.group as usize - 1];
            RecordedEvent::find(group, position.index, stream.as_str(), Revision(revision))
        };
        Ok(match direction {
            Direction::Forward => (from.0.max(1)..=length).filter_map(find).take(max).collect(),
            Direction::Backward => (1..=from.0.min(length)).rev().filter_map(find).take(max).collect(),
        })
    }

    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        let kept = self.kept.read();
        let mut bytes = 0;
        let mut groups = Vec::new();
        for group in kept.groups.iter().skip(after as usize) {
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
            group
                .commits()
                .flat_map(|commit| commit.writes())
                .any(|write| write.stream().rsplit_once('/').is_some_and(|(category, _)| category == tenant_category))
        }))
    }

    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        Ok(self.groups_holding(after, max, |group| group.events().any(|event| event.event_type() == event_type)))
    }
}

impl Replica for MemoryReplica {
    fn apply(&self, arrived: &[Arrived]) -> Result<Head, ApplyError> {
        let mut kept = self.kept.write();
        let mut head = *self.head.borrow();
        for next in arrived {
            if !next.follows(&head) {
                return Err(ApplyError::Unfitting(next.head.group));
            }
            kept.keep(next);
            head = next.head;
            // Before anyone can read the group: nothing is visible beyond the head.
            self.head.send_replace(head);
        }
        Ok(head)
    }

    fn event_types(&self) -> Result<BTreeSet<String>, ReadError> {
        Ok(self.kept.read().event_types.clone())
    }

    fn stored(&self, number: u64) -> Result<Bytes, ReadError> {
        let kept = self.kept.read();
        let index = number.checked_sub(1).ok_or(ReadError::Beyond(number))?;
        kept.stored.get(index as usize).cloned().ok_or(ReadError::Beyond(number))
    }
}

impl Arrived {
    /// Whether it may stand behind `head`: in number, and in the chain.
    pub fn follows(&self, head: &Head) -> bool {
        let header = self.group.header();
        header.number == head.group + 1 && header.previous_hash == head.hash && self.head == Head::after(header)
    }
}

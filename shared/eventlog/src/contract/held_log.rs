use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::sync::{Arc, Weak};
use std::time::Duration;

use allmende_kernel::{Clock, PartitionName, Revision, StreamName, Timestamp};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::admission::{Admission, Sealer, Window};
use crate::append::{AppendError, NewCommit, Origin, StopReason, Submitted};
use crate::group::{RecordedEvent, RecordedGroup};
use crate::port::EventLog;
use crate::reading::{Direction, Head, ReadError, Reading};
use crate::replica::MemoryReplica;

/// A log in memory that a test is the disk of: what is admitted waits until [`write`](Self::write), so groups hold
/// several commits, and groups can be damaged.
pub struct HeldLog {
    clock: Arc<dyn Clock>,
    admission: Mutex<Admission>,
    sealer: Mutex<Sealer>,
    stored: Damageable,
}

/// What was written, and which of it cannot be read.
struct Damageable {
    groups: MemoryReplica,
    damaged: RwLock<Option<RangeInclusive<u64>>>,
}

impl HeldLog {
    /// An empty log whose groups hold at most `group_commits` commits.
    pub fn new(partition: PartitionName, clock: Arc<dyn Clock>, group_commits: u32) -> Self {
        let (head, window) = (Head::genesis(&partition), Window::default());
        Self {
            clock,
            admission: Mutex::new(Admission::new(head, window, group_commits)),
            sealer: Mutex::new(Sealer::new(head, window)),
            stored: Damageable { groups: MemoryReplica::new(partition), damaged: RwLock::default() },
        }
    }

    /// Writes what waits; returns how many groups that were.
    pub fn write(&self) -> usize {
        // Held throughout, so that two callers cannot write in the wrong order.
        let mut sealer = self.sealer.lock();
        let mut written = 0;
        loop {
            let Some(open) = self.admission.lock().take() else { return written };
            self.stored.groups.write(&mut sealer, &open).unwrap();
            self.admission.lock().written();
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
        *self.stored.damaged.write() = groups;
    }
}

impl Damageable {
    fn check(&self, group: u64) -> Result<(), ReadError> {
        match &*self.damaged.read() {
            Some(damaged) if damaged.contains(&group) => Err(ReadError::Damaged {
                partition: self.groups.partition().clone(),
                first: *damaged.start(),
                last: *damaged.end(),
            }),
            _ => Ok(()),
        }
    }
}

impl Reading for Damageable {
    fn partition(&self) -> &PartitionName {
        self.groups.partition()
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.groups.head()
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let events = self.groups.read_stream(stream, from, direction, max)?;
        events.iter().try_for_each(|event| self.check(event.position().group))?;
        Ok(events)
    }

    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        let mut groups = self.groups.read_groups(after, max_bytes)?;
        // What lies before the damage is good.
        let good = groups.iter().take_while(|group| self.check(group.header().number).is_ok()).count();
        if let Some(group) = groups.first().filter(|_| good == 0) {
            self.check(group.header().number)?;
        }
        groups.truncate(good);
        Ok(groups)
    }

    fn groups_of_category(&self, tenant_category: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.groups.groups_of_category(tenant_category, after, max)
    }

    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.groups.groups_of_type(event_type, after, max)
    }
}

impl EventLog for HeldLog {
    fn reading(&self) -> &dyn Reading {
        &self.stored
    }

    fn now(&self) -> Timestamp {
        self.admission.lock().monotone(self.clock.now())
    }

    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError> {
        self.admission.lock().submit(commit, &self.stored.groups)
    }

    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError> {
        self.admission.lock().recall(origin, now, &self.stored.groups)
    }

    fn settle(&self) -> Submitted {
        self.admission.lock().settle()
    }

    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.admission.lock().revision(stream, &self.stored.groups)
    }
}

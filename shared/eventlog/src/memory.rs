use std::sync::Arc;

use allmende_kernel::{Clock, PartitionName, Revision, StreamName, Timestamp};
use parking_lot::Mutex;

use crate::admission::{Admission, Lookup as _, Sealer, Window};
use crate::append::{AppendError, NewCommit, Origin, Submitted};
use crate::port::EventLog;
use crate::reading::{Head, ReadError, Reading};
use crate::replica::MemoryReplica;

/// A log in memory, for tests of what stands on the port: durable as soon as it is admitted.
pub struct MemoryLog {
    clock: Arc<dyn Clock>,
    writer: Mutex<(Admission, Sealer)>,
    stored: MemoryReplica,
}

impl MemoryLog {
    /// An empty log.
    pub fn new(partition: PartitionName, clock: Arc<dyn Clock>, window: Window) -> Self {
        let head = Head::genesis(&partition);
        Self {
            clock,
            writer: Mutex::new((Admission::new(head, window, u32::MAX), Sealer::new(head, window))),
            stored: MemoryReplica::new(partition),
        }
    }
}

impl EventLog for MemoryLog {
    fn reading(&self) -> &dyn Reading {
        &self.stored
    }

    fn now(&self) -> Timestamp {
        self.writer.lock().0.monotone(self.clock.now())
    }

    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError> {
        let mut writer = self.writer.lock();
        let (admission, sealer) = &mut *writer;
        let submitted = admission.submit(commit, &self.stored)?;
        let Some(open) = admission.take() else { return Ok(submitted) };
        self.stored.write(sealer, &open)?;
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

    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.stored.revision(stream)
    }
}

//! The in-memory log keeps the contract of the log's port.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use allmende_eventlog::contract::{Harness, ManualClock};
use allmende_eventlog::{EventLog, MemoryLog, Window};
use allmende_kernel::{PartitionName, Timestamp};

/// Its place is the process: what was closed is still there.
struct InMemory {
    clock: Arc<ManualClock>,
    log: Arc<MemoryLog>,
}

impl InMemory {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
        let partition = PartitionName::parse("contract-0").unwrap();
        Self { clock: clock.clone(), log: Arc::new(MemoryLog::new(partition, clock, Window::default())) }
    }
}

impl Harness for InMemory {
    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    async fn open(&mut self) -> Arc<dyn EventLog> {
        self.log.clone()
    }

    async fn close(&mut self, _log: Arc<dyn EventLog>) {}
}

allmende_eventlog::contract_suite!(InMemory::new());

//! A log that is durable later than it admits keeps the contract too, with several commits in a group.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::EventLog;
use allmende_eventlog::contract::{Harness, HeldLog, ManualClock};
use allmende_kernel::{PartitionName, Timestamp};

/// Its place is the process: what was closed is still there.
struct Held {
    clock: Arc<ManualClock>,
    log: Arc<HeldLog>,
}

impl Held {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
        let partition = PartitionName::parse("contract-0").unwrap();
        Self { clock: clock.clone(), log: Arc::new(HeldLog::new(partition, clock, 7)) }
    }
}

impl Harness for Held {
    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    async fn open(&mut self) -> Arc<dyn EventLog> {
        self.log.write_every(Duration::from_millis(1));
        self.log.clone()
    }

    async fn close(&mut self, _log: Arc<dyn EventLog>) {
        self.log.write();
    }
}

allmende_eventlog::contract_suite!(Held::new());

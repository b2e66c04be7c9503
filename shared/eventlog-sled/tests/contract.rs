//! The embedded log keeps the contract of the log's port, in one segment and in many small ones.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use allmende_eventlog::EventLog;
use allmende_eventlog::contract::{Harness, ManualClock};
use allmende_eventlog_sled::{OpenError, Options, SledLog};
use allmende_kernel::{PartitionName, Timestamp};
use tempfile::TempDir;

/// Its place is a folder.
struct Embedded {
    clock: Arc<ManualClock>,
    options: Options,
    folder: TempDir,
}

impl Embedded {
    fn new(segment_bytes: u64) -> Self {
        Self {
            clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600))),
            options: Options { segment_bytes, ..Options::default() },
            folder: tempfile::tempdir().unwrap(),
        }
    }
}

impl Harness for Embedded {
    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    async fn open(&mut self) -> Arc<dyn EventLog> {
        // A subscription's task may hold the log that was closed a moment longer.
        let patience = Instant::now() + Duration::from_secs(20);
        loop {
            let partition = PartitionName::parse("contract-0").unwrap();
            match SledLog::open(self.folder.path(), partition, self.clock.clone(), self.options.clone()) {
                Err(OpenError::InUse(_)) if Instant::now() < patience => thread::sleep(Duration::from_millis(5)),
                opened => return Arc::new(opened.unwrap()),
            }
        }
    }

    async fn close(&mut self, log: Arc<dyn EventLog>) {
        drop(log);
    }
}

mod one_segment {
    use super::Embedded;

    allmende_eventlog::contract_suite!(Embedded::new(8 << 20));
}

/// Every few commits begin a new segment, and some are larger than one.
mod small_segments {
    use super::Embedded;

    allmende_eventlog::contract_suite!(Embedded::new(64 << 10));
}

//! A member that leads keeps the contract of the log's port, on a stream that keeps its promises: with its replica in
//! memory, and on disk.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use allmende_eventlog::contract::{Harness, ManualClock};
use allmende_eventlog::{EventLog, MemoryReplica, Replica};
use allmende_eventlog_nats::model::{ModelBodies, ModelStream};
use allmende_eventlog_nats::stream::GroupStream;
use allmende_eventlog_nats::{LargeGroups, NatsLog, Options, Role};
use allmende_eventlog_sled::{OpenError, Options as SledOptions, SledReplica};
use allmende_kernel::{PartitionName, Timestamp};
use tempfile::TempDir;

/// Where a replica is while nobody has it open.
enum Place {
    Memory(Arc<MemoryReplica>),
    Folder(TempDir),
}

/// Its places are a replica and a stream: a member that is opened again leads another term.
struct Led {
    clock: Arc<ManualClock>,
    place: Place,
    stream: Arc<dyn GroupStream>,
    open: Option<Arc<NatsLog>>,
}

fn partition() -> PartitionName {
    PartitionName::parse("contract-0").unwrap()
}

impl Led {
    fn at(place: Place) -> Self {
        Self::over(place, Arc::new(ModelStream::new(8 << 20)))
    }

    fn over(place: Place, stream: Arc<dyn GroupStream>) -> Self {
        Self { clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600))), place, stream, open: None }
    }

    async fn replica(&self) -> Arc<dyn Replica> {
        let folder = match &self.place {
            Place::Memory(replica) => return replica.clone(),
            Place::Folder(folder) => folder.path(),
        };
        loop {
            let options = SledOptions { segment_bytes: 64 << 10, ..SledOptions::default() };
            match SledReplica::open(folder, partition(), options) {
                // Whoever still reads the log that was closed lets go of it in a moment.
                Err(OpenError::InUse(_)) => tokio::task::yield_now().await,
                opened => return Arc::new(opened.unwrap()),
            }
        }
    }
}

impl Harness for Led {
    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    async fn open(&mut self) -> Arc<dyn EventLog> {
        let (replica, stream, clock) = (self.replica().await, self.stream.clone(), self.clock.clone());
        let log = Arc::new(NatsLog::start(replica, stream, None, clock, Options::of("alone")).unwrap());
        log.want_to_lead(true);
        log.role().wait_for(|role| matches!(role, Role::Leader { .. })).await.unwrap();
        self.open = Some(Arc::clone(&log));
        log
    }

    async fn close(&mut self, log: Arc<dyn EventLog>) {
        drop(log);
        let log = self.open.take().unwrap();
        tokio::task::spawn_blocking(move || log.close()).await.unwrap();
    }

    fn leads_terms(&self) -> bool {
        true
    }
}

mod in_memory {
    use super::*;

    allmende_eventlog::contract_suite!(Led::at(Place::Memory(Arc::new(MemoryReplica::new(partition())))));
}

mod on_disk {
    use super::*;

    allmende_eventlog::contract_suite!(Led::at(Place::Folder(tempfile::tempdir().unwrap())));
}

/// Every group of more than a few commits leaves its body elsewhere.
mod small_messages {
    use super::*;

    fn stream() -> Arc<dyn GroupStream> {
        Arc::new(LargeGroups::new(Arc::new(ModelStream::new(400)), Arc::new(ModelBodies::default())))
    }

    allmende_eventlog::contract_suite!(Led::over(Place::Memory(Arc::new(MemoryReplica::new(partition()))), stream()));
}

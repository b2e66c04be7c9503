//! A member that leads keeps the contract of the log's port on real servers: one, and a cluster of three with three
//! replicas.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use allmende_eventlog::contract::{Harness, ManualClock};
use allmende_eventlog::{EventLog, MemoryReplica};
use allmende_eventlog_nats::model::{ModelBodies, ModelStream};
use allmende_eventlog_nats::stream::GroupStream;
use allmende_eventlog_nats::{LargeGroups, NatsLog, Options, Role};
use allmende_kernel::{PartitionName, Timestamp};
use allmende_nats::{Connection, LogStream, Settings, StreamBodies};
use allmende_testkit::nats::{NatsServers, Setup};

/// Servers, or `None` where there is no `nats-server`: then a model of the stream stands in, so that the suite is not
/// another one there.
struct Servers {
    servers: Option<Arc<NatsServers>>,
    replicas: usize,
    logs: AtomicUsize,
}

impl Servers {
    fn start(count: usize) -> Self {
        let servers = NatsServers::start(&Setup { servers: count, ..Setup::default() });
        Self { servers: servers.map(Arc::new), replicas: count, logs: AtomicUsize::new(0) }
    }

    /// A member of a partition that no other one has.
    fn harness(&self) -> Member {
        let number = self.logs.fetch_add(1, Ordering::Relaxed);
        let partition = PartitionName::parse(&format!("contract-{number}")).unwrap();
        Member {
            clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600))),
            replica: Arc::new(MemoryReplica::new(partition.clone())),
            model: LargeGroups::new(Arc::new(ModelStream::new(1 << 20)), Arc::new(ModelBodies::default())),
            partition,
            servers: self.servers.clone(),
            replicas: self.replicas,
            open: None,
        }
    }
}

struct Member {
    clock: Arc<ManualClock>,
    replica: Arc<MemoryReplica>,
    model: LargeGroups,
    partition: PartitionName,
    servers: Option<Arc<NatsServers>>,
    replicas: usize,
    open: Option<Arc<NatsLog>>,
}

impl Member {
    /// As a process does when it starts: over a connection of its own.
    async fn stream(&self) -> Arc<dyn GroupStream> {
        let Some(servers) = &self.servers else { return Arc::new(self.model.clone()) };
        let settings = Settings { timeout: Duration::from_secs(10), ..Settings::new(servers.urls(), "contract") };
        let connection = Connection::open(settings).await.unwrap();
        let stream = LogStream::open(&connection, &self.partition, self.replicas).await.unwrap();
        let bodies = StreamBodies::open(&connection, "contract", self.replicas).await.unwrap();
        Arc::new(LargeGroups::new(Arc::new(stream), Arc::new(bodies)))
    }
}

impl Harness for Member {
    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    async fn open(&mut self) -> Arc<dyn EventLog> {
        let (replica, stream, clock) = (self.replica.clone(), self.stream().await, self.clock.clone());
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

mod one_server {
    use super::*;

    allmende_eventlog::contract_suite!(in turn: Servers::start(1));
}

mod three_servers {
    use super::*;

    allmende_eventlog::contract_suite!(in turn: Servers::start(3));
}

//! Members of one partition on a stream that keeps its promises.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{AppendError, EventLog, MemoryReplica, NewCommit, NewEvent, Origin, StreamAppend};
use allmende_eventlog_nats::cluster::Members;
use allmende_eventlog_nats::model::{ModelCluster, ModelStream};
use allmende_eventlog_nats::{Announcing, Company, Leadership, NatsLog, Options, Role, Stay, Timing, ranking};
use allmende_kernel::{ExpectedRevision, PartitionName, StreamName, Timestamp};
use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// For machines that have much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
pub(crate) const NAMES: [&str; 3] = ["one", "two", "three"];
pub(crate) const TYPE: &str = "allmende.test.v1.Counted";

pub(crate) struct Member {
    pub(crate) log: Arc<NatsLog>,
    pub(crate) stay: watch::Sender<Stay>,
    pub(crate) leave: watch::Sender<bool>,
    pub(crate) leadership: JoinHandle<()>,
    pub(crate) announcing: JoinHandle<()>,
}

pub(crate) fn partition() -> PartitionName {
    PartitionName::parse("leadership-0").unwrap()
}

pub(crate) fn company(cluster: &ModelCluster) -> Company {
    Company { members: Arc::new(cluster.clone()), service: "leadership".into() }
}

pub(crate) fn counter() -> StreamName {
    StreamName::parse("koeln/counter/one").unwrap()
}

/// A member's log, which nobody has told of yet.
pub(crate) fn log(name: &str, stream: &ModelStream, cluster: &ModelCluster, timing: Timing) -> Arc<NatsLog> {
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
    let replica = Arc::new(MemoryReplica::new(partition()));
    let options = Options { timing, ..Options::of(name) };
    let log = NatsLog::start(replica, Arc::new(stream.clone()), Some(company(cluster)), clock, options);
    Arc::new(log.unwrap())
}

impl Member {
    fn start(name: &str, log: Arc<NatsLog>, cluster: &ModelCluster, (stay, announcing): Announced) -> Self {
        let leave = watch::Sender::new(false);
        let leadership = Leadership::new(Arc::clone(&log), Arc::new(cluster.clone()), company(cluster), name);
        Self { leadership: tokio::spawn(leadership.run(leave.subscribe())), announcing, log, stay, leave }
    }

    pub(crate) async fn leads(&self) {
        let mut role = self.log.role();
        let leading = role.wait_for(|role| matches!(role, Role::Leader { .. }));
        tokio::time::timeout(PATIENCE, leading).await.expect("a leader in time").unwrap();
    }

    pub(crate) async fn append(&self) -> Result<u64, AppendError> {
        Ok(self.log.submit(commit(&self.log))?.wait().await?.position.group)
    }

    pub(crate) async fn reaches(&self, group: u64) {
        let mut head = self.log.head();
        let reached = head.wait_for(|head| head.group >= group);
        tokio::time::timeout(PATIENCE, reached).await.expect("a replica in time").unwrap();
    }

    /// Hands over what it leads, and withdraws.
    pub(crate) async fn leave(&mut self) {
        self.stay.send_replace(Stay::Leaving);
        self.leave.send_replace(true);
        (&mut self.leadership).await.unwrap();
    }
}

pub(crate) fn commit(log: &NatsLog) -> NewCommit {
    let event = NewEvent { event_type: TYPE, payload: Bytes::from_static(b"one") };
    NewCommit {
        origin: Origin::Unlinked,
        admitted_at: log.now(),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend { stream: counter(), expected: ExpectedRevision::Any, events: vec![event] }],
        outcome: Bytes::new(),
    }
}

type Announced = (watch::Sender<Stay>, JoinHandle<()>);

fn announce(name: &str, log: &Arc<NatsLog>, cluster: &ModelCluster) -> Announced {
    let stay = watch::Sender::new(Stay::Staying);
    let announcing = Announcing {
        company: company(cluster),
        member: name.into(),
        address: format!("{name}:7400"),
        logs: vec![Arc::clone(log)],
        event_types: BTreeSet::new(),
    };
    let announcing = tokio::spawn(announcing.run(stay.subscribe()));
    (stay, announcing)
}

/// Three members that have heard of each other before one of them looks for a lease, in the order of their rank.
pub(crate) async fn ranked(
    stream: &ModelStream,
    cluster: &ModelCluster,
    timing: Timing,
) -> Vec<(&'static str, Member)> {
    let names = ranking(&partition(), NAMES).into_iter().map(|name| NAMES.into_iter().find(|known| *known == name));
    let logs: Vec<_> = names.flatten().map(|name| (name, log(name, stream, cluster, timing))).collect();
    let announced: Vec<_> = logs.iter().map(|(name, log)| announce(name, log, cluster)).collect();
    let until = Instant::now() + PATIENCE;
    while cluster.live("leadership").await.unwrap().len() < NAMES.len() {
        assert!(Instant::now() < until, "not all were announced");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let start = |((name, log), announced)| (name, Member::start(name, log, cluster, announced));
    logs.into_iter().zip(announced).map(start).collect()
}

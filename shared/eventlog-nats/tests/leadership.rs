//! Somebody leads: the first in rank, the next one when it leaves, another when it dies. On a stream that keeps its
//! promises; what a broken one does is the simulation's.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{AppendError, EventLog, MemoryReplica, NewCommit, NewEvent, Origin, StreamAppend};
use allmende_eventlog_nats::model::{ModelCluster, ModelStream};
use allmende_eventlog_nats::{Announcing, Company, Leadership, NatsLog, Options, Role, Stay, ranking};
use allmende_kernel::{ExpectedRevision, PartitionName, StreamName, Timestamp};
use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const LASTS: Duration = Duration::from_millis(1_500);
/// For machines that have much else to do.
const PATIENCE: Duration = Duration::from_secs(120);
const NAMES: [&str; 3] = ["one", "two", "three"];

struct Member {
    log: Arc<NatsLog>,
    stay: watch::Sender<Stay>,
    leave: watch::Sender<bool>,
    leadership: JoinHandle<()>,
    announcing: JoinHandle<()>,
}

fn partition() -> PartitionName {
    PartitionName::parse("leadership-0").unwrap()
}

fn start(name: &str, stream: &ModelStream, cluster: &ModelCluster) -> Member {
    let company = Company { members: Arc::new(cluster.clone()), service: "leadership".into() };
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
    let replica = Arc::new(MemoryReplica::new(partition()));
    let stream = Arc::new(stream.clone());
    let log = NatsLog::start(replica, stream, Some(company.clone()), clock, Options::of(name)).unwrap();
    let log = Arc::new(log);
    let (stay, leave) = (watch::Sender::new(Stay::Staying), watch::Sender::new(false));
    let leadership = Leadership::new(Arc::clone(&log), Arc::new(cluster.clone()), company.clone(), name);
    let announcing = Announcing {
        company,
        member: name.into(),
        address: format!("{name}:7400"),
        logs: vec![Arc::clone(&log)],
        event_types: BTreeSet::new(),
    };
    Member {
        leadership: tokio::spawn(leadership.run(leave.subscribe())),
        announcing: tokio::spawn(announcing.run(stay.subscribe())),
        log,
        stay,
        leave,
    }
}

async fn leads(member: &Member) {
    let mut role = member.log.role();
    let leading = role.wait_for(|role| matches!(role, Role::Leader { .. }));
    tokio::time::timeout(PATIENCE, leading).await.expect("a leader in time").unwrap();
}

/// Appends through whichever of these leads. Where a test stands still for longer than a lease lasts, that is another.
async fn append(members: &[&Member]) -> u64 {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        for member in members {
            if let Ok(group) = try_append(member).await {
                return group;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody took a commit")
}

async fn try_append(member: &Member) -> Result<u64, AppendError> {
    let event = NewEvent { event_type: "allmende.test.v1.Counted", payload: Bytes::from_static(b"one") };
    let stream = StreamName::parse("koeln/counter/one").unwrap();
    let commit = NewCommit {
        origin: Origin::Unlinked,
        admitted_at: member.log.now(),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events: vec![event] }],
        outcome: Bytes::new(),
    };
    Ok(member.log.submit(commit)?.wait().await?.position.group)
}

async fn reaches(member: &Member, group: u64) {
    let mut head = member.log.head();
    let reached = head.wait_for(|head| head.group >= group);
    tokio::time::timeout(PATIENCE, reached).await.expect("a replica in time").unwrap();
}

fn members() -> (Vec<Member>, Vec<usize>) {
    let (stream, cluster) = (ModelStream::new(1 << 20), ModelCluster::new(LASTS));
    let partition = partition();
    let ranked: Vec<usize> =
        ranking(&partition, NAMES).iter().map(|first| NAMES.iter().position(|name| name == first).unwrap()).collect();
    (NAMES.iter().map(|name| start(name, &stream, &cluster)).collect(), ranked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_in_rank_comes_to_lead_and_the_next_one_when_it_leaves() {
    let (mut members, ranked) = members();
    leads(&members[ranked[0]]).await;
    let group = append(&[&members[ranked[0]]]).await;
    for member in &members {
        reaches(member, group).await;
    }

    let first = &mut members[ranked[0]];
    first.stay.send_replace(Stay::Leaving);
    first.leave.send_replace(true);
    (&mut first.leadership).await.unwrap();
    assert!(!matches!(*first.log.role().borrow(), Role::Leader { .. }));
    first.stay.send_replace(Stay::Gone);
    (&mut first.announcing).await.unwrap();
    leads(&members[ranked[1]]).await;
    let group = append(&[&members[ranked[1]]]).await;
    // It still reads.
    reaches(&members[ranked[0]], group).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_leads_when_the_leader_is_gone() {
    let (mut members, ranked) = members();
    leads(&members[ranked[0]]).await;
    let group = append(&[&members[ranked[0]]]).await;
    let dead = members.remove(ranked[0]);
    dead.leadership.abort();
    dead.announcing.abort();
    let log = dead.log;
    tokio::task::spawn_blocking(move || log.close()).await.unwrap();
    assert!(append(&[&members[0], &members[1]]).await > group);
}

//! What a service relies on, whether its member leads or not: reads, who leads, and what an append comes to.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{
    AppendError, Direction, EventLog, Filter, MemoryReplica, StopReason, Subscription, TermId, Window, barrier,
};
use allmende_eventlog_nats::model::{ModelCluster, ModelStream};
use allmende_eventlog_nats::stream::{Follower, GroupStream, Published, Publisher, StreamError};
use allmende_eventlog_nats::{Leader, NatsLog, Options, Role, Timing};
use allmende_kernel::{Position, Revision, Timestamp};
use async_trait::async_trait;
use bytes::Bytes;
use support::{PATIENCE, TYPE, commit, counter, partition, ranked};

const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_reads_and_subscribes_as_a_leader_does() {
    let (stream, cluster) = (ModelStream::new(1 << 20), ModelCluster::new(Duration::from_secs(3_600)));
    let members = ranked(&stream, &cluster, Timing::default()).await;
    members[0].1.leads().await;
    let first = members[0].1.append().await.unwrap();
    let mut followed = Vec::new();
    for (_, member) in &members {
        member.reaches(first).await;
        let log: Arc<dyn EventLog> = Arc::clone(&member.log) as _;
        followed.push(Subscription::start(log, Position::new(first, 0), Filter::default()));
    }
    let second = members[0].1.append().await.unwrap();
    for ((_, member), mut followed) in members.iter().zip(followed) {
        let live = async {
            loop {
                let delivery = followed.next().await.unwrap().unwrap();
                if delivery.commits().count() > 0 {
                    return delivery.group.header().number;
                }
            }
        };
        assert_eq!(tokio::time::timeout(PATIENCE, live).await.expect("a delivery in time"), second);
        let events = member.log.read_stream(&counter(), Revision(1), Direction::Forward, 9).unwrap();
        assert_eq!(events.iter().map(|event| event.position().group).collect::<Vec<_>>(), [first, second]);
        assert_eq!(member.log.groups_of_type(TYPE, 0, 9).unwrap(), [first, second]);
        assert_eq!(member.log.read_group(second).unwrap().event_count(), 1);
        assert_eq!(member.log.admitted_revision(&counter()).unwrap(), Revision(2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_knows_who_leads_and_who_does_not_says_so() {
    let (stream, cluster) = (ModelStream::new(1 << 20), ModelCluster::new(Duration::from_secs(3_600)));
    let mut members = ranked(&stream, &cluster, Timing::default()).await;
    for first in 0..2 {
        let name = members[first].0;
        let leader = Leader { member: name.into(), address: Some(format!("{name}:7400").into()) };
        members[first].1.leads().await;
        for (_, member) in &members {
            let mut who = member.log.who_leads();
            let told = who.wait_for(|told| told.as_ref() == Some(&leader));
            tokio::time::timeout(PATIENCE, told).await.expect("to be told in time").unwrap();
            assert_eq!(member.log.leader(), leader.address);
        }
        match members[2].1.append().await {
            Err(AppendError::NotLeading { leader: told }) => assert_eq!(told, leader.address),
            other => panic!("{other:?}"),
        }
        members[first].1.leave().await;
        let answer = members[first].1.append().await;
        assert!(matches!(answer, Err(AppendError::NotLeading { .. })), "{answer:?}");
    }
}

/// A stream that takes the first message, and then keeps what it is given to itself.
struct Stalling {
    stream: ModelStream,
}

struct Once {
    stream: ModelStream,
    used: bool,
}

#[async_trait]
impl GroupStream for Stalling {
    async fn connect(&self) -> Result<Box<dyn Publisher>, StreamError> {
        Ok(Box::new(Once { stream: self.stream.clone(), used: false }))
    }

    async fn follow(&self, from: u64) -> Result<Box<dyn Follower>, StreamError> {
        self.stream.follow(from).await
    }

    async fn last_hint(&self) -> Result<u64, StreamError> {
        self.stream.last_hint().await
    }

    fn message_bytes(&self) -> usize {
        self.stream.message_bytes()
    }
}

#[async_trait]
impl Publisher for Once {
    async fn publish(&mut self, expected_last: u64, message: Bytes, within: Duration) -> Published {
        if std::mem::replace(&mut self.used, true) {
            return std::future::pending().await;
        }
        self.stream.publish(expected_last, message, within).await
    }
}

/// What a leader had taken when another began to lead is not known to be stored, and not said not to be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_deposed_says_that_the_outcome_is_unknown() {
    let stream = ModelStream::new(1 << 20);
    let replica = Arc::new(MemoryReplica::new(partition()));
    let stalling = Arc::new(Stalling { stream: stream.clone() });
    let clock = Arc::new(ManualClock::at(NOW));
    let log = NatsLog::start(replica, stalling, None, clock, Options::of("deposed")).unwrap();
    log.want_to_lead(true);
    log.role().wait_for(|role| matches!(role, Role::Leader { .. })).await.unwrap();
    let submitted = log.submit(commit(&log)).unwrap();
    let head = *log.head().borrow();
    let (theirs, _) = barrier(&head, TermId([9; 16]), NOW, Window::default());
    log.want_to_lead(false);
    stream.change(|stored| assert!(stored.publish(head.group, theirs.into()).is_some()));
    let outcome = tokio::time::timeout(PATIENCE, submitted.wait()).await.expect("an answer in time");
    assert!(matches!(outcome, Err(AppendError::Stopped(StopReason::Deposed))), "{outcome:?}");
    let refused = log.submit(commit(&log));
    assert!(matches!(refused, Err(AppendError::NotLeading { leader: None })), "{:?}", refused.map(|_| ()));
}

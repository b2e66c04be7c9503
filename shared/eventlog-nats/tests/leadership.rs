//! Somebody leads: the first in rank, the next one when it leaves, another when it dies or has stopped. On a stream that
//! keeps its promises; what a broken one does is the simulation's.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::time::{Duration, Instant};

use allmende_eventlog_nats::cluster::{Leases as _, Standing};
use allmende_eventlog_nats::model::{ModelCluster, ModelStream};
use allmende_eventlog_nats::{Halt, Role, Stay, Timing};
use support::{Member, PATIENCE, partition, ranked};

const LASTS: Duration = Duration::from_millis(1_500);
/// Nothing that waits for a lease to run out, or looks now and then, comes in a test's time.
const FOR_EVER: Duration = Duration::from_secs(3_600);

fn started(lasts: Duration) -> (ModelStream, ModelCluster) {
    (ModelStream::new(1 << 20), ModelCluster::new(lasts))
}

/// Appends through whichever of these leads. Where a test stands still for longer than a lease lasts, that is another.
async fn append(members: &[(&'static str, Member)]) -> u64 {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        for (_, member) in members {
            if let Ok(group) = member.append().await {
                return group;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody took a commit")
}

/// Nobody waits for a lease to run out, or for a look at it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_in_rank_leads_and_whoever_leaves_is_followed_at_once() {
    let (stream, cluster) = started(FOR_EVER);
    let mut members = ranked(&stream, &cluster, Timing::default()).await;
    for first in 0..2 {
        members[first].1.leads().await;
        let group = members[first].1.append().await.unwrap();
        for (_, member) in &members {
            member.reaches(group).await;
        }
        members[first].1.leave().await;
        assert!(!matches!(*members[first].1.log.role().borrow(), Role::Leader { .. }));
    }
    members[2].1.leads().await;
    let group = members[2].1.append().await.unwrap();
    // Who has left still reads.
    members[0].1.reaches(group).await;
    members[0].1.stay.send_replace(Stay::Gone);
    (&mut members[0].1.announcing).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_leads_when_the_leader_is_gone() {
    let (stream, cluster) = started(LASTS);
    let mut members = ranked(&stream, &cluster, Timing::default()).await;
    members[0].1.leads().await;
    let group = append(&members[..1]).await;
    let (_, dead) = members.remove(0);
    dead.leadership.abort();
    dead.announcing.abort();
    let log = dead.log;
    tokio::task::spawn_blocking(move || log.close()).await.unwrap();
    assert!(append(&members).await > group);
}

/// Each of them finds that the stream has lost what it has, and then holds no lease: not even when nobody else can lead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_stopped_gives_the_lease_up_and_takes_none() {
    let (stream, cluster) = started(LASTS);
    let timing = Timing { read: Duration::from_millis(20), ..Timing::default() };
    let members = ranked(&stream, &cluster, timing).await;
    let group = append(&members).await;
    for (_, member) in &members {
        member.reaches(group).await;
    }
    stream.change(|stored| stored.cut(0));
    let leader = members.iter().find(|(_, member)| matches!(*member.log.role().borrow(), Role::Leader { .. }));
    if let Some((_, leader)) = leader {
        // It has to publish to find out.
        drop(leader.append().await);
    }
    for (name, member) in &members {
        let mut role = member.log.role();
        let stopped = role.wait_for(|role| matches!(role, Role::Halted(Halt::Ahead { .. })));
        tokio::time::timeout(PATIENCE, stopped).await.unwrap_or_else(|_| panic!("{name} stops")).unwrap();
        assert_eq!(*member.log.standing().borrow(), Standing::Unable);
    }
    let mut holder = cluster.watch(&partition());
    tokio::time::timeout(PATIENCE, holder.wait_for(Option::is_none)).await.expect("a lease that is free").unwrap();
    tokio::time::sleep(2 * LASTS).await;
    assert_eq!(*holder.borrow(), None);
}

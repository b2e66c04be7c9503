//! Members: who lives.

use std::time::Duration;

use allmende_eventlog_nats::cluster::{Announcement, Members as _};
use allmende_kernel::Timestamp;
use allmende_nats::BucketMembers;

use crate::support::{Cluster, SHORT};

/// One bucket for all tests of a cluster, so all of them agree.
const LASTS: Duration = Duration::from_secs(4);

async fn members(cluster: &Cluster) -> BucketMembers {
    BucketMembers::open(&cluster.connection().await, cluster.replicas, LASTS).await.unwrap()
}

fn announcement(service: &str, member: &str, second: i64) -> Announcement {
    Announcement {
        member: member.to_owned(),
        service: service.to_owned(),
        address: "127.0.0.1:7400".to_owned(),
        leaving: false,
        heads: Vec::new(),
        event_types: ["allmende.test.v1.Counted".to_owned()].into(),
        announced_at: Timestamp::from_secs(second),
    }
}

/// Waits until those of `service` live who go on announcing themselves, and nobody else.
async fn until_live(service: &str, announcing: &[(&BucketMembers, &Announcement)]) {
    loop {
        for (members, announcement) in announcing {
            members.announce(announcement).await.unwrap();
        }
        let expected = announcing.iter().map(|(_, announcement)| announcement.member.as_str());
        if let Ok(live) = announcing[0].0.live(service).await
            && live.iter().map(|live| live.member.as_str()).eq(expected)
        {
            return;
        }
        tokio::time::sleep(SHORT).await;
    }
}

pub(crate) async fn who_announces_itself_lives_until_it_stops(cluster: &Cluster) {
    let (one, other) = (members(cluster).await, members(cluster).await);
    let (a, b) = (announcement("ending", "a", 1), announcement("ending", "b", 1));
    until_live("ending", &[(&one, &a), (&other, &b)]).await;
    until_live("ending", &[(&one, &a)]).await;
}

pub(crate) async fn who_withdraws_is_gone_before_its_time(cluster: &Cluster) {
    let (one, other) = (members(cluster).await, members(cluster).await);
    let (a, b) = (announcement("leaving", "a", 1), announcement("leaving", "b", 1));
    until_live("leaving", &[(&one, &a), (&other, &b)]).await;
    other.withdraw("leaving", "b").await.unwrap();
    until_live("leaving", &[(&one, &a)]).await;
    assert!(one.live("another").await.unwrap().is_empty(), "members of another service");
}

pub(crate) async fn the_newest_announcement_counts(cluster: &Cluster) {
    let (one, other) = (members(cluster).await, members(cluster).await);
    for second in 1..=3 {
        one.announce(&announcement("newest", "a", second)).await.unwrap();
    }
    let newest = announcement("newest", "a", 4);
    loop {
        one.announce(&newest).await.unwrap();
        if other.live("newest").await.is_ok_and(|live| live == [newest.clone()]) {
            return;
        }
        tokio::time::sleep(SHORT).await;
    }
}

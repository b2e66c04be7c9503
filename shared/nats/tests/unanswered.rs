//! What is asked of buckets ends, whatever becomes of the answer; and what a lost answer leaves is found again.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog_nats::cluster::{Announcement, Leases as _, Members as _};
use allmende_kernel::Timestamp;
use allmende_nats::{BucketLeases, BucketMembers, Connection, Settings};
use allmende_testkit::nats::Wire;

use support::{Cluster, LONG, SHORT, new_partition};

/// A connection over the wire whose requests last so long.
async fn over(wire: &Wire, timeout: Duration) -> Connection {
    Connection::open(Settings { timeout, ..Settings::new(vec![wire.url()], "test") }).await.unwrap()
}

/// Renewals of a lease that lasts so long end after less than the client takes to miss the server.
const LASTS: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewal_whose_answer_is_lost_leaves_the_lease_where_it_is() {
    let Some(mut cluster) = Cluster::one() else { return };
    let wire = Wire::to(cluster.servers.node(0).port());
    let connection = over(&wire, Duration::from_secs(10)).await;
    let leases = BucketLeases::open(&connection, 1, LASTS).await.unwrap();
    let direct = BucketLeases::open(&cluster.connection().await, 1, LONG).await.unwrap();
    let partition = new_partition();
    let mut held = leases.take(&partition, "one").await.unwrap().unwrap();
    let mut told = direct.watch(&partition);
    told.wait_for(|told| told.as_deref() == Some("one")).await.unwrap();
    for lost in [1, 2] {
        let before = held.clone();
        for _ in 0..lost {
            wire.hold_answers();
            assert!(leases.renew(&held).await.is_err(), "{lost} lost");
            wire.release();
        }
        // The server stored the first, and refused the others, which expected the state before.
        held = loop {
            match leases.renew(&held).await {
                Ok(held) => break held.expect("still this one's"),
                Err(_) => tokio::time::sleep(SHORT).await,
            }
        };
        assert!(held.revision >= before.revision + 2, "from a state that was stored meanwhile: {before:?} {held:?}");
    }
    // And it is given back likewise.
    wire.hold_answers();
    assert!(leases.renew(&held).await.is_err());
    wire.release();
    while leases.release(held.clone()).await.is_err() {
        tokio::time::sleep(SHORT).await;
    }
    told.wait_for(Option::is_none).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_went_to_another_process_is_not_found_again() {
    let Some(mut cluster) = Cluster::one() else { return };
    let wire = Wire::to(cluster.servers.node(0).port());
    let connection = over(&wire, Duration::from_secs(10)).await;
    let leases = BucketLeases::open(&connection, 1, LASTS).await.unwrap();
    let restarted = BucketLeases::open(&cluster.connection().await, 1, LONG).await.unwrap();
    let partition = new_partition();
    let held = leases.take(&partition, "one").await.unwrap().unwrap();
    restarted.watch(&partition).wait_for(|told| told.as_deref() == Some("one")).await.unwrap();
    wire.hold_requests();
    assert!(leases.renew(&held).await.is_err());
    // The same member, begun anew while the network kept the old process's renewal.
    restarted.take(&partition, "one").await.unwrap().unwrap();
    wire.release();
    let renewed = loop {
        match leases.renew(&held).await {
            Ok(renewed) => break renewed,
            Err(_) => tokio::time::sleep(SHORT).await,
        }
    };
    assert_eq!(renewed, None);
}

/// More than the client holds for a connection that is away: who waits for room there must not wait for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_is_asked_of_a_bucket_ends_while_the_cluster_is_away() {
    let Some(mut cluster) = Cluster::one() else { return };
    let wire = Wire::to(cluster.servers.node(0).port());
    let connection = over(&wire, Duration::from_secs(2)).await;
    let members = Arc::new(BucketMembers::open(&connection, 1, LASTS).await.unwrap());
    let leases = BucketLeases::open(&connection, 1, LASTS).await.unwrap();
    let held = leases.take(&new_partition(), "one").await.unwrap().unwrap();
    wire.cut();
    let announcing: Vec<_> = (0..600)
        .map(|number| {
            let members = Arc::clone(&members);
            let announcement = Announcement {
                member: format!("member-{number}"),
                service: "test".to_owned(),
                address: "127.0.0.1:7400".to_owned(),
                leaving: false,
                heads: Vec::new(),
                event_types: Default::default(),
                announced_at: Timestamp::from_secs(1),
            };
            tokio::spawn(async move { members.announce(&announcement).await })
        })
        .collect();
    for announced in announcing {
        let announced = tokio::time::timeout(LONG, announced).await.expect("an end").unwrap();
        assert!(announced.is_err(), "{announced:?}");
    }
    let leaving = async {
        assert!(members.withdraw("test", "member-0").await.is_err());
        assert!(leases.renew(&held).await.is_err());
        assert!(leases.take(&new_partition(), "one").await.is_err());
        assert!(leases.release(held).await.is_err());
    };
    tokio::time::timeout(LONG, leaving).await.expect("an end");
}

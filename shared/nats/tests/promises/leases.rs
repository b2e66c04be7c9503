//! Leases: who tries to lead.

use std::time::Duration;

use allmende_eventlog_nats::cluster::{Held, Leases as _};
use allmende_nats::BucketLeases;

use crate::support::{Cluster, LONG, SHORT, new_partition};

/// So long that none runs out unless a test waits for it.
const NEVER: Duration = LONG;

async fn leases(cluster: &Cluster, lasts: Duration) -> BucketLeases {
    BucketLeases::open(&cluster.connection().await, cluster.replicas, lasts).await.unwrap()
}

pub(crate) async fn one_of_two_takes_a_lease(cluster: &Cluster) {
    let partition = new_partition();
    let (one, other) = (leases(cluster, NEVER).await, leases(cluster, NEVER).await);
    let (first, second) = tokio::join!(one.take(&partition, "one"), other.take(&partition, "other"));
    let holder = match (first.unwrap(), second.unwrap()) {
        (Some(held), None) | (None, Some(held)) => held.holder,
        both => panic!("{both:?}"),
    };
    for leases in [&one, &other] {
        leases.watch(&partition).wait_for(|told| told.as_ref() == Some(&holder)).await.unwrap();
        assert_eq!(leases.take(&partition, "third").await.unwrap(), None);
    }
}

pub(crate) async fn a_lease_is_renewed_by_who_has_its_state(cluster: &Cluster) {
    let partition = new_partition();
    let leases = leases(cluster, NEVER).await;
    let held = leases.take(&partition, "one").await.unwrap().unwrap();
    let renewed = leases.renew(&held).await.unwrap().unwrap();
    assert!(renewed.revision > held.revision);
    assert_eq!(leases.renew(&held).await.unwrap(), None, "an older state");
    assert!(leases.renew(&renewed).await.unwrap().is_some());
}

pub(crate) async fn a_holder_that_lost_its_state_takes_its_lease_anew(cluster: &Cluster) {
    let partition = new_partition();
    let held = leases(cluster, NEVER).await.take(&partition, "one").await.unwrap().unwrap();
    let restarted = leases(cluster, NEVER).await;
    restarted.watch(&partition).wait_for(|told| told.as_deref() == Some("one")).await.unwrap();
    let again = restarted.take(&partition, "one").await.unwrap().unwrap();
    assert!(again.revision > held.revision);
}

pub(crate) async fn a_lease_that_was_given_back_is_free_at_once(cluster: &Cluster) {
    let partition = new_partition();
    let (one, other) = (leases(cluster, NEVER).await, leases(cluster, NEVER).await);
    let mut told = other.watch(&partition);
    let held = one.take(&partition, "one").await.unwrap().unwrap();
    told.wait_for(|told| told.as_deref() == Some("one")).await.unwrap();
    one.release(held.clone()).await.unwrap();
    told.wait_for(Option::is_none).await.unwrap();
    let taken = other.take(&partition, "other").await.unwrap().unwrap();
    // Who had it gives nothing back that is another's.
    one.release(held).await.unwrap();
    assert!(other.renew(&taken).await.unwrap().is_some());
}

pub(crate) async fn a_lease_that_nobody_renews_runs_out(cluster: &Cluster) {
    let partition = new_partition();
    let lasts = SHORT * 2;
    let (one, other) = (leases(cluster, lasts).await, leases(cluster, lasts).await);
    let mut told = other.watch(&partition);
    let held = one.take(&partition, "one").await.unwrap().unwrap();
    let taken = loop {
        told.wait_for(Option::is_none).await.unwrap();
        if let Some(taken) = other.take(&partition, "other").await.unwrap() {
            break taken;
        }
        tokio::time::sleep(SHORT).await;
    };
    // It lasts so shortly that a busy cluster may not answer in time.
    let renewed = loop {
        if let Ok(renewed) = one.renew(&held).await {
            break renewed;
        }
    };
    assert_eq!(renewed, None, "it is the other's");
    assert_eq!(taken, Held { partition, holder: "other".to_owned(), revision: taken.revision });
}

pub(crate) async fn a_removed_lease_can_be_taken(cluster: &Cluster) {
    let partition = new_partition();
    let leases = leases(cluster, NEVER).await;
    leases.take(&partition, "one").await.unwrap().unwrap();
    let jetstream = async_nats::jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
    let mut told = leases.watch(&partition);
    told.wait_for(|told| told.as_deref() == Some("one")).await.unwrap();
    jetstream.get_key_value("allmende_leases").await.unwrap().delete(partition.as_str()).await.unwrap();
    told.wait_for(Option::is_none).await.unwrap();
    assert!(leases.take(&partition, "other").await.unwrap().is_some());
}

/// As after a backup was put back, or by somebody who tidied up: its revisions begin anew.
pub(crate) async fn a_bucket_that_was_made_anew_is_heard(cluster: &Cluster) {
    let partition = new_partition();
    let (one, other) = (leases(cluster, NEVER).await, leases(cluster, NEVER).await);
    let mut told = other.watch(&partition);
    let mut held = one.take(&partition, "one").await.unwrap().unwrap();
    for _ in 0..20 {
        held = one.renew(&held).await.unwrap().unwrap();
    }
    told.wait_for(|told| told.as_deref() == Some("one")).await.unwrap();

    let jetstream = async_nats::jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
    jetstream.delete_key_value("allmende_leases").await.unwrap();
    // Nobody creates it but who listens to it.
    told.wait_for(Option::is_none).await.unwrap();
    let taken = loop {
        match other.take(&partition, "other").await {
            Ok(Some(taken)) => break taken,
            Ok(None) | Err(_) => tokio::time::sleep(SHORT).await,
        }
    };
    assert!(taken.revision < held.revision, "{taken:?}");
    one.watch(&partition).wait_for(|told| told.as_deref() == Some("other")).await.unwrap();
    assert_eq!(one.renew(&held).await.unwrap(), None, "it is the other's");
}

//! A server that comes back with what it had some time ago.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::fs;
use std::path::Path;

use allmende_eventlog_nats::cluster::Leases as _;
use allmende_nats::BucketLeases;

use support::{Cluster, LONG, SHORT, new_partition};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_bucket_that_was_set_back_is_heard_from_its_lower_revisions() {
    let Some(mut cluster) = Cluster::one() else { return };
    let stored = cluster.servers.folder().join("n0");
    let kept = tempfile::tempdir().unwrap();
    let open = async |cluster: &Cluster| BucketLeases::open(&cluster.connection().await, 1, LONG).await.unwrap();
    let (one, other) = (open(&cluster).await, open(&cluster).await);
    let partition = new_partition();
    let first = one.take(&partition, "one").await.unwrap().unwrap();

    cluster.servers.node(0).kill();
    copy(&stored, kept.path());
    cluster.servers.node(0).restart();
    cluster.servers.wait_until_ready();
    let mut held = first.clone();
    while held.revision < first.revision + 10 {
        match one.renew(&held).await {
            Ok(renewed) => held = renewed.unwrap(),
            Err(_) => tokio::time::sleep(SHORT).await,
        }
    }
    let mut told = other.watch(&partition);
    told.wait_for(|told| told.as_deref() == Some("one")).await.unwrap();

    cluster.servers.node(0).kill();
    fs::remove_dir_all(&stored).unwrap();
    copy(kept.path(), &stored);
    cluster.servers.node(0).restart();
    cluster.servers.wait_until_ready();
    // Whoever comes new sees the old state, and goes on from there; who was there before has to hear of it.
    let new = open(&cluster).await;
    new.watch(&partition).wait_for(|told| told.as_deref() == Some("one")).await.unwrap();
    new.release(first.clone()).await.unwrap();
    told.wait_for(Option::is_none).await.unwrap();
    let taken = loop {
        match other.take(&partition, "other").await {
            Ok(Some(taken)) => break taken,
            Ok(None) | Err(_) => tokio::time::sleep(SHORT).await,
        }
    };
    assert!(taken.revision < held.revision, "{taken:?} after {held:?}");
    for leases in [&one, &new] {
        leases.watch(&partition).wait_for(|told| told.as_deref() == Some("other")).await.unwrap();
    }
}

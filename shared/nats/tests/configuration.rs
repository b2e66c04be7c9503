//! Streams are created as the platform needs them, and looked at when they are there.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use allmende_eventlog_nats::stream::StreamError;
use allmende_nats::LogStream;
use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, DiscardPolicy, StorageType};

use support::{Cluster, new_partition};

async fn context(cluster: &Cluster) -> jetstream::Context {
    jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_stream_keeps_everything() {
    let Some(cluster) = Cluster::one() else { return };
    let partition = new_partition();
    cluster.stream(&partition).await;
    let name = format!("ALLMENDE_{}", partition.as_str().to_uppercase().replace('-', "_"));
    let stream = context(&cluster).await.get_stream(&name).await.unwrap();
    let config = &stream.cached_info().config;
    assert_eq!(config.subjects, [format!("allmende.log.{}", partition.as_str().replace('-', "."))]);
    assert_eq!((config.storage, config.num_replicas, config.discard), (StorageType::File, 1, DiscardPolicy::New));
    assert_eq!((config.max_bytes, config.max_messages, config.max_messages_per_subject), (-1, -1, -1));
    assert!(config.deny_delete && config.deny_purge && config.max_age.is_zero());

    // Neither is it deleted from nor purged.
    assert!(stream.delete_message(1).await.is_err());
    assert!(stream.purge().await.is_err());
    // And it is opened again as it is.
    cluster.stream(&partition).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_set_up_otherwise_is_named_with_each_difference_and_left_alone() {
    let Some(cluster) = Cluster::one() else { return };
    let partition = new_partition();
    let name = format!("ALLMENDE_{}", partition.as_str().to_uppercase().replace('-', "_"));
    let subject = format!("allmende.log.{}", partition.as_str().replace('-', "."));
    let config = Config {
        name: name.clone(),
        subjects: vec![subject],
        storage: StorageType::Memory,
        max_messages: 1_000,
        deny_purge: true,
        ..Config::default()
    };
    let jetstream = context(&cluster).await;
    let before = jetstream.create_stream(config).await.unwrap().cached_info().config.clone();

    let refused = LogStream::open(&cluster.connection().await, &partition, 1).await.map(|_| ());
    let Err(StreamError::Unfit(what)) = refused else { panic!("{refused:?}") };
    for part in [&*name, "storage is Memory", "max_msgs is 1000", "deny_delete is false"] {
        assert!(what.contains(part), "{part} in {what}");
    }
    assert!(!what.contains("deny_purge"), "{what}");
    assert_eq!(jetstream.get_stream(&name).await.unwrap().cached_info().config, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_replicas_than_servers_are_refused() {
    let Some(cluster) = Cluster::one() else { return };
    let refused = LogStream::open(&cluster.connection().await, &new_partition(), 3).await.map(|_| ());
    assert!(matches!(refused, Err(StreamError::Unfit(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subject_that_another_stream_takes_is_refused() {
    let Some(cluster) = Cluster::one() else { return };
    let partition = new_partition();
    let config = Config { name: "GREEDY".into(), subjects: vec!["allmende.log.>".into()], ..Config::default() };
    context(&cluster).await.create_stream(config).await.unwrap();
    let refused = LogStream::open(&cluster.connection().await, &partition, 1).await.map(|_| ());
    assert!(matches!(refused, Err(StreamError::Unfit(_))), "{refused:?}");
}

//! Reading in order.

use allmende_eventlog_nats::stream::{GroupStream as _, Published};

use crate::support::{Cluster, LONG, SHORT, bytes, commit, new_partition, next};

pub(crate) async fn a_follower_begins_where_it_is_told_and_waits_for_more(cluster: &Cluster) {
    let stream = cluster.new_stream().await;
    let mut publisher = stream.connect().await.unwrap();
    for expected in 0..5 {
        commit(publisher.as_mut(), expected, "before").await;
    }
    let mut follower = stream.follow(4).await.unwrap();
    assert_eq!(next(follower.as_mut()).await.sequence, 4);
    assert_eq!(next(follower.as_mut()).await.sequence, 5);
    assert!(follower.try_next().is_none());

    // A wait that is given up loses nothing.
    assert!(tokio::time::timeout(SHORT, follower.next()).await.is_err());
    commit(publisher.as_mut(), 5, "after").await;
    let message = next(follower.as_mut()).await;
    assert_eq!((message.sequence, &message.bytes[..]), (6, &b"after"[..]));
}

pub(crate) async fn a_follower_may_begin_beyond_the_end(cluster: &Cluster) {
    let stream = cluster.new_stream().await;
    let mut follower = stream.follow(3).await.unwrap();
    let mut publisher = stream.connect().await.unwrap();
    for (expected, text) in ["one", "two", "three"].into_iter().enumerate() {
        commit(publisher.as_mut(), expected as u64, text).await;
    }
    assert_eq!(next(follower.as_mut()).await.sequence, 3);
}

pub(crate) async fn a_slow_reader_loses_nothing(cluster: &Cluster) {
    const MESSAGES: u64 = 900;
    let stream = cluster.new_stream().await;
    let mut follower = stream.follow(1).await.unwrap();
    let mut publisher = stream.connect().await.unwrap();
    for expected in 0..MESSAGES {
        let published = publisher.publish(expected, bytes(&expected.to_string()), LONG).await;
        assert_eq!(published, Published::Committed(expected + 1));
    }
    // Far more than the server may send unasked has been waiting; now it is read, in one go where it is there already.
    let mut sequence = 0;
    while sequence < MESSAGES {
        let message = match follower.try_next() {
            Some(message) => message,
            None => next(follower.as_mut()).await,
        };
        sequence += 1;
        assert_eq!(message.sequence, sequence);
        assert_eq!(message.bytes, bytes(&(sequence - 1).to_string()));
    }
}

pub(crate) async fn large_messages_are_read_one_after_the_other(cluster: &Cluster) {
    const MESSAGES: u64 = 24;
    let stream = cluster.new_stream().await;
    let mut publisher = stream.connect().await.unwrap();
    for expected in 0..MESSAGES {
        let text = format!("{expected}").repeat(stream.message_bytes() / 4);
        commit(publisher.as_mut(), expected, &text).await;
    }
    let mut follower = stream.follow(1).await.unwrap();
    for sequence in 1..=MESSAGES {
        assert_eq!(next(follower.as_mut()).await.sequence, sequence);
    }
}

pub(crate) async fn a_dropped_follower_leaves_no_consumer(cluster: &Cluster) {
    let partition = new_partition();
    let stream = cluster.stream(&partition).await;
    let name = format!("ALLMENDE_TEST_{}", partition.as_str().rsplit_once('-').unwrap().1);
    let consumers = || async {
        let connection = async_nats::connect(cluster.servers.urls()).await.unwrap();
        let stream = async_nats::jetstream::new(connection).get_stream(&name).await.unwrap();
        stream.cached_info().state.consumer_count
    };
    let follower = stream.follow(1).await.unwrap();
    while consumers().await != 1 {
        tokio::time::sleep(SHORT).await;
    }
    drop(follower);
    while consumers().await != 0 {
        tokio::time::sleep(SHORT).await;
    }
}

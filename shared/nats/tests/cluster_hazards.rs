//! What goes wrong in a cluster of three, on purpose: what was committed with three replicas is there whichever of the
//! servers is gone.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use allmende_eventlog_nats::stream::{GroupStream, Message, Published, Publisher, StreamError};
use allmende_kernel::PartitionName;

use support::{Cluster, LONG, SHORT, bytes, commit, new_partition, texts};

fn stream_name(partition: &PartitionName) -> String {
    format!("ALLMENDE_{}", partition.as_str().to_uppercase().replace('-', "_"))
}

/// A publisher as soon as there is one.
async fn publisher(stream: &dyn GroupStream) -> Box<dyn Publisher> {
    loop {
        match stream.connect().await {
            Ok(publisher) => return publisher,
            Err(error) => assert!(matches!(error, StreamError::Unreachable(_)), "{error}"),
        }
    }
}

/// Publishes by as many publishers as it takes, the way a leader does that publishes barriers until one is answered, and
/// tells whether the last of them was committed or an earlier one had been.
async fn settle(stream: &dyn GroupStream, expected: u64, text: &str) -> Published {
    loop {
        let published = publisher(stream).await.publish(expected, bytes(text), SHORT * 10).await;
        if published != Published::Unknown {
            return published;
        }
    }
}

/// The message at `sequence`, by as many followers as it takes.
async fn read(stream: &dyn GroupStream, sequence: u64) -> Message {
    loop {
        let message = match stream.follow(sequence).await {
            Ok(mut follower) => tokio::time::timeout(LONG, follower.next()).await.expect("a message or an end"),
            Err(error) => Err(error),
        };
        match message {
            Ok(message) => return message,
            Err(error) => assert!(matches!(error, StreamError::Unreachable(_)), "{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_outlives_the_streams_leader() {
    let Some(mut cluster) = Cluster::three() else { return };
    let partition = new_partition();
    let stream = cluster.stream(&partition).await;
    let mut last = 0;
    let mut first = publisher(&stream).await;
    for round in 0..3 {
        for _ in 0..5 {
            match first.publish(last, bytes(&format!("{}", last + 1)), LONG).await {
                Published::Committed(sequence) => assert_eq!(sequence, last + 1),
                // Of the round before, whose first answer was lost.
                other => panic!("{other:?}"),
            }
            last += 1;
        }
        let leader = cluster.servers.stream_leader(&stream_name(&partition));
        cluster.servers.node(leader).kill();
        // Whether this or an attempt before it was stored: the same text is there.
        let settled = settle(&stream, last, &format!("{}", last + 1)).await;
        assert!(matches!(settled, Published::Committed(_) | Published::Refused), "round {round}");
        last += 1;
        assert_eq!(read(&stream, last).await.bytes, bytes(&last.to_string()));
        cluster.servers.node(leader).restart();
        cluster.servers.wait_until_ready();
        first = publisher(&stream).await;
    }
    let expected: Vec<_> = (1..=last).map(|number| number.to_string()).collect();
    assert_eq!(texts(&stream, last).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_was_paused_past_its_time_changes_nothing_when_it_comes_back() {
    let Some(mut cluster) = Cluster::three() else { return };
    let partition = new_partition();
    let stream = cluster.stream(&partition).await;
    commit(publisher(&stream).await.as_mut(), 0, "one").await;

    let paused = cluster.servers.stream_leader(&stream_name(&partition));
    let mut old = publisher(&stream).await;
    cluster.servers.node(paused).pause();
    assert_eq!(old.publish(1, bytes("old"), SHORT).await, Published::Unknown);
    let second = match settle(&stream, 1, "new").await {
        Published::Committed(2) => bytes("new"),
        _ => read(&stream, 2).await.bytes,
    };
    let mut last = 2;
    while settle(&stream, last, "newer").await == Published::Refused {
        last += 1;
    }
    last += 1;

    cluster.servers.node(paused).resume();
    cluster.servers.wait_until_ready();
    commit(publisher(&stream).await.as_mut(), last, "last").await;
    let texts = texts(&stream, last + 1).await;
    assert_eq!((texts[0].as_bytes(), texts[1].as_bytes()), (&b"one"[..], &second[..]));
    assert_eq!(texts.last().map(String::as_str), Some("last"));
}

/// The leader of a stream counts what it has proposed and nobody has heard of, so it refuses what follows: a refusal does
/// not say that anything is stored in that place, and who was refused must not wait for it for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_of_three_commits_nothing_and_what_it_refuses_for_may_come_to_nothing() {
    let Some(mut cluster) = Cluster::three() else { return };
    let partition = new_partition();
    let stream = cluster.stream(&partition).await;
    commit(publisher(&stream).await.as_mut(), 0, "one").await;
    let alone = cluster.servers.stream_leader(&stream_name(&partition));
    let others: Vec<_> = (0..3).filter(|node| *node != alone).collect();
    for gone in &others {
        cluster.servers.node(*gone).kill();
    }
    for _ in 0..5 {
        let published = publisher(&stream).await.publish(1, bytes("alone"), SHORT).await;
        assert!(matches!(published, Published::Unknown | Published::Refused), "{published:?}");
    }

    cluster.servers.node(alone).kill();
    for gone in &others {
        cluster.servers.node(*gone).restart();
    }
    let settled = settle(&stream, 1, "together").await;
    assert!(matches!(settled, Published::Committed(2) | Published::Refused), "{settled:?}");
    cluster.servers.node(alone).restart();
    cluster.servers.wait_until_ready();
    assert_eq!(read(&stream, 1).await.bytes, bytes("one"));
    assert_eq!(read(&stream, 2).await.bytes, bytes("together"));
}

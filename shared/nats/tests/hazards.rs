//! What goes wrong between a publisher and a single server, on purpose: each is told as what it is, and nothing that was
//! committed is lost.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use allmende_eventlog_nats::stream::{GroupStream as _, Published, StreamError};
use allmende_nats::LogStream;
use allmende_testkit::nats::Wire;

use support::{Cluster, LONG, SHORT, bytes, commit, connect, new_partition, next, texts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publish_to_a_paused_server_is_unknown_and_a_second_one_settles_it() {
    let Some(mut cluster) = Cluster::one() else { return };
    let stream = cluster.new_stream().await;
    let mut publisher = stream.connect().await.unwrap();
    commit(publisher.as_mut(), 0, "one").await;
    let mut barrier = stream.connect().await.unwrap();

    cluster.servers.node(0).pause();
    assert_eq!(publisher.publish(1, bytes("unknown"), SHORT).await, Published::Unknown);
    cluster.servers.node(0).resume();

    // The server has the message in a socket, or has lost it; whichever of the two came first is there, alone.
    let settled = barrier.publish(1, bytes("barrier"), LONG).await;
    let second = match settled {
        Published::Committed(2) => "barrier",
        Published::Refused => "unknown",
        other => panic!("{other:?}"),
    };
    commit(barrier.as_mut(), 2, "three").await;
    assert_eq!(texts(&stream, 3).await, ["one", second, "three"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_may_be_stored_though_its_answer_never_came() {
    let Some(mut cluster) = Cluster::one() else { return };
    let wire = Wire::to(cluster.servers.node(0).port());
    let partition = new_partition();
    let direct = cluster.stream(&partition).await;
    let stream = LogStream::open(&connect(vec![wire.url()]).await, &partition, 1).await.unwrap();
    let mut publisher = stream.connect().await.unwrap();

    wire.hold_answers();
    assert_eq!(publisher.publish(0, bytes("stored"), SHORT).await, Published::Unknown);
    let mut barrier = direct.connect().await.unwrap();
    while direct.last_hint().await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(barrier.publish(0, bytes("barrier"), LONG).await, Published::Refused);
    assert_eq!(texts(&direct, 1).await, ["stored"]);
}

/// Late on its way, until after two messages of the next leader: it fits no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_message_of_an_old_connection_is_refused_where_it_does_not_fit() {
    let Some(mut cluster) = Cluster::one() else { return };
    let wire = Wire::to(cluster.servers.node(0).port());
    let partition = new_partition();
    let direct = cluster.stream(&partition).await;
    let stream = LogStream::open(&connect(vec![wire.url()]).await, &partition, 1).await.unwrap();
    let mut old = stream.connect().await.unwrap();

    wire.hold_requests();
    assert_eq!(old.publish(0, bytes("late"), SHORT).await, Published::Unknown);
    drop(old);
    wire.cut();
    let mut new = direct.connect().await.unwrap();
    commit(new.as_mut(), 0, "new").await;
    wire.release();
    commit(new.as_mut(), 1, "newer").await;
    assert_eq!(texts(&direct, 2).await, ["new", "newer"]);
}

/// Why a sequence is no fence and groups carry the epoch: what a deposed leader sent may fit behind its successor's first
/// message, and is then stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_message_that_fits_is_stored() {
    let Some(mut cluster) = Cluster::one() else { return };
    let wire = Wire::to(cluster.servers.node(0).port());
    let partition = new_partition();
    let direct = cluster.stream(&partition).await;
    let stream = LogStream::open(&connect(vec![wire.url()]).await, &partition, 1).await.unwrap();
    let mut old = stream.connect().await.unwrap();

    wire.hold_requests();
    assert_eq!(old.publish(1, bytes("late"), SHORT).await, Published::Unknown);
    drop(old);
    wire.cut();
    let mut new = direct.connect().await.unwrap();
    commit(new.as_mut(), 0, "new").await;
    wire.release();
    assert_eq!(texts(&direct, 2).await, ["new", "late"]);
    assert_eq!(new.publish(1, bytes("newer"), LONG).await, Published::Refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_whose_connection_was_lost_sends_nothing_more() {
    let Some(mut cluster) = Cluster::one() else { return };
    let wire = Wire::to(cluster.servers.node(0).port());
    let partition = new_partition();
    let direct = cluster.stream(&partition).await;
    let stream = LogStream::open(&connect(vec![wire.url()]).await, &partition, 1).await.unwrap();
    let mut old = stream.connect().await.unwrap();
    commit(old.as_mut(), 0, "one").await;

    wire.cut();
    assert_eq!(old.publish(1, bytes("lost"), SHORT).await, Published::Unknown);
    wire.mend();
    // The way is free again, and a new publisher of the same stream uses it.
    let mut new = stream.connect().await.unwrap();
    assert_eq!(old.publish(1, bytes("lost"), LONG).await, Published::Unknown);
    commit(new.as_mut(), 1, "two").await;
    assert_eq!(old.publish(2, bytes("lost"), LONG).await, Published::Unknown);
    commit(new.as_mut(), 2, "three").await;
    assert_eq!(texts(&direct, 3).await, ["one", "two", "three"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_comes_back_with_what_was_committed() {
    let Some(mut cluster) = Cluster::one() else { return };
    let partition = new_partition();
    let stream = cluster.stream(&partition).await;
    let mut publisher = stream.connect().await.unwrap();
    let mut committed = 0;
    for round in 0..5 {
        for _ in 0..20 {
            commit(publisher.as_mut(), committed, &format!("{}", committed + 1)).await;
            committed += 1;
        }
        cluster.servers.node(0).kill();
        assert_eq!(publisher.publish(committed, bytes("nowhere"), LONG).await, Published::Unknown, "{round}");
        cluster.servers.node(0).restart();
        cluster.servers.wait_until_ready();
        publisher = stream.connect().await.unwrap();
        // Nothing of the server's last moments is there but what was acknowledged.
        assert_eq!(publisher.publish(committed - 1, bytes("before the end"), LONG).await, Published::Refused);
    }
    let expected: Vec<_> = (1..=committed).map(|number| number.to_string()).collect();
    assert_eq!(texts(&stream, committed).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_that_was_cut_off_ends_and_another_goes_on_at_the_last_message() {
    let Some(mut cluster) = Cluster::one() else { return };
    let wire = Wire::to(cluster.servers.node(0).port());
    let partition = new_partition();
    let direct = cluster.stream(&partition).await;
    let stream = LogStream::open(&connect(vec![wire.url()]).await, &partition, 1).await.unwrap();
    let mut publisher = direct.connect().await.unwrap();
    let mut follower = stream.follow(1).await.unwrap();
    let mut last = 0;
    for round in 0..4 {
        commit(publisher.as_mut(), last, &format!("{round}")).await;
        last += 1;
        assert_eq!(next(follower.as_mut()).await.sequence, last);

        // One is on its way when the wire is cut, and one is published while it is.
        wire.hold_answers();
        commit(publisher.as_mut(), last, "on its way").await;
        wire.cut();
        wire.release();
        commit(publisher.as_mut(), last + 1, "meanwhile").await;
        wire.mend();
        // What comes over another connection may be of another stream: it gives nothing of it, and ends.
        let ended = tokio::time::timeout(LONG, follower.next()).await.expect("an end or a message");
        assert!(matches!(ended, Err(StreamError::Unreachable(_))), "round {round}: {ended:?}");
        assert!(follower.try_next().is_none());
        follower = loop {
            match stream.follow(last).await {
                Ok(follower) => break follower,
                Err(error) => assert!(matches!(error, StreamError::Unreachable(_)), "{error}"),
            }
        };
        for sequence in last..=last + 2 {
            assert_eq!(next(follower.as_mut()).await.sequence, sequence);
        }
        last += 2;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_stream_does_not_hold_is_gone() {
    let Some(cluster) = Cluster::one() else { return };
    let partition = new_partition();
    let stream = cluster.stream(&partition).await;
    let mut publisher = stream.connect().await.unwrap();
    for expected in 0..4 {
        commit(publisher.as_mut(), expected, "text").await;
    }
    // Somebody with an operator's rights makes deletion possible, and deletes.
    let jetstream = async_nats::jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
    let name = format!("ALLMENDE_{}", partition.as_str().to_uppercase().replace('-', "_"));
    let found = jetstream.get_stream(&name).await.unwrap();
    let config = found.cached_info().config.clone();
    let discard = async_nats::jetstream::stream::DiscardPolicy::Old;
    let allowed = async_nats::jetstream::stream::Config { max_messages: 2, discard, deny_delete: false, ..config };
    assert!(jetstream.update_stream(allowed.clone()).await.is_err(), "deny_delete cannot be taken back");
    let limited = async_nats::jetstream::stream::Config { deny_delete: true, ..allowed };
    jetstream.update_stream(limited).await.unwrap();

    let mut follower = stream.follow(2).await.unwrap();
    assert_eq!(tokio::time::timeout(LONG, follower.next()).await.unwrap(), Err(StreamError::Gone(2)));
}

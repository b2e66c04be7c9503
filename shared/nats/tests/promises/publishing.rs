//! Publishing.

use allmende_eventlog_nats::stream::{GroupStream as _, Published};

use crate::support::{Cluster, LONG, SHORT, bytes, commit, texts};

pub(crate) async fn a_message_is_stored_where_it_was_expected(cluster: &Cluster) {
    let stream = cluster.new_stream().await;
    let mut publisher = stream.connect().await.unwrap();
    for (expected, text) in ["one", "two", "three"].into_iter().enumerate() {
        commit(publisher.as_mut(), expected as u64, text).await;
    }
    assert_eq!(texts(&stream, 3).await, ["one", "two", "three"]);
}

pub(crate) async fn a_message_that_does_not_fit_is_refused_and_not_stored(cluster: &Cluster) {
    let stream = cluster.new_stream().await;
    let mut publisher = stream.connect().await.unwrap();
    assert_eq!(publisher.publish(1, bytes("too late"), LONG).await, Published::Refused);
    commit(publisher.as_mut(), 0, "one").await;
    for wrong in [0, 2, 7] {
        assert_eq!(publisher.publish(wrong, bytes("does not fit"), LONG).await, Published::Refused, "{wrong}");
    }
    commit(publisher.as_mut(), 1, "two").await;
    assert_eq!(texts(&stream, 2).await, ["one", "two"]);
}

pub(crate) async fn of_two_publishers_one_wins_each_place(cluster: &Cluster) {
    let stream = cluster.new_stream().await;
    let mut one = stream.connect().await.unwrap();
    let mut other = stream.connect().await.unwrap();
    let mut winners = Vec::new();
    for expected in 0..20 {
        let (first, second) =
            tokio::join!(one.publish(expected, bytes("one"), LONG), other.publish(expected, bytes("other"), LONG));
        winners.push(match (first, second) {
            (Published::Committed(_), Published::Committed(_)) => panic!("both at {expected}"),
            (Published::Committed(_), _) => Some("one"),
            (_, Published::Committed(_)) => Some("other"),
            // A cluster may say of each that it does not know. Somebody's is there before the next place is taken.
            _ => {
                while one.publish(expected, bytes("one"), LONG).await == Published::Unknown {
                    tokio::time::sleep(SHORT).await;
                }
                None
            }
        });
    }
    assert!(winners.iter().any(Option::is_some), "no winner was ever told");
    for (text, winner) in texts(&stream, 20).await.iter().zip(winners) {
        assert!(winner.is_none_or(|winner| winner == text), "{winner:?} was told, {text} is there");
    }
}

pub(crate) async fn the_same_message_twice_is_stored_twice(cluster: &Cluster) {
    let stream = cluster.new_stream().await;
    let mut publisher = stream.connect().await.unwrap();
    commit(publisher.as_mut(), 0, "same").await;
    commit(publisher.as_mut(), 1, "same").await;
    assert_eq!(texts(&stream, 2).await, ["same", "same"]);
}

pub(crate) async fn the_largest_message_is_stored(cluster: &Cluster) {
    let stream = cluster.new_stream().await;
    let mut publisher = stream.connect().await.unwrap();
    let largest = "x".repeat(stream.message_bytes());
    commit(publisher.as_mut(), 0, &largest).await;
    commit(publisher.as_mut(), 1, "small").await;
    assert_eq!(texts(&stream, 2).await, [largest.as_str(), "small"]);
}

pub(crate) async fn the_last_sequence_is_known_in_the_end(cluster: &Cluster) {
    let stream = cluster.new_stream().await;
    assert_eq!(stream.last_hint().await.unwrap(), 0);
    let mut publisher = stream.connect().await.unwrap();
    commit(publisher.as_mut(), 0, "one").await;
    while stream.last_hint().await.unwrap() != 1 {
        tokio::task::yield_now().await;
    }
}

//! Bodies that do not fit into a message.

use allmende_eventlog::Hash;
use allmende_eventlog_nats::cluster::{Bodies as _, BodyError};
use allmende_nats::StreamBodies;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::support::Cluster;

async fn bodies(cluster: &Cluster) -> StreamBodies {
    StreamBodies::open(&cluster.connection().await, "test", cluster.replicas).await.unwrap()
}

/// Bytes that no other test stores.
fn body(name: &str, length: usize) -> (Hash, Bytes) {
    let body: Bytes = name.bytes().chain((0_u32..).flat_map(u32::to_le_bytes)).take(length).collect();
    (Hash(Sha256::digest(&body).into()), body)
}

pub(crate) async fn bodies_of_any_size_are_found_again(cluster: &Cluster) {
    let (writer, reader) = (bodies(cluster).await, bodies(cluster).await);
    for length in [0, 1, 512 << 10, (512 << 10) + 1, 5 << 20] {
        let (hash, body) = body("any size", length);
        writer.put(hash, body.clone()).await.unwrap();
        assert_eq!(reader.get(hash).await.unwrap(), Some(body), "{length} bytes");
    }
}

pub(crate) async fn a_body_that_was_never_stored_is_surely_not_there(cluster: &Cluster) {
    assert_eq!(bodies(cluster).await.get(body("nowhere", 9).0).await.unwrap(), None);
}

pub(crate) async fn a_body_is_stored_once_however_often_it_is_put(cluster: &Cluster) {
    let (one, other) = (bodies(cluster).await, bodies(cluster).await);
    let (hash, body) = body("once", 3 << 20);
    let messages = || async {
        let jetstream = async_nats::jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
        jetstream.get_stream("ALLMENDE_BODIES_TEST").await.unwrap().cached_info().state.messages
    };
    let before = messages().await;
    let (first, second) = tokio::join!(one.put(hash, body.clone()), other.put(hash, body.clone()));
    first.and(second).unwrap();
    one.put(hash, body.clone()).await.unwrap();
    assert_eq!(messages().await - before, 6 + 1, "pieces and the length");
    assert_eq!(one.get(hash).await.unwrap(), Some(body));
}

pub(crate) async fn a_body_that_was_not_finished_is_not_there_and_can_be_finished(cluster: &Cluster) {
    let bodies = bodies(cluster).await;
    let (hash, body) = body("unfinished", (512 << 10) + 7);
    // Its first piece is all that was stored.
    let jetstream = async_nats::jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
    let stored = jetstream.publish(format!("allmende.body.test.{hash}.0"), body.slice(..512 << 10)).await.unwrap();
    stored.await.unwrap();
    assert_eq!(bodies.get(hash).await.unwrap(), None);
    bodies.put(hash, body.clone()).await.unwrap();
    assert_eq!(bodies.get(hash).await.unwrap(), Some(body));
}

pub(crate) async fn a_body_of_another_hash_is_not_stored(cluster: &Cluster) {
    let bodies = bodies(cluster).await;
    let (hash, body) = body("of another hash", 100);
    assert!(bodies.put(Hash([7; 32]), body).await.is_err());
    assert_eq!((bodies.get(hash).await, bodies.get(Hash([7; 32])).await), (Ok(None), Ok(None)));
}

/// A part's name, and what somebody stores as it.
type Part = (&'static str, &'static str);

pub(crate) async fn a_damaged_body_is_named_and_repaired_by_who_puts_it_again(cluster: &Cluster) {
    let (writer, reader) = (bodies(cluster).await, bodies(cluster).await);
    let jetstream = async_nats::jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
    let publish = async |hash: Hash, part: &str, value: &'static str| {
        let subject = format!("allmende.body.test.{hash}.{part}");
        jetstream.publish(subject, value.into()).await.unwrap().await.unwrap();
    };
    let length = (512 << 10) + 100;
    let damages: [(&str, &[Part], &str); 4] = [
        ("other content", &[("1", "wrong")], "another hash"),
        ("a length that is none", &[("length", "many")], "length is none"),
        ("a shorter length", &[("length", "524289")], "piece 1 is too long"),
        ("no content", &[("length", "524388")], "piece 0 is missing"),
    ];
    for (name, parts, told) in damages {
        let (hash, body) = body(name, length);
        if name != "no content" {
            writer.put(hash, body.clone()).await.unwrap();
        }
        for (part, value) in parts {
            publish(hash, part, value).await;
        }
        match reader.get(hash).await {
            Err(BodyError::Damaged { hash: named, what }) => {
                assert!(named == hash && what.contains(told), "{name}: {what}");
            }
            other => panic!("{name}: {other:?}"),
        }
        writer.put(hash, body.clone()).await.unwrap();
        assert_eq!(reader.get(hash).await, Ok(Some(body)), "{name}");
    }
}

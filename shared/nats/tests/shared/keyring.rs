//! What a keyring promises where several members share it and servers fail.

use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::TenantId;
use allmende_keyring::{Found, Key, KeyId, Keyring, KeyringError, Opened, WrappingKey, open};
use allmende_nats::{BucketKeyring, Connection, KeyringOpenError, Settings};
use async_nats::jetstream;
use uuid::Uuid;

use super::bytes::holding;
use crate::support::{Cluster, SHORT};

const WRAPPING: [u8; 32] = [7; 32];
const CONTEXT: &str = "contribution/1/body";

fn tenant() -> TenantId {
    TenantId::parse("koeln").unwrap()
}

fn id(number: u128) -> KeyId {
    KeyId::contribution(Uuid::from_u128(number))
}

async fn member(cluster: &Cluster) -> BucketKeyring {
    member_with(cluster, WRAPPING).await.unwrap()
}

async fn member_with(cluster: &Cluster, wrapping: [u8; 32]) -> Result<BucketKeyring, KeyringOpenError> {
    // A test that stops a server waits for answers that do not come.
    let settings = Settings { timeout: Duration::from_secs(3), ..Settings::new(cluster.servers.urls(), "test") };
    let connection = Connection::open(settings).await.unwrap();
    BucketKeyring::open(&connection, cluster.replicas, WrappingKey::new(wrapping)).await
}

async fn tools(cluster: &Cluster) -> jetstream::Context {
    jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap())
}

fn is_same(keyring: &dyn Keyring, one: &Key) -> bool {
    let sealed = one.seal(CONTEXT, b"a text").unwrap();
    open(keyring, &tenant(), CONTEXT, &sealed) == Ok(Opened::Content(b"a text".to_vec()))
}

/// What the servers keep of a key, as an entry of the bucket.
async fn stored(cluster: &Cluster, number: u128) -> Vec<u8> {
    let subject = format!("$KV.allmende_keys.{}", WrappingKey::name(&tenant(), id(number)));
    let stream = tools(cluster).await.get_stream("KV_allmende_keys").await.unwrap();
    stream.get_last_raw_message_by_subject(&subject).await.unwrap().payload.to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_that_make_a_key_at_once_agree_on_one() {
    let Some(cluster) = Cluster::one() else { return };
    let members =
        [Arc::new(member(&cluster).await), Arc::new(member(&cluster).await), Arc::new(member(&cluster).await)];
    for number in 0..30 {
        let making = members
            .clone()
            .map(|member| tokio::spawn(async move { member.ensure(&tenant(), id(number)).await.unwrap() }));
        let mut made = Vec::new();
        for making in making {
            made.push(making.await.unwrap());
        }
        for member in &members {
            assert!(made.iter().all(|key| is_same(member.as_ref(), key)), "{number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_forgets_what_another_one_erases() {
    let Some(cluster) = Cluster::one() else { return };
    let (one, other) = (member(&cluster).await, member(&cluster).await);
    for number in 0..10 {
        let sealed = one.ensure(&tenant(), id(number)).await.unwrap().seal(CONTEXT, b"a text").unwrap();
        // In memory, if it hears by now.
        for _ in 0..2 {
            let opened = open(&other, &tenant(), CONTEXT, &sealed);
            assert_eq!(opened, Ok(Opened::Content(b"a text".to_vec())));
        }
        one.erase(&tenant(), id(number)).await.unwrap();
        while open(&other, &tenant(), CONTEXT, &sealed) != Ok(Opened::Erased) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let refused = other.ensure(&tenant(), id(number)).await;
        assert_eq!(refused.unwrap_err(), KeyringError::Erased(id(number)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_keys_bytes_are_nowhere_on_the_server() {
    let Some(mut cluster) = Cluster::one() else { return };
    let keyring = member(&cluster).await;
    for number in 0..100 {
        keyring.ensure(&tenant(), id(number)).await.unwrap();
    }
    let mut wrapped = Vec::new();
    for number in 0..100 {
        let stored = stored(&cluster, number).await;
        assert_eq!(holding(cluster.servers.folder(), &stored).len(), 1, "{number}: a key that is there is found");
        wrapped.push(stored);
    }
    for number in (0..100).step_by(2) {
        keyring.erase(&tenant(), id(number)).await.unwrap();
        assert!(holding(cluster.servers.folder(), &wrapped[number as usize]).is_empty(), "{number}");
    }
    cluster.servers.node(0).restart();
    cluster.servers.wait_until_ready();
    let keyring = member(&cluster).await;
    for (number, wrapped) in (0..).zip(&wrapped) {
        let found = keyring.find(&tenant(), id(number)).unwrap();
        assert_eq!(matches!(found, Found::Key(_)), number % 2 == 1, "{number}: {found:?}");
        assert_eq!(holding(cluster.servers.folder(), wrapped).is_empty(), number % 2 == 0, "{number}");
    }
}

/// Each replica overwrites it in its own file. Beside it is what the servers tell each other (`_js_`), from which it goes
/// when they clean up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_keys_bytes_are_overwritten_on_each_replica() {
    let Some(cluster) = Cluster::three() else { return };
    let keyring = member(&cluster).await;
    keyring.ensure(&tenant(), id(1)).await.unwrap();
    let wrapped = stored(&cluster, 1).await;
    let in_streams = || {
        let found = holding(cluster.servers.folder(), &wrapped).into_iter();
        found.filter(|path| path.components().all(|part| part.as_os_str() != "_js_")).count()
    };
    while in_streams() < 3 {
        tokio::time::sleep(SHORT).await;
    }
    keyring.erase(&tenant(), id(1)).await.unwrap();
    while in_streams() > 0 {
        tokio::time::sleep(SHORT).await;
    }
}

/// What is stored is of no use without the installation's key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_with_another_wrapping_key_reads_nothing() {
    let Some(cluster) = Cluster::one() else { return };
    let made = member(&cluster).await.ensure(&tenant(), id(1)).await.unwrap();
    let stranger = member_with(&cluster, [8; 32]).await.unwrap();
    assert!(matches!(stranger.find(&tenant(), id(1)), Err(KeyringError::Damaged { .. })));
    assert!(matches!(stranger.ensure(&tenant(), id(1)).await, Err(KeyringError::Damaged { .. })));
    assert!(is_same(&member(&cluster).await, &made));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_reached_is_neither_erased_nor_unknown() {
    let Some(mut cluster) = Cluster::one() else { return };
    let keyring = member(&cluster).await;
    let made = keyring.ensure(&tenant(), id(1)).await.unwrap();
    keyring.ensure(&tenant(), id(2)).await.unwrap();
    cluster.servers.node(0).kill();
    for number in [1, 2, 3] {
        // What is in memory is good until the loss is noticed.
        loop {
            match keyring.find(&tenant(), id(number)) {
                Err(KeyringError::Unavailable(_)) => break,
                Ok(Found::Key(_)) if number < 3 => tokio::time::sleep(SHORT).await,
                found => panic!("{number}: {found:?}"),
            }
        }
    }
    assert!(matches!(keyring.ensure(&tenant(), id(4)).await, Err(KeyringError::Unavailable(_))));
    assert!(matches!(keyring.erase(&tenant(), id(2)).await, Err(KeyringError::Unavailable(_))));
    cluster.servers.node(0).restart();
    cluster.servers.wait_until_ready();
    while keyring.find(&tenant(), id(1)).is_err() {
        tokio::time::sleep(SHORT).await;
    }
    assert!(is_same(&keyring, &made));
    keyring.erase(&tenant(), id(2)).await.unwrap();
    assert!(matches!(keyring.find(&tenant(), id(2)), Ok(Found::Erased)));
    assert!(matches!(keyring.find(&tenant(), id(3)), Ok(Found::Unknown)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_was_cut_off_is_finished_by_the_next_start() {
    let Some(cluster) = Cluster::one() else { return };
    let keyring = member(&cluster).await;
    for number in 0..4 {
        keyring.ensure(&tenant(), id(number)).await.unwrap();
    }
    let wrapped = [stored(&cluster, 0).await, stored(&cluster, 1).await];
    drop(keyring);
    let name = |number| WrappingKey::name(&tenant(), id(number));
    let tools = tools(&cluster).await;
    let publish = async |subject: String, payload: &'static [u8]| {
        tools.publish(subject, payload.into()).await.unwrap().await.unwrap();
    };
    // One was on the list and no further, the other one had its place taken, and its bytes were not overwritten.
    publish(format!("$KV.allmende_erased.{}", name(0)), b"").await;
    publish(format!("$KV.allmende_erased.{}", name(1)), b"").await;
    publish(format!("$KV.allmende_keys.{}", name(1)), &[2]).await;
    assert!(wrapped.iter().all(|wrapped| holding(cluster.servers.folder(), wrapped).len() == 1));
    let keyring = member(&cluster).await;
    assert!(wrapped.iter().all(|wrapped| holding(cluster.servers.folder(), wrapped).is_empty()));
    for number in 0..4 {
        let found = keyring.find(&tenant(), id(number)).unwrap();
        assert_eq!(matches!(found, Found::Erased), number < 2, "{number}: {found:?}");
    }
}

/// A list that somebody lost or set back would let whoever was on it come back with an older copy of the keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_the_erased_that_is_older_than_the_keys_is_refused() {
    let Some(cluster) = Cluster::one() else { return };
    let keyring = member(&cluster).await;
    keyring.erase(&tenant(), id(1)).await.unwrap();
    drop(keyring);
    // Notes how far the list was applied.
    drop(member(&cluster).await);
    tools(&cluster).await.delete_stream("KV_allmende_erased").await.unwrap();
    let refused = member_with(&cluster, WRAPPING).await.map(drop);
    assert!(matches!(refused, Err(KeyringOpenError::OlderList(0, 1))), "{refused:?}");
}

/// A bucket that replaces or purges would keep what it no longer shows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_cannot_overwrite_is_refused() {
    let Some(cluster) = Cluster::one() else { return };
    let config = jetstream::kv::Config { bucket: "allmende_keys".into(), history: 1, ..Default::default() };
    tools(&cluster).await.create_key_value(config).await.unwrap();
    let refused = member_with(&cluster, WRAPPING).await.map(drop).unwrap_err().to_string();
    for setting in ["deny_delete", "deny_purge", "allow_rollup_hdrs", "max_msgs_per_subject"] {
        assert!(refused.contains(setting), "{refused}");
    }
}

//! Secrets that members share.

use std::sync::Arc;

use allmende_keyring::WrappingKey;
use allmende_nats::{BucketSecrets, SecretsOpenError};
use allmende_runtime::secrets::{SecretError, Secrets, contract};

use super::bytes::holding;
use crate::support::Cluster;

async fn member(cluster: &Cluster, wrapping: u8, fingerprint: u8) -> Result<BucketSecrets, SecretsOpenError> {
    let (wrapping, fingerprint) = (WrappingKey::new([wrapping; 32]), [fingerprint; 32]);
    BucketSecrets::open(&cluster.connection().await, cluster.replicas, wrapping, fingerprint).await
}

#[test]
fn a_bucket_keeps_the_contract() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for promise in contract::ALL {
        let Some(cluster) = Cluster::one() else { return };
        promise(&|| Arc::new(runtime.block_on(member(&cluster, 7, 1)).unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_that_make_a_secret_at_once_agree_on_one() {
    let Some(cluster) = Cluster::one() else { return };
    let members = [Arc::new(member(&cluster, 7, 1).await.unwrap()), Arc::new(member(&cluster, 7, 1).await.unwrap())];
    for number in 0..20 {
        let name = format!("keys/{number}.key");
        let making = [0, 1].map(|at| {
            let (member, name) = (Arc::clone(&members[at]), name.clone());
            tokio::task::spawn_blocking(move || member.create(&name, vec![at as u8; 32]).unwrap())
        });
        let [one, other] = making;
        assert_eq!(one.await.unwrap(), other.await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_of_another_installation_is_refused_and_changes_nothing() {
    let Some(cluster) = Cluster::one() else { return };
    let ours = member(&cluster, 7, 1).await.unwrap();
    ours.create("operator.token", b"a token".to_vec()).unwrap();
    let refused = member(&cluster, 8, 2).await.map(drop).unwrap_err();
    assert!(matches!(refused, SecretsOpenError::OtherInstallation), "{refused}");
    assert!(refused.to_string().contains("installation.key"));
    // Also whoever has found out the fingerprint.
    let guessed = member(&cluster, 8, 1).await.unwrap();
    assert!(matches!(guessed.get("operator.token"), Err(SecretError::Damaged(_))));
    assert_eq!(member(&cluster, 7, 1).await.unwrap().get("operator.token").unwrap().unwrap(), b"a token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_has_no_secret_to_tell_and_nothing_of_one_that_was_removed() {
    let Some(cluster) = Cluster::one() else { return };
    let secrets = member(&cluster, 7, 1).await.unwrap();
    let (secret, folder) = (b"a secret of thirty and more bytes".to_vec(), cluster.servers.folder());
    secrets.create("keys/a.key", secret.clone()).unwrap();
    assert!(holding(folder, &secret).is_empty());
    let jetstream = async_nats::jetstream::new(async_nats::connect(cluster.servers.urls()).await.unwrap());
    let stream = jetstream.get_stream("KV_allmende_secrets").await.unwrap();
    let subject = "$KV.allmende_secrets.keys/a.key";
    let wrapped = stream.get_last_raw_message_by_subject(subject).await.unwrap().payload;
    assert_eq!(holding(folder, &wrapped).len(), 1);
    secrets.remove("keys/a.key").unwrap();
    assert!(holding(folder, &wrapped).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_reached_is_not_taken_for_missing() {
    let Some(mut cluster) = Cluster::one() else { return };
    let secrets = member(&cluster, 7, 1).await.unwrap();
    cluster.servers.node(0).kill();
    assert!(matches!(secrets.get("operator.token"), Err(SecretError::Unavailable(_))));
    assert!(matches!(secrets.create("operator.token", b"a token".to_vec()), Err(SecretError::Unavailable(_))));
}

//! All of it at once.

use std::io::Write as _;

use allmende_files::{Form, Shelf};
use allmende_kernel::TenantId;
use allmende_keyring::{KeyId, Opened, open};
use allmende_nats::{SharedOpenError, open_shared};
use allmende_runtime::installation::Installation;
use uuid::Uuid;

use crate::support::Cluster;

const SHELF: Shelf = Shelf { name: "test", form: Form::Plain, largest: 1 << 20 };

async fn what_one_member_has_the_other_has(cluster: &Cluster) {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let installation = Installation::from_key(&[7; 32]);
    let open_in = async |data| open_shared(&cluster.connection().await, cluster.replicas, &installation, data).await;
    let (one, other) = (open_in(here.path()).await.unwrap(), open_in(there.path()).await.unwrap());

    let (koeln, id) = (TenantId::parse("koeln").unwrap(), KeyId::contribution(Uuid::from_u128(1)));
    let sealed = one.keyring.ensure(&koeln, id).await.unwrap().seal("body", b"a text").unwrap();
    assert_eq!(open(other.keyring.as_ref(), &koeln, "body", &sealed), Ok(Opened::Content(b"a text".to_vec())));

    one.secrets.create("operator.token", b"a token".to_vec()).unwrap();
    assert_eq!(other.secrets.get("operator.token").unwrap().unwrap(), b"a token");

    let mut file = one.files.open(SHELF).unwrap().begin().unwrap();
    file.write_all(b"a file").unwrap();
    let kept = file.keep().unwrap();
    let files = other.files.open(SHELF).unwrap();
    assert_eq!(std::io::read_to_string(files.read(&kept.name).unwrap()).unwrap(), "a file");

    other.keyring.erase(&koeln, id).await.unwrap();
    while open(one.keyring.as_ref(), &koeln, "body", &sealed) != Ok(Opened::Erased) {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let stranger = Installation::from_key(&[8; 32]);
    let refused = open_shared(&cluster.connection().await, cluster.replicas, &stranger, here.path()).await.map(drop);
    assert!(matches!(refused, Err(SharedOpenError::Secrets(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_member_has_the_other_has_on_one_server() {
    let Some(cluster) = Cluster::one() else { return };
    what_one_member_has_the_other_has(&cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_member_has_the_other_has_with_three_replicas() {
    let Some(cluster) = Cluster::three() else { return };
    what_one_member_has_the_other_has(&cluster).await;
}

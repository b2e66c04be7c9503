use std::sync::Arc;

use allmende_kernel::TenantId;
use uuid::Uuid;

use super::Harness;
use crate::key::{Key, KeyId};
use crate::port::{Found, Keyring};

pub(super) const CONTEXT: &str = "contribution/1/body";
pub(super) const TEXT: &[u8] = "Die Hecke am Mühlbach".as_bytes();

/// An open keyring.
pub(super) struct Bench<H> {
    pub(super) harness: H,
    pub(super) keyring: Arc<dyn Keyring>,
}

impl<H: Harness> Bench<H> {
    pub(super) async fn open(mut harness: H) -> Self {
        let keyring = harness.open().await;
        Self { harness, keyring }
    }

    /// Closes the keyring, does something in its absence, and opens it.
    pub(super) async fn reopen_after(mut self, meanwhile: impl FnOnce(&mut H)) -> Self {
        self.harness.close(self.keyring).await;
        meanwhile(&mut self.harness);
        Self::open(self.harness).await
    }

    pub(super) async fn reopen(self) -> Self {
        self.reopen_after(|_| {}).await
    }

    pub(super) async fn ensure(&self, number: u64) -> Key {
        self.keyring.ensure(&tenant(), id(number)).await.unwrap()
    }

    pub(super) async fn erase(&self, number: u64) {
        self.keyring.erase(&tenant(), id(number)).await.unwrap();
    }

    pub(super) fn find(&self, number: u64) -> Found {
        self.keyring.find(&tenant(), id(number)).unwrap()
    }
}

pub(super) fn tenant() -> TenantId {
    TenantId::parse("koeln").unwrap()
}

pub(super) fn id(number: u64) -> KeyId {
    KeyId::contribution(Uuid::from_u64_pair(0x0198_0000_0000_7000, 0x8000_0000_0000_0000 | number))
}

/// Whether both are the same key: only that opens what the other sealed.
pub(super) fn is_same(one: &Key, other: &Key) -> bool {
    let same = one.secret() == other.secret();
    assert!(!same || one.id() == other.id() && one.tenant() == other.tenant());
    same
}

/// The key that was found.
pub(super) fn key(found: Found) -> Key {
    match found {
        Found::Key(key) => key,
        found => panic!("{found:?} where there is a key"),
    }
}

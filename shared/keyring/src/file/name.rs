use std::fmt;

use allmende_kernel::TenantId;
use sha2::{Digest, Sha256};

use crate::key::KeyId;

/// Which keyring the parts on disk belong to.
pub(crate) type KeyringId = [u8; 16];

/// A key's name on disk: SHA-256 of tenant and id, the same in every keyring, copy and list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name(pub(crate) [u8; 32]);

impl Name {
    pub(crate) fn new(tenant: &TenantId, id: KeyId) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"allmende key name 1");
        hash.update([tenant.as_str().len() as u8]);
        hash.update(tenant.as_str());
        hash.update(id.as_bytes());
        Self(hash.finalize().into())
    }

    /// Spreads names over a table. Salted, so that nobody who may choose ids can choose where they go.
    pub(crate) fn hash(&self, salt: &[u8; 16]) -> u64 {
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(self.0);
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash.finalize());
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

/// As 64 hexadecimal digits.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

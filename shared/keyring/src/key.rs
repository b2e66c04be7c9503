use std::fmt;
use std::sync::Arc;

use allmende_kernel::{Sealed, SubjectId, TenantId};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::port::KeyringError;
use crate::sealing;

/// Names a key within a tenant: the id of the person or of the contribution that it seals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(Uuid);

impl KeyId {
    /// Takes the id of what the key is for. Kinds need no name of their own as long as their ids are random.
    pub fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Takes the sixteen bytes of a stored id.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The id's bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

/// A person's own key.
impl From<SubjectId> for KeyId {
    fn from(subject: SubjectId) -> Self {
        Self::from_bytes(*subject.as_bytes())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.0)
    }
}

/// The bytes of a key; overwritten when the last holder is gone.
pub(crate) type Secret = Arc<Zeroizing<[u8; 32]>>;

/// A new secret.
pub(crate) fn fresh_secret() -> Result<Secret, KeyringError> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(secret.as_mut_slice()).map_err(|_| KeyringError::NoRandomness)?;
    Ok(Arc::new(secret))
}

/// A key of a tenant, in memory.
#[derive(Clone)]
pub struct Key {
    tenant: TenantId,
    id: KeyId,
    secret: Secret,
}

impl Key {
    pub(crate) fn new(tenant: TenantId, id: KeyId, secret: Secret) -> Self {
        Self { tenant, id, secret }
    }

    /// Which one it is.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Whose it is.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Puts content into a box that opens with this key, and as the content of `context` only: the field it is of,
    /// and of what (`contribution/0198…/body`), so that no box can be put in another's place.
    ///
    /// The box is 57 bytes longer than the content. That it tells the content's length is known.
    pub fn seal(&self, context: &str, content: &[u8]) -> Result<Sealed, KeyringError> {
        sealing::seal(self, context, content)
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// Names the key and shows nothing of it.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} of {})", self.id, self.tenant)
    }
}

use std::fmt;
use std::sync::Arc;

use allmende_kernel::{Sealed, SubjectId, TenantId};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::port::KeyringError;
use crate::sealing;

/// Names a key within a tenant: made of a kind and of the id of what it seals.
///
/// Ids of some kinds are their clients' to choose, so the kind is part of the name: whoever gives a text the id of a
/// person gets a key for the text, and erasing it leaves the person's alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(Uuid);

impl KeyId {
    /// The key of what is kept about a person.
    pub fn person(subject: SubjectId) -> Self {
        Self::named("person", &[subject.as_bytes()])
    }

    /// The key of what somebody wrote in a procedure, and of what others wrote about it.
    pub fn contribution(id: Uuid) -> Self {
        Self::named("contribution", &[id.as_bytes()])
    }

    /// The key of what somebody reported about a contribution.
    pub fn report(contribution: Uuid, reporter: SubjectId) -> Self {
        Self::named("report", &[contribution.as_bytes(), reporter.as_bytes()])
    }

    /// The key of what somebody told a tenant.
    pub fn feedback(id: Uuid) -> Self {
        Self::named("feedback", &[id.as_bytes()])
    }

    /// The key of what a mail carries that outlives its account.
    pub fn mail(id: Uuid) -> Self {
        Self::named("mail", &[id.as_bytes()])
    }

    /// Each kind has one number of ids, so no two lists of parts run together.
    fn named(kind: &str, ids: &[&[u8; 16]]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"allmende key id 1");
        hash.update([kind.len() as u8]);
        hash.update(kind);
        for id in ids {
            hash.update(id);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_names_a_key_of_each_kind() {
        let id = Uuid::from_u128(7);
        let keys = [
            KeyId::person(SubjectId::new(id)),
            KeyId::contribution(id),
            KeyId::report(id, SubjectId::new(id)),
            KeyId::feedback(id),
            KeyId::mail(id),
        ];
        let distinct: std::collections::HashSet<_> = keys.into_iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    /// Names are stored in boxes and on disk.
    #[test]
    fn a_name_stays_as_it_is() {
        assert_eq!(KeyId::contribution(Uuid::from_u128(7)).to_string(), "8baff9cf-5478-82dd-b82b-31d190705f44");
    }
}

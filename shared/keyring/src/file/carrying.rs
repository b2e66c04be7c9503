//! What is in the files, for a keyring that others keep.

use std::collections::HashSet;
use std::fmt;
use std::ops::ControlFlow;

use crate::file::master::Masters;
use crate::file::slot::Slot;
use crate::file::store::Store;
use crate::file::{FileError, Name, Places, erased};
use crate::key::Secret;
use crate::port::KeyringError;
use crate::wrapping::{WrappingKey, of_key};

/// What a keyring in files has under a name: a key, or that it is erased for ever.
pub struct Carried {
    name: Name,
    secret: Option<Secret>,
}

impl Carried {
    /// What it is called, in every keyring.
    pub fn name(&self) -> String {
        self.name.to_string()
    }

    /// Whether it is erased for ever, and has no key.
    pub fn is_erased(&self) -> bool {
        self.secret.is_none()
    }

    /// The key, wrapped for another place; nothing, if it is erased.
    pub fn wrap(&self, wrapping: &WrappingKey) -> Result<Option<Vec<u8>>, KeyringError> {
        self.secret.as_ref().map(|secret| wrapping.wrap(&of_key(&self.name), secret.as_slice())).transpose()
    }

    /// Whether what was wrapped there under this name is this key.
    pub fn is_wrapped_in(&self, wrapping: &WrappingKey, wrapped: &[u8]) -> bool {
        let there = wrapping.unwrap(&of_key(&self.name), wrapped);
        there.zip(self.secret.as_ref()).is_some_and(|(there, secret)| there.as_slice() == secret.as_slice())
    }
}

/// Shows nothing of the key.
impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_erased() { "Carried(erased)" } else { "Carried(***)" })
    }
}

/// Tells `each` everything that a keyring has: whatever is erased, and then every other key, until it says to stop. Changes
/// nothing; nobody has the keyring open meanwhile. A key that does not open is an error, which `verify` tells before.
pub fn carry(places: &Places, mut each: impl FnMut(Carried) -> ControlFlow<()>) -> Result<(), FileError> {
    let (store, masters) = (Store::open(&places.keys)?, Masters::open(&places.master)?);
    let mut erased = HashSet::new();
    let list = erased::scan(&places.erased, |name| {
        erased.insert(name);
    })?;
    if store.id() != masters.id() {
        return Err(FileError::Foreign(places.master.clone()));
    }
    if store.id() != list.id {
        return Err(FileError::Foreign(places.erased.clone()));
    }
    for name in &erased {
        if each(Carried { name: *name, secret: None }).is_break() {
            return Ok(());
        }
    }
    for table in store.tables() {
        for number in 0..table.pages() {
            let page = table.read(number).map_err(FileError::at(&places.keys))?;
            for (place, slot) in page.slots() {
                let carried = match slot {
                    Some(Slot::Free | Slot::Lost) => continue,
                    // A crash may have left the key of what is on the list.
                    Some(Slot::Erased(name) | Slot::Key(name, _)) if erased.contains(&name) => continue,
                    Some(Slot::Erased(name)) => Carried { name, secret: None },
                    Some(Slot::Key(name, wrapped)) => match masters.unwrap(&name, &wrapped) {
                        Some(secret) => Carried { name, secret: Some(secret) },
                        None if masters.has(wrapped.generation) => return Err(FileError::Damaged(place.to_string())),
                        None => return Err(FileError::OtherMaster(wrapped.generation)),
                    },
                    None => return Err(FileError::Damaged(place.to_string())),
                };
                if each(carried).is_break() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use allmende_kernel::TenantId;
    use uuid::Uuid;

    use super::*;
    use crate::{FileKeyring, KeyId, Keyring as _, Options};

    #[tokio::test]
    async fn every_key_is_carried_as_itself_and_the_erased_as_erased() {
        let data = tempfile::tempdir().unwrap();
        let (places, tenant) = (Places::under(data.path()), TenantId::parse("koeln").unwrap());
        let (wrapping, other) = (WrappingKey::new([7; 32]), WrappingKey::new([8; 32]));
        let id = |number| KeyId::contribution(Uuid::from_u128(number));
        let keyring = FileKeyring::open(&places, Options::default()).unwrap();
        let mut keys = Vec::new();
        for number in 1..=50 {
            keys.push(keyring.ensure(&tenant, id(number)).await.unwrap());
        }
        // One that had a key, and one that never will.
        for number in [50, 51] {
            keyring.erase(&tenant, id(number)).await.unwrap();
        }
        drop(keyring);

        let mut carried = Vec::new();
        let each = |one| {
            carried.push(one);
            ControlFlow::Continue(())
        };
        carry(&places, each).unwrap();
        assert_eq!(carried.len(), 51);
        for (number, key) in (1..).zip(&keys[..49]) {
            let name = WrappingKey::name(&tenant, id(number));
            let one = carried.iter().find(|one| one.name() == name).unwrap();
            let wrapped = one.wrap(&wrapping).unwrap().unwrap();
            assert_eq!(wrapping.key(&tenant, id(number), &wrapped).unwrap().secret(), key.secret());
            assert!(one.is_wrapped_in(&wrapping, &wrapped) && !one.is_wrapped_in(&other, &wrapped));
        }
        for number in [50, 51] {
            let name = WrappingKey::name(&tenant, id(number));
            let one = carried.iter().find(|one| one.name() == name).unwrap();
            assert!(one.is_erased() && one.wrap(&wrapping).unwrap().is_none());
        }
    }
}

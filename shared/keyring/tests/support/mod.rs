//! A keyring in a folder of its own.

#![allow(dead_code, reason = "each test uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};

use allmende_kernel::{Sealed, TenantId};
use allmende_keyring::{FileError, FileKeyring, KeyId, Keyring, Opened, Options, Places, open};
use uuid::Uuid;

pub(crate) const CONTEXT: &str = "contribution/1/body";
pub(crate) const TEXT: &[u8] = b"a text";

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("koeln").unwrap()
}

pub(crate) fn id(number: u64) -> KeyId {
    KeyId::contribution(Uuid::from_u64_pair(7, number))
}

pub(crate) fn opened(places: &Places) -> Result<FileKeyring, FileError> {
    FileKeyring::open(places, Options::default())
}

/// Makes keys of these numbers, and tells what each has sealed.
pub(crate) async fn fill(keyring: &dyn Keyring, numbers: impl Iterator<Item = u64>) -> Vec<Sealed> {
    let mut boxes = Vec::new();
    for number in numbers {
        let key = keyring.ensure(&tenant(), id(number)).await.unwrap();
        boxes.push(key.seal(CONTEXT, TEXT).unwrap());
    }
    boxes
}

/// Whether the box opens.
pub(crate) fn opens(keyring: &dyn Keyring, sealed: &Sealed) -> bool {
    matches!(open(keyring, &tenant(), CONTEXT, sealed), Ok(Opened::Content(text)) if text == TEXT)
}

/// A file's bytes, to be put back.
pub(crate) struct Kept(PathBuf, Vec<u8>);

impl Kept {
    pub(crate) fn of(path: &Path) -> Self {
        Self(path.to_owned(), fs::read(path).unwrap())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.1
    }

    pub(crate) fn put_back(&self) {
        fs::write(&self.0, &self.1).unwrap();
    }

    pub(crate) fn write(&self, bytes: &[u8]) {
        fs::write(&self.0, bytes).unwrap();
    }
}

/// All parts of a keyring with one table.
pub(crate) fn keep_all(places: &Places) -> [Kept; 3] {
    [&places.keys.join("keys.00"), &places.master, &places.erased].map(|path| Kept::of(path))
}

//! Both adapters keep the contract of the keyring's port.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use allmende_keyring::contract::Harness;
use allmende_keyring::{FileKeyring, Key, Keyring, MemoryKeyring, Options, Places};
use tempfile::TempDir;

struct InMemory {
    keyring: Arc<MemoryKeyring>,
    copy: Vec<Key>,
}

impl InMemory {
    fn new() -> Self {
        Self { keyring: Arc::default(), copy: Vec::new() }
    }
}

impl Harness for InMemory {
    async fn open(&mut self) -> Arc<dyn Keyring> {
        self.keyring.clone()
    }

    async fn close(&mut self, _keyring: Arc<dyn Keyring>) {}

    fn copy(&mut self) {
        self.copy = self.keyring.copy_keys();
    }

    fn put_back(&mut self) {
        self.keyring.restore(self.copy.clone());
    }
}

struct InFiles(TempDir);

impl InFiles {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn keys(&self) -> std::path::PathBuf {
        Places::under(self.0.path()).keys
    }
}

impl Harness for InFiles {
    async fn open(&mut self) -> Arc<dyn Keyring> {
        Arc::new(FileKeyring::open(&Places::under(self.0.path()), Options::default()).unwrap())
    }

    async fn close(&mut self, keyring: Arc<dyn Keyring>) {
        drop(keyring);
    }

    fn copy(&mut self) {
        copy_files(&self.keys(), &self.0.path().join("copy"));
    }

    fn put_back(&mut self) {
        fs::remove_dir_all(self.keys()).unwrap();
        copy_files(&self.0.path().join("copy"), &self.keys());
    }
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

mod in_memory {
    use super::InMemory;

    allmende_keyring::contract_suite!(InMemory::new());
}

mod in_files {
    use super::InFiles;

    allmende_keyring::contract_suite!(InFiles::new());
}

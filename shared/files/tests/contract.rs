//! The folder keeps the contract of the port, in both forms.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use allmende_files::contract::Harness;
use allmende_files::{Files, FolderShelves, Shelf, Shelves as _};
use tempfile::TempDir;

struct InFolder(TempDir);

impl InFolder {
    fn new() -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }
}

impl Harness for InFolder {
    fn open(&mut self, shelf: Shelf) -> Arc<dyn Files> {
        FolderShelves::new(self.0.path()).open(shelf).unwrap()
    }
}

mod plain {
    use super::InFolder;

    allmende_files::contract_suite!(allmende_files::Form::Plain, InFolder::new());
}

mod compressed {
    use super::InFolder;

    allmende_files::contract_suite!(allmende_files::Form::Compressed, InFolder::new());
}

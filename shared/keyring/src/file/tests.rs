//! What is on the disk: an erased key's bytes are not, and an old master key's are not.

use std::fs;
use std::path::Path;

use uuid::Uuid;

use super::slot::Wrapped;
use super::store::Search;
use super::*;

fn tenant() -> TenantId {
    TenantId::parse("koeln").unwrap()
}

fn id(number: u64) -> KeyId {
    KeyId::contribution(Uuid::from_u64_pair(7, number))
}

fn open(data: &Path) -> FileKeyring {
    FileKeyring::open(&Places::under(data), Options::default()).unwrap()
}

fn wrapped(keyring: &FileKeyring, id: KeyId) -> Wrapped {
    match keyring.shared.disk.read().store.search(&name::Name::new(&tenant(), id)).unwrap() {
        Search::Found(_, slot::Slot::Key(_, wrapped)) => wrapped,
        other => panic!("{other:?}"),
    }
}

/// Files below the folder in which these bytes are.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test]
async fn an_erased_keys_bytes_are_in_no_file() {
    let data = tempfile::tempdir().unwrap();
    let keyring = open(data.path());
    let kept = keyring.ensure(&tenant(), id(1)).await.unwrap();
    let erased = keyring.ensure(&tenant(), id(2)).await.unwrap();
    let on_disk = wrapped(&keyring, id(2));
    // Only the wrapped form can be found, and it can.
    assert_eq!(files_with(data.path(), &on_disk.secret), ["keys.00"]);
    assert_eq!(files_with(data.path(), &on_disk.nonce), ["keys.00"]);
    assert!(files_with(data.path(), erased.secret()).is_empty());

    keyring.erase(&tenant(), id(2)).await.unwrap();
    // Answered is gone: the keyring need not be closed for that. No half of it either.
    for part in on_disk.secret.chunks(8).chain(on_disk.nonce.chunks(8)) {
        assert!(files_with(data.path(), part).is_empty());
    }
    assert_eq!(files_with(data.path(), &wrapped(&keyring, id(1)).secret), ["keys.00"]);
    let target = data.path().join("backup");
    backup(&Places::under(data.path()), &target).unwrap();
    assert_eq!(files_with(&target, &wrapped(&keyring, id(1)).secret), ["keys"]);
    assert!(files_with(&target, &on_disk.secret).is_empty());
    assert!(files_with(data.path(), kept.secret()).is_empty());
}

#[tokio::test]
async fn a_rotated_master_key_leaves_old_copies_closed() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let keyring = open(data.path());
    for number in 0..5000 {
        keyring.ensure(&tenant(), id(number)).await.unwrap();
    }
    keyring.erase(&tenant(), id(9)).await.unwrap();
    let made = keyring.ensure(&tenant(), id(1)).await.unwrap();
    let old_master = fs::read(&places.master).unwrap()[516..548].to_vec();
    let old_tables: Vec<_> = (0..2).map(|number| fs::read(table::table_path(&places.keys, number)).unwrap()).collect();
    let old = wrapped(&keyring, id(1));
    assert_eq!(files_with(data.path(), &old_master), ["master"]);

    assert_eq!(keyring.rotate().await.unwrap(), 2);
    assert!(files_with(data.path(), &old_master).is_empty());
    assert!(files_with(data.path(), &old.secret).is_empty());
    assert_eq!(wrapped(&keyring, id(1)).generation, 2);
    drop(keyring);
    let keyring = open(data.path());
    for number in (0..5000).filter(|number| *number != 9) {
        assert!(matches!(keyring.find(&tenant(), id(number)).unwrap(), Found::Key(_)));
    }
    assert_eq!(keyring.ensure(&tenant(), id(1)).await.unwrap().secret(), made.secret());
    assert!(matches!(keyring.find(&tenant(), id(9)).unwrap(), Found::Erased));
    assert_eq!(keyring.rotate().await.unwrap(), 3);
    drop(keyring);

    // Blocks that a disk kept, or a backup: they open no more.
    for (number, table) in (0..).zip(old_tables) {
        fs::write(table::table_path(&places.keys, number), table).unwrap();
    }
    let keyring = open(data.path());
    assert_eq!(keyring.find(&tenant(), id(1)).unwrap_err(), KeyringError::OtherMaster(1));
    assert_eq!(keyring.ensure(&tenant(), id(1)).await.unwrap_err(), KeyringError::OtherMaster(1));
    assert_eq!(keyring.rotate().await.unwrap_err(), KeyringError::OtherMaster(1));
}

#[tokio::test]
async fn an_interrupted_rotation_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let keyring = open(data.path());
    for number in 0..500 {
        keyring.ensure(&tenant(), id(number)).await.unwrap();
    }
    let made = keyring.ensure(&tenant(), id(1)).await.unwrap();
    drop(keyring);
    // As a crash right after the start of a rotation leaves it.
    master::Masters::open(&places.master).unwrap().begin_rotation().unwrap();
    assert!(matches!(backup(&places, &data.path().join("backup")), Err(FileError::Rotating)));
    let keyring = open(data.path());
    while keyring.shared.disk.read().masters.is_rotating() {
        // Others are served meanwhile.
        assert_eq!(keyring.ensure(&tenant(), id(1)).await.unwrap().secret(), made.secret());
    }
    assert_eq!(wrapped(&keyring, id(499)).generation, 2);
    assert_eq!(keyring.ensure(&tenant(), id(1)).await.unwrap().secret(), made.secret());
}

#[tokio::test]
async fn tables_are_added_as_keys_come() {
    let data = tempfile::tempdir().unwrap();
    let keyring = open(data.path());
    for number in 0..20_000 {
        keyring.ensure(&tenant(), id(number)).await.unwrap();
    }
    let tables = keyring.shared.disk.read().store.tables().len();
    assert!((2..=4).contains(&tables), "{tables}");
    drop(keyring);
    let keyring = open(data.path());
    assert_eq!(keyring.shared.disk.read().store.tables().len(), tables);
    assert!((0..20_000).all(|number| matches!(keyring.find(&tenant(), id(number)), Ok(Found::Key(_)))));
    assert!(matches!(keyring.find(&tenant(), id(20_000)), Ok(Found::Unknown)));
}

#[tokio::test]
async fn a_key_that_is_erased_leaves_the_memory_too() {
    let data = tempfile::tempdir().unwrap();
    let options = Options { cache_keys: NonZeroUsize::new(2).unwrap() };
    let keyring = FileKeyring::open(&Places::under(data.path()), options).unwrap();
    for number in 0..5 {
        keyring.ensure(&tenant(), id(number)).await.unwrap();
        assert!(matches!(keyring.find(&tenant(), id(number)).unwrap(), Found::Key(_)));
    }
    assert_eq!(keyring.shared.cached(), 2);
    keyring.erase(&tenant(), id(4)).await.unwrap();
    assert_eq!(keyring.shared.cached(), 1);
}

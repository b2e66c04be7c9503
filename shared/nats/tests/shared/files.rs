//! Files that members share.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allmende_files::contract::Harness;
use allmende_files::{Files, Form, Kept, Name, Shelf, Shelves as _};
use allmende_nats::ObjectShelves;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::bytes::holding;
use crate::support::Cluster;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

struct InStore {
    runtime: Runtime,
    cluster: Cluster,
    data: TempDir,
}

impl InStore {
    fn new() -> Option<Self> {
        Some(Self { runtime: runtime(), cluster: Cluster::one()?, data: tempfile::tempdir().unwrap() })
    }

    /// Another member.
    fn member(&self, data: &Path, shelf: Shelf, local_bytes: u64) -> Arc<dyn Files> {
        let shelves = self
            .runtime
            .block_on(async { ObjectShelves::new(&self.cluster.connection().await, self.cluster.replicas, data) });
        shelves.with_local_bytes(local_bytes).open(shelf).unwrap()
    }
}

impl Harness for InStore {
    fn open(&mut self, shelf: Shelf) -> Arc<dyn Files> {
        self.member(self.data.path(), shelf, u64::MAX)
    }
}

mod plain {
    use super::InStore;

    allmende_files::contract_suite!(allmende_files::Form::Plain, InStore::new());
}

mod compressed {
    use super::InStore;

    allmende_files::contract_suite!(allmende_files::Form::Compressed, InStore::new());
}

/// As if what is read were always elsewhere.
mod without_a_folder {
    use std::sync::Arc;

    use allmende_files::contract::Harness;
    use allmende_files::{Files, Shelf};

    use super::InStore;

    struct Forgetful(InStore);

    impl Harness for Forgetful {
        fn open(&mut self, shelf: Shelf) -> Arc<dyn Files> {
            self.0.member(self.0.data.path(), shelf, 0)
        }
    }

    allmende_files::contract_suite!(allmende_files::Form::Compressed, InStore::new().map(Forgetful));
}

const SHELF: Shelf = Shelf { name: "test", form: Form::Plain, largest: 1 << 30 };

/// Bytes that are nowhere else, and in which no piece looks like another.
fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..length.div_ceil(8)).flat_map(|_| next()).take(length).collect()
}

fn keep(files: &Arc<dyn Files>, content: &[u8]) -> Kept {
    let mut file = Arc::clone(files).begin().unwrap();
    file.write_all(content).unwrap();
    file.keep().unwrap()
}

fn read(files: &Arc<dyn Files>, name: &Name) -> Result<Vec<u8>, ErrorKind> {
    let mut content = Vec::new();
    files.read(name).and_then(|mut file| file.read_to_end(&mut content)).map_err(|error| error.kind())?;
    Ok(content)
}

fn in_folder(data: &Path) -> usize {
    fs::read_dir(data.join(SHELF.name)).unwrap().count()
}

fn until(mut is_so: impl FnMut() -> bool) {
    let limit = std::time::Instant::now() + crate::support::LONG;
    while !is_so() {
        assert!(std::time::Instant::now() < limit);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_one_member_keeps_another_one_reads_and_removes() {
    let Some(store) = InStore::new() else { return };
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (store.member(here.path(), SHELF, u64::MAX), store.member(there.path(), SHELF, u64::MAX));
    for length in [0, 1, 600_000, 5 << 20] {
        let content = content(length as u64, length);
        let kept = keep(&one, &content);
        assert!(read(&other, &kept.name).unwrap() == content);
        assert_eq!((in_folder(here.path()), in_folder(there.path())), (1, 1));
        other.remove(&kept.name).unwrap();
        assert!(!one.contains(&kept.name).unwrap());
        // And it goes from the folder of whoever only hears of it.
        until(|| in_folder(here.path()) == 0);
        assert_eq!(read(&one, &kept.name), Err(ErrorKind::NotFound));
    }
}

#[test]
fn what_was_removed_while_a_member_was_away_goes_when_it_starts() {
    let Some(store) = InStore::new() else { return };
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = store.member(here.path(), SHELF, u64::MAX);
    let (gone, stays) = (keep(&one, &content(1, 1_000)), keep(&one, &content(2, 1_000)));
    drop(one);
    store.member(there.path(), SHELF, u64::MAX).remove(&gone.name).unwrap();
    assert_eq!(in_folder(here.path()), 2);
    let one = store.member(here.path(), SHELF, u64::MAX);
    until(|| in_folder(here.path()) == 1);
    assert!(read(&one, &stays.name).is_ok());
}

#[test]
fn a_folder_has_a_bound_and_what_does_not_fit_is_read_all_the_same() {
    let Some(store) = InStore::new() else { return };
    let data = tempfile::tempdir().unwrap();
    let files = store.member(data.path(), SHELF, 250_000);
    let contents: Vec<_> = (0..6).map(|seed| content(seed, 100_000)).collect();
    let names: Vec<_> = contents.iter().map(|content| keep(&files, content).name).collect();
    for _ in 0..2 {
        for (name, content) in names.iter().zip(&contents) {
            assert!(read(&files, name).unwrap() == *content);
            assert!(in_folder(data.path()) <= 2);
        }
    }
}

#[test]
fn what_was_removed_is_nowhere_on_the_server() {
    let Some(store) = InStore::new() else { return };
    let data = tempfile::tempdir().unwrap();
    let files = store.member(data.path(), SHELF, u64::MAX);
    let (content, other) = (content(1, 2 << 20), content(2, 2 << 20));
    let pieces: Vec<_> = (0..content.len() - 64).step_by(100_000).map(|at| content[at..at + 64].to_vec()).collect();
    let (kept, stays) = (keep(&files, &content), keep(&files, &other));
    let folder = store.cluster.servers.folder().to_owned();
    assert!(pieces.iter().all(|piece| holding(&folder, piece).len() == 1));
    files.remove(&kept.name).unwrap();
    assert!(pieces.iter().all(|piece| holding(&folder, piece).is_empty()));
    assert!(read(&store.member(&data.path().join("new"), SHELF, 0), &stays.name).unwrap() == other);
}

#[test]
fn files_are_there_after_a_server_was_killed_and_until_then_nothing_is_said_to_be_missing() {
    let Some(mut store) = InStore::new() else { return };
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = keep(&store.member(here.path(), SHELF, u64::MAX), &content(1, 3 << 20));
    let other = store.member(there.path(), SHELF, u64::MAX);
    store.cluster.servers.node(0).kill();
    for outcome in [read(&other, &kept.name).map(drop), other.contains(&kept.name).map(drop).map_err(|e| e.kind())] {
        assert_eq!(outcome, Err(ErrorKind::HostUnreachable));
    }
    let mut file = Arc::clone(&other).begin().unwrap();
    file.write_all(b"nobody may name this").unwrap();
    assert_eq!(file.keep().unwrap_err().kind(), ErrorKind::HostUnreachable);
    store.cluster.servers.node(0).restart();
    store.cluster.servers.wait_until_ready();
    until(|| read(&other, &kept.name).is_ok_and(|read| read == content(1, 3 << 20)));
    assert_eq!(in_folder(there.path()), 1);
}

/// Whoever has kept it may be about to name it.
#[test]
fn what_was_kept_just_now_is_not_there_to_be_swept() {
    let Some(store) = InStore::new() else { return };
    let data = tempfile::tempdir().unwrap();
    let files = store.member(data.path(), SHELF, u64::MAX);
    keep(&files, b"a file that a commit is about to name");
    assert_eq!(files.settled().unwrap(), []);
}

/// Whoever found that nothing names a file may have found it before another member kept the same, to name it.
#[test]
fn what_was_kept_again_since_it_was_looked_at_is_not_removed() {
    let Some(store) = InStore::new() else { return };
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (store.member(here.path(), SHELF, u64::MAX), store.member(there.path(), SHELF, 0));
    let content = content(1, 2 << 20);
    let name = keep(&one, &content).name;
    let looked_at = one.last_change(&name).unwrap();
    keep(&other, &content);
    one.remove_unchanged(&name, looked_at).unwrap();
    assert!(one.contains(&name).unwrap());
    assert!(read(&other, &name).unwrap() == content);
    one.remove_unchanged(&name, one.last_change(&name).unwrap()).unwrap();
    assert!(!other.contains(&name).unwrap());
    // Also what was removed in between.
    let removed = one.last_change(&name).unwrap();
    keep(&other, &content);
    one.remove_unchanged(&name, removed).unwrap();
    assert!(read(&other, &name).unwrap() == content);
}

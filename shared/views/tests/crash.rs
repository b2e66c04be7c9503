//! After a crash a view is older, never wrong, and catches up; what is torn is folded anew.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "a failed unwrap is a failed test; support is shared"
)]

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use allmende_eventlog::contract::run;
use allmende_views::Options;
use support::{Bench, Ledger, PATIENCE, Random, assert_is_fold, copy, data_length, dump, expected, write_randomly};

/// Flushes often, so that there are tables, sealed journals and a journal to tear.
fn busy() -> Bench {
    let mut bench = Bench::new();
    bench.options = Options { memtable_bytes: 8 << 10, batch_bytes: 2_000, ..bench.options };
    bench
}

/// Opens what a crash left: it is the fold at whatever checkpoint it has, and catches up to the whole.
async fn check_recovery(bench: &Bench, dir: &Path, what: &str) -> bool {
    let mut store = bench.open_in(dir);
    let anew = store.set_aside().is_some();
    let view = store.run(Ledger).unwrap();
    assert_is_fold(&view.snapshot().unwrap(), &bench.log);
    view.catch_up(PATIENCE).await.unwrap();
    assert!(dump(&view.snapshot().unwrap()) == expected(&bench.log, u64::MAX), "{what}");
    store.close().await;
    anew
}

#[test]
fn a_killed_view_is_older_and_catches_up() {
    run(async {
        for seed in 0..3 {
            let mut random = Random(100 + seed);
            let bench = busy();
            let mut store = bench.open();
            let view = store.run(Ledger).unwrap();
            for kill in 0..8 {
                let commits = 20 + random.below(80);
                write_randomly(&bench.log, &mut random, commits);
                view.catch_up(PATIENCE).await.unwrap();
                let left = bench.root.path().join(format!("killed-{kill}"));
                copy(&bench.dir(), &left);
                let behind = random.below(40);
                write_randomly(&bench.log, &mut random, behind);
                check_recovery(&bench, &left, &format!("seed {seed}, kill {kill}")).await;
            }
            store.close().await;
        }
    });
}

/// Kills at moments that nothing was waited for, in the middle of batches and flushes.
#[test]
fn a_view_killed_in_the_middle_of_everything_recovers() {
    run(async {
        let mut random = Random(200);
        let bench = busy();
        let mut store = bench.open();
        let _view = store.run(Ledger).unwrap();
        for kill in 0..12 {
            write_randomly(&bench.log, &mut random, 150);
            tokio::time::sleep(Duration::from_micros(random.below(3_000))).await;
            let left = bench.root.path().join(format!("killed-{kill}"));
            copy(&bench.dir(), &left);
            check_recovery(&bench, &left, &format!("kill {kill}")).await;
        }
        store.close().await;
    });
}

fn journals(dir: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut journals: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|e| e == "jnl")).collect();
    journals.sort();
    journals
}

/// The journal is not synced: a power loss can take any of its pages, while flushed tables stay, or leave others' bytes.
#[test]
fn a_torn_journal_never_shows() {
    run(async {
        let mut random = Random(300);
        let bench = busy();
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        let mut anew = 0;
        for round in 0..3 {
            write_randomly(&bench.log, &mut random, 120);
            view.catch_up(PATIENCE).await.unwrap();
            // The end is cut or was never written, or there is a hole or garbage in the middle.
            for tear in 0..16 {
                let left = bench.root.path().join(format!("torn-{round}-{tear}"));
                copy(&bench.dir(), &left);
                let journal = journals(&left).pop().unwrap();
                let mut content = std::fs::read(&journal).unwrap();
                let length = data_length(&content);
                content.truncate(length + 4_096);
                let at = random.below(length as u64) as usize;
                match tear % 4 {
                    0 => content.truncate(at),
                    1 => content[at..].fill(0),
                    hole => {
                        let end = (at + 1 + random.below(4_096) as usize).min(length);
                        content[at..end].fill(if hole == 2 { 0 } else { 0x5a });
                    }
                }
                std::fs::write(&journal, &content).unwrap();
                if check_recovery(&bench, &left, &format!("round {round}, tear {tear} at {at} of {length}")).await {
                    anew += 1;
                }
                std::fs::remove_dir_all(&left).unwrap();
            }
        }
        // A lost end only makes the view older; garbage is found, and the view folded anew.
        assert!(anew > 0 && anew < 3 * 16, "{anew}");
        store.close().await;
    });
}

/// Garbled tables and manifests: set aside when they do not open, or when reading shows it.
#[test]
fn a_garbled_file_is_never_served_as_data() {
    run(async {
        let mut random = Random(400);
        let bench = busy();
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        write_randomly(&bench.log, &mut random, 600);
        view.catch_up(PATIENCE).await.unwrap();
        let content = dump(&view.snapshot().unwrap());
        store.close().await;
        drop(view);
        let files = files_below(&bench.dir().join("keyspaces"));
        assert!(files.len() > 4, "{files:?}");
        for (index, file) in files.iter().enumerate() {
            let left = bench.root.path().join(format!("garbled-{index}"));
            copy(&bench.dir(), &left);
            let path = left.join(file.strip_prefix(bench.dir()).unwrap());
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes.iter_mut().skip(middle).take(32).for_each(|byte| *byte ^= 0x5a);
            std::fs::write(&path, &bytes).unwrap();
            // Opened twice: the first time may show the damage only while reading.
            for attempt in 0..2 {
                let mut store = bench.open_in(&left);
                let Ok(view) = store.run(Ledger) else { continue };
                let caught_up = view.catch_up(PATIENCE).await.is_ok();
                let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dump(&view.snapshot().unwrap())));
                if let Ok(read) = read {
                    assert!(!caught_up || read == content, "{}", path.display());
                } else {
                    assert_eq!(attempt, 0, "{} is still damaged", path.display());
                }
                store.close().await;
            }
        }
    });
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

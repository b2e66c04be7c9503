//! L1 to L4 under loss of power: a disk loses an arbitrary part of what was not synced, again and again, and every
//! acknowledged commit is still there, whole, at its position, and known to whoever asks again.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failed unwrap is a failed test")]

use std::panic;
use std::path::Path;
use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_eventlog::contract::ManualClock;
use allmende_eventlog_sled::{Options, SledLog, verify};
use allmende_integration_tests::client::{Broken, Client, NOW};
use allmende_integration_tests::forgetful::{Disk, Fault, Mounted};
use allmende_integration_tests::{number, seed};
use allmende_kernel::PartitionName;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Losses of power in one log's life.
const CUTS: usize = 6;

fn open(folder: &Path) -> Result<SledLog, Broken> {
    let options =
        Options { segment_bytes: 16 << 10, index_cache_bytes: 1 << 20, group_commits: 6, ..Options::default() };
    let partition = PartitionName::parse("test-0").unwrap();
    SledLog::open(folder, partition, Arc::new(ManualClock::at(NOW)), options)
        .map_err(|error| format!("open: {error:?}"))
}

/// What a test saw, to show that it saw something.
#[derive(Debug, Default)]
struct Seen {
    cuts: usize,
    acknowledged: usize,
    closed: usize,
    during_opening: usize,
}

/// How a life of the log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// In the middle of something.
    Cut,
    /// Closed, and then the power goes.
    Closed,
}

struct Scenario {
    runtime: tokio::runtime::Runtime,
    random: StdRng,
    client: Client,
    seen: Seen,
}

impl Scenario {
    /// Opens the log, audits it, asks again, appends. An error while there is power is a broken promise.
    fn live(&mut self, folder: &Path, end: End) -> Result<(), Broken> {
        let log = match open(folder) {
            Ok(log) => log,
            Err(error) => {
                self.seen.during_opening += 1;
                return Err(error);
            }
        };
        self.client.audit(&log)?;
        if let Some(damage) = log.damage().first() {
            return Err(format!("{damage:?} where only an unfinished write can be"));
        }
        // Everybody who got no answer asks again, and some who did.
        let (from, to) = (self.client.sent.saturating_sub(30), self.client.sent);
        self.runtime.block_on(self.client.ask_again(&log, from..to))?;
        let appends = self.random.random_range(0..150);
        self.append(&log, appends)?;
        if end == End::Closed {
            log.close().map_err(|error| format!("close: {error}"))?;
            self.seen.closed += 1;
        }
        Ok(())
    }

    fn append(&mut self, log: &SledLog, appends: usize) -> Result<(), Broken> {
        let mut waiting = Vec::new();
        for _ in 0..appends {
            let (number, commit) = self.client.next_request();
            waiting.push((number, log.submit(commit).map_err(|error| format!("submit: {error}"))?));
            if self.random.random_ratio(1, 4) {
                self.collect(&mut waiting)?;
            }
        }
        self.collect(&mut waiting)
    }

    fn collect(&mut self, waiting: &mut Vec<(u64, allmende_eventlog::Submitted)>) -> Result<(), Broken> {
        for (number, submitted) in waiting.drain(..) {
            let appended = self.runtime.block_on(submitted.wait()).map_err(|error| format!("wait: {error}"))?;
            self.client.acknowledge(number, appended.position)?;
        }
        Ok(())
    }
}

/// The machine starts with another boot id, which a log takes from the real system.
fn restart_machine(disk: &mut Disk) {
    disk.edit("data/log/STATE", |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["open", _boot, group, hash, index, _crc] => {
                let line = format!("open 00000000-another-boot {group} {hash} {index}");
                format!("{line} {:08x}\n", crc32fast::hash(line.as_bytes())).into_bytes()
            }
            _ => bytes.to_vec(),
        }
    });
}

/// One log through several losses of power. `None` if nothing can be mounted here.
fn lose_power(seed: u64, fault: Fault) -> Option<Result<Seen, Broken>> {
    let place = tempfile::tempdir().unwrap();
    let mut scenario = Scenario {
        runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
        random: StdRng::seed_from_u64(seed),
        client: Client::new(seed),
        seen: Seen::default(),
    };
    let mut disk = Disk::new(seed, fault);
    for life in 0..=CUTS {
        let mounted = match Mounted::mount(disk, place.path()) {
            Ok(mounted) => mounted,
            Err(error) if life == 0 => {
                println!("skipped: no file system can be mounted here: {error}");
                return None;
            }
            Err(error) => panic!("mount: {error}"),
        };
        let end = if scenario.random.random_ratio(1, 4) || life == CUTS { End::Closed } else { End::Cut };
        if end == End::Cut {
            // Opening alone takes some dozens.
            let most = if scenario.random.random_ratio(1, 3) { 60 } else { 500 };
            let operations = scenario.random.random_range(0..most);
            mounted.disk(|disk| disk.cut_after(operations));
        }
        let folder = mounted_log(place.path());
        match scenario.live(&folder, end) {
            Err(broken) if mounted.has_power() => return Some(Err(format!("seed {seed}, life {life}: {broken}"))),
            _ => {}
        }
        if life == CUTS {
            match verify(&folder, |_| {}) {
                Ok(report) if report.is_intact() => {}
                other => return Some(Err(format!("seed {seed}: {other:?}"))),
            }
        }
        disk = mounted.cut();
        restart_machine(&mut disk);
        scenario.seen.cuts += 1;
    }
    scenario.seen.acknowledged = scenario.client.acknowledgements();
    Some(Ok(scenario.seen))
}

fn mounted_log(place: &Path) -> std::path::PathBuf {
    place.join("data/log")
}

/// sled panics when its disk goes away, which the log survives; what it prints would bury what matters.
fn quieten_sled() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |told| {
        if !told.location().is_some_and(|location| location.file().contains("/sled-")) {
            default(told);
        }
    }));
}

#[test]
fn no_acknowledged_commit_is_lost() {
    quieten_sled();
    let mut seen = Seen::default();
    for round in 0..number("ALLMENDE_ROUNDS", 150) {
        let Some(outcome) = lose_power(seed() + round, Fault::None) else { return };
        let one = outcome.unwrap();
        seen.cuts += one.cuts;
        seen.acknowledged += one.acknowledged;
        seen.closed += one.closed;
        seen.during_opening += one.during_opening;
    }
    println!("{seen:?}");
    assert!(seen.acknowledged > 0 && seen.closed > 0 && seen.during_opening > 0);
}

/// The audit sees what a disk loses that only says it has synced.
#[test]
fn a_disk_that_ignores_syncs_is_noticed() {
    quieten_sled();
    for fault in [Fault::IgnoresFileSync, Fault::IgnoresFolderSync] {
        let mut broken = Vec::new();
        for round in 0..20 {
            let Some(outcome) = lose_power(seed() + round, fault) else { return };
            broken.extend(outcome.err());
            if broken.len() == 3 {
                break;
            }
        }
        println!("{fault:?}: {broken:#?}");
        assert!(!broken.is_empty(), "{fault:?} was not noticed");
    }
}

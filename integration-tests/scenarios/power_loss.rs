//! L1 to L4 under loss of power: a disk loses an arbitrary part of what was not synced, again and again, and every
//! acknowledged commit is still there, whole, at its position, and known to whoever asks again.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog_sled::{Options, SledLog, verify};
use allmende_integration_tests::client::{Broken, Client, NOW};
use allmende_integration_tests::forgetful::{Disk, DiskProcess, Fault, serve_disk};
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

struct Scenario {
    runtime: tokio::runtime::Runtime,
    random: StdRng,
    client: Client,
    disk: DiskProcess,
    seen: Seen,
}

impl Scenario {
    /// Opens the log, audits it, asks again, appends, and perhaps closes it, until the power goes. Who runs on after
    /// that is told lies and tells nobody.
    fn live(&mut self, folder: &Path) -> Result<(), Broken> {
        let log = open(folder)?;
        if !self.disk.has_power().unwrap() {
            self.seen.during_opening += 1;
            return Ok(());
        }
        self.client.audit(&log)?;
        if let Some(damage) = log.damage().first() {
            return Err(format!("{damage:?} where only an unfinished write can be"));
        }
        // Everybody who got no answer asks again, and some who did.
        let again = (self.client.sent.saturating_sub(30)..self.client.sent).collect();
        self.ask(&log, again)?;
        for _ in 0..self.random.random_range(0..40) {
            let some = (0..self.random.random_range(1..8)).map(|_| self.client.next_request()).collect();
            if !self.ask(&log, some)? {
                return Ok(());
            }
        }
        log.close().map_err(|error| format!("close: {error}"))?;
        self.seen.closed += usize::from(self.disk.has_power().unwrap());
        Ok(())
    }

    /// Asks for all of it at once. Tells whether there still is power; only then anybody got an answer.
    fn ask(&mut self, log: &SledLog, numbers: Vec<u64>) -> Result<bool, Broken> {
        let told = self.runtime.block_on(self.client.ask(log, numbers))?;
        let has_power = self.disk.has_power().unwrap();
        if has_power {
            told.into_iter().try_for_each(|(number, appended)| self.client.acknowledge(number, appended))?;
        }
        Ok(has_power)
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

/// Tells the disk's process its seed and its fault. Without it, it is no such process.
const DISK: &str = "ALLMENDE_FORGETFUL_DISK";

#[test]
fn the_disk() {
    let Ok(words) = std::env::var(DISK) else { return };
    let (seed, fault) = words.split_once(' ').unwrap();
    let faults = [Fault::None, Fault::IgnoresFileSync, Fault::IgnoresFolderSync];
    let fault = faults.into_iter().find(|known| format!("{known:?}") == fault).unwrap();
    serve_disk(seed.parse().unwrap(), fault, restart_machine).unwrap();
}

fn start_disk(seed: u64, fault: Fault) -> DiskProcess {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "the_disk", "--nocapture", "--test-threads=1"]).env(DISK, format!("{seed} {fault:?}"));
    DiskProcess::start(&mut command).unwrap()
}

/// The full check of the files, once there are any: a log without a group has none.
fn check_files(folder: &Path) -> Result<(), Broken> {
    if fs::read_dir(folder.join("segments")).unwrap().next().is_none() {
        return Ok(());
    }
    match verify(folder, |_| {}) {
        Ok(report) if report.is_intact() => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// One log through several losses of power. `None` if nothing can be mounted here.
fn lose_power(seed: u64, fault: Fault) -> Option<Result<Seen, Broken>> {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("data/log");
    let mut scenario = Scenario {
        runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
        random: StdRng::seed_from_u64(seed),
        client: Client::new(seed),
        disk: start_disk(seed, fault),
        seen: Seen::default(),
    };
    for life in 0..=CUTS {
        match scenario.disk.mount(place.path()) {
            Err(error) if life == 0 => {
                println!("skipped: no file system can be mounted here: {error}");
                return None;
            }
            mounted => mounted.unwrap(),
        }
        // Opening alone takes some dozens; what is left of the rest is closed before the power goes.
        if life < CUTS {
            let most = [60, 300, 1_000][scenario.random.random_range(0..3)];
            let operations = scenario.random.random_range(0..most);
            scenario.disk.cut_after(operations).unwrap();
        }
        let lived = scenario.live(&folder).and_then(|()| check_files(&folder));
        scenario.disk.cut().unwrap();
        if let Err(broken) = lived {
            return Some(Err(format!("seed {seed}, life {life}: {broken}")));
        }
        scenario.seen.cuts += 1;
    }
    scenario.seen.acknowledged = scenario.client.acknowledgements();
    Some(Ok(scenario.seen))
}

#[test]
fn no_acknowledged_commit_is_lost() {
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

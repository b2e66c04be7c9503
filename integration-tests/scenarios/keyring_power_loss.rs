//! A keyring under loss of power: a disk loses an arbitrary part of what was not synced, again and again, and every key
//! that was handed out opens what it sealed, and every erasure that was answered holds.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use allmende_integration_tests::forgetful::{Disk, DiskProcess, Fault, serve_disk};
use allmende_integration_tests::{number, seed};
use allmende_kernel::{Sealed, TenantId};
use allmende_keyring::{
    BoxError, FileKeyring, KeyId, Keyring, KeyringError, Opened, Options, Places, open as open_box,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

/// Losses of power in one keyring's life.
const CUTS: usize = 6;
/// Ids that are asked for; few enough that they are asked for and erased again and again.
const IDS: u64 = 300;
const CONTEXT: &str = "power loss";

/// What the disk, or the keyring, did wrong.
type Broken = String;

/// What somebody was told of an id.
#[derive(Debug, Clone)]
enum Told {
    /// It had a key, which sealed this.
    Key(Sealed),
    /// It is to be erased, and nobody said that it is.
    Erasing,
    Erased,
}

#[derive(Debug, Default)]
struct Seen {
    keys: usize,
    erased: usize,
    rotations: usize,
    during_opening: usize,
}

struct Scenario {
    runtime: tokio::runtime::Runtime,
    random: StdRng,
    disk: DiskProcess,
    told: BTreeMap<u64, Told>,
    seen: Seen,
}

fn tenant() -> TenantId {
    TenantId::parse("koeln").unwrap()
}

fn id(number: u64) -> KeyId {
    KeyId::contribution(Uuid::from_u64_pair(7, number))
}

impl Scenario {
    /// Opens the keyring, audits it, makes and erases keys, perhaps rotates, until the power goes. Who runs on after
    /// that is told lies and tells nobody.
    fn live(&mut self, data: &Path) -> Result<(), Broken> {
        let keyring = match FileKeyring::open(&Places::under(data), Options::default()) {
            Ok(keyring) => Arc::new(keyring),
            Err(_) if !self.disk.has_power().unwrap() => return Ok(()),
            Err(error) => return Err(format!("open: {error:?}")),
        };
        if !self.disk.has_power().unwrap() {
            self.seen.during_opening += 1;
            return Ok(());
        }
        self.audit(&keyring)?;
        for _ in 0..self.random.random_range(0..30) {
            if !self.ask(&keyring)? {
                return Ok(());
            }
        }
        let rotates = self.random.random_bool(0.5);
        if rotates {
            let rotated = self.runtime.block_on(keyring.rotate());
            if self.disk.has_power().unwrap() {
                rotated.map_err(|error| format!("rotate: {error:?}"))?;
                self.seen.rotations += 1;
                return self.audit(&keyring);
            }
        }
        Ok(())
    }

    /// Everything that was told is so.
    fn audit(&self, keyring: &FileKeyring) -> Result<(), Broken> {
        for (number, told) in &self.told {
            let broken = |what: &dyn std::fmt::Debug| format!("key {number}: {what:?} after {told:?}");
            match told {
                Told::Key(sealed) => match open_box(keyring, &tenant(), CONTEXT, sealed) {
                    Ok(Opened::Content(content)) if content == number.to_le_bytes() => {}
                    other => return Err(broken(&other)),
                },
                Told::Erased => match self.runtime.block_on(keyring.ensure(&tenant(), id(*number))) {
                    Err(KeyringError::Erased(_)) => {}
                    other => return Err(broken(&other)),
                },
                Told::Erasing => match keyring.find(&tenant(), id(*number)) {
                    Ok(_) => {}
                    Err(error) => return Err(broken(&BoxError::from(error))),
                },
            }
        }
        Ok(())
    }

    /// Asks for some things at once. Tells whether there still is power; only then anybody got an answer.
    fn ask(&mut self, keyring: &Arc<FileKeyring>) -> Result<bool, Broken> {
        let numbers: Vec<u64> =
            (0..self.random.random_range(1..12)).map(|_| self.random.random_range(0..IDS)).collect();
        let erased = self.random.random_range(0..IDS);
        let makes: Vec<_> = numbers
            .into_iter()
            .filter(|number| *number != erased)
            .map(|number| {
                let keyring = Arc::clone(keyring);
                (number, self.runtime.spawn(async move { keyring.ensure(&tenant(), id(number)).await }))
            })
            .collect();
        let erases = self.random.random_bool(0.3);
        if erases && !matches!(self.told.get(&erased), Some(Told::Erased)) {
            self.told.insert(erased, Told::Erasing);
        }
        let done = erases.then(|| self.runtime.block_on(keyring.erase(&tenant(), id(erased))));
        let made: Vec<_> =
            makes.into_iter().map(|(number, asked)| (number, self.runtime.block_on(asked).unwrap())).collect();
        if !self.disk.has_power().unwrap() {
            return Ok(false);
        }
        if let Some(done) = done {
            done.map_err(|error| format!("erase: {error:?}"))?;
            self.told.insert(erased, Told::Erased);
            self.seen.erased += 1;
        }
        for (number, asked) in made {
            match (asked, self.told.get(&number)) {
                (Err(KeyringError::Erased(_)), Some(Told::Erased | Told::Erasing)) => {}
                (Ok(_), Some(Told::Key(_) | Told::Erasing)) => {}
                (Ok(key), None) => {
                    let sealed = key.seal(CONTEXT, &number.to_le_bytes()).unwrap();
                    self.told.insert(number, Told::Key(sealed));
                    self.seen.keys += 1;
                }
                (other, told) => return Err(format!("key {number}: {other:?} after {told:?}")),
            }
        }
        Ok(true)
    }
}

/// Tells the disk's process its seed and its fault. Without it, it is no such process.
const DISK: &str = "ALLMENDE_FORGETFUL_DISK";

#[test]
fn the_disk() {
    let Ok(words) = std::env::var(DISK) else { return };
    let (seed, fault) = words.split_once(' ').unwrap();
    let faults = [Fault::None, Fault::IgnoresFileSync, Fault::IgnoresFolderSync];
    let fault = faults.into_iter().find(|known| format!("{known:?}") == fault).unwrap();
    serve_disk(seed.parse().unwrap(), fault, |_: &mut Disk| {}).unwrap();
}

fn start_disk(seed: u64, fault: Fault) -> DiskProcess {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "the_disk", "--nocapture", "--test-threads=1"]).env(DISK, format!("{seed} {fault:?}"));
    DiskProcess::start(&mut command).unwrap()
}

/// One keyring through several losses of power. `None` if nothing can be mounted here.
fn lose_power(seed: u64, fault: Fault) -> Option<Result<Seen, Broken>> {
    let place = tempfile::tempdir().unwrap();
    let mut scenario = Scenario {
        runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap(),
        random: StdRng::seed_from_u64(seed),
        disk: start_disk(seed, fault),
        told: BTreeMap::new(),
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
        if life < CUTS {
            let most = [20, 60, 300][scenario.random.random_range(0..3)];
            let operations = scenario.random.random_range(0..most);
            scenario.disk.cut_after(operations).unwrap();
        }
        let lived = scenario.live(&place.path().join("data"));
        scenario.disk.cut().unwrap();
        if let Err(broken) = lived {
            return Some(Err(format!("seed {seed}, life {life}: {broken}")));
        }
    }
    Some(Ok(scenario.seen))
}

#[test]
fn no_key_that_was_handed_out_is_lost_and_none_that_was_erased_is_back() {
    let (mut seen, first) = (Seen::default(), seed());
    for round in 0..number("ALLMENDE_ROUNDS", 100) {
        let Some(outcome) = lose_power(first + round, Fault::None) else { return };
        let one = outcome.unwrap();
        seen.keys += one.keys;
        seen.erased += one.erased;
        seen.rotations += one.rotations;
        seen.during_opening += one.during_opening;
    }
    println!("{seen:?}");
    assert!(seen.keys > 0 && seen.erased > 0 && seen.rotations > 0 && seen.during_opening > 0);
}

/// The audit sees what a disk loses that only says it has synced.
#[test]
fn a_disk_that_ignores_syncs_is_noticed() {
    let first = seed();
    for fault in [Fault::IgnoresFileSync, Fault::IgnoresFolderSync] {
        let broken = (0..20).map(|round| lose_power(first + round, fault)).find_map(|outcome| match outcome {
            None => Some(None),
            Some(outcome) => outcome.err().map(Some),
        });
        match broken {
            Some(None) => return,
            broken => println!("{fault:?}: {:#?}", broken.expect("it was not noticed")),
        }
    }
}

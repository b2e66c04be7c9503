//! `allmende keyring …`: what an operator does with the keys that seal what people wrote.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use allmende_keyring::{FileKeyring, Options, Places, VerifyReport};
use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::{data_folder, terminal};

/// What can be done with the keys.
#[derive(Debug, Subcommand)]
pub enum KeyringCommand {
    /// Open every key and name what is damaged, also while the platform runs.
    #[command(after_help = "Example:\n  allmende keyring verify --data data\n\nEnds with 1 if a key does not open.")]
    Verify(Folder),
    /// Change the master key: no older copy of the keys opens any more. The platform must not be running.
    #[command(after_help = "Example:\n  allmende keyring rotate --data data\n\n\
        Once a month, so that what a disk or an older backup keeps of erased keys opens no more within the time that the \
        law gives. After it make a backup, and throw older copies of the keys and of the master key away. Cut off, it goes on \
        when the platform is started, or by rotating again.")]
    Rotate(Folder),
    /// Copy the keys, without the master key that wraps them, to a folder; also while the platform runs.
    #[command(
        after_help = "Example:\n  allmende keyring backup /backup/keyring --data data --master-key /vault/master\n\n\
        To be made after the backup of the logs. The newest copy opens every older backup of the logs; older ones are not \
        needed."
    )]
    Backup {
        /// The copy's folder. A copy that is there is replaced.
        target: PathBuf,
        /// File for a copy of the master key, in another place than the keys.
        #[arg(long)]
        master_key: Option<PathBuf>,
        /// Whose keys.
        #[command(flatten)]
        folder: Folder,
    },
    /// Give up keys that are damaged. The platform must not be running.
    #[command(after_help = "Example:\n  allmende keyring repair --data data --lose-damaged\n\n\
        Every id that may have had a damaged key is answered with an error until this is done, or a copy is put back. What \
        those keys sealed is lost by it. A copy that is put back loses nothing: `keyring verify` tells what it is about.")]
    Repair {
        /// What the damaged keys sealed may be lost.
        #[arg(long)]
        lose_damaged: bool,
        /// Whose keys.
        #[command(flatten)]
        folder: Folder,
    },
}

/// Where the keys are.
#[derive(Debug, Args)]
pub struct Folder {
    /// The platform's data folder.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
}

/// Runs a command.
pub fn run(command: KeyringCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeyringCommand::Verify(folder) => verify(&folder.data),
        KeyringCommand::Rotate(folder) => rotate(&folder.data),
        KeyringCommand::Backup { target, master_key, folder } => backup(&folder.data, &target, master_key.as_deref()),
        KeyringCommand::Repair { lose_damaged, folder } => repair(&folder.data, lose_damaged),
    }
}

/// The places of keys that are there. None are made by looking at them.
fn places(data: &Path) -> anyhow::Result<Places> {
    let places = Places::under(data);
    anyhow::ensure!(places.master.exists(), "no keys in {}", data.display());
    Ok(places)
}

fn verify(data: &Path) -> anyhow::Result<ExitCode> {
    let report = allmende_keyring::verify(&places(data)?)?;
    describe(&report);
    Ok(if report.is_intact() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn describe(report: &VerifyReport) {
    let count = terminal::count;
    terminal::line(&format!(
        "{} keys open, {} erased; generation {} of the master key",
        count(report.keys),
        count(report.erased),
        report.generation
    ));
    if report.rotating {
        terminal::line("rotating: a rotation was begun and is not done");
    }
    if report.to_erase > 0 {
        terminal::line(&format!("to erase: {} keys that the next start erases again", count(report.to_erase)));
    }
    if report.other_master > 0 {
        terminal::line(&format!(
            "closed: {} keys are wrapped by a master key that is not here",
            count(report.other_master)
        ));
    }
    for place in &report.places {
        terminal::line(&format!("damaged: {place}"));
    }
    let unnamed = report.damaged - report.places.len() as u64;
    if unnamed > 0 {
        terminal::line(&format!("damaged: {} more", count(unnamed)));
    }
    if report.is_intact() {
        terminal::line("intact");
    }
}

fn rotate(data: &Path) -> anyhow::Result<ExitCode> {
    let places = places(data)?;
    let _lock = data_folder::lock(data)?;
    let keyring = FileKeyring::open(&places, Options::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let rotated = runtime.block_on(keyring.rotate());
    let generation = rotated.context("both master keys are kept; `allmende keyring verify` tells what is damaged")?;
    terminal::line(&format!("every key is wrapped by generation {generation} of the master key"));
    terminal::note("Older copies of the keys open no more once older copies of the master key are thrown away.");
    terminal::note("Make a backup now.");
    Ok(ExitCode::SUCCESS)
}

fn backup(data: &Path, target: &Path, master_key: Option<&Path>) -> anyhow::Result<ExitCode> {
    let places = places(data)?;
    let report = allmende_keyring::backup(&places, target)?;
    terminal::line(&format!(
        "{} keys, {} erased copied to {}; generation {} of the master key opens them",
        terminal::count(report.keys),
        terminal::count(report.erased),
        target.display(),
        report.generation
    ));
    match master_key {
        Some(file) => {
            anyhow::ensure!(
                !file.starts_with(target),
                "the copy of the master key belongs in another place than the keys"
            );
            allmende_keyring::copy_master(&places, file)?;
            terminal::line(&format!("master key copied to {}", file.display()));
        }
        None => terminal::note("Not in it: the master key, without which the copy is of no use (--master-key)."),
    }
    Ok(ExitCode::SUCCESS)
}

fn repair(data: &Path, lose_damaged: bool) -> anyhow::Result<ExitCode> {
    let places = places(data)?;
    let _lock = data_folder::lock(data)?;
    let found = allmende_keyring::verify(&places)?;
    if found.damaged > 0 && !lose_damaged {
        describe(&found);
        anyhow::bail!("what damaged keys sealed would be lost: put a copy back, or say --lose-damaged");
    }
    let report = allmende_keyring::repair(&places)?;
    terminal::line(&format!("{} damaged keys given up", terminal::count(report.wiped)));
    Ok(ExitCode::SUCCESS)
}

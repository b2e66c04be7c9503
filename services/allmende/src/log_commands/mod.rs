//! `allmende log …`: what an operator does with a log. All of it works on the files, most of it beside a running
//! platform.

mod export;
mod migrate;
mod stats;

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;

use allmende_eventlog_sled as sled_log;
use anyhow::Context as _;
use indicatif::ProgressBar;

use crate::cli::{LogCommand, Place};
use crate::{data_folder, terminal};

/// Size of an imported log's segments: that of a new one's.
const SEGMENT_BYTES: u64 = 64 << 20;

/// Runs a command.
pub fn run(command: LogCommand) -> anyhow::Result<ExitCode> {
    match command {
        LogCommand::Verify { place } => verify(&place),
        LogCommand::Stats { place, json } => stats::run(&place, json),
        LogCommand::Export { place, out, format } => export::run(&place, out.as_deref(), format),
        LogCommand::Import { file, place } => import(file, &place),
        LogCommand::Backup { target, place } => backup(target, &place),
        LogCommand::Restore { source, place } => restore(source, &place),
        LogCommand::Migrate(options) => migrate::run(&options),
    }
}

fn folder(place: &Place) -> PathBuf {
    data_folder::log(&place.data, &place.partition)
}

/// A bar over the groups of a log.
fn groups_of(place: &Place) -> anyhow::Result<ProgressBar> {
    let folder = folder(place);
    let log = sled_log::OfflineLog::open(&folder).with_context(|| format!("no log in {}", folder.display()))?;
    Ok(terminal::progress(log.head().group, "groups"))
}

fn verify(place: &Place) -> anyhow::Result<ExitCode> {
    let progress = groups_of(place)?;
    let report = sled_log::verify(&folder(place), |group| progress.set_position(group))?;
    progress.finish_and_clear();
    describe(place, &report);
    Ok(if report.is_intact() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn describe(place: &Place, report: &sled_log::VerifyReport) {
    let count = terminal::count;
    terminal::line(&format!(
        "{}: {} groups, {} commits, {} events checked; head {} {}",
        place.partition,
        count(report.groups),
        count(report.commits),
        count(report.events),
        report.head.group,
        report.head.hash
    ));
    for damage in &report.damaged {
        terminal::line(&format!("damaged: groups {} to {} cannot be read", damage.first, damage.last));
    }
    for group in &report.broken {
        terminal::line(&format!("broken: group {group} is not what its hash says"));
    }
    for first in &report.damaged_headers {
        terminal::line(&format!("damaged: file header of the segment that begins with group {first}"));
    }
    if report.is_intact() {
        terminal::line("intact");
    }
}

fn import(file: PathBuf, place: &Place) -> anyhow::Result<ExitCode> {
    let _lock = data_folder::lock(&place.data)?;
    let folder = folder(place);
    std::fs::create_dir_all(&folder)?;
    let input = File::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let progress = terminal::progress(input.metadata()?.len(), "bytes");
    let mut input = BufReader::with_capacity(1 << 20, progress.wrap_read(input));
    let (partition, head) = sled_log::import(&folder, &mut input, SEGMENT_BYTES, |_| {})?;
    progress.finish_and_clear();
    anyhow::ensure!(
        partition.as_str() == place.partition,
        "the file holds partition {partition}; it is now in {}, say --partition {partition}",
        folder.display()
    );
    terminal::line(&format!("imported {partition}: head {} {}", head.group, head.hash));
    Ok(ExitCode::SUCCESS)
}

fn backup(target: PathBuf, place: &Place) -> anyhow::Result<ExitCode> {
    let target = target.join(&place.partition);
    std::fs::create_dir_all(&target).with_context(|| format!("cannot create {}", target.display()))?;
    let report = sled_log::backup(&folder(place), &target)?;
    terminal::line(&format!(
        "backed up {} to {}: head {} {}; {} files copied ({:.1} MB), {} kept",
        place.partition,
        target.display(),
        report.head.group,
        report.head.hash,
        report.copied,
        report.bytes as f64 / 1e6,
        report.kept
    ));
    terminal::note(
        "Not in it: the other partitions, files and keys. `allmende backup` copies all that a platform keeps.",
    );
    Ok(ExitCode::SUCCESS)
}

fn restore(source: PathBuf, place: &Place) -> anyhow::Result<ExitCode> {
    let _lock = data_folder::lock(&place.data)?;
    let folder = folder(place);
    std::fs::create_dir_all(&folder)?;
    let restored = sled_log::restore(&source.join(&place.partition), &folder);
    let report = match restored {
        Err(sled_log::BackupError::Damaged(report)) => {
            describe(place, &report);
            return Ok(ExitCode::FAILURE);
        }
        restored => restored?,
    };
    describe(place, &report);
    terminal::note(&format!(
        "This is {} alone: it fits the other logs, files and keys only if they are from the same time.",
        place.partition
    ));
    Ok(ExitCode::SUCCESS)
}

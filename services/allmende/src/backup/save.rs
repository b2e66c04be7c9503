//! Making a backup.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use allmende_keyring::BackupReport;
use anyhow::{Context as _, bail, ensure};
use indicatif::ProgressBar;

use super::files::{self, ATTACHMENTS, Copied, DATASETS, SHELVES};
use super::list::List;
use super::logs::{self, Logs};
use super::{places, report, secrets};
use crate::cli::BackupOptions;
use crate::terminal;

/// How often everything is copied further because something went meanwhile.
const MOST_ROUNDS: usize = 10;

/// Makes a backup. Ends with 2 if it is complete but for files that the platform itself has no more.
pub fn run(options: BackupOptions) -> anyhow::Result<ExitCode> {
    let BackupOptions { target, data, master_key, secrets: apart } = options;
    let partitions = logs::partitions(&data)?;
    let installation = secrets::installation(&data)?;
    ensure!(
        !places::resolved(&target)?.starts_with(places::resolved(&data)?),
        "{} lies in the data folder, and would be lost with it",
        target.display()
    );
    for (what, place) in [("the master key", &master_key), ("the folder of secrets", &apart)] {
        place.as_ref().map_or(Ok(()), |place| secrets::check_apart(what, place, &target))?;
    }
    let _lock = places::lock(&target)?;
    files::clear_unfinished(&target)?;
    let previous = List::read(&target)?;
    if let Some(previous) = &previous {
        ensure!(previous.installation == installation, "{} holds backups of another installation", target.display());
    }
    let saving = Saving { data: &data, target: &target, partitions: &partitions, master: master_key.as_deref() };
    let saved = saving.save(previous.as_ref())?;
    let names = apart.as_deref().map(|apart| secrets::copy(&data, apart)).transpose()?;

    let made_at = jiff::Timestamp::now().to_string();
    let listed = saved.datasets.listed(&DATASETS).chain(saved.attachments.listed(&ATTACHMENTS)).collect();
    let list = List::new(made_at, installation, saved.logs.listed(), listed, saved.keys.generation);
    list.write(&target)?;
    DATASETS.prune(&target, &saved.datasets.files)?;
    ATTACHMENTS.prune(&target, &saved.attachments.files)?;
    files::clear_unfinished(&target)?;

    report::saved(&target, &partitions, &saved, &list);
    report::apart(&saved.keys, master_key.as_deref(), apart.as_deref().zip(names.as_deref()));
    report::lost(&data, &saved.lost);
    Ok(if saved.lost.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// What was copied.
pub(super) struct Saved<'a> {
    pub(super) logs: Logs<'a>,
    pub(super) datasets: Copied,
    pub(super) attachments: Copied,
    pub(super) keys: BackupReport,
    /// Files that are damaged or away in the data folder, from there on.
    pub(super) lost: BTreeSet<PathBuf>,
}

struct Saving<'a> {
    data: &'a Path,
    target: &'a Path,
    partitions: &'a [String],
    master: Option<&'a Path>,
}

impl<'a> Saving<'a> {
    /// Copies until nothing that belongs together is missing.
    fn save(&self, previous: Option<&List>) -> anyhow::Result<Saved<'a>> {
        let mut logs = Logs::new(self.data, self.target, previous);
        let progress = terminal::progress(self.new_bytes(&logs)?, "bytes");
        let (mut datasets, mut attachments) = (Copied::default(), Copied::default());
        let mut missed = BTreeSet::new();
        for _ in 0..MOST_ROUNDS {
            let erased = secrets::erased_len(self.data)?;
            self.copy_logs(&mut logs, &progress)?;
            datasets.add(DATASETS.save(self.data, self.target, |bytes| progress.inc(bytes))?);
            attachments.add(ATTACHMENTS.save(self.data, self.target, |bytes| progress.inc(bytes))?);
            let keys = secrets::copy_keys(self.data, &self.target.join("keyring"), self.master)?;
            let missing: BTreeSet<PathBuf> =
                logs.standing.places().into_iter().filter(|path| !datasets.files.contains_key(path)).collect();
            // What was missed before the log was copied again, and stands in it still, was not removed by anybody.
            let settled = missing.is_subset(&missed) && secrets::erased_len(self.data)? == erased;
            if settled {
                progress.finish_and_clear();
                let lost = missing.iter().chain(&datasets.damaged).map(|path| Path::new(DATASETS.name).join(path));
                let sealed = attachments.damaged.iter().map(|path| Path::new(ATTACHMENTS.name).join(path));
                let lost = lost.chain(sealed).collect();
                return Ok(Saved { logs, datasets, attachments, keys, lost });
            }
            missed = missing;
        }
        bail!("so much is being removed that no moment was found to copy; the backup before is whole: try again later")
    }

    fn copy_logs(&self, logs: &mut Logs<'_>, progress: &ProgressBar) -> anyhow::Result<()> {
        for partition in self.partitions {
            logs.copy(partition, |bytes| progress.inc(bytes))?;
        }
        logs.settle(|bytes| progress.inc(bytes))
    }

    fn new_bytes(&self, logs: &Logs<'_>) -> anyhow::Result<u64> {
        let mut bytes = 0;
        for partition in self.partitions {
            bytes += logs.new_bytes(partition)?;
        }
        for shelf in SHELVES {
            bytes += shelf.new_bytes(self.data, self.target).context("looking at what is new")?;
        }
        Ok(bytes)
    }
}

//! Putting a backup back.

use std::fs::{self, File};
use std::path::Path;
use std::process::ExitCode;

use allmende_eventlog_sled as sled_log;
use anyhow::{Context as _, bail, ensure};

use super::list::{List, Log};
use super::places::{create_private, is_empty, sync_folder};
use super::{files, report, secrets};
use crate::cli::RestoreOptions;
use crate::data_folder::{self, RESTORING};
use crate::terminal;

/// Makes a data folder of a backup. After an error the folder is as empty as before; cut off, it holds what no platform
/// starts on.
pub fn run(options: RestoreOptions) -> anyhow::Result<ExitCode> {
    let RestoreOptions { source, data, master_key, secrets: apart, erased } = options;
    let Some(list) = List::read(&source)? else { bail!("{} holds no complete backup", source.display()) };
    ensure!(
        secrets::installation(&apart)? == list.installation,
        "installation.key in {} is another installation's",
        apart.display()
    );
    if data.is_dir() {
        data_folder::check_whole(&data)?;
        ensure!(is_empty(&data)?, "{} is not empty", data.display());
    }
    let lock = data_folder::lock(&data)?;
    let staging = data.join(RESTORING);
    let restoring = Restoring { source: &source, list: &list, staging: &staging };
    let restored = match restoring.restore(&master_key, &apart, erased.as_deref()) {
        Ok(restored) => restored,
        Err(error) => {
            // What led here says more than what may go wrong now; what is left keeps a platform from starting.
            let _ = fs::remove_dir_all(&staging);
            return Err(error);
        }
    };
    restoring.move_to(&data)?;
    drop(lock);
    let Restored { logs, keys, erased_again, secrets } = restored;
    for (log, checked) in list.logs.iter().zip(&logs) {
        report::put_back(&log.partition, checked);
    }
    report::restored(&data, &list, &keys, erased_again, &secrets);
    Ok(ExitCode::SUCCESS)
}

struct Restoring<'a> {
    source: &'a Path,
    list: &'a List,
    /// In the data folder. As long as it is there, no platform starts on the folder.
    staging: &'a Path,
}

struct Restored {
    logs: Vec<sled_log::VerifyReport>,
    keys: allmende_keyring::BackupReport,
    erased_again: u64,
    secrets: Vec<String>,
}

impl Restoring<'_> {
    /// Copies and checks everything. The keys go first: without the right master key there is no use in the rest.
    fn restore(&self, master: &Path, apart: &Path, erased: Option<&Path>) -> anyhow::Result<Restored> {
        create_private(self.staging).with_context(|| self.staging.display().to_string())?;
        let secrets = secrets::copy(apart, self.staging)?;
        let (keys, erased_again) = secrets::put_keys_back(&self.source.join("keyring"), self.staging, master, erased)?;
        let progress = terminal::progress(self.list.bytes(), "bytes");
        let mut logs = Vec::with_capacity(self.list.logs.len());
        for log in &self.list.logs {
            logs.push(self.restore_log(log, |bytes| progress.inc(bytes))?);
        }
        for file in &self.list.files {
            files::put_back(file, self.source, self.staging, |bytes| progress.inc(bytes))?;
        }
        progress.finish_and_clear();
        Ok(Restored { logs, keys, erased_again, secrets })
    }

    fn restore_log(&self, log: &Log, told: impl FnMut(u64)) -> anyhow::Result<sled_log::VerifyReport> {
        let (source, folder) =
            (self.source.join("log").join(&log.partition), data_folder::log(self.staging, &log.partition));
        let restored = sled_log::restore_listed(&source, &log.list, &folder, told);
        restored.with_context(|| format!("restoring {}", source.display()))
    }

    /// Everything is there and sound: gives it its place.
    fn move_to(&self, data: &Path) -> anyhow::Result<()> {
        // Names of files in their folders, too.
        let synced = File::open(self.staging).and_then(|staging| Ok(rustix::fs::syncfs(staging)?));
        synced.with_context(|| self.staging.display().to_string())?;
        for entry in fs::read_dir(self.staging).with_context(|| self.staging.display().to_string())? {
            let entry = entry.with_context(|| self.staging.display().to_string())?;
            let place = data.join(entry.file_name());
            fs::rename(entry.path(), &place).with_context(|| place.display().to_string())?;
        }
        let settle = || {
            sync_folder(data)?;
            fs::remove_dir(self.staging)?;
            sync_folder(data)
        };
        settle().with_context(|| data.display().to_string())
    }
}

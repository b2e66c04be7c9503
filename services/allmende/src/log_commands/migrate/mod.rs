//! `allmende log migrate`: the logs of a data folder become those of a cluster, at the same positions and with the same
//! hashes; and keys, secrets and files what its members share.

mod beside;
mod files;
mod keys;
mod publishing;
mod reading;
mod secrets;
mod shared;
mod verifying;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use allmende_eventlog::Head;
use allmende_eventlog_nats::LargeGroups;
use allmende_eventlog_nats::stream::GroupStream;
use allmende_eventlog_sled::{self as sled_log, OfflineLog};
use allmende_kernel::PartitionName;
use allmende_nats::{Connection, LogStream, StreamBodies};
use anyhow::{Context as _, ensure};

use super::describe;
use crate::backup::{is_unwritten, partitions};
use crate::cli::{MigrateOptions, Place};
use crate::{data_folder, terminal};

/// A partition's log in the data folder, read and found intact.
struct Source {
    partition: PartitionName,
    log: OfflineLog,
}

impl Source {
    fn head(&self) -> Head {
        self.log.head()
    }
}

/// Where its groups go.
struct Target {
    source: Source,
    stream: Arc<dyn GroupStream>,
    /// Groups that were there before.
    there: u64,
}

/// Publishes what the cluster does not have, and then reads all of it back; whatever else members share comes after the logs.
pub(super) fn run(options: &MigrateOptions) -> anyhow::Result<ExitCode> {
    let logs = options.data.join("log");
    ensure!(logs.is_dir(), "{} is no folder with logs", logs.display());
    data_folder::check_whole(&options.data)?;
    let _lock = data_folder::lock(&options.data)?;
    let Some(sources) = sources(options)? else { return Ok(ExitCode::FAILURE) };
    // Whoever asks for some of the logs alone is not done with the others.
    let is_whole = options.partition.is_empty();
    let folder = if is_whole { shared::Folder::look(options)? } else { None };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let is_sound = runtime.block_on(async {
        let connection = Connection::open(options.nats.settings("allmende log migrate")?).await?;
        // Nothing is published before every stream is known to be empty, or of the log that goes there.
        let mut targets = Vec::new();
        for source in sources {
            targets.push(target(&connection, options.replicas, source).await?);
        }
        let shared = match folder {
            Some(folder) => Some(folder.to(&connection, options.replicas).await?),
            None => None,
        };
        for target in targets {
            migrate(target).await?;
        }
        match shared {
            Some(shared) => shared.take_over().await,
            None => Ok(true),
        }
    })?;
    match is_whole {
        true => tell_the_rest(&options.data)?,
        false => terminal::line("Keys, secrets and files stay where they are until all partitions are asked for."),
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The logs to be published; `None` if one of them is damaged, which was told.
fn sources(options: &MigrateOptions) -> anyhow::Result<Option<Vec<Source>>> {
    let all = partitions(&options.data)?;
    for wanted in &options.partition {
        ensure!(all.contains(wanted), "{} holds no partition {wanted}", options.data.display());
    }
    let mut sources = Vec::new();
    for partition in all.into_iter().filter(|one| options.partition.is_empty() || options.partition.contains(one)) {
        let folder = data_folder::log(&options.data, &partition);
        if is_unwritten(&folder)? {
            terminal::line(&format!("{partition}: nothing was ever written to it"));
            continue;
        }
        let log = OfflineLog::open(&folder).with_context(|| format!("reading {}", folder.display()))?;
        let progress = terminal::progress(log.head().group, "groups checked");
        let report = sled_log::verify(&folder, |group| progress.set_position(group))?;
        progress.finish_and_clear();
        if !report.is_intact() {
            describe(&Place { data: options.data.clone(), partition }, &report);
            terminal::note("A damaged log is not published: restore it from a backup first.");
            return Ok(None);
        }
        let name = log.partition().clone();
        ensure!(name.as_str() == partition, "{} holds partition {name}", folder.display());
        sources.push(Source { partition: name, log });
    }
    Ok(Some(sources))
}

async fn target(connection: &Connection, replicas: usize, source: Source) -> anyhow::Result<Target> {
    let partition = &source.partition;
    let context = || format!("the stream of {partition}");
    let stream = LogStream::open(connection, partition, replicas).await.with_context(context)?;
    let bodies = StreamBodies::open(connection, partition.service(), replicas).await.with_context(context)?;
    let stream: Arc<dyn GroupStream> = Arc::new(LargeGroups::new(Arc::new(stream), Arc::new(bodies)));
    let there = publishing::there(&source.log, stream.as_ref()).await.with_context(context)?;
    Ok(Target { source, stream, there })
}

async fn migrate(target: Target) -> anyhow::Result<()> {
    let Target { source, stream, there } = target;
    let (partition, head) = (&source.partition, source.head());
    let context = || format!("the stream of {partition}");
    let new = head.group.saturating_sub(there);
    if new > 0 {
        let progress = terminal::progress(new, "groups published");
        let published = publishing::publish(&source.log, stream.as_ref(), there, |group| {
            progress.set_position(group - there);
        });
        published.await.with_context(context)?;
        progress.finish_and_clear();
    }
    let progress = terminal::progress(head.group, "groups read back");
    let verified = verifying::verify(&source.log, stream.as_ref(), |group| progress.set_position(group));
    verified.await.with_context(context)?;
    progress.finish_and_clear();
    let did = match (new, there) {
        (0, _) => format!("nothing to do, all {} groups are there", terminal::count(there)),
        (_, 0) => format!("{} groups published", terminal::count(new)),
        _ => format!("{} groups published behind {} that were there", terminal::count(new), terminal::count(there)),
    };
    terminal::line(&format!("{partition}: {did}; read back and checked, head {} {}", head.group, head.hash));
    Ok(())
}

/// What is left to be done by hand.
fn tell_the_rest(data: &Path) -> anyhow::Result<()> {
    terminal::line(&format!("{} is as it was, and may go on as one member's folder. Left to do:", data.display()));
    for (name, what) in beside::all(data)? {
        terminal::line(&format!("  {name}: {what}"));
    }
    Ok(())
}

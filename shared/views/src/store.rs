use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use allmende_eventlog::{EventLog, ReadError};
use fjall::Database;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::checkpoint::Checkpoint;
use crate::database::{self, Keyspace};
use crate::error::{OpenError, StorageError};
use crate::handle::{Progress, Shared, State, ViewHandle};
use crate::runner;
use crate::set_aside::{Damage, SetAside, set_aside};
use crate::stats::Stats;
use crate::view::View;

/// Memory of a store, and the size of its writes.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// For blocks read from the disk, shared by all views of the store.
    pub cache_bytes: u64,
    /// For rows not flushed yet, of each view.
    pub memtable_bytes: u64,
    /// A view that catches up writes when its changes, or the groups they come from, take this much.
    pub batch_bytes: usize,
    /// A view that catches up writes at least this often.
    pub batch_time: Duration,
    /// A view that is up to date writes at most this often, unless somebody waits for it: a write costs much the same
    /// for one commit as for a hundred.
    pub pace: Duration,
}

/// Five views that catch up at the same time take about 100 MB with these, half of what they take with batches of
/// 8 MiB and memtables of 4 MiB, and are a fifth slower.
impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: 16 << 20,
            memtable_bytes: 2 << 20,
            batch_bytes: 1 << 20,
            batch_time: Duration::from_millis(250),
            pace: Duration::from_millis(20),
        }
    }
}

/// The views of one partition, in a directory of their own.
pub struct ViewStore {
    dir: PathBuf,
    database: Database,
    log: Arc<dyn EventLog>,
    options: Options,
    set_aside: Option<SetAside>,
    stop: watch::Sender<bool>,
    running: HashMap<&'static str, JoinHandle<()>>,
}

impl ViewStore {
    /// Opens the views in `dir`, which is created if need be, and checks them against `log`. What is damaged, or has
    /// folded another history, is set aside, and the views start anew. Blocks on the disk.
    pub fn open(dir: &Path, log: Arc<dyn EventLog>, options: Options) -> Result<Self, OpenError> {
        std::fs::create_dir_all(dir)?;
        let (database, set_aside) = match try_open(dir, log.as_ref(), &options)? {
            Ok(database) => (database, None),
            Err(damage) => {
                let aside = set_aside(dir, damage)?;
                std::fs::create_dir_all(dir)?;
                (database::open(dir, &options).map_err(StorageError::from)?, Some(aside))
            }
        };
        let stop = watch::Sender::new(false);
        Ok(Self { dir: dir.to_owned(), database, log, options, set_aside, stop, running: HashMap::new() })
    }

    /// What was set aside when the store was opened.
    pub fn set_aside(&self) -> Option<&SetAside> {
        self.set_aside.as_ref()
    }

    /// Starts a view on a thread of its own, from its checkpoint. Must be called within a Tokio runtime; blocks on the
    /// disk for a moment.
    pub fn run<V: View>(&mut self, view: V) -> Result<ViewHandle, OpenError> {
        const { assert!(is_name(V::NAME), "a view's name has 1 to 60 characters of a-z, 0-9 and -") };
        if self.running.contains_key(V::NAME) {
            return Err(OpenError::Running(V::NAME));
        }
        let name = keyspace_name(V::NAME, V::VERSION);
        self.drop_other_versions(V::NAME, &name)?;
        let keyspace = Keyspace::open(&self.dir, &self.database, &name, &self.options)?;
        let start = Checkpoint::start(self.log.partition());
        let applied = keyspace.checkpoint()?.unwrap_or(start);
        let shared = Arc::new(Shared {
            name: V::NAME,
            log: Arc::clone(&self.log),
            keyspace,
            start,
            progress: watch::Sender::new(Progress { applied, state: State::CatchingUp }),
            awaited: watch::Sender::new(0),
            stats: Stats::default(),
        });
        let follower = runner::Follower {
            view,
            shared: Arc::clone(&shared),
            runtime: Handle::current(),
            stop: self.stop.subscribe(),
            options: self.options,
        };
        let thread = std::thread::Builder::new().name(format!("view-{}", V::NAME)).spawn(move || follower.run())?;
        self.running.insert(V::NAME, thread);
        Ok(ViewHandle(shared))
    }

    fn drop_other_versions(&self, view: &str, current: &str) -> Result<(), StorageError> {
        for name in self.database.list_keyspace_names() {
            let of_view = name.rsplit_once('@').is_some_and(|(named, _)| named == view);
            if of_view && &*name != current {
                tracing::info!(old = %&*name, new = current, "a view has another version and is folded anew");
                let old = Keyspace::open(&self.dir, &self.database, &name, &self.options)?;
                old.delete()?;
            }
        }
        Ok(())
    }

    /// Stops all views after the batch they are at, and waits for them. Handles go on answering from what there is;
    /// the directory can be opened again once they are gone.
    pub async fn close(mut self) {
        self.stop.send_replace(true);
        let threads: Vec<_> = self.running.drain().map(|(_, thread)| thread).collect();
        // A panic was told as the view's state already.
        let joining = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join())));
        let _ = joining.await;
    }
}

/// Views stop by themselves soon after; [`close`](ViewStore::close) waits for that.
impl Drop for ViewStore {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

fn keyspace_name(view: &str, version: u32) -> String {
    format!("{view}@{version}")
}

const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !(bytes[at].is_ascii_lowercase() || bytes[at].is_ascii_digit() || bytes[at] == b'-') {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty() && bytes.len() <= 60
}

/// Opens the database and checks it; damage is the inner error.
fn try_open(dir: &Path, log: &dyn EventLog, options: &Options) -> Result<Result<Database, Damage>, OpenError> {
    if database::is_marked(dir)? {
        return Ok(Err(Damage::Marked));
    }
    // Torn files also meet assertions in fjall.
    let opened = catch_unwind(AssertUnwindSafe(|| database::open(dir, options)));
    let database = match opened {
        Ok(Ok(database)) => database,
        Ok(Err(fjall::Error::Locked)) => return Err(OpenError::Locked(dir.to_owned())),
        Ok(Err(error)) => match StorageError::from(error) {
            StorageError::Damaged(error) => return Ok(Err(Damage::Database(error.to_string()))),
            error => return Err(error.into()),
        },
        Err(_) => return Ok(Err(Damage::Database("panicked".to_owned()))),
    };
    for name in database.list_keyspace_names() {
        let keyspace = Keyspace::open(dir, &database, &name, options)?;
        if let Some(damage) = check(&name, &keyspace, log)? {
            return Ok(Err(damage));
        }
    }
    Ok(Ok(database))
}

/// Whether the log has the group that a view has folded last.
fn check(name: &str, keyspace: &Keyspace, log: &dyn EventLog) -> Result<Option<Damage>, OpenError> {
    let checkpoint = match keyspace.checkpoint() {
        Ok(Some(checkpoint)) => checkpoint,
        Ok(None) => return Ok(None),
        Err(StorageError::Damaged(_)) => return Ok(Some(Damage::Checkpoint { keyspace: name.to_owned() })),
        Err(error) => return Err(error.into()),
    };
    let group = checkpoint.position.group;
    let off_chain = Damage::OffChain { keyspace: name.to_owned(), group };
    match log.read_group(group) {
        Ok(read) if Checkpoint::after(read.header()) == checkpoint => Ok(None),
        Ok(_) | Err(ReadError::Beyond(_)) => Ok(Some(off_chain)),
        // Nothing speaks against the view; to fold anew would be worse, as the log cannot be read.
        Err(ReadError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

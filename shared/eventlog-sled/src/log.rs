use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use allmende_eventlog::{
    Admission, AppendError, EventLog, NewCommit, OpenGroup, Origin, ReadError, Reading, Sealer, StopReason, Submitted,
};
use allmende_kernel::{Clock, PartitionName, Revision, StreamName, Timestamp};
use parking_lot::{Condvar, Mutex};

use crate::Damage;
use crate::committer::Committer;
use crate::gathering::Gathering;
use crate::indexer::Indexer;
use crate::layout::{self, IDS, INDEX, LOCK};
use crate::options::{Hooks, OpenError, Options};
use crate::recovery;
use crate::store::Store;

/// What the log, its writer and its indexer share.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) segment_bytes: u64,
    pub(crate) hooks: Hooks,
    admission: Mutex<Admission>,
    work: Condvar,
    /// So many commits wake a writer that waits for more of them.
    company: AtomicU32,
    closing: AtomicBool,
}

/// No group holds as many: nobody waits for company.
const NO_COMPANY: u32 = u32::MAX;

impl Shared {
    /// The next group to write; `None` when the log is closed and nothing waits.
    pub(crate) fn next_group(&self, gathering: &Gathering) -> Option<Arc<OpenGroup>> {
        let mut admission = self.admission.lock();
        while !admission.has_work() {
            if self.closing.load(Ordering::Acquire) {
                return None;
            }
            self.work.wait(&mut admission);
        }
        if !admission.has_gathered(gathering.company()) && !self.closing.load(Ordering::Acquire) {
            self.company.store(gathering.company(), Ordering::Relaxed);
            self.work.wait_for(&mut admission, gathering.patience());
            self.company.store(NO_COMPANY, Ordering::Relaxed);
        }
        admission.take()
    }

    /// Whether commits wait that the writer has not taken.
    pub(crate) fn has_work(&self) -> bool {
        self.admission.lock().has_work()
    }

    pub(crate) fn written(&self) {
        self.admission.lock().written();
    }

    pub(crate) fn stop(&self, reason: StopReason) {
        self.admission.lock().stop(reason.clone());
        if let Some(told) = self.hooks.stopped.as_ref().filter(|_| reason != StopReason::Closed) {
            told(reason);
        }
    }
}

/// The embedded log of one partition.
pub struct SledLog {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    folder: PathBuf,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    committer: JoinHandle<()>,
    indexer: JoinHandle<()>,
    /// Held as long as the log is open.
    _lock: File,
}

impl SledLog {
    /// Opens the log in `folder`, or begins one. Blocks while the end of the log is checked: not longer for a longer
    /// log, unless the index has to be built anew.
    pub fn open(
        folder: &Path,
        partition: PartitionName,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, OpenError> {
        layout::create_folder(folder).map_err(OpenError::io("creating the log's folder"))?;
        let lock = lock(folder)?;
        let recovered = recovery::recover(folder, &partition, &options, false)?;
        let head = recovered.head;
        let store = Store::new(
            partition,
            recovered.segments,
            Indexer::new(recovered.recent),
            recovered.index,
            recovered.unindexed_damage.is_none(),
            head,
        );
        store.note_open(folder).map_err(OpenError::io("writing the log's state"))?;

        let admission = Admission::new(head, options.window, options.group_commits);
        let shared = Arc::new(Shared {
            store,
            segment_bytes: options.segment_bytes,
            hooks: options.hooks,
            admission: Mutex::new(admission),
            work: Condvar::new(),
            company: AtomicU32::new(NO_COMPANY),
            closing: AtomicBool::new(false),
        });
        if let Some(damage) = recovered.unindexed_damage {
            shared.stop(StopReason::Damaged { first: damage.first, last: damage.last });
        }
        let sealer = Sealer::new(head, options.window);
        let committer = Committer::new(Arc::clone(&shared), sealer, recovered.writer, head);
        let indexing = Arc::clone(&shared);
        let threads = Threads {
            committer: spawn("log-writer", move || committer.run())?,
            indexer: spawn("log-indexer", move || {
                if !indexing.store.run_indexer() {
                    // Entries would pile up in memory from now on.
                    indexing.stop(StopReason::Index);
                }
            })?,
            _lock: lock,
        };
        Ok(Self { shared, clock, folder: folder.to_owned(), threads: Mutex::new(Some(threads)) })
    }

    /// Damage met since the log was opened.
    pub fn damage(&self) -> Vec<Damage> {
        self.shared.store.segments.damage()
    }

    /// Writes what waits, brings the index up to date and notes that the log was closed. Later appends are refused.
    pub fn close(&self) -> io::Result<()> {
        let Some(threads) = self.threads.lock().take() else { return Ok(()) };
        {
            let _admission = self.shared.admission.lock();
            self.shared.closing.store(true, Ordering::Release);
        }
        self.shared.work.notify_all();
        // A thread that panicked has told everyone who waited; the state file then says "open".
        let written = threads.committer.join().is_ok();
        let indexed = match self.shared.store.indexer.close() {
            // Joined, so that sled is let go of when the log is.
            Some(clean) => threads.indexer.join().is_ok() && clean,
            None => false,
        };
        if written && indexed {
            sync_files(&self.folder.join(INDEX))?;
            sync_files(&self.folder.join(IDS))?;
            self.shared.store.note_closed(&self.folder)?;
        }
        Ok(())
    }
}

impl Drop for SledLog {
    fn drop(&mut self) {
        // An error leaves the state "open", which the next start takes for a crash.
        let _ = self.close();
    }
}

pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    thread::Builder::new().name(name.into()).spawn(run).map_err(OpenError::io("starting a thread"))
}

pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let file = File::create(folder.join(LOCK)).map_err(OpenError::io("opening the lock file"))?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::InUse(folder.to_owned())),
        Err(error) => Err(OpenError::Io { what: "locking the log", source: error.into() }),
    }
}

/// The index is left to the page cache; after this it survives a loss of power.
pub(crate) fn sync_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_files(&path)?;
        } else {
            File::open(&path)?.sync_all()?;
        }
    }
    layout::sync_folder(folder)
}

impl EventLog for SledLog {
    fn reading(&self) -> &dyn Reading {
        &self.shared.store
    }

    fn now(&self) -> Timestamp {
        self.shared.admission.lock().monotone(self.clock.now())
    }

    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError> {
        let mut admission = self.shared.admission.lock();
        if self.shared.closing.load(Ordering::Acquire) {
            return Err(AppendError::Stopped(StopReason::Closed));
        }
        let had_work = admission.has_work();
        let submitted = admission.submit(commit, &self.shared.store)?;
        let begins = !had_work && admission.has_work();
        if begins || admission.has_gathered(self.shared.company.load(Ordering::Relaxed)) {
            self.shared.work.notify_one();
        }
        Ok(submitted)
    }

    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError> {
        self.shared.admission.lock().recall(origin, now, &self.shared.store)
    }

    fn settle(&self) -> Submitted {
        self.shared.admission.lock().settle()
    }

    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.shared.admission.lock().revision(stream, &self.shared.store)
    }
}

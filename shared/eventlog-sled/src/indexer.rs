//! Moves index entries from memory to sled, in the background and never in the way of a commit.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, RwLock};

use crate::index::Index;
use crate::memtable::Memtable;
use crate::segments::Segments;

/// Entries that make a batch worth writing.
const BATCH_ENTRIES: usize = 400_000;
/// Entries at which the writer waits for the indexer: what bounds memory.
const MOST_ENTRIES: usize = 1_000_000;
/// After this time a smaller batch is written too, so that little has to be replayed after a crash.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the last batch may take when a log is closed; after that the log counts as not closed.
const LAST_MOVE: Duration = Duration::from_secs(30);

/// Entries not in sled yet: those being collected, and those on their way.
#[derive(Default)]
pub(crate) struct Recent {
    pub(crate) current: Memtable,
    pub(crate) moving: Option<Arc<Memtable>>,
}

impl Recent {
    /// Newest first.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &Memtable> {
        std::iter::once(&self.current).chain(self.moving.as_deref())
    }

    fn entries(&self) -> usize {
        self.tables().map(Memtable::entries).sum()
    }
}

#[derive(Default)]
pub(crate) struct Indexer {
    pub(crate) recent: RwLock<Recent>,
    signal: Mutex<Signal>,
    wake: Condvar,
    done: Condvar,
}

#[derive(Default)]
struct Signal {
    full: bool,
    closing: bool,
    /// sled failed: nothing is moved any more.
    failed: bool,
    ended: bool,
}

impl Indexer {
    pub(crate) fn new(recent: Memtable) -> Self {
        Self { recent: RwLock::new(Recent { current: recent, moving: None }), ..Self::default() }
    }

    /// Adds a group's entries; waits while too many are in memory. Tells how many are.
    pub(crate) fn add(&self, add: impl FnOnce(&mut Memtable)) -> usize {
        let (collected, entries) = {
            let mut recent = self.recent.write();
            add(&mut recent.current);
            (recent.current.entries(), recent.entries())
        };
        if collected >= BATCH_ENTRIES {
            let mut signal = self.signal.lock();
            if !signal.full {
                signal.full = true;
                self.wake.notify_one();
            }
            while entries >= MOST_ENTRIES && !signal.failed && self.recent.read().entries() >= MOST_ENTRIES {
                self.done.wait_for(&mut signal, PATIENCE);
            }
        }
        entries
    }

    /// Moves what is left and ends the thread. Tells whether everything reached sled; `None` if the thread hangs.
    pub(crate) fn close(&self) -> Option<bool> {
        let mut signal = self.signal.lock();
        signal.closing = true;
        self.wake.notify_one();
        while !signal.ended {
            // sled's flush may never return once writing its file has failed: it misses the wake-up.
            if self.done.wait_for(&mut signal, LAST_MOVE).timed_out() {
                return None;
            }
        }
        Some(!signal.failed && self.recent.read().entries() == 0)
    }

    /// The indexer's thread, until the log is closed. False if sled failed before.
    pub(crate) fn run(&self, index: &Index, segments: &Segments) -> bool {
        self.move_all(index, segments);
        let mut signal = self.signal.lock();
        signal.ended = true;
        self.done.notify_all();
        !signal.failed
    }

    fn move_all(&self, index: &Index, segments: &Segments) {
        loop {
            let closing = {
                let mut signal = self.signal.lock();
                if !signal.full && !signal.closing {
                    self.wake.wait_for(&mut signal, PATIENCE);
                }
                signal.full = false;
                signal.closing
            };
            // sled panics over some errors of its files; the writer would wait for ever for a thread that is gone.
            let moved = panic::catch_unwind(AssertUnwindSafe(|| self.move_batch(index, segments)));
            if !matches!(moved, Ok(Ok(()))) {
                self.signal.lock().failed = true;
                self.done.notify_all();
                return;
            }
            if closing {
                return;
            }
        }
    }

    /// Wakes the writer, which may be about to wait.
    fn tell(&self) {
        drop(self.signal.lock());
        self.done.notify_all();
    }

    fn move_batch(&self, index: &Index, segments: &Segments) -> Result<(), crate::index::IndexError> {
        let batch = {
            let mut recent = self.recent.write();
            if recent.current.head.is_none() {
                return Ok(());
            }
            let batch = Arc::new(std::mem::take(&mut recent.current));
            recent.moving = Some(Arc::clone(&batch));
            batch
        };
        index.apply(&batch)?;
        self.recent.write().moving = None;
        self.tell();
        while index.merge_ids(segments)? {}
        Ok(())
    }
}

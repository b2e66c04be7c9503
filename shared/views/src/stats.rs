use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a view has done since it was started. Counters only ever grow; to be read by whoever reports metrics.
#[derive(Debug, Default)]
pub struct Stats {
    groups: AtomicU64,
    commits: AtomicU64,
    bytes: AtomicU64,
    batches: AtomicU64,
    folding: AtomicU64,
    storing: AtomicU64,
}

impl Stats {
    pub(crate) fn folded(&self, commits: u64, bytes: u64) {
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.commits.fetch_add(commits, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn stored(&self, folding: Duration, storing: Duration) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.folding.fetch_add(folding.as_micros() as u64, Ordering::Relaxed);
        self.storing.fetch_add(storing.as_micros() as u64, Ordering::Relaxed);
    }

    /// Groups folded.
    pub fn groups(&self) -> u64 {
        self.groups.load(Ordering::Relaxed)
    }

    /// Commits folded.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Bytes of the groups folded, before compression.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Writes to the database.
    pub fn batches(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }

    /// Time spent in the view's own code.
    pub fn folding(&self) -> Duration {
        Duration::from_micros(self.folding.load(Ordering::Relaxed))
    }

    /// Time spent writing to the database.
    pub fn storing(&self) -> Duration {
        Duration::from_micros(self.storing.load(Ordering::Relaxed))
    }
}

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use allmende_kernel::{Clock, Duration, Timestamp};

use crate::port::EventLog;

/// A clock that stands still until a test moves it, also backwards.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at `moment`.
    pub fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.as_micros()))
    }

    /// Stands at `moment` from now on.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.as_micros(), Ordering::SeqCst);
    }

    /// Moves by `step`, which may be negative.
    pub fn advance(&self, step: Duration) {
        self.0.fetch_add(step.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// What the suite needs of an adapter: one place for one log, which is opened, closed and opened again.
pub trait Harness: Send + 'static {
    /// The clock that the log runs on. It must show a time after 1971, so that a test can go back from it.
    fn clock(&self) -> &Arc<ManualClock>;

    /// Opens the log with [`Window::default`](crate::Window): empty the first time, as it was left after that.
    fn open(&mut self) -> impl Future<Output = Arc<dyn EventLog>> + Send;

    /// Closes the log. The test holds no other reference, but a subscription's task may not have noticed yet.
    fn close(&mut self, log: Arc<dyn EventLog>) -> impl Future<Output = ()> + Send;

    /// Whether the log is one member's of several: opening it begins a term, with a group that holds nothing, and answers
    /// that store nothing may add further ones.
    fn leads_terms(&self) -> bool {
        false
    }
}

/// A promise that is not shown by then is broken.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(100);

/// Runs one promise on two worker threads.
///
/// # Panics
/// When the promise is broken, or not shown within 100 seconds.
pub fn run(promise: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let shown = runtime.block_on(async { tokio::time::timeout(PATIENCE, promise).await });
    // Dropping the runtime would wait for reads that a broken adapter may never finish.
    runtime.shutdown_background();
    assert!(shown.is_ok(), "not shown within {PATIENCE:?}");
}

use std::future::Future;
use std::sync::Arc;

use crate::port::Keyring;

/// What the suite needs of an adapter: one place for one keyring, which is opened, closed and opened again.
pub trait Harness: Send + 'static {
    /// Opens the keyring: empty the first time, as it was left after that.
    fn open(&mut self) -> impl Future<Output = Arc<dyn Keyring>> + Send;

    /// Closes the keyring, to which the test holds no other reference.
    fn close(&mut self, keyring: Arc<dyn Keyring>) -> impl Future<Output = ()> + Send;

    /// Makes a copy of the keys of the closed keyring, as a backup is made.
    fn copy(&mut self);

    /// Puts the copy in the place of the keys, as after a disaster. The list of the erased is not part of it.
    fn put_back(&mut self);
}

/// A promise that is not shown by then is broken.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Runs one promise on two worker threads.
///
/// # Panics
/// When the promise is broken, or not shown within a minute.
pub fn run(promise: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let shown = runtime.block_on(async { tokio::time::timeout(PATIENCE, promise).await });
    runtime.shutdown_background();
    assert!(shown.is_ok(), "not shown within {PATIENCE:?}");
}

//! Waiting for an answer in a call that is not async.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Waits for what `runtime` does meanwhile. On a worker of a runtime with several threads the others go on with its work.
/// `None` if the runtime ended before. What is waited for has a limit of its own.
pub(crate) fn wait<T: Send + 'static>(runtime: &Handle, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let (done, result) = std::sync::mpsc::sync_channel(1);
    runtime.spawn(async move {
        let _ = done.send(work.await);
    });
    let wait = || result.recv().ok();
    match Handle::try_current() {
        Ok(here) if here.runtime_flavor() == RuntimeFlavor::MultiThread => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}

/// Whether calls can wait here: a runtime of one thread would wait for itself.
pub(crate) fn can_wait() -> bool {
    Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread
}

//! The end of a process: what is under way is finished, nothing new is begun, and after a while it is over anyhow.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long what was cut off has to say so before it is abandoned.
const FAREWELL: Duration = Duration::from_secs(1);

/// Begins the drain. `main` makes it and passes [`Draining`] on; a test begins it by hand.
#[derive(Debug)]
pub struct Drain(Draining);

/// Tells that the drain has begun, and when its time is up.
#[derive(Debug, Clone)]
pub struct Draining {
    begun: CancellationToken,
    over: CancellationToken,
}

/// The drain's time was up before the work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time to drain was up before everything had ended")]
pub struct Overrun;

impl Drain {
    /// A drain that takes at most `limit` once begun. Needs a tokio runtime.
    pub fn new(limit: Duration) -> Self {
        let draining = Draining { begun: CancellationToken::new(), over: CancellationToken::new() };
        let timer = draining.clone();
        tokio::spawn(async move {
            timer.begun.cancelled().await;
            sleep(limit).await;
            timer.over.cancel();
        });
        Self(draining)
    }

    /// A drain that SIGTERM or SIGINT begins; the second signal ends the process at once, with the exit status that
    /// shells give to a signal. What was acknowledged is durable, so nothing is lost by that.
    pub fn on_signals(limit: Duration) -> io::Result<Self> {
        let mut signals =
            Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
        let drain = Self::new(limit);
        let draining = drain.draining();
        tokio::spawn(async move {
            signals.next().await;
            tracing::info!(limit_s = limit.as_secs(), "draining; a second signal ends the process at once");
            draining.begun.cancel();
            std::process::exit(signals.next().await);
        });
        Ok(drain)
    }

    /// Begins the drain; again it does nothing.
    pub fn begin(&self) {
        self.0.begun.cancel();
    }

    /// The side that services watch.
    pub fn draining(&self) -> Draining {
        self.0.clone()
    }
}

impl Draining {
    /// Whether the drain has begun.
    pub fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// Ends when the drain begins.
    pub async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// Ends when the drain's time is up: what still runs is cut off.
    pub async fn over(&self) {
        self.over.cancelled().await;
    }

    /// Waits for `work`, which ends by itself when draining, and gives it up shortly after the drain's time is up.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Overrun> {
        tokio::select! {
            done = work => Ok(done),
            () = async { self.over().await; sleep(FAREWELL).await } => Err(Overrun),
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// The exit status that goes with the signal.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => 128 + SignalKind::terminate().as_raw_value(),
            _ = self.interrupt.recv() => 128 + SignalKind::interrupt().as_raw_value(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_ends_in_time_is_waited_for() {
        let drain = Drain::new(Duration::from_secs(30));
        let draining = drain.draining();
        assert!(!draining.has_begun());
        let work = async {
            draining.begun().await;
            sleep(Duration::from_millis(10)).await;
            "done"
        };
        drain.begin();
        drain.begin();
        assert_eq!(draining.within(work).await, Ok("done"));
    }

    #[tokio::test]
    async fn work_that_does_not_end_is_given_up_but_not_before_a_drain() {
        let drain = Drain::new(Duration::from_millis(20));
        let draining = drain.draining();
        let endless = draining.within(std::future::pending::<()>());
        tokio::pin!(endless);
        assert!(tokio::time::timeout(Duration::from_millis(100), &mut endless).await.is_err());
        drain.begin();
        assert_eq!(tokio::time::timeout(Duration::from_secs(10), endless).await, Ok(Err(Overrun)));
    }
}

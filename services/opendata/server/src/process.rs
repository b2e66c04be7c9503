//! Datasets publish themselves: looks at what has changed in the sources, withdraws what held something that must not be
//! had any more, removes files that are to go, and issues what is due.
//!
//! In each pass comes first what goes, for all sources; only then what is issued, source by source and for a turn each, so
//! that nothing that was erased waits for an import. What fails holds up nothing else, and is tried again.
//!
//! It keeps nothing of its own: what is left to do follows from the sources' views and this service's, and every step
//! can be repeated. Killed between any two of them, it goes on where the logs say it is.

mod drafts;
mod due;
mod issuing;
mod removing;

use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::{Duration as Wait, Position};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::app::App;
use crate::error::Error;
use drafts::Drafts;
use issuing::Issuing;
use removing::{Retracting, remove_files, sweep};

/// How often it looks: what changes in between is issued once.
const EVERY: Duration = Duration::from_millis(200);
/// How long one kind of work goes on before the others have their turn.
const TURN: Duration = Duration::from_secs(1);
/// How long it waits after a failure.
const AFTER_FAILURE: Wait = Wait::from_secs(10);
/// Rows read at once.
const AT_ONCE: usize = 200;

/// Publishes until its task is aborted.
pub(crate) async fn publish(app: Arc<App>) {
    Publisher::new(app).run().await;
}

/// What was seen and what is under way. Forgotten at the end: it is found again.
struct Publisher {
    app: Arc<App>,
    sweeping: Step,
    sources: Vec<OfSource>,
    removing: Step,
    /// The group of this service's log up to which files were removed.
    removed: u64,
    drafting: Step,
    drafts: Drafts,
}

#[derive(Default)]
struct OfSource {
    retracting: Step,
    retracted: Retracting,
    issuing: Step,
    issued: Issuing,
}

impl Publisher {
    fn new(app: Arc<App>) -> Self {
        let sources = app.sources.iter().map(|_| OfSource::default()).collect();
        let (sweeping, removing, drafting) = (Step::default(), Step::default(), Step::default());
        Self { app, sweeping, sources, removing, removed: 0, drafting, drafts: Drafts::default() }
    }

    async fn run(mut self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if !self.pass().await {
                tokio::select! {
                    _ = ticks.tick() => {}
                    () = self.app.publisher_called.notified() => {}
                }
            }
        }
    }

    /// Whether there is more to be done at once.
    async fn pass(&mut self) -> bool {
        let app = self.app.as_ref();
        self.sweeping.run("sweep", sweep(app)).await;
        for (followed, of) in app.sources.iter().zip(&mut self.sources) {
            of.retracting.run("retract", of.retracted.catch_up(app, followed)).await;
        }
        let head = app.commands.log().head().borrow().group;
        if head != self.removed && self.removing.run("remove files", remove_files(app)).await.is_some() {
            self.removed = head;
        }
        let mut more = self.drafting.run("look at drafts", self.drafts.turn(app)).await.unwrap_or(false);
        for (followed, of) in app.sources.iter().zip(&mut self.sources) {
            let turn = of.issued.turn(app, followed, of.retracted.up_to());
            more |= of.issuing.run("issue", turn).await.unwrap_or(false);
        }
        more
    }
}

/// One kind of work, which waits after it has failed while the others go on.
#[derive(Default)]
struct Step {
    not_before: Option<Instant>,
}

impl Step {
    /// What came of it; nothing, if it failed or waits.
    async fn run<T>(&mut self, what: &'static str, work: impl Future<Output = Result<T, Error>>) -> Option<T> {
        if self.not_before.is_some_and(|not_before| Instant::now() < not_before) {
            return None;
        }
        self.not_before = None;
        match work.await {
            Ok(done) => Some(done),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, what, "publishing datasets failed and is tried again");
                self.not_before = Some(Instant::now() + in_real_time(AFTER_FAILURE));
                None
            }
        }
    }
}

fn in_real_time(wait: Wait) -> Duration {
    Duration::from_micros(wait.as_micros().unsigned_abs())
}

/// A position that lies right before another one.
fn before(position: Position) -> Position {
    match position.index {
        0 => Position::new(position.group.saturating_sub(1), u32::MAX),
        index => Position::new(position.group, index - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_lies_between_a_position_and_the_one_before() {
        for position in [Position::new(7, 0), Position::new(7, 3)] {
            assert!(before(position) < position);
            assert!(before(position) >= Position::new(6, u32::MAX));
        }
        assert_eq!(before(Position::new(7, 3)), Position::new(7, 2));
    }
}

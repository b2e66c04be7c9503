//! What a service does beside the calls, and what becomes of it when it breaks off.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_runtime::jittered;
use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long is waited before a task is begun anew: twice as long each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What goes on for so long has recovered.
const RECOVERED: Duration = Duration::from_secs(600);
/// How often a task is begun anew that does not recover.
const MOST_RESTARTS: u32 = 10;

/// How a task is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself: what it worked on is over.
    Done,
    /// It broke off each time.
    GivenUp,
}

/// Does `work` until it ends. If it panics, that is said, counted and begun anew after a while that grows: somebody is to
/// find out why, and meanwhile what can be done is. What it had in hand is dropped with it.
pub(crate) async fn tended<F>(task: &'static str, metrics: Metrics, mut work: impl FnMut() -> F) -> End
where
    F: Future<Output = ()>,
{
    let (mut wait, mut restarts) = (FIRST_WAIT, 0);
    loop {
        let began = Instant::now();
        // The panic's own words are in the operator's log already.
        if AssertUnwindSafe(async { work().await }).catch_unwind().await.is_ok() {
            return End::Done;
        }
        if began.elapsed() >= RECOVERED {
            (wait, restarts) = (FIRST_WAIT, 0);
        }
        if restarts == MOST_RESTARTS {
            tracing::error!(task, restarts, "a task broke off each time and is given up until the next start");
            return End::GivenUp;
        }
        restarts += 1;
        tracing::error!(task, restarts, "a task broke off and is begun anew");
        metrics.add(Metric::TaskRestarts, 1, &[Attribute::Task(task)]);
        tokio::time::sleep(jittered(wait)).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Does `work` while it is its turn: what it has in hand when that is over is dropped, and it is begun anew the next time.
/// Ends when it ends by itself, or nobody can tell any more whose turn it is.
pub(crate) async fn while_true<F>(mut turn: watch::Receiver<bool>, mut work: impl FnMut() -> F)
where
    F: Future<Output = ()>,
{
    while turn.wait_for(|turn| *turn).await.is_ok() {
        tokio::select! {
            () = work() => return,
            over = turn.wait_for(|turn| !*turn) => if over.is_err() { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restarts(metrics: &Metrics) -> Option<String> {
        let text = metrics.render();
        let line =
            text.lines().find(|line| line.starts_with("allmende_task_restarts") && line.contains("\"of a test\""));
        line.and_then(|line| Some(line.rsplit_once(' ')?.1.to_owned()))
    }

    /// Runs a task that breaks off so many times, each after a while; tells how often it was begun, and how it ended.
    async fn run(breaks_off: u32, after: Duration) -> (u32, End, Option<String>) {
        let (metrics, mut begun) = (Metrics::new(), 0);
        let end = tended("of a test", metrics.clone(), || {
            begun += 1;
            let breaks_off = begun <= breaks_off;
            async move {
                tokio::time::sleep(after).await;
                assert!(!breaks_off, "as the test wants it");
            }
        });
        let end = end.await;
        (begun, end, restarts(&metrics))
    }

    #[tokio::test(start_paused = true)]
    async fn what_breaks_off_is_begun_anew_and_counted() {
        assert_eq!(run(0, Duration::ZERO).await, (1, End::Done, None));
        assert_eq!(run(2, Duration::ZERO).await, (3, End::Done, Some("2".to_owned())));
    }

    #[tokio::test(start_paused = true)]
    async fn what_breaks_off_each_time_is_given_up_but_not_what_recovers_in_between() {
        let most = MOST_RESTARTS.to_string();
        assert_eq!(run(u32::MAX, Duration::ZERO).await, (MOST_RESTARTS + 1, End::GivenUp, Some(most)));
        let (begun, end, _) = run(3 * MOST_RESTARTS, RECOVERED).await;
        assert_eq!((begun, end), (3 * MOST_RESTARTS + 1, End::Done));
    }

    #[tokio::test]
    async fn what_is_begun_in_ones_turn_ends_with_it() {
        let (turn, told) = watch::channel(false);
        let (begun, mut seen) = watch::channel(0);
        let task = tokio::spawn(while_true(told, move || {
            begun.send_modify(|begun| *begun += 1);
            std::future::pending()
        }));
        for round in 1..=3 {
            turn.send_replace(true);
            seen.wait_for(|begun| *begun == round).await.unwrap();
            turn.send_replace(false);
            tokio::task::yield_now().await;
        }
        drop(turn);
        task.await.unwrap();
        assert_eq!(*seen.borrow(), 3);
    }
}

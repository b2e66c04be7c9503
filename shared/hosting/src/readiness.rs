use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_views::{State, ViewHandle};
use tokio::sync::watch;

/// Ready from the moment the views have caught up while all others are true (the log takes commits, and hears of what is
/// stored), until a view stops: all that a load balancer is to know.
pub(crate) async fn tell_readiness(
    views: Vec<ViewHandle>,
    mut others: Vec<watch::Receiver<bool>>,
    ready: watch::Sender<bool>,
) {
    let mut progress: Vec<_> = views.iter().map(ViewHandle::progress).collect();
    let mut caught_up = vec![false; views.len()];
    loop {
        let mut serves = others.iter_mut().fold(true, |all, other| all & *other.borrow_and_update());
        for ((view, progress), caught_up) in views.iter().zip(&mut progress).zip(&mut caught_up) {
            progress.borrow_and_update();
            let state = view.state();
            *caught_up |= matches!(state, State::Live);
            serves &= *caught_up && !matches!(state, State::Stopped(_));
        }
        ready.send_if_modified(|told| std::mem::replace(told, serves) != serves);
        let views_changed = progress.iter_mut().map(|progress| Box::pin(progress.changed()));
        let others_changed = others.iter_mut().map(|other| Box::pin(other.changed()));
        let changed = tokio::select! {
            changed = first(views_changed.collect()) => changed,
            changed = first(others_changed.collect()) => changed,
        };
        if changed.is_err() {
            ready.send_replace(false);
            // Dropped, it would look as if nobody could tell any more.
            ready.closed().await;
            return;
        }
    }
}

/// The result of whichever is done first; never, if there is none.
async fn first<F: Future>(mut futures: Vec<Pin<Box<F>>>) -> F::Output {
    poll_fn(|context| {
        let done = futures.iter_mut().find_map(|future| match future.as_mut().poll(context) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        });
        done.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// Records how far a view is behind.
pub(crate) async fn tell_lag(view: ViewHandle, metrics: Metrics) {
    const EVERY: Duration = Duration::from_secs(1);
    loop {
        metrics.set(Metric::ViewLag, view.lag().groups, &[Attribute::View(view.name())]);
        tokio::time::sleep(EVERY).await;
    }
}

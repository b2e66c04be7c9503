use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Does `work` until its task is aborted or it ends. If it breaks off, that is said in the operator's log, and it is begun anew
/// after a while that grows: somebody is to find out why, and meanwhile what can be withdrawn is.
pub(super) async fn watched<F: Future<Output = ()>>(mut work: impl FnMut() -> F) {
    let mut wait = FIRST_WAIT;
    loop {
        let began = Instant::now();
        // What it had seen is dropped with it.
        if AssertUnwindSafe(work()).catch_unwind().await.is_ok() {
            return;
        }
        tracing::error!("publishing datasets broke off and is begun anew");
        if began.elapsed() > LONGEST_WAIT {
            wait = FIRST_WAIT;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_breaks_off_is_begun_anew() {
        let mut times = 0;
        watched(|| {
            times += 1;
            let breaks_off = times == 1;
            async move {
                tokio::task::yield_now().await;
                assert!(!breaks_off, "as a test wants it");
            }
        })
        .await;
        assert_eq!(times, 2);
    }
}

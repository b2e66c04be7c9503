use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Inner;
use super::entry::Entry;
use crate::backoff;

/// Hears what others erase, for as long as the keyring is open.
pub(super) async fn listen(inner: Arc<Inner>) {
    let mut attempt = 0;
    loop {
        let begun = Instant::now();
        let Err(error) = hear(&inner).await;
        inner.cache.set_hears(false);
        tracing::debug!(error, "listening for keys that are erased");
        // What lasted for a while was no failure.
        attempt = if begun.elapsed() > Duration::from_secs(10) { 1 } else { attempt + 1 };
        sleep(backoff::before(attempt)).await;
    }
}

async fn hear(inner: &Inner) -> Result<std::convert::Infallible, String> {
    let mut listening = inner.keys.listen().await?;
    inner.cache.set_hears(true);
    loop {
        let (name, value) = listening.next().await?;
        if Entry::decode(&value) == Some(Entry::Erased) {
            inner.cache.erased(&name);
        }
    }
}

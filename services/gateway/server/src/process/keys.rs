use std::sync::Arc;
use std::time::Duration;

use allmende_hosting::jittered;
use allmende_kernel::Clock;

use crate::tokens::{Outside, SigningKeys};

const EVERY: Duration = Duration::from_secs(300);
/// How often keys are fetched that nobody missed.
const FETCHED_EVERY: Duration = Duration::from_secs(900);
/// How long is waited after an issuer did not answer, or was asked too soon.
const AGAIN: Duration = Duration::from_secs(30);

/// Makes signing keys when it is time, and removes those that are no longer believed: at once, then once in a while and
/// when the secrets have changed.
pub(crate) async fn rotate_keys(keys: Arc<SigningKeys>, clock: Arc<dyn Clock>) {
    let mut changes = keys.changes();
    loop {
        let (keys, clock) = (Arc::clone(&keys), Arc::clone(&clock));
        let looking = tokio::task::spawn_blocking(move || {
            if let Err(error) = keys.rotate(clock.as_ref()) {
                tracing::error!(error = &error as &dyn std::error::Error, "signing keys cannot be looked after");
            }
        });
        // It ends with the process only.
        let _ = looking.await;
        let _ = tokio::time::timeout(EVERY, changes.changed()).await;
    }
}

/// Fetches the keys of an issuer outside: at once, then once in a while, and when one was missed.
pub(crate) async fn fetch_keys(outside: Arc<Outside>, clock: Arc<dyn Clock>) {
    loop {
        match outside.fetch(clock.now()).await {
            Ok(true) => tokio::select! {
                () = tokio::time::sleep(jittered(FETCHED_EVERY)) => {}
                () = outside.missed() => {}
            },
            // Many tokens may name keys that nobody has: what they ask for waits.
            Ok(false) => tokio::time::sleep(jittered(AGAIN)).await,
            Err(error) => {
                let issuer = outside.issuer();
                tracing::error!(error = &error as &dyn std::error::Error, issuer, "an issuer's keys cannot be fetched");
                tokio::time::sleep(jittered(AGAIN)).await;
            }
        }
    }
}

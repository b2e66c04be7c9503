use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::Clock;
use allmende_runtime::jittered;
use allmende_runtime::secrets::SecretError;

use crate::tokens::{KeysError, Outside, SigningKeys};

const EVERY: Duration = Duration::from_secs(300);
/// How often keys are fetched that nobody missed.
const FETCHED_EVERY: Duration = Duration::from_secs(900);
/// How long is waited after keys could not be looked after, or an issuer did not answer or was asked too soon.
const AGAIN: Duration = Duration::from_secs(30);
/// That secrets cannot be reached is no fault so often in a row: what members share may be away for a moment, and the keys
/// that are there go on signing.
const FORGIVEN: u32 = 2;

/// Makes signing keys when it is time, and removes those that are no longer believed: at once, then once in a while and
/// when the secrets have changed.
pub(crate) async fn rotate_keys(keys: Arc<SigningKeys>, clock: Arc<dyn Clock>) {
    let mut changes = keys.changes();
    let mut failed = 0;
    loop {
        let (keys, clock) = (Arc::clone(&keys), Arc::clone(&clock));
        let looking = tokio::task::spawn_blocking(move || tell(keys.rotate(clock.as_ref()), failed));
        // It ends with the process only.
        failed = looking.await.unwrap_or(failed);
        let pause = if failed == 0 { EVERY } else { jittered(AGAIN) };
        let _ = tokio::time::timeout(pause, changes.changed()).await;
    }
}

/// Says what went wrong with the signing keys after so many failures in a row. How many those are now.
fn tell(rotated: Result<(), KeysError>, failed: u32) -> u32 {
    let Err(error) = rotated else { return 0 };
    let failed = failed.saturating_add(1);
    let is_fault = is_fault(&error, failed);
    let error = &error as &dyn std::error::Error;
    if is_fault {
        tracing::error!(error, failed, "signing keys cannot be looked after");
    } else {
        tracing::warn!(error, failed, "signing keys cannot be looked after for now");
    }
    failed
}

fn is_fault(error: &KeysError, failed: u32) -> bool {
    failed > FORGIVEN || !matches!(error, KeysError::Secret(SecretError::Unavailable(_)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn unavailable() -> KeysError {
        SecretError::Unavailable("timed out".to_owned()).into()
    }

    #[test]
    fn what_is_away_for_a_moment_is_no_fault_and_what_stays_away_is() {
        let mut failed = 0;
        let mut faults = Vec::new();
        for is_away in [true, true, false, true, true, true, true] {
            failed = tell(if is_away { Err(unavailable()) } else { Ok(()) }, failed);
            faults.push(is_fault(&unavailable(), failed));
        }
        assert_eq!(faults, [false, false, false, false, false, true, true]);
    }

    #[test]
    fn a_damaged_key_is_a_fault_at_once() {
        assert!(is_fault(&SecretError::Damaged("tokens".to_owned()).into(), 1));
    }
}

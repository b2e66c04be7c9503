use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::Clock;

use crate::tokens::{Outside, SigningKeys};

const EVERY: Duration = Duration::from_secs(300);

/// Makes signing keys when it is time, and reads those of issuers outside anew.
pub(crate) async fn rotate_keys(keys: Arc<SigningKeys>, outside: Vec<Arc<Outside>>, clock: Arc<dyn Clock>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let (keys, outside, clock) = (Arc::clone(&keys), outside.clone(), Arc::clone(&clock));
        let looking = tokio::task::spawn_blocking(move || {
            if let Err(error) = keys.rotate(clock.as_ref()) {
                tracing::error!(error = &error as &dyn std::error::Error, "signing keys cannot be looked after");
            }
            for outside in &outside {
                if let Err(error) = outside.reload() {
                    tracing::error!(error = &error as &dyn std::error::Error, "an issuer's keys cannot be read anew");
                }
            }
        });
        // It ends with the process only.
        let _ = looking.await;
    }
}

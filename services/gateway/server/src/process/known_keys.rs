use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::Clock;

use crate::tokens::{Outside, SigningKeys};

const EVERY: Duration = Duration::from_secs(300);

/// Reads what tokens are checked with, at every member: takes over the signing keys that others made, and reads those of
/// issuers outside anew that are in files. At once, then once in a while and when the secrets have changed.
pub(crate) async fn read_keys(keys: Arc<SigningKeys>, outside: Vec<Arc<Outside>>, clock: Arc<dyn Clock>) {
    let mut changes = keys.changes();
    loop {
        let (keys, outside, clock) = (Arc::clone(&keys), outside.clone(), Arc::clone(&clock));
        let reading = tokio::task::spawn_blocking(move || {
            if let Err(error) = keys.take_over(clock.as_ref()) {
                // Those that are known go on; who makes keys says when that is a fault.
                tracing::warn!(error = &error as &dyn std::error::Error, "signing keys cannot be taken over for now");
            }
            for outside in &outside {
                if let Err(error) = outside.reload() {
                    tracing::error!(error = &error as &dyn std::error::Error, "an issuer's keys cannot be read anew");
                }
            }
        });
        // It ends with the process only.
        let _ = reading.await;
        let _ = tokio::time::timeout(EVERY, changes.changed()).await;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::{fs, path::Path};

    use allmende_kernel::Timestamp;
    use allmende_runtime::secrets::FolderSecrets;
    use allmende_testkit::ManualClock;
    use jsonwebtoken::{Algorithm, Header};

    use super::*;
    use crate::tokens::OutsideIssuer;

    fn open(data: &Path, clock: &ManualClock) -> Arc<SigningKeys> {
        Arc::new(SigningKeys::open(Arc::new(FolderSecrets::new(data)), clock).unwrap())
    }

    #[tokio::test]
    async fn what_others_made_and_replaced_is_read_at_once() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_secs(1_790_000_000));
        let keys = open(data.path(), &clock);
        let later = ManualClock::at(clock.now() + allmende_kernel::Duration::from_secs(91 * 86_400));
        let newest = open(data.path(), &later).all()[0].id.clone();
        let file = data.path().join("keys.json");
        fs::write(&file, r#"{"keys":[]}"#).unwrap();
        let outside = Outside::open(&OutsideIssuer {
            issuer: "https://elsewhere.example".to_owned(),
            audience: "here".to_owned(),
            jwks_file: file.clone(),
            jwks_url: String::new(),
            proxy: String::new(),
            level: "none".to_owned(),
            levels: BTreeMap::new(),
        });
        let outside = Arc::new(outside.unwrap());
        let header = Header { kid: Some(keys.all()[0].id.clone()), ..Header::new(Algorithm::EdDSA) };
        assert!(!outside.knows(&header));
        fs::write(&file, serde_json::to_vec(&keys.public()).unwrap()).unwrap();

        let reading = tokio::spawn(read_keys(Arc::clone(&keys), vec![Arc::clone(&outside)], Arc::new(later)));
        let read = async {
            while keys.all()[0].id != newest || !outside.knows(&header) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), read).await.unwrap();
        reading.abort();
    }
}

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;

/// Accounts erased in one go.
const AT_ONCE: usize = 16;
/// How long is waited after something failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Erases the accounts of accepted requests, and first what the last run left of them. What is to be done is what the view
/// says is not done yet, so that it goes on after a restart where it was; each is done as often as it takes, and noted
/// once.
pub(crate) async fn execute_erasures(app: Arc<App>) {
    while let Err(error) = app.forget_left_addresses().await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "addresses of mails that are over cannot be forgotten"
        );
        tokio::time::sleep(AFTER_FAILURE).await;
    }
    let mut progress = app.queries.view().progress();
    loop {
        progress.borrow_and_update();
        let due = app.look_up(|reader| Ok(reader.erasures_due(AT_ONCE)?)).await;
        let mut failed = false;
        match due {
            Ok(due) => {
                for (tenant, id) in due {
                    if let Err(error) = app.execute_erasure(&tenant, id).await {
                        tracing::error!(error = &error as &dyn std::error::Error, erasure = %id, "an erasure failed");
                        failed = true;
                    }
                }
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "erasures cannot be looked up");
                failed = true;
            }
        }
        if failed {
            tokio::time::sleep(AFTER_FAILURE).await;
        } else if progress.changed().await.is_err() {
            return;
        }
    }
}

use std::sync::Arc;
use std::time::Duration;

use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_kernel::PartitionName;
use allmende_runtime::jittered;

use crate::app::App;
use crate::error::Error;

/// Accounts looked up at once.
const AT_ONCE: usize = 16;
/// How long is waited after something failed; longer each time.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Erases the accounts of accepted requests, and first what the last run left of them. What is to be done is what the view
/// says is not done yet, so that it goes on after a restart where it was; each is done as often as it takes, and noted
/// once.
pub(crate) async fn execute_erasures(app: Arc<App>, partition: PartitionName, metrics: Metrics) {
    while let Err(error) = app.forget_left_addresses().await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "addresses of mails that are over cannot be forgotten"
        );
        tokio::time::sleep(AFTER_FAILURE).await;
    }
    let of = [Attribute::Service("gateway"), Attribute::Partition(&partition)];
    let mut progress = app.queries.view().progress();
    let mut wait = AFTER_FAILURE;
    loop {
        progress.borrow_and_update();
        let failed = match execute_all(&app).await {
            Ok(failed) => failed,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "erasures cannot be looked up");
                tokio::time::sleep(jittered(wait)).await;
                continue;
            }
        };
        metrics.set(Metric::ProcessParked, failed, &of);
        if failed > 0 {
            tokio::time::sleep(jittered(wait)).await;
            wait = LONGEST_WAIT.min(wait * 2);
        } else if progress.changed().await.is_err() {
            return;
        } else {
            wait = AFTER_FAILURE;
        }
    }
}

/// Goes through all that are due; what fails holds up none of the others. Tells how many failed.
async fn execute_all(app: &App) -> Result<u64, Error> {
    Ok(execute_accounts(app).await? + forget_feedback(app).await?)
}

async fn forget_feedback(app: &App) -> Result<u64, Error> {
    let (mut failed, mut after) = (0, None);
    loop {
        let behind = after.clone();
        let due = app.look_up(move |reader| Ok(reader.feedback_due(behind.as_ref(), AT_ONCE)?)).await?;
        let Some(last) = due.last().cloned() else { return Ok(failed) };
        for (tenant, id) in due {
            if let Err(error) = app.forget_feedback(&tenant, id).await {
                tracing::error!(error = &error as &dyn std::error::Error, feedback = %id, "feedback cannot be erased");
                failed += 1;
            }
        }
        after = Some(last);
    }
}

async fn execute_accounts(app: &App) -> Result<u64, Error> {
    let (mut failed, mut after) = (0, None);
    loop {
        let behind = after.clone();
        let due = app.look_up(move |reader| Ok(reader.erasures_due(behind.as_ref(), AT_ONCE)?)).await?;
        let Some(last) = due.last().cloned() else { return Ok(failed) };
        for (tenant, id) in due {
            if let Err(error) = app.execute_erasure(&tenant, id).await {
                tracing::error!(error = &error as &dyn std::error::Error, erasure = %id, "an erasure failed");
                failed += 1;
            }
        }
        after = Some(last);
    }
}

use std::sync::Arc;
use std::sync::atomic::Ordering;

use allmende_kernel::Position;

use super::AT_ONCE;
use crate::app::{App, Followed, blocking};
use crate::error::Error;

/// How far a source's retractions are carried out.
#[derive(Default)]
pub(super) struct Retracting(Position);

impl Retracting {
    /// Everything that was retracted up to here is withdrawn.
    pub(super) fn up_to(&self) -> Position {
        self.0
    }

    /// Carries out what there is.
    pub(super) async fn catch_up(&mut self, app: &App, followed: &Followed) -> Result<(), Error> {
        let head = followed.source.view().applied();
        if head == self.0 {
            return Ok(());
        }
        loop {
            let (source, after) = (Arc::clone(&followed.source), self.0);
            let retracted = blocking(move || Ok(source.retracted(after, AT_ONCE)?)).await?;
            let Some(last) = retracted.last().map(|last| last.position) else { break };
            app.retract(retracted).await?;
            self.0 = last;
        }
        self.0 = head.max(self.0);
        Ok(())
    }
}

/// Removes the files of withdrawn versions. One version with which that fails holds up none of the others: the first
/// failure is told once all were tried.
pub(super) async fn remove_files(app: &App) -> Result<(), Error> {
    let mut outcome = Ok(());
    let mut after = None;
    loop {
        let behind = after.clone();
        let versions = app.read_now(move |reader| Ok(reader.awaiting_removal(behind.as_ref(), AT_ONCE)?)).await?;
        let Some(last) = versions.last().cloned() else { return outcome };
        for (tenant, id, version) in versions {
            outcome = outcome.and(app.remove_files(&tenant, id, version).await);
        }
        after = Some(last);
    }
}

/// Removes what nobody named, where there may be something.
pub(super) async fn sweep(app: &App) -> Result<(), Error> {
    if !app.files.unswept.swap(false, Ordering::AcqRel) {
        return Ok(());
    }
    let swept = app.sweep().await;
    match &swept {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "files that no version has are gone"),
        Err(_) => app.files.unswept.store(true, Ordering::Release),
    }
    swept.map(|_| ())
}

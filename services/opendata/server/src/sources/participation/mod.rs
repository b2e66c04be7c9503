//! Published contributions by procedure and the synopsis by document, from participation's log.
//!
//! Texts stay sealed in the view and are opened while a file is written. What is no longer to be had, whether it was
//! erased, withdrawn, hidden or redacted, is told as a retraction, so that versions that hold it go.

mod keys;
mod outline;
mod rows;
mod view;
mod write;

use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_kernel::{Position, TenantId};
use allmende_keyring::Keyring;
use allmende_opendata_domain::{Source, SourcePosition};
use allmende_views::ViewHandle;

use super::{After, Changed, Follows, Outline, Retracted, SourceError, changes};
use crate::export::Export;

pub(crate) use view::TextsView;

/// Participation as a source.
pub(crate) struct Participation {
    view: ViewHandle,
    log: Arc<dyn EventLog>,
    keyring: Arc<dyn Keyring>,
}

impl Participation {
    /// Reads through `view`, which folds `log`, and opens texts with `keyring`.
    pub(crate) fn new(view: ViewHandle, log: Arc<dyn EventLog>, keyring: Arc<dyn Keyring>) -> Self {
        Self { view, log, keyring }
    }
}

impl Follows for Participation {
    fn view(&self) -> &ViewHandle {
        &self.view
    }

    fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    fn is_issued_on_demand(&self) -> bool {
        true
    }

    fn changed(&self, after: &After, max: usize) -> Result<Vec<Changed>, SourceError> {
        Ok(changes::after(&self.view.snapshot()?, after, max)?)
    }

    fn last_change(&self, tenant: &TenantId, source: Source) -> Result<Option<Changed>, SourceError> {
        Ok(changes::last(&self.view.snapshot()?, tenant, source)?)
    }

    fn retracted(&self, after: Position, max: usize) -> Result<Vec<Retracted>, SourceError> {
        Ok(rows::retracted(&self.view.snapshot()?, after, max)?)
    }

    fn outline(&self, tenant: &TenantId, source: Source) -> Result<Option<Outline>, SourceError> {
        Ok(outline::of(&self.view.snapshot()?, tenant.as_str(), source)?)
    }

    fn write(&self, tenant: &TenantId, source: Source, export: &mut Export) -> Result<SourcePosition, SourceError> {
        let tables = self.view.snapshot()?;
        let position = changes::last(&tables, tenant, source)?.map_or(Position::START, |changed| changed.position);
        let mut writing = write::Writing { tables: &tables, tenant, keyring: self.keyring.as_ref(), export };
        match source {
            Source::Contributions { procedure } => writing.contributions(procedure)?,
            Source::Synopsis { document } => writing.synopsis(document)?,
            Source::Manual | Source::Observations { .. } => {}
        }
        Ok(SourcePosition { partition: self.log.partition().clone(), position })
    }
}

//! Observations by station and air-quality month, from telemetry's log.
//!
//! Values stay where they are: the view knows where blocks stand. A month's rows are read from the log day by day, so
//! that memory holds a day of one datastream and no more.

mod keys;
mod outline;
mod station;
mod view;
mod write;

use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_kernel::{Position, TenantId};
use allmende_opendata_domain::{Source, SourcePosition};
use allmende_views::ViewHandle;

use super::{After, Changed, Follows, Outline, Retracted, SourceError, changes};
use crate::export::Export;

pub(crate) use view::ObservationsView;

/// Telemetry as a source.
pub(crate) struct Telemetry {
    view: ViewHandle,
    log: Arc<dyn EventLog>,
}

impl Telemetry {
    /// Reads through `view`, which folds `log`.
    pub(crate) fn new(view: ViewHandle, log: Arc<dyn EventLog>) -> Self {
        Self { view, log }
    }
}

impl Follows for Telemetry {
    fn view(&self) -> &ViewHandle {
        &self.view
    }

    fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    fn is_issued_on_demand(&self) -> bool {
        false
    }

    fn changed(&self, after: &After, max: usize) -> Result<Vec<Changed>, SourceError> {
        Ok(changes::after(&self.view.snapshot()?, after, max)?)
    }

    fn last_change(&self, tenant: &TenantId, source: Source) -> Result<Option<Changed>, SourceError> {
        Ok(changes::last(&self.view.snapshot()?, tenant, source)?)
    }

    /// Observations are stored for ever, and hold nothing of a person.
    fn retracted(&self, _: Position, _: usize) -> Result<Vec<Retracted>, SourceError> {
        Ok(Vec::new())
    }

    fn outline(&self, tenant: &TenantId, source: Source) -> Result<Option<Outline>, SourceError> {
        let Source::Observations { station, month } = source else { return Ok(None) };
        let station_data = station::load(&self.view.snapshot()?, tenant.as_str(), station)?;
        Ok(station_data.and_then(|data| outline::of(station, month, &data)))
    }

    fn write(&self, tenant: &TenantId, source: Source, export: &mut Export) -> Result<SourcePosition, SourceError> {
        let tables = self.view.snapshot()?;
        let position = changes::last(&tables, tenant, source)?.map_or(Position::START, |changed| changed.position);
        if let Source::Observations { station, month } = source {
            write::month(&tables, self.log.as_ref(), tenant.as_str(), (station, month), export)?;
        }
        Ok(SourcePosition { partition: self.log.partition().clone(), position })
    }
}

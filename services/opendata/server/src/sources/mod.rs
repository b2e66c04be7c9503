//! What datasets are made from: each source follows the log of another service in a view of its own, knows which
//! datasets of it have changed and where, and writes a dataset's rows as they are at a position.
//!
//! A dataset is bound to the position of its last change. What stands there at a later position is the same, so a
//! version's bytes follow from the log and its position alone.

pub(crate) mod changes;
pub(crate) mod participation;
pub(crate) mod telemetry;

use std::io;
use std::sync::Arc;

use allmende_eventlog::{EventLog, ReadError};
use allmende_kernel::{Position, TenantId, Timestamp};
use allmende_opendata_domain::dataset::WithdrawalReason;
use allmende_opendata_domain::{Column, Description, LicenceTerms, Source, SourcePosition};
use allmende_views::{StorageError, ViewError, ViewHandle};
use tokio::task::JoinError;

use crate::export::Export;

/// A dataset of which something has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) tenant: TenantId,
    pub(crate) source: Source,
    /// The last change.
    pub(crate) position: Position,
    /// When it was admitted.
    pub(crate) at: Timestamp,
}

/// Behind what the next datasets stand, in the order of their last changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    /// Everything that changed up to there.
    Position(Position),
    /// This one. One commit may have changed others.
    Dataset(Changed),
}

/// Something that datasets held must not be had any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retracted {
    /// Where that was said.
    pub(crate) position: Position,
    pub(crate) tenant: TenantId,
    /// The dataset that held it.
    pub(crate) source: Source,
    /// Since which position.
    pub(crate) held_since: Position,
    pub(crate) reason: WithdrawalReason,
}

/// Under what a source's content may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Terms {
    /// As it was declared here for this station.
    Declared(uuid::Uuid),
    /// As contributors granted it; `None` for a licence that is not an open one.
    Granted(Option<LicenceTerms>),
}

/// What is to be said of a dataset, and how its rows look.
#[derive(Debug, Clone)]
pub(crate) struct Outline {
    pub(crate) description: Description,
    pub(crate) terms: Terms,
    pub(crate) columns: Arc<[Column]>,
    /// Name of its files without the ending.
    pub(crate) file: &'static str,
}

/// Why a dataset could not be made from its source.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("the source's view could not be read")]
    View(#[from] ViewError),
    #[error("the source's log could not be read")]
    Log(#[from] ReadError),
    #[error("a stored event of the source could not be read")]
    Event,
    #[error("sealed content could not be opened")]
    Sealed(#[from] allmende_keyring::BoxError),
    #[error("a file could not be written")]
    File(#[from] io::Error),
    #[error("the work broke off")]
    Broken(#[from] JoinError),
}

impl From<StorageError> for SourceError {
    fn from(error: StorageError) -> Self {
        Self::View(error.into())
    }
}

/// One service's log as a source of datasets. Everything here may block on the disk.
pub(crate) trait Follows: Send + Sync + 'static {
    /// The view of it.
    fn view(&self) -> &ViewHandle;

    /// Its log.
    fn log(&self) -> &Arc<dyn EventLog>;

    /// Whether a dataset is issued at once for whoever waits for it: not if that could be asked of many.
    fn is_issued_on_demand(&self) -> bool;

    /// At most `max` datasets behind `after`, in the order of their last changes.
    fn changed(&self, after: &After, max: usize) -> Result<Vec<Changed>, SourceError>;

    /// The last change of one dataset.
    fn last_change(&self, tenant: &TenantId, source: Source) -> Result<Option<Changed>, SourceError>;

    /// Retractions after `after`, in order: `max`, and what else the last one's commit retracted.
    fn retracted(&self, after: Position, max: usize) -> Result<Vec<Retracted>, SourceError>;

    /// What is to be said of a dataset; `None` if nothing is known of it.
    fn outline(&self, tenant: &TenantId, source: Source) -> Result<Option<Outline>, SourceError>;

    /// Writes its rows, and says as of which change they are.
    fn write(&self, tenant: &TenantId, source: Source, export: &mut Export) -> Result<SourcePosition, SourceError>;
}

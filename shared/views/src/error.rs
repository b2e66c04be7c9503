use std::io::ErrorKind;
use std::sync::Arc;

use allmende_eventlog::{EventView, ReadError};
use allmende_kernel::Position;

use crate::tables::Table;

/// Why a table could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// What is stored is not what was written. The database is set aside when it is opened next.
    #[error("the view's database is damaged")]
    Damaged(#[source] Arc<fjall::Error>),
    /// The disk or the system refuses.
    #[error("the view's database failed")]
    Failed(#[source] Arc<fjall::Error>),
    /// The process was shutting down.
    #[error("reading the view was interrupted")]
    Interrupted,
}

impl From<fjall::Error> for StorageError {
    fn from(error: fjall::Error) -> Self {
        if is_damage(&error) { Self::Damaged(Arc::new(error)) } else { Self::Failed(Arc::new(error)) }
    }
}

/// Whether the files are at fault, and not the system, which may have changed its mind the next time.
fn is_damage(error: &fjall::Error) -> bool {
    let io = |error: &std::io::Error| {
        matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
    };
    match error {
        fjall::Error::Io(error) => io(error),
        fjall::Error::Storage(fjall::LsmError::Io(error)) => io(error),
        fjall::Error::Poisoned | fjall::Error::Locked | fjall::Error::KeyspaceDeleted => false,
        _ => true,
    }
}

/// Why a commit could not be folded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ViewError {
    /// A stored event that the view needs and cannot read.
    #[error("cannot read a stored event of type {event_type}")]
    Event {
        /// Its type.
        event_type: String,
    },
    /// A row that the view wrote itself and cannot read.
    #[error("cannot read a row of table {0}")]
    Row(Table),
    /// The tables could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The log could not be read: for a view that keeps positions instead of what stands there.
    #[error(transparent)]
    Log(#[from] ReadError),
}

impl ViewError {
    /// The view needs this event and cannot read it.
    pub fn unreadable(event: EventView<'_>) -> Self {
        Self::Event { event_type: event.event_type().to_owned() }
    }
}

/// Why a view no longer follows its log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StopCause {
    /// It was stopped, or the log was closed.
    #[error("stopped")]
    Closed,
    /// A commit could not be folded.
    #[error("the commit at {position} could not be folded")]
    Commit {
        /// The commit.
        position: Position,
        /// Why.
        #[source]
        error: ViewError,
    },
    /// Folding panicked.
    #[error("folding panicked after {after}")]
    Panicked {
        /// The last position in the tables.
        after: Position,
    },
    /// The log cannot be read any further.
    #[error("the log cannot be read after {after}")]
    Log {
        /// The last position in the tables.
        after: Position,
        /// Why.
        #[source]
        error: ReadError,
    },
    /// The next group does not follow the last one that was folded.
    #[error("group {group} does not follow the chain of the view")]
    OffChain {
        /// The group.
        group: u64,
    },
    /// What was folded could not be stored.
    #[error("the fold could not be stored")]
    Storage(#[source] StorageError),
}

/// Why a position was not waited for until it was reached.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WaitError {
    /// The time was up. Try again later.
    #[error("the view has reached {applied}, not yet {wanted}")]
    Deadline {
        /// What was waited for.
        wanted: Position,
        /// What the view shows.
        applied: Position,
    },
    /// The view will not reach it before a restart.
    #[error("the view has stopped at {applied}")]
    Stopped {
        /// What the view shows.
        applied: Position,
        /// Why.
        #[source]
        cause: StopCause,
    },
}

/// Why a store or a view could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another store of this one, has it open.
    #[error("the views in {0} are open elsewhere")]
    Locked(std::path::PathBuf),
    /// The system refuses a file operation.
    #[error("opening the views")]
    Io(#[from] std::io::Error),
    /// The database fails for a reason other than damage.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The log could not be read to check the checkpoints.
    #[error("checking the checkpoints against the log")]
    Log(#[from] ReadError),
    /// A view of this name is running already.
    #[error("view {0} is running already")]
    Running(&'static str),
}

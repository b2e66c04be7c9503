use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::EventLog;
use allmende_kernel::Position;
use allmende_runtime::fields::ConsistencyToken;
use allmende_views::{Snapshot, StorageError, ViewHandle};

use crate::error::Failure;

/// How long a read waits for the position of its token at most; the rpc's deadline is mostly shorter.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer, and the position that it reflects.
#[derive(Debug)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// What a read has to be given to show at least the same.
    pub seen: ConsistencyToken,
}

impl<T> Answer<T> {
    /// The same answer in another form.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: form(self.value), seen: self.seen }
    }
}

/// Reads a view at one position.
#[derive(Clone)]
pub struct Queries {
    view: ViewHandle,
    log: Arc<dyn EventLog>,
    others_write: bool,
}

impl Queries {
    pub(crate) fn new(view: ViewHandle, log: Arc<dyn EventLog>) -> Self {
        let others_write = log.in_term().is_some();
        Self { view, log, others_write }
    }

    /// The view that is read.
    pub fn view(&self) -> &ViewHandle {
        &self.view
    }

    /// The token of a position in the log that the view folds.
    pub fn seen(&self, position: Position) -> ConsistencyToken {
        ConsistencyToken::of(self.log.partition().clone(), position)
    }

    /// Reads at one position, which is at least that of the token, off the async workers.
    pub async fn read<T, E>(
        &self,
        token: &ConsistencyToken,
        read: impl FnOnce(&Snapshot) -> Result<T, E> + Send + 'static,
    ) -> Result<Answer<T>, E>
    where
        T: Send + 'static,
        E: From<Failure> + From<StorageError> + Send + 'static,
    {
        let wanted = token.position(self.log.partition());
        if wanted > Position::START {
            // Tokens name what is durable: what this log does not have is on its way here from the member that leads, or
            // the token is from another log or from before a restore.
            if !self.others_write && wanted.group > self.log.head().borrow().group {
                return Err(Failure::TokenAhead.into());
            }
            self.view.wait_for(wanted, PATIENCE).await.map_err(Failure::from)?;
        }
        let read = self.view.read(move |tables| {
            let value = read(tables)?;
            Ok::<_, E>((value, tables.checkpoint().position))
        });
        let (value, position) = read.await?;
        Ok(Answer { value, seen: self.seen(position) })
    }
}

//! Full-text search over what is public, in German.
//!
//! The index lies beside the views and follows the log like one, but holds plain words; so it takes only what the view
//! says is public at that moment, and what ceases to be public is not just marked as deleted: its segments are written
//! anew without it before an erasure is done. A folder that is missing, damaged or ahead of the log is made anew.

mod indexer;
mod query;
mod schema;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::EventLog;
use allmende_hosting::{Failure, Queries};
use allmende_kernel::Position;
use allmende_runtime::fields::ConsistencyToken;
use tantivy::{Index, IndexReader, ReloadPolicy};
use tokio::sync::watch;

pub(crate) use query::Query;

use crate::error::Error;
use crate::sealing::Vault;
use schema::Fields;

/// How long a search waits for the position of its token, and an erasure for the index.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a search has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SearchError {
    #[error("the search index failed")]
    Index(#[from] tantivy::TantivyError),
    #[error("the search index did not come as far in time")]
    Behind,
}

/// The index, for questions.
#[derive(Clone)]
pub(crate) struct Search {
    index: Index,
    fields: Fields,
    reader: IndexReader,
    log: Arc<dyn EventLog>,
    shows: watch::Receiver<Position>,
}

impl Search {
    /// Opens the index; the future follows the log with it, and ends if that cannot go on. Blocks on the disk for a
    /// moment.
    pub(crate) fn start(
        folder: &Path,
        log: Arc<dyn EventLog>,
        queries: Queries,
        vault: Vault,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<>), SearchError> {
        let (mut index, mut fields) = schema::open(folder)?;
        let mut after = indexer::position(&index)?;
        if !indexer::is_of(after, log.as_ref()) {
            drop(index);
            std::fs::remove_dir_all(folder).map_err(tantivy::TantivyError::from)?;
            (index, fields) = schema::open(folder)?;
            after = indexer::Mark::START;
        }
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let (told, shows) = watch::channel(after.position);
        let search = Self { index, fields, reader, log, shows };
        let following = indexer::Indexer::new(&search, queries, vault, told)?.follow(after.position);
        Ok((search, following))
    }

    /// Waits until the index shows what a token stands for.
    pub(crate) async fn wait_for(&self, queries: &Queries, token: &ConsistencyToken) -> Result<(), Error> {
        let wanted = token.position(self.log.partition());
        if wanted.group > self.log.head().borrow().group {
            return Err(Failure::TokenAhead.into());
        }
        queries.view().wait_for(wanted, PATIENCE).await.map_err(Failure::from)?;
        let mut shows = self.shows.clone();
        let reached = shows.wait_for(|position| position.group >= wanted.group);
        match tokio::time::timeout(PATIENCE, reached).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(SearchError::Behind.into()),
        }
    }

    /// Waits until nothing of what was erased before that token is in the index's files.
    pub(crate) async fn forgotten(&self, queries: &Queries, token: &ConsistencyToken) -> Result<(), Error> {
        // The index tells its position after it has written the segments anew.
        self.wait_for(queries, token).await
    }
}

//! Use cases: what was parsed goes in, what is to be told comes out. Nothing here knows gRPC.

mod answers;
mod citizens;
mod diff;
mod documents;
mod erase;
mod erasures;
mod files;
mod moderate;
mod procedures;
mod read;
mod submit;
mod support;
mod themes;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{CommandError, Done, Fault, Rehearsal, Request, Transaction};
use allmende_hosting::{Commands, Failure, Queries};
use allmende_kernel::{Clock, Decider, StreamName, TenantId, Timestamp};
use allmende_participation_domain::ContributionId;
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::installation::Installation;
use bytes::Bytes;

pub(crate) use allmende_hosting::Answer;

use crate::attachments::Attachments;
use crate::berlin::Berlin;
use crate::error::{Error, Rejection};
use crate::sealing::Vault;
use crate::search::Search;
use crate::views::{ContributionRow, Reader, Viewer};

pub(crate) use answers::{AnswerProposal, UpdateProject};
pub(crate) use diff::{Change, SectionDiff};
pub(crate) use erasures::{AcceptedErasure, Extent};
pub(crate) use moderate::{Ruling, Verdict};
pub(crate) use read::{Asked, Found, Place};
pub(crate) use submit::{Submit, Upload};
pub(crate) use support::Supporter;

/// How long a command waits for the view to show everything that was answered before it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything the use cases need.
pub(crate) struct App {
    pub(crate) commands: Commands,
    pub(crate) queries: Queries,
    pub(crate) vault: Vault,
    pub(crate) attachments: Attachments,
    pub(crate) search: Search,
    pub(crate) berlin: Berlin,
    pub(crate) installation: Arc<Installation>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl App {
    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Decides and stores.
    async fn execute<F>(&self, request: &Request, decide: F) -> Result<Done, Error>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<Bytes, CommandError<Rejection>>,
    {
        Ok(self.commands.execute(request, decide).await?)
    }

    /// The same for what has nothing to tell but that it is done.
    async fn change<F>(&self, request: &Request, mut decide: F) -> Result<ConsistencyToken, Error>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<(), CommandError<Rejection>>,
    {
        let done = self.execute(request, |transaction, now| decide(transaction, now).map(|()| Bytes::new())).await?;
        Ok(self.queries.seen(done.position))
    }

    /// Decides and stores nothing, before something is made for what may be refused.
    async fn rehearse<T, F>(&self, request: &Request, decide: F) -> Result<Rehearsal<T>, Error>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<T, CommandError<Rejection>>,
    {
        Ok(self.commands.rehearse(request, decide).await?)
    }

    /// A contribution's row, whoever may see it, with all that was answered by now: what is decided on it must not rest
    /// on a view that is behind.
    async fn row(&self, tenant: &TenantId, id: ContributionId) -> Result<Option<ContributionRow>, Error> {
        self.queries.view().catch_up(PATIENCE).await.map_err(Failure::from)?;
        let (viewer, token) = (Viewer::public(), ConsistencyToken::default());
        Ok(self.read(tenant, &viewer, &token, move |reader| Ok(reader.row(id)?)).await?.value)
    }

    /// Reads at one position, which is at least that of the token.
    async fn read<T: Send + 'static>(
        &self,
        tenant: &TenantId,
        viewer: &Viewer,
        token: &ConsistencyToken,
        read: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        let (tenant, viewer, vault, now) = (tenant.clone(), viewer.clone(), self.vault.clone(), self.now());
        let read = move |tables: &allmende_views::Snapshot| read(&Reader::new(tables, &vault, &tenant, &viewer, now));
        self.queries.read(token, read).await
    }
}

/// The stream of an aggregate whose id is made of UUIDs.
fn stream<M: Decider>(tenant: &TenantId, id: impl fmt::Display) -> StreamName {
    StreamName::new(tenant, M::CATEGORY, &id.to_string()).expect("UUIDs are a stream's id")
}

/// The words of a rule for the words of this service.
fn refused<R>(error: CommandError<R>) -> CommandError<Rejection>
where
    Rejection: From<R>,
{
    error.map_rejection(Rejection::from)
}

/// A refusal before anything was decided.
fn reject(rejection: impl Into<Rejection>) -> CommandError<Rejection> {
    CommandError::Rejected(rejection.into())
}

/// Whether a procedure is there, as a context.
fn exists(
    transaction: &mut Transaction<'_>,
    tenant: &TenantId,
    procedure: allmende_participation_domain::ProcedureId,
) -> Result<bool, Fault> {
    use allmende_participation_domain::procedure::Model;
    let stream = stream::<Model>(tenant, procedure);
    Ok(transaction.state::<crate::wire::Procedure>(&stream)?.procedure().is_some())
}

//! Use cases: what was parsed goes in, what is to be told comes out, in the words of the API. Nothing here knows gRPC.

mod define_impact_logic;
mod define_report;
mod indicators;
mod publish_report;
mod queries;
mod render_report;
mod run_report;

use std::sync::Arc;

use allmende_eventlog::UnknownEvent;
pub(crate) use allmende_hosting::Answer;
use allmende_hosting::{Commands, Queries};
use allmende_kernel::{StreamName, TenantId};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::installation::Installation;
use prost::Message;

use crate::error::Error;
use crate::sources::Sources;
use crate::views::Reader;

pub(crate) use indicators::{AddRule, DefineIndicator, RecordReading};
pub(crate) use queries::{ListById, ListReadings, ListRuns};
pub(crate) use render_report::{RenderReport, Rendered};
pub(crate) use run_report::RunReport;

/// Everything the use cases need.
pub(crate) struct App {
    pub(crate) commands: Commands,
    pub(crate) queries: Queries,
    pub(crate) sources: Arc<dyn Sources>,
    pub(crate) installation: Arc<Installation>,
}

impl App {
    /// Reads of a tenant, at one position, which is at least that of the token.
    async fn read<T: Send + 'static>(
        &self,
        tenant: &AuthorizedTenant,
        token: &ConsistencyToken,
        read: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        let tenant = tenant.id().clone();
        self.queries.read(token, move |tables| read(&Reader::new(tables, &tenant))).await
    }
}

fn stream(tenant: &TenantId, category: &'static str, id: impl ToString) -> StreamName {
    StreamName::new(tenant, category, &id.to_string()).expect("a UUID is a stream's id")
}

/// What a command answered the first time.
fn outcome<M: Message + Default>(bytes: &[u8]) -> Result<M, Error> {
    // The service wrote it itself, so this is a fault like that of an event.
    M::decode(bytes).map_err(|_| UnknownEvent { event_type: "the outcome of a command".to_owned() }.into())
}

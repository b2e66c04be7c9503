//! Makes a report's tables of what its queries answer.
//!
//! The queries are asked one after the other, each of a service that goes on living, so a round shows no one moment.
//! Two rounds that came to the same do: the first one ended at positions P, of which the second one's questions all made
//! sure, so what did not change between them was so at P, whatever else went on. That is the snapshot of two equal
//! collects (Afek et al., *Atomic Snapshots of Shared Memory*, 1993), with its assumption: nothing changes and changes
//! back within the time of two rounds.

mod air;
mod indicators;
mod overview;
mod participation;
mod session;
mod tenant;

use std::collections::BTreeMap;

use allmende_kernel::{PartitionName, Position, TenantId};
use allmende_reporting_domain::report::Definition;
use allmende_reporting_domain::run::{MAX_QUERIES, Rejection as RunRejection};
use allmende_reporting_domain::table::{Query, Table};
use allmende_runtime::fields::ConsistencyToken;

use crate::error::Rejection;
use crate::sources::{Authorization, Sources};
use session::Session;

pub(crate) use tenant::tenant_name;

/// How often everything is asked before what is reported on is said to move too fast.
const ROUNDS: usize = 6;

/// What is to be collected, and in whose name.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) tenant: TenantId,
    pub(crate) definition: Definition,
    pub(crate) authorization: Option<Authorization>,
    /// What it has to show at least.
    pub(crate) seen: ConsistencyToken,
}

/// What the queries answered, without what must not be shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Collected {
    pub(crate) queries: Vec<Query>,
    pub(crate) tables: Vec<Table>,
}

/// Collects until two rounds come to the same; what it is bound to is how far the sources had come in between.
pub(crate) async fn collect(
    sources: &dyn Sources,
    wanted: &Wanted,
) -> Result<(Collected, BTreeMap<PartitionName, Position>), Rejection> {
    let (mut before, mut bound) = round(sources, wanted, wanted.seen.clone()).await?;
    for _ in 1..ROUNDS {
        let (again, seen) = round(sources, wanted, bound.clone()).await?;
        if again == before {
            let asked = bound.positions().map(|(partition, position)| (partition.clone(), position)).collect();
            return Ok((again, asked));
        }
        (before, bound) = (again, seen);
    }
    Err(Rejection::SourcesMoving)
}

/// Asks everything once. The token is that of all answers together.
async fn round(
    sources: &dyn Sources,
    wanted: &Wanted,
    seen: ConsistencyToken,
) -> Result<(Collected, ConsistencyToken), Rejection> {
    let mut session = Session::new(sources, wanted, seen);
    let mut tables = Vec::new();
    let mut overview = overview::Overview::default();
    if let Some(participation) = &wanted.definition.participation {
        tables.extend(participation::tables(&mut session, wanted, participation, &mut overview).await?);
    }
    if let Some(air) = &wanted.definition.air {
        tables.extend(air::tables(&mut session, wanted, air, &mut overview).await?);
    }
    tables.extend(indicators::tables(&mut session, wanted).await?);
    tables.splice(0..0, overview.table());
    let (queries, seen) = session.finish();
    if queries.len() > MAX_QUERIES {
        return Err(RunRejection::TooLarge.into());
    }
    Ok((Collected { queries, tables }, seen))
}

use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;

use super::{Answer, App, Series, datastream};
use crate::error::Error;
use crate::views::{Conflict, Page};

/// A page of a series' conflicts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListConflicts {
    pub(crate) series: Series,
    /// The last row of the page before.
    pub(crate) after: Option<Vec<u8>>,
    pub(crate) max: usize,
}

impl App {
    pub(crate) async fn list_conflicts(
        &self,
        tenant: &AuthorizedTenant,
        ListConflicts { series, after, max }: ListConflicts,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<Vec<Conflict>, Vec<u8>>>, Error> {
        self.read_station(tenant, series.station, token, move |reader| {
            let (_, datastream) = datastream(reader, series.datastream)?;
            Ok(reader.conflicts(datastream.id, after.as_deref(), max)?)
        })
        .await
    }
}

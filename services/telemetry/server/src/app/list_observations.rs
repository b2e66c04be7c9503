use allmende_kernel::Timestamp;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_telemetry_domain::quality::Selection;

use super::{Answer, App, Series, datastream};
use crate::error::Error;
use crate::views::{Judged, Page};

/// A page of a series, from one moment to before another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListObservations {
    pub(crate) series: Series,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) selection: Selection,
    pub(crate) max: usize,
}

impl App {
    pub(crate) async fn list_observations(
        &self,
        tenant: &AuthorizedTenant,
        ListObservations { series, from, to, selection, max }: ListObservations,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<Judged, Timestamp>>, Error> {
        self.read_station(tenant, series.station, token, move |reader| {
            let asked = datastream(reader, series.datastream)?;
            Ok(reader.observations(asked, from, to, selection, max)?)
        })
        .await
    }
}

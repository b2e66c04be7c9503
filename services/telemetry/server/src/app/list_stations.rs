use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_telemetry_domain::StationId;
use allmende_telemetry_domain::station::State;

use super::{Answer, App};
use crate::error::Error;
use crate::views::Page;

/// A page of a tenant's stations.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListStations {
    pub(crate) after: Option<StationId>,
    pub(crate) max: usize,
}

impl App {
    pub(crate) async fn list_stations(
        &self,
        tenant: &AuthorizedTenant,
        ListStations { after, max }: ListStations,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<Vec<(StationId, State)>, StationId>>, Error> {
        let tenant = tenant.id().clone();
        self.read(token, move |reader| Ok(reader.stations(&tenant, after, max)?)).await
    }
}

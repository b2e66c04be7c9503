use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_telemetry_domain::StationId;
use allmende_telemetry_domain::station::{self, State};

use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::views::Latest;

impl App {
    pub(crate) async fn get_latest(
        &self,
        tenant: &AuthorizedTenant,
        station: StationId,
        token: &ConsistencyToken,
    ) -> Result<Answer<Vec<Latest>>, Error> {
        self.read_station(tenant, station, token, |reader| match reader.state() {
            State::Absent => Err(Rejection::from(station::Rejection::StationUnknown).into()),
            _ => Ok(reader.latest()?),
        })
        .await
    }
}

use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_telemetry_domain::StationId;
use allmende_telemetry_domain::station::{self, State};

use super::{Answer, App};
use crate::error::{Error, Rejection};

impl App {
    pub(crate) async fn get_station(
        &self,
        tenant: &AuthorizedTenant,
        station: StationId,
        token: &ConsistencyToken,
    ) -> Result<Answer<State>, Error> {
        self.read_station(tenant, station, token, |reader| match reader.state() {
            State::Absent => Err(Rejection::from(station::Rejection::StationUnknown).into()),
            state => Ok(state.clone()),
        })
        .await
    }
}

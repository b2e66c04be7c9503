use allmende_eventlog::Request;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_telemetry_domain::StationId;
use allmende_telemetry_domain::station::{Command, State};

use super::{Answer, App};
use crate::error::Error;

impl App {
    pub(crate) async fn retire_station(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        station: StationId,
    ) -> Result<Answer<State>, Error> {
        self.change_station(tenant, request, station, |at| Command::Retire { at }).await
    }
}

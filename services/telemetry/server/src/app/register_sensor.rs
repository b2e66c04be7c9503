use allmende_eventlog::Request;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_telemetry_domain::station::{Command, State};
use allmende_telemetry_domain::{Sensor, StationId};

use super::{Answer, App};
use crate::error::Error;

/// A sensor to be added to a station.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RegisterSensor {
    pub(crate) station: StationId,
    pub(crate) sensor: Sensor,
}

impl App {
    pub(crate) async fn register_sensor(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        RegisterSensor { station, sensor }: RegisterSensor,
    ) -> Result<Answer<State>, Error> {
        self.change_station(tenant, request, station, |_| Command::AddSensor { sensor: sensor.clone() }).await
    }
}

use allmende_eventlog::Request;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_telemetry_domain::station::{Command, Kind, State};
use allmende_telemetry_domain::{GridCell, StationId};

use super::{Answer, App};
use crate::error::Error;

/// A station to be put into service. Its exact place is not known here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RegisterStation {
    pub(crate) station: StationId,
    pub(crate) kind: Kind,
    pub(crate) cell: GridCell,
}

impl App {
    pub(crate) async fn register_station(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        RegisterStation { station, kind, cell }: RegisterStation,
    ) -> Result<Answer<State>, Error> {
        self.change_station(tenant, request, station, |at| Command::Register { kind, cell, at }).await
    }
}

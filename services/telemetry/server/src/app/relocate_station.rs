use allmende_eventlog::Request;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_telemetry_domain::station::{Command, State};
use allmende_telemetry_domain::{GridCell, StationId};

use super::{Answer, App};
use crate::error::Error;

/// A station to be moved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RelocateStation {
    pub(crate) station: StationId,
    pub(crate) cell: GridCell,
}

impl App {
    pub(crate) async fn relocate_station(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        RelocateStation { station, cell }: RelocateStation,
    ) -> Result<Answer<State>, Error> {
        self.change_station(tenant, request, station, |at| Command::Relocate { cell, at }).await
    }
}

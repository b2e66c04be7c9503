use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::authorize::Caller;
use tonic::Status;

use super::{Grpc, parse, reply};

impl Grpc {
    pub(super) async fn derive_ids(
        &self,
        caller: Caller,
        message: pb::DeriveIdsRequest,
    ) -> Result<pb::DeriveIdsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let keys = parse::derive_ids(message)?;
        Ok(pb::DeriveIdsResponse { ids: self.app.derive_ids(&tenant, &keys) })
    }

    pub(super) async fn register_station(
        &self,
        caller: Caller,
        message: pb::RegisterStationRequest,
    ) -> Result<pb::RegisterStationResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::register_station(&message)?;
        let asked = self.asked(&caller, id, &message);
        let station_id = command.station;
        let answer = self.app.register_station(&tenant, &asked, command).await?;
        Ok(pb::RegisterStationResponse {
            station: reply::station(station_id, &answer.value),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn relocate_station(
        &self,
        caller: Caller,
        message: pb::RelocateStationRequest,
    ) -> Result<pb::RelocateStationResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::relocate_station(&message)?;
        let asked = self.asked(&caller, id, &message);
        let station_id = command.station;
        let answer = self.app.relocate_station(&tenant, &asked, command).await?;
        Ok(pb::RelocateStationResponse {
            station: reply::station(station_id, &answer.value),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn retire_station(
        &self,
        caller: Caller,
        message: pb::RetireStationRequest,
    ) -> Result<pb::RetireStationResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, station_id) = parse::retire_station(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.retire_station(&tenant, &asked, station_id).await?;
        Ok(pb::RetireStationResponse {
            station: reply::station(station_id, &answer.value),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn register_sensor(
        &self,
        caller: Caller,
        message: pb::RegisterSensorRequest,
    ) -> Result<pb::RegisterSensorResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::register_sensor(&message)?;
        let asked = self.asked(&caller, id, &message);
        let station_id = command.station;
        let answer = self.app.register_sensor(&tenant, &asked, command).await?;
        Ok(pb::RegisterSensorResponse {
            station: reply::station(station_id, &answer.value),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn record_observations(
        &self,
        caller: Caller,
        message: pb::RecordObservationsRequest,
    ) -> Result<pb::RecordObservationsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::record_observations(&message, self.app.now())?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.record_observations(&tenant, &asked, command).await?;
        Ok(reply::recorded(answer))
    }

    pub(super) async fn flag_observations(
        &self,
        caller: Caller,
        message: pb::FlagObservationsRequest,
    ) -> Result<pb::FlagObservationsResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (id, command) = parse::flag_observations(&message)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.flag_observations(&tenant, &asked, command).await?;
        Ok(pb::FlagObservationsResponse { consistency_token: answer.seen.to_text() })
    }
}

//! The rpcs: parse, do, reply. Here a station's exact place becomes a cell, and goes no further.

mod commands;
mod parse;
mod queries;
mod reply;
mod stream;

use std::pin::Pin;
use std::sync::Arc;

use allmende_eventlog::Request as Asked;
use allmende_hosting::{asked, opened, rpcs};
use allmende_kernel::RequestId;
use allmende_proto::telemetry::v1 as pb;
use allmende_proto::telemetry::v1::telemetry_service_server::TelemetryService;
use allmende_runtime::authorize::Caller;
use futures_util::Stream;
use prost::Message;
use tonic::{Request, Response, Status, Streaming};

use crate::app::App;

/// `allmende.telemetry.v1.TelemetryService`.
#[derive(Clone)]
pub struct Grpc {
    app: Arc<App>,
}

impl Grpc {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Who asks, and by what the request is known again.
    fn asked(&self, caller: &Caller, id: RequestId, message: &impl Message) -> Asked {
        asked(&self.app.installation, caller, id, message)
    }
}

rpcs! {
    impl TelemetryService for Grpc {
        derive_ids(pb::DeriveIdsRequest) -> pb::DeriveIdsResponse;
        register_station(pb::RegisterStationRequest) -> pb::RegisterStationResponse;
        relocate_station(pb::RelocateStationRequest) -> pb::RelocateStationResponse;
        retire_station(pb::RetireStationRequest) -> pb::RetireStationResponse;
        register_sensor(pb::RegisterSensorRequest) -> pb::RegisterSensorResponse;
        record_observations(pb::RecordObservationsRequest) -> pb::RecordObservationsResponse;
        flag_observations(pb::FlagObservationsRequest) -> pb::FlagObservationsResponse;
        list_stations(pb::ListStationsRequest) -> pb::ListStationsResponse;
        get_station(pb::GetStationRequest) -> pb::GetStationResponse;
        get_latest(pb::GetLatestRequest) -> pb::GetLatestResponse;
        list_observations(pb::ListObservationsRequest) -> pb::ListObservationsResponse;
        list_means(pb::ListMeansRequest) -> pb::ListMeansResponse;
        list_conflicts(pb::ListConflictsRequest) -> pb::ListConflictsResponse;
        check_limits(pb::CheckLimitsRequest) -> pb::CheckLimitsResponse;
    } else {
        async fn stream_observations(
            &self,
            request: Request<Streaming<pb::StreamObservationsRequest>>,
        ) -> Result<Response<pb::StreamObservationsResponse>, Status> {
            let (caller, batches) = opened(request)?;
            Grpc::stream_observations(self, caller, batches).await.map(Response::new)
        }

        type DeliverObservationsStream =
            Pin<Box<dyn Stream<Item = Result<pb::DeliverObservationsResponse, Status>> + Send>>;

        async fn deliver_observations(
            &self,
            request: Request<Streaming<pb::DeliverObservationsRequest>>,
        ) -> Result<Response<Self::DeliverObservationsStream>, Status> {
            let (caller, batches) = opened(request)?;
            Ok(Response::new(Box::pin(Grpc::deliver_observations(self, caller, batches))))
        }
    }
}

//! The rpcs: parse, do, reply. Here a station's exact place becomes a cell, and goes no further.

mod commands;
mod parse;
mod queries;
mod reply;
mod stream;

use std::sync::Arc;

use allmende_eventlog::{Origin, Request as Asked, TraceContext};
use allmende_kernel::RequestId;
use allmende_proto::telemetry::v1 as pb;
use allmende_proto::telemetry::v1::telemetry_service_server::TelemetryService;
use allmende_runtime::authorize::Caller;
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

    /// Who asks, and by what the request is known again: its id, and a digest of everything it says.
    fn asked(&self, caller: &Caller, id: RequestId, message: &impl Message) -> Asked {
        self.asked_as(caller.path(), caller, id, message)
    }

    fn asked_as(&self, rpc: &str, caller: &Caller, id: RequestId, message: &impl Message) -> Asked {
        let digest = self.app.installation.request_digest(rpc, &message.encode_to_vec());
        let trace = caller.trace().map(|trace| TraceContext {
            trace_id: trace.trace_id,
            span_id: trace.span_id,
            flags: trace.flags,
        });
        Asked { origin: Origin::Request { id, digest }, actor: caller.subject(), trace }
    }
}

fn opened<T>(request: Request<T>) -> Result<(Caller, T), Status> {
    Ok((Caller::of(&request)?, request.into_inner()))
}

/// Each rpc under the name that it has here.
macro_rules! rpcs {
    ($($rpc:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl TelemetryService for Grpc {
            $(
                async fn $rpc(&self, request: Request<pb::$request>) -> Result<Response<pb::$response>, Status> {
                    let (caller, message) = opened(request)?;
                    Grpc::$rpc(self, caller, message).await.map(Response::new)
                }
            )*

            async fn stream_observations(
                &self,
                request: Request<Streaming<pb::StreamObservationsRequest>>,
            ) -> Result<Response<pb::StreamObservationsResponse>, Status> {
                let (caller, batches) = opened(request)?;
                Grpc::stream_observations(self, caller, batches).await.map(Response::new)
            }
        }
    };
}

rpcs! {
    derive_ids(DeriveIdsRequest) -> DeriveIdsResponse;
    register_station(RegisterStationRequest) -> RegisterStationResponse;
    relocate_station(RelocateStationRequest) -> RelocateStationResponse;
    retire_station(RetireStationRequest) -> RetireStationResponse;
    register_sensor(RegisterSensorRequest) -> RegisterSensorResponse;
    record_observations(RecordObservationsRequest) -> RecordObservationsResponse;
    flag_observations(FlagObservationsRequest) -> FlagObservationsResponse;
    list_stations(ListStationsRequest) -> ListStationsResponse;
    get_station(GetStationRequest) -> GetStationResponse;
    get_latest(GetLatestRequest) -> GetLatestResponse;
    list_observations(ListObservationsRequest) -> ListObservationsResponse;
    list_means(ListMeansRequest) -> ListMeansResponse;
    list_conflicts(ListConflictsRequest) -> ListConflictsResponse;
    check_limits(CheckLimitsRequest) -> CheckLimitsResponse;
}
